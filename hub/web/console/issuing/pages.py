"""The pages under /console/licences/issue, and those of renewal and change under /console/licences/IDENTIFIER.

Decides which page follows which: the form, kept at every step; the licence as it will be; one act; its proof. What was typed stands in no
address and in no field that is not its own: an address names what is kept by a random id, which is worth nothing to anybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.caller import Caller
from hub.access.staff.acting import as_officer, client_of
from hub.access.staff.acts import Proof
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.errors import HubError, InputInvalidError, NotFoundError, StatusForbidsError, VersionConflictError
from hub.web import forms
from hub.web.console import acts
from hub.web.console.frame import Console
from hub.web.console.issuing import errand as errands
from hub.web.console.issuing.answers import Answers
from hub.web.console.issuing.desk import ACT, DRAFT, Desk, Paper
from hub.web.console.issuing.editions import Editions
from hub.web.console.issuing.errand import ISSUE, LICENCES, Errand
from hub.web.console.issuing.shown import anchor
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, problem
from hub.web.console.sections import Act
from hub.web.forms import Form

SAVE: Final = "save"
SEEN: Final = "revision"
"""The field that says which writing was looked at: what is sealed is what was shown."""
MEANWHILE: Final = (VersionConflictError, StatusForbidsError)
_EDITION: Final = f"{LICENCES}/{{identifier}}"


@dataclass(frozen=True, slots=True)
class IssuingPages:
    """Lets officers issue, renew and change licences."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        officer = (LICENCE_OFFICER,)
        new = f"{ISSUE}/{{type}}"
        rows = [
            Act(ISSUE, "GET", self.choose, officer),
            Act(f"{ISSUE}/done/{{act}}", "GET", self.done, officer),
            Act(f"{ISSUE}/discard", "POST", self.discard, officer),
        ]
        for path in (new, f"{_EDITION}/renew", f"{_EDITION}/change"):
            rows += [
                Act(path, "GET", self.show, officer),
                Act(path, "POST", self.take, officer),
                Act(f"{path}/preview", "GET", self.preview, officer),
                Act(f"{path}/preview", "POST", self.confirm, officer),
            ]
        return tuple(rows)

    @property
    def _desk(self) -> Desk:
        return Desk(self.console.hub)

    @property
    def _answers(self) -> Answers:
        return Answers(self.console)

    @property
    def _editions(self) -> Editions:
        return Editions(self.console.hub, self._desk)

    # -- where it begins -----------------------------------------------------------------------------------------------

    async def choose(self, request: Request, staff: Staff) -> Response:
        """Ask which type, for which authority; say what cannot be issued now, and what was left unfinished."""
        hub, mine = self.console.hub, errands.authorities(staff)
        offered = await run_sync(lambda: [(code, list(errands.offered(hub, code))) for code in mine])
        waiting = await run_sync(hub.licences.unfinished.waiting, client_of(staff.id), mine)
        known = hub.catalogue.current
        names = {key: versions[-1].name.text(self._answers.language(request)) for key, versions in known.types.items()}
        return self.console.page(
            request, "console/issuing/choose.html", offered=offered, waiting=waiting, authorities=known.authorities,
            names=names, address=errands.address,
        )  # fmt: skip

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show the form: one that is kept, or a new one, for whose errand nothing stands in the way."""
        draft = request.query_params.get(DRAFT)
        errand = self._errand(request, staff, request.query_params.get("authority"))
        if draft is None:
            return await self._begin(request, errand)
        paper = await run_sync(self._desk.open, errand, draft)
        if paper.begun.issued is not None:
            return self.console.pages.redirect(f"{LICENCES}/{paper.begun.issued}")
        if "check" not in request.query_params:
            return await self._form(request, paper, kept="kept" in request.query_params)
        judged = await run_sync(self._desk.judge, paper)
        return await self._form(request, paper, wrong=judged.read.wrong, rivals=judged.rivals)

    async def _begin(self, request: Request, errand: Errand) -> Response:
        if errand.identifier is not None:
            begun = await self._editions.begin(errand, request.state.pending)
            if isinstance(begun, str):
                return await self._form(request, await run_sync(self._desk.open, errand, begun))
            return self._answers.refused(request, begun.errand, begun.code, newer=begun.newer)
        if obstacle := await run_sync(errands.obstacle, self.console.hub, errand):
            return self._answers.refused(request, errand, obstacle)
        return self._answers.blank(request, errand, self._desk.blank(errand))

    def _errand(self, request: Request, staff: Staff, authority: str | None) -> Errand:
        """Return what the address is about; of a new licence the authority is the officer's only one, or named."""
        path = request.path_params
        if "identifier" in path:
            operation = request.url.path.removesuffix("/preview").rpartition("/")[2]
            return errands.of_edition(staff, operation, path["identifier"])
        mine = errands.authorities(staff)
        if authority is None and len(mine) != 1:
            raise InputInvalidError("Say for which authority the licence is issued: begin with the list of types.")
        return errands.to_issue(staff, authority or mine[0], path["type"])

    # -- what is sent --------------------------------------------------------------------------------------------------

    async def take(self, request: Request, staff: Staff) -> Response:
        """Keep what was sent; then show the row that was added, what is wrong, or the licence as it will be."""
        form = await forms.read(request)
        errand = self._errand(request, staff, form.fields.get("authority"))
        taken = await run_sync(self._desk.take, errand, form)
        paper, act = taken.paper, form.fields.get(ACT, "")
        if taken.refused:
            return await self._form(request, paper, wrong=taken.refused)
        if act:
            row = f"#{anchor(taken.row)}" if taken.row else ""
            kept = "&kept=1" if act == SAVE else ""
            return self.console.pages.redirect(f"{paper.errand.at(paper.begun.id)}{kept}{row}")
        judged = await run_sync(self._desk.judge, paper)
        if judged.read.wrong or judged.rivals:
            return await self._form(request, paper, wrong=judged.read.wrong, rivals=judged.rivals)
        return self.console.pages.redirect(paper.errand.at(paper.begun.id, preview=True))

    async def discard(self, request: Request, staff: Staff) -> Response:
        """Give up what was begun."""
        fields = (await forms.read(request)).fields
        caller = _officer(staff, fields.get("authority", ""))
        await run_sync(self.console.hub.licences.unfinished.give_up, caller, fields.get(DRAFT, ""))
        return self.console.pages.redirect(ISSUE)

    async def _form(self, request: Request, paper: Paper, **more: Any) -> Response:
        return self._answers.form(request, paper, await run_sync(self._desk.seen, paper), **more)

    # -- before it is sealed, and the act ------------------------------------------------------------------------------

    async def preview(self, request: Request, staff: Staff) -> Response:
        """Show the licence as it will be."""
        query = request.query_params
        errand = self._errand(request, staff, query.get("authority"))
        return await self._preview(request, await run_sync(self._desk.open, errand, query.get(DRAFT, "")))

    async def _preview(self, request: Request, paper: Paper, error: HubError | None = None) -> Response:
        if paper.begun.issued is not None:
            return self.console.pages.redirect(f"{LICENCES}/{paper.begun.issued}")
        if obstacle := await run_sync(errands.obstacle, self.console.hub, paper.errand):
            return self._answers.refused(request, paper.errand, obstacle, draft=paper.begun.id)
        judged = await run_sync(self._desk.judge, paper)
        if judged.read.draft is None or judged.rivals:
            return await self._form(request, paper, wrong=judged.read.wrong, rivals=judged.rivals)
        seal = await run_sync(self.console.hub.licences.ready, paper.errand.caller, paper.errand.type_key)
        seen = await run_sync(self._desk.seen, paper, seal)
        problems = NOTHING_WRONG if error is None else problem(error, self.console.pages.status_of)
        return self._answers.preview(request, paper, judged.read.draft, seen, problems)

    async def confirm(self, request: Request, staff: Staff) -> Response:
        """Seal it, once, and prove it."""
        form = await forms.read(request)
        errand = self._errand(request, staff, form.fields.get("authority"))
        paper = await run_sync(self._desk.open, errand, form.fields.get(DRAFT, ""))
        if paper.begun.issued is None and form.fields.get(SEEN) != paper.begun.stamp:
            return await self._preview(request, paper, VersionConflictError())
        try:
            proof = await run_sync(partial(self._sealed, staff, form, paper))
        except MEANWHILE:
            return await self._meanwhile(request, paper)
        except MENDABLE as error:
            return await self._preview(request, paper, error)
        return self.console.pages.redirect(f"{ISSUE}/done/{proof.id}")

    def _sealed(self, staff: Staff, form: Form, paper: Paper) -> Proof:
        key, name = form.fields.get(acts.KEY, ""), f"issuing.{paper.errand.operation}"
        issue = partial(self._desk.issue, paper)
        return acts.once(
            self.console.hub.staff.acts, staff, key, name, issue, lambda identifier: f"{LICENCES}/{identifier}"
        )

    async def _meanwhile(self, request: Request, paper: Paper) -> Response:
        """Show what another officer has changed since, with all that was typed here kept, and let it go on."""
        language = self._answers.language(request)
        met = await self._editions.catch_up(paper, request.state.pending, language)
        if met.code is not None:
            return self._answers.refused(request, met.paper.errand, met.code, draft=paper.begun.id)
        return await self._form(request, met.paper, meanwhile=met.changed)

    async def done(self, request: Request, staff: Staff) -> Response:
        """Prove to an officer what he has sealed, and lead on."""
        proof = await run_sync(self.console.hub.staff.acts.proof, staff, request.path_params["act"])
        identifier = proof.path.removeprefix(f"{LICENCES}/")
        return self.console.page(request, "console/issuing/done.html", at=ISSUE, proof=proof, identifier=identifier)


def _officer(staff: Staff, authority: str) -> Caller:
    """Return an officer of an authority; of no other has he begun anything."""
    if authority not in errands.authorities(staff):
        raise NotFoundError
    return as_officer(staff, authority)
