"""The page where auditors search records.

Decides what can be asked for, and that an auditor who is none of the whole hub asks for one authority at a time. Terms may stand in an address: none of them is a person's
number or code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR
from hub.audit.searching import FoundPage
from hub.audit.terms import Name
from hub.clock import from_micros
from hub.errors import InputInvalidError
from hub.supervision.records import RecordWish
from hub.web.console.audit.facts import AUDIT, KINDS, OUTCOMES, RECORDS
from hub.web.console.audit.people import People, named_in
from hub.web.console.frame import Console
from hub.web.console.names import reader_of
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, problem

SIZE: Final = 25
TERMS: Final = (Name.KIND, Name.OUTCOME, Name.WHO, Name.LICENCE, Name.CASE, Name.SEAL)
_RECORD: Final = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class SearchPages:
    """Finds records."""

    console: Console

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show what was found; a record's own number leads to it."""
        asked = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
        authorities = self._authorities(request, staff)
        chosen = asked.get("authority") or (None if staff.holds(AUDITOR) else authorities[0][0])
        shown = {**asked, "authority": chosen or ""}
        page = FoundPage((), None, None, 0)
        try:
            if record := asked.get("record"):
                return self.console.pages.redirect(f"{RECORDS}/{_record(record)}")
            wish = await run_sync(self._wish, chosen, asked)
            search = partial(
                self.console.hub.supervision.records.search,
                staff,
                wish,
                asked.get("after"),
                SIZE,
                request.state.pending,
            )
            page = await run_sync(search)
        except MENDABLE as error:
            wrong = problem(error, self.console.pages.status_of)
            return self._answer(request, shown, authorities, page, {}, problems=wrong)
        who = await run_sync(People(self.console.hub).named, named_in(each.facts for each in page.records))
        return self._answer(request, shown, authorities, page, who, problems=NOTHING_WRONG)

    def _answer(
        self, request: Request, asked: Mapping[str, str], authorities: list[tuple[str, str]], page: FoundPage, who: Mapping[str, str],
        **more: Any,
    ) -> Response:  # fmt: skip
        terms = {name: value for name, value in asked.items() if name != "after" and value}
        reader, whole = reader_of(self.console, request), request.state.staff.holds(AUDITOR)
        everything = [("", reader.words("audit.authority.all"))] if whole else []
        any_of = ("", reader.words("audit.any"))
        return self.console.page(
            request, "console/audit/search.html", typed=asked, page=page, who=who, names=reader.names, authorities=[*everything, *authorities],
            kinds=reader.choices("audit.kind", KINDS, any_of), outcomes=reader.choices("audit.outcome", OUTCOMES, any_of), moment=from_micros, records=RECORDS, is_first="after" not in asked,
            newest=f"{AUDIT}?{urlencode(terms)}", older=f"{AUDIT}?{urlencode({**terms, 'after': page.more})}" if page.more else "", **more,
        )  # fmt: skip

    def _wish(self, authority: str | None, asked: Mapping[str, str]) -> RecordWish:
        terms = {name: asked[name.value] for name in TERMS if name.value in asked}
        if Name.WHO in terms:
            terms[Name.WHO] = self.console.hub.staff.members.account(terms[Name.WHO]) or terms[Name.WHO]
        return RecordWish(authority, terms, _day(asked.get("first")), _day(asked.get("last")))

    def _authorities(self, request: Request, staff: Staff) -> list[tuple[str, str]]:
        """Return the authorities whose auditor somebody is, by name."""
        names = reader_of(self.console, request).names
        known = [each.code for each in self.console.hub.catalogue.authorities()]
        codes = known if staff.holds(AUDITOR) else [code for code in staff.roles if code and staff.holds(AUDITOR, code)]
        return sorted(((code, names.authority(code)) for code in codes), key=lambda one: one[1])


def _record(text: str) -> str:
    if not _RECORD.fullmatch(text):
        raise InputInvalidError("A record's number has letters, digits and hyphens.")
    return text


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputInvalidError("A day is written YYYY-MM-DD.") from None
