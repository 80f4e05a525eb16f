"""The work list: what waits for whoever is signed in; and the page that proves what he has done."""

from collections.abc import Sequence
from dataclasses import dataclass

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.catalogue.registers import REGISTERS
from hub.web.console.acts import DONE
from hub.web.console.frame import Console
from hub.web.console.sections import ANYBODY, Act
from hub.web.console.work.waiting import Waiting, waiting_for
from hub.web.words.catalogues import words
from hub.web.words.languages import CHINESE, Language


@dataclass(frozen=True, slots=True)
class WorkPages:
    """Shows what waits, and what was done."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act("/console", "GET", self.show, ANYBODY),
            Act(f"{DONE}/{{act}}", "GET", self.done, ANYBODY),
        )

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show the list; what has no page that he may open is told without a link."""
        hub, language = self.console.hub, self.console.pages.language(request)
        found, more = await run_sync(waiting_for, hub, staff)
        today = hub.sharing.today()
        rows = [
            {
                "one": each, "name": self._name(each, language), "whose": self._authority(each.whose, language),
                "urgency": each.urgency(today), "path": each.path if self.console.leads(staff, each.path) else "",
            }
            for each in found
        ]  # fmt: skip
        longer = [each for each in more if self.console.leads(staff, each.path)]
        return self.console.page(request, "console/work/work.html", rows=rows, more=longer)

    async def done(self, request: Request, staff: Staff) -> Response:
        """Prove to somebody what he has done."""
        proof = await run_sync(self.console.hub.staff.acts.proof, staff, request.path_params["act"])
        return self.console.page(request, "console/work/done.html", at=proof.path, proof=proof)

    def _name(self, one: Waiting, language: Language) -> str:
        """Return what a thing is about in the reader's language: a type's, register's or role's name instead of its key."""
        versions = self.console.hub.catalogue.current.types.get(one.name)
        known = versions[-1] if versions else REGISTERS.get(one.name)
        if known is not None:
            return known.name.text(language.short)
        return words(language)(f"role.{one.name}") if one.what == "ROLE" else one.name

    def _authority(self, code: str | None, language: Language) -> str:
        known = self.console.hub.catalogue.current.authorities.get(code or "")
        if known is None:
            return code or ""
        return known.name_zh if language is CHINESE else known.name_en
