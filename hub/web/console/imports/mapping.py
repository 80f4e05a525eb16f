"""Sending a file, and saying which column fills what: two pages before anything is tried.

Decides that a column is never left out in silence: each fills a field, or is left out by somebody's choice. What a column's name suggests is
chosen beforehand. It must never show what stands below the names of columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.errors import NotFoundError, StateError
from hub.excess import BodyTooSlowError, UploadTooLargeError
from hub.licences.importing.desk import Opened
from hub.licences.importing.service import ImportRequest
from hub.licences.importing.shapes import LEGAL_BASIS, REASON
from hub.web import forms
from hub.web.console.frame import NOTHING_TYPED, Console
from hub.web.console.imports.officers import Choice, Officers
from hub.web.console.imports.sending import SentFile
from hub.web.console.imports.taking import TakingIn
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, problem
from hub.web.console.sections import Act

NEW: Final = "/console/imports/new"
SEND: Final = "/console/imports/send"
FILE: Final = "/console/imports/files/{upload}/{type}"
DISCARD: Final = "/console/imports/files/{upload}/discard"
LEFT_OUT: Final = "-"
LIKE: Final = "like"
"""The field that names an import whose map is to be used again: that of a mended file is its own."""
WORDS: Final = {"basis": LEGAL_BASIS, "reason": REASON}
"""Fields of the form that hold for all rows, where the file says nothing: the act's own words."""
_AT_FIELDS: Final = {"IMPORT_FILE_INVALID": "file", "INPUT_INVALID": "for"}


