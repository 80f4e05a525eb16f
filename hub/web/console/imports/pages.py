"""The section of imports: its table, the list, and one import as it goes, with the rows that were refused.

Decides what is shown of an import: figures, and of refused rows number, field and reason, never a value; those leave in the file of rejects alone,
on record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.clock import from_micros, to_micros
from hub.jobs.service import OVER, JobState
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.refusals import RejectsGoneError
from hub.paging import Page, Window
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.imports.mapping import LIKE, MappingPages
from hub.web.console.imports.officers import Officers
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, problem
from hub.web.console.sections import Act
from hub.web.pages import KEPT_NOWHERE, wants_json
from hub.web.policy import HEADERS
from hub.web.words.catalogues import words

ROOT: Final = "/console/imports"
IMPORT: Final = f"{ROOT}/{{job}}"
_PAGE: Final = 25
_ENDED: Final = OVER | {JobState.FAILED}
_SUFFIXES: Final = {"text/csv; charset=utf-8": "csv", "application/jsonl": "jsonl"}


@dataclass(frozen=True, slots=True)
class ImportPages:
    """Answers licence officers who import."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        officer = (LICENCE_OFFICER,)
        return (
            Act(ROOT, "GET", self.list, officer),
            *MappingPages(self.console).acts(),
            Act(IMPORT, "GET", self.show, officer),
            Act(f"{IMPORT}/rows", "GET", self.rows, officer),
            Act(f"{IMPORT}/rejects", "GET", self.rejects, officer, streams=True),
            Act(f"{IMPORT}/run", "POST", self.run, officer),
            *(
                Act(f"{IMPORT}/{name}", method, partial(handler, name), officer)
                for name in ("cancel", "settle")
                for method, handler in (("GET", self.ask), ("POST", self.end))
            ),
        )

    @property
    def _officers(self) -> Officers:
        return Officers(self.console.hub)

    # -- looking -----------------------------------------------------------------------------------------------------

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show the imports of one of his authorities, the newest first, and the files that wait."""
        mine, asked = self._officers.authorities(staff), request.query_params.get("authority", "")
        authority = asked if asked in mine else mine[0]
        caller, desk = self._officers.caller(staff, authority), self.console.hub.imports.desk
        window = _window(request)
        page = await run_sync(desk.page, caller, window)
        files = await run_sync(desk.files, caller) if window == Window(first=_PAGE) else []
        names = self.console.hub.catalogue.current.authorities
        return self.console.page(
            request, "console/imports/list.html", page=page, files=files, authority=authority, moment=from_micros,
            authorities=[(code, names[code].name_zh if self._zh(request) else names[code].name_en) for code in mine if code in names],
            type_of=partial(self._type, request), **_links(f"{ROOT}?authority={authority}&", page),
        )  # fmt: skip

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show how an import goes; to a script the figures alone."""
        _, progress = await run_sync(self._officers.of_import, staff, request.path_params["job"])
        if wants_json(request):
            body = orjson.dumps(self._figures(request, progress))
            return Response(body, headers={**HEADERS, **KEPT_NOWHERE}, media_type="application/json")
        return self._shown(request, progress)

    async def rows(self, request: Request, staff: Staff) -> Response:
        """Show the rows that were refused, and why."""
        caller, progress = await run_sync(self._officers.of_import, staff, request.path_params["job"])
        try:
            page = await run_sync(self.console.hub.imports.rejected, caller, progress.id, _window(request))
        except RejectsGoneError as error:
            return self._shown(request, progress, problem(error, self.console.pages.status_of))
        links = _links(f"{ROOT}/{progress.id}/rows?", page)
        return self.console.page(
            request,
            "console/imports/rows.html",
            progress=progress,
            page=page,
            type_of=partial(self._type, request),
            **links,
        )

    async def rejects(self, request: Request, staff: Staff) -> Response:
        """Give the refused rows as a file to be mended; that he took them is on record."""
        caller, progress = await run_sync(self._officers.of_import, staff, request.path_params["job"])
        kind, content = await run_sync(self.console.hub.imports.take_rejects, caller, progress.id)
        name = f'attachment; filename="rejects-{progress.id[:8]}.{_SUFFIXES[kind]}"'
        headers = {**HEADERS, **KEPT_NOWHERE, "Content-Disposition": name, "Content-Type": kind}
        return StreamingResponse(content, headers=headers)

    # -- acts --------------------------------------------------------------------------------------------------------

    async def run(self, request: Request, staff: Staff) -> Response:
        """Import what a dry run tried, or let an import go on that stopped."""
        form = await forms.read(request)
        caller, progress = await run_sync(self._officers.of_import, staff, request.path_params["job"])
        begin = partial(
            self.console.hub.imports.carry_out, caller, progress.id, form.fields.get("once", ""), again="again" in form.fields
        )  # fmt: skip
        try:
            return await self.console.act(staff, form, "imports.run", begin, lambda begun: f"{ROOT}/{begun.id}")
        except MENDABLE as error:
            return self._shown(request, progress, problem(error, self.console.pages.status_of))

    async def ask(self, name: str, request: Request, staff: Staff) -> Response:
        """Show what an act that ends something will change."""
        _, progress = await run_sync(self._officers.of_import, staff, request.path_params["job"])
        return self._asked(request, name, progress)

    async def end(self, name: str, request: Request, staff: Staff) -> Response:
        """Cancel an import, or let its refused rows go."""
        form = await forms.read(request)
        caller, progress = await run_sync(self._officers.of_import, staff, request.path_params["job"])
        imports = self.console.hub.imports
        work: Any = partial(imports.cancel if name == "cancel" else imports.desk.settle, caller, progress.id)
        try:
            return await self.console.act(staff, form, f"imports.{name}", work, f"{ROOT}/{progress.id}")
        except MENDABLE as error:
            return self._asked(request, name, progress, problem(error, self.console.pages.status_of))

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _shown(self, request: Request, progress: ImportProgress, problems: Problems = NOTHING_WRONG) -> Response:
        kept = progress.kept_until > to_micros(self.console.hub.clock.now())
        again = any(each.words == "problem.ALREADY_IMPORTED" for each in problems)
        choice = urlencode({"for": f"{progress.authority}.{progress.type_key}", LIKE: progress.id})
        return self.console.page(
            request, "console/imports/import.html", problems=problems, progress=progress, kept=kept, again=again,
            ended=progress.state in _ENDED, figures=self._figures(request, progress), moment=from_micros,
            type_of=partial(self._type, request), mended=f"{ROOT}/new?{choice}",
        )  # fmt: skip

    def _asked(
        self, request: Request, name: str, progress: ImportProgress, problems: Problems = NOTHING_WRONG
    ) -> Response:
        return self.console.page(
            request, "console/imports/end.html", problems=problems, name=name, progress=progress,
            type_of=partial(self._type, request),
        )  # fmt: skip

    def _figures(self, request: Request, progress: ImportProgress) -> dict[str, Any]:
        """Return what changes while an import goes, as texts of the reader's language."""
        language = self.console.pages.language(request)
        say, total, left = words(language), progress.total, progress.seconds_left
        share = 100 if progress.state is JobState.FINISHED else 100 * progress.read // max(1, progress.amount)
        return {
            "state": say(f"imports.state.{progress.state}"), "ended": progress.state in _ENDED, "percent": min(100, share),
            "rows": f"{progress.done:,}" if total in {None, progress.done}
            else say("imports.rows.of", done=f"{progress.done:,}", total=f"{total:,}"),
            "good": f"{progress.good:,}", "bad": f"{progress.bad:,}", "rate": f"{progress.rate:,.0f}",
            "left": "–" if left is None else str(timedelta(seconds=left)),
        }  # fmt: skip

    def _type(self, request: Request, key: str) -> str:
        """Return what a type is called, retired ones too."""
        versions = self.console.hub.catalogue.current.types.get(key)
        return versions[-1].name.text(self.console.pages.language(request).short) if versions else key

    def _zh(self, request: Request) -> bool:
        return self.console.pages.language(request).short == "zh"


def _window(request: Request) -> Window:
    """Return the part of a list that an address asks for."""
    given = request.query_params
    if before := given.get("before"):
        return Window(last=_PAGE, before=before)
    return Window(first=_PAGE, after=given.get("after") or None)


def _links(path: str, page: Page[Any]) -> dict[str, Any]:
    """Return the addresses of the pages on either side."""
    return {
        "before": f"{path}{urlencode({'before': page.cursors[0]})}" if page.has_previous and page.cursors else "",
        "after": f"{path}{urlencode({'after': page.cursors[-1]})}" if page.has_next else "",
    }
