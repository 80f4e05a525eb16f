"""Pages on which officers look for licences: the list of their authority's, and what they found by a number or a holder.

Decides what may stand in an address: authority, type, status and cursor; what was typed to find somebody's licences comes and goes in bodies alone.
The list shows nothing of anybody; what was found shows numbers and masked names, each a read on record (docs/adr/0044-officers.md).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.acting import as_officer
from hub.access.staff.caller import Staff
from hub.catalogue.code_types import HOLDER_CODE_TYPES
from hub.counters.masking import masked_holders
from hub.errors import NotFoundError
from hub.licences.identifier import LicenceIdentifier
from hub.licences.listing import STATUSES
from hub.paging import Page, Window
from hub.sharing.disclosure import Disclosed
from hub.sharing.own_search import Sought
from hub.sharing.purpose import Person
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.licences.people import OFFICERS, authorities_of
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, missing, problem
from hub.web.console.sections import Act

LICENCES: Final = "/console/licences"
NUMBER, IDENTIFIER = "number", "identifier"
_A_PAGE: Final = 25
_KEPT: Final = ("authority", "type", "status")
_TERMS: Final = ("authority", "of_type", "by", "term")


@dataclass(frozen=True, slots=True)
class ListPages:
    """Lists and finds licences."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (Act(LICENCES, "GET", self.show, OFFICERS), Act(LICENCES, "POST", self.search, OFFICERS))

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show a page of the list."""
        asked = request.query_params
        kept = {name: asked[name] for name in _KEPT if asked.get(name)}
        return await self._list(request, staff, kept, _window(asked))

    async def search(self, request: Request, staff: Staff) -> Response:
        """Show what is found by what somebody typed; an identifier leads to its licence."""
        typed = (await forms.read(request)).fields
        term = typed.get("term", "").strip()
        if not term:
            return await self._again(request, staff, typed, missing("term"))
        try:
            if typed.get("by") == IDENTIFIER:
                return self.console.pages.redirect(f"{LICENCES}/{LicenceIdentifier.parse(term)}")
            return await self._found(request, staff, typed, term)
        except MENDABLE as error:
            fields = {"INPUT_INVALID": ""}
            return await self._again(
                request, staff, typed, problem(error, self.console.pages.status_of, fields, otherwise="term")
            )

    async def _list(
        self, request: Request, staff: Staff, kept: Mapping[str, str], window: Window,
        typed: Mapping[str, str] | None = None, problems: Problems = NOTHING_WRONG,
    ) -> Response:  # fmt: skip
        caller = as_officer(staff, kept.get("authority") or authorities_of(staff)[0])
        page = await run_sync(
            self.console.hub.licences.listing.page, caller, kept.get("type"), kept.get("status"), window
        )
        return self.console.page(
            request, "console/licences/list.html", typed=typed or kept, problems=problems, rows=page.items,
            before=_link(kept, "before", page), after=_link(kept, "after", page), narrowed="type" in kept or "status" in kept,
            **self._choices(request, staff, caller.authority),
        )  # fmt: skip

    async def _again(self, request: Request, staff: Staff, typed: Mapping[str, str], problems: Problems) -> Response:
        """Show the list under what was typed and is wrong."""
        kept = {"authority": typed["authority"]} if typed.get("authority") else {}
        return await self._list(request, staff, kept, Window(first=_A_PAGE), typed, problems)

    async def _found(self, request: Request, staff: Staff, typed: Mapping[str, str], term: str) -> Response:
        caller = as_officer(staff, typed.get("authority") or authorities_of(staff)[0])
        by, kind = typed.get("by", NUMBER), typed.get("of_type") or None
        sought = Sought(term, None, kind) if by not in HOLDER_CODE_TYPES else Sought(None, Person(by, term), kind)
        page: Page[Disclosed] | None = None
        with suppress(NotFoundError):  # a search without a hit is an answer, and on record
            page = await self.console.hub.sharing.own_search.page(caller, sought, _window(typed), request.state.pending)
        return self.console.page(
            request, "console/licences/found.html", typed=typed, page=page, rows=[_row(each) for each in page.items] if page else (),
            terms={name: typed[name] for name in _TERMS if name in typed}, **self._choices(request, staff, caller.authority),
        )  # fmt: skip

    def _choices(self, request: Request, staff: Staff, authority: str) -> dict[str, Any]:
        """Return what filters and search offer, and the names behind keys."""
        short, catalogue = self.console.pages.language(request).short, self.console.hub.catalogue
        types = {key: versions[-1].name.text(short) for key, versions in catalogue.current.types.items()}
        known = catalogue.current.authorities
        names = {code: known[code].name_zh if short == "zh" else known[code].name_en for code in authorities_of(staff)}
        codes = [(row.code, row.name_zh if short == "zh" else row.name_en) for row in HOLDER_CODE_TYPES.values()]
        return {"types": types, "authorities": names, "authority": authority, "statuses": STATUSES, "codes": codes}


def _window(asked: Mapping[str, str]) -> Window:
    if asked.get("before"):
        return Window(last=_A_PAGE, before=asked["before"])
    return Window(first=_A_PAGE, after=asked.get("after") or None)


def _link(kept: Mapping[str, str], way: str, page: Page[Any]) -> str:
    """Return the address of the page before or after; empty where there is none."""
    more, place = (page.has_previous, 0) if way == "before" else (page.has_next, -1)
    return f"{LICENCES}?{urlencode({**kept, way: page.cursors[place]})}" if more and page.items else ""


def _row(found: Disclosed) -> dict[str, Any]:
    """Return what a row shows of what was found: of a person no more than a printed code does."""
    holders = masked_holders(found.values.get("holders", ()))
    return {"licence": found.stored, "status": found.status, "number": found.values.get("number"), "holders": holders}