@dataclass(frozen=True, slots=True)
class MappingPages:
    """Takes files and maps."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return what can be done before an import."""
        officer = (LICENCE_OFFICER,)
        return (
            Act(NEW, "GET", self.ask, officer),
            Act(SEND, "POST", self.send, officer, streams=True),
            Act(DISCARD, "POST", self.discard, officer),
            Act(FILE, "GET", self.map, officer),
            Act(FILE, "POST", self.rehearse, officer),
        )

    # -- the file ----------------------------------------------------------------------------------------------------

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Ask for a file."""
        return self._asked(request, staff, {name: request.query_params.get(name, "") for name in ("for", LIKE)})

    async def send(self, request: Request, staff: Staff) -> Response:
        """Take it, piece by piece."""
        sent = SentFile(request, self.console.hub.imports.uploads.largest)
        try:
            taken = await TakingIn(self.console).take(request, staff, sent)
        except (*MENDABLE, UploadTooLargeError, BodyTooSlowError) as error:
            await sent.throw_away()
            told = problem(error, self.console.pages.status_of, _AT_FIELDS, "file")
            return self._asked(request, staff, sent.fields, told)
        like = urlencode({LIKE: sent.fields[LIKE]}) if sent.fields.get(LIKE) else ""
        return self.console.pages.redirect(f"{_path(taken.kept.id, taken.choice.licence_type.key)}{like and '?'}{like}")

    def _asked(
        self, request: Request, staff: Staff, typed: Mapping[str, str], problems: Problems = NOTHING_WRONG
    ) -> Response:
        language, hub = self.console.pages.language(request), self.console.hub
        names = hub.catalogue.current.authorities

        def told(choice: Choice) -> str:
            known = names[choice.authority]
            return f"{choice.licence_type.name.text(language.short)} – {known.name_zh if language.short == 'zh' else known.name_en}"

        choices = [(each.value, told(each)) for each in Officers(hub).choices(staff)]
        largest = hub.imports.uploads.largest // (1024 * 1024)
        return self.console.page(
            request, "console/imports/new.html", at=NEW, problems=problems, choices=choices, largest=largest,
            typed={"for": typed.get("for", "")}, like=typed.get(LIKE, ""),
        )  # fmt: skip

    async def discard(self, request: Request, staff: Staff) -> Response:
        """Destroy a file that nobody wants to import."""
        caller = await run_sync(Officers(self.console.hub).of_file, staff, request.path_params["upload"])
        await run_sync(self.console.hub.imports.desk.discard, caller, request.path_params["upload"])
        return self.console.pages.redirect("/console/imports")

    # -- the map -----------------------------------------------------------------------------------------------------

    async def map(self, request: Request, staff: Staff) -> Response:
        """Show the columns with what their names suggest, or what was said of a file like this one."""
        opened, like = await self._opened(request, staff), request.query_params.get(LIKE, "")
        return self._mapped(request, opened, await run_sync(self._said, staff, opened, like) if like else NOTHING_TYPED)

    def _said(self, staff: Staff, opened: Opened, job_id: str) -> Mapping[str, str]:
        """Return the map of another import as a form would send it, for columns of the same names; nothing, if it is not there any more."""
        try:
            caller, _ = Officers(self.console.hub).of_import(staff, job_id)
            plan = self.console.hub.imports.desk.plan(caller, job_id)
        except (NotFoundError, StateError):
            return NOTHING_TYPED
        known: Mapping[str, Any] = (plan.mapping or {}).get("columns", {})
        said = {
            f"column.{place}": ",".join(paths) if (paths := known[column]) else LEFT_OUT
            for place, column in enumerate(opened.columns, 1)
            if column in known and (known[column] is None or all(isinstance(each, str) for each in known[column]))
        }
        return {**said, **{name: str(plan.defaults[path]) for name, path in WORDS.items() if path in plan.defaults}}

    async def rehearse(self, request: Request, staff: Staff) -> Response:
        """Try a map: a dry run judges every row and keeps nothing."""
        form, opened = await forms.read(request), await self._opened(request, staff)
        unclear = [
            Problem(f"column.{place}", "problem.COLUMN", values={"place": place})
            for place, _ in enumerate(opened.columns, 1)
            if not form.fields.get(f"column.{place}")
        ]
        if unclear:
            return self._mapped(request, opened, form.fields, Problems(tuple(unclear), 400))
        wanted = ImportRequest(
            opened.kept.id, request.path_params["type"], _map_of(opened, form.fields),
            {path: said for name, path in WORDS.items() if (said := form.fields.get(name, "").strip())}, dry_run=True,
        )  # fmt: skip
        caller = await run_sync(Officers(self.console.hub).of_file, staff, opened.kept.id)
        try:
            begun = await run_sync(self.console.hub.imports.begin, caller, wanted, form.fields.get("once", ""))
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of)
            return self._mapped(request, opened, form.fields, told)
        return self.console.pages.redirect(f"/console/imports/{begun.id}")

    async def _opened(self, request: Request, staff: Staff) -> Opened:
        upload, type_key = request.path_params["upload"], request.path_params["type"]
        caller = await run_sync(Officers(self.console.hub).of_file, staff, upload)
        return await run_sync(partial(self.console.hub.imports.desk.open, caller, upload, type_key))

    def _mapped(
        self, request: Request, opened: Opened, typed: Mapping[str, str] = NOTHING_TYPED, problems: Problems = NOTHING_WRONG
    ) -> Response:  # fmt: skip
        language, type_key = self.console.pages.language(request), request.path_params["type"]
        titles = {each.path: each.zh if language.short == "zh" else each.en for each in opened.fields}
        columns = [
            {"name": f"column.{place}", "title": column, "chosen": ",".join(opened.suggested[column])}
            for place, column in enumerate(opened.columns, 1)
        ]  # fmt: skip
        wanted = {*(each["chosen"] for each in columns), *(typed.get(each["name"], "") for each in columns)}
        several = {each for each in wanted if each not in {*titles, LEFT_OUT, ""}}
        choices = [
            *((each, " + ".join(titles.get(path, path) for path in each.split(","))) for each in sorted(several)),
            *((path, f"{title} · {path}") for path, title in titles.items()),
        ]
        licence_type = self.console.hub.catalogue.type(type_key)
        return self.console.page(
            request, "console/imports/map.html", typed=typed, problems=problems, columns=columns, choices=choices,
            type_name=licence_type.name.text(language.short), upload=opened.kept, onward=_path(opened.kept.id, type_key),
            left_out=LEFT_OUT,
        )  # fmt: skip


def _map_of(opened: Opened, fields: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the map that a form describes."""
    chosen = {column: fields[f"column.{place}"] for place, column in enumerate(opened.columns, 1)}
    return {"columns": {column: None if one == LEFT_OUT else one.split(",") for column, one in chosen.items()}}


def _path(upload: str, type_key: str) -> str:
    return f"/console/imports/files/{upload}/{type_key}"
