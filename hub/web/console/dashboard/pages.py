"""The dashboard, for whoever may see figures of some authority; and expected numbers, which catalogue stewards say.

Decides what can be chosen: an authority that he sees, and one of three periods that end today. What he sees is decided by the service.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import AUDITOR, CATALOGUE_STEWARD
from hub.errors import InputInvalidError
from hub.supervision.board import Board, Period
from hub.supervision.coverage import Coverage
from hub.supervision.events import Measure
from hub.supervision.reach import Reach, reach_of
from hub.supervision.standing import STEWARDS, Stands
from hub.web import forms
from hub.web.console.dashboard.findings import Findings, percent
from hub.web.console.frame import Console
from hub.web.console.names import Names, reader_of
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, missing, problem
from hub.web.console.sections import ANYBODY, Act, may
from hub.web.plots.drawing import drawn
from hub.web.plots.model import grouped

DASHBOARD: Final = "/console/dashboard"
EXPECTED: Final = f"{DASHBOARD}/expected"
PERIODS: Final[Mapping[str, int]] = {"month": 30, "quarter": 90, "year": 365}
USUAL: Final = "month"
_FIELDS: Final = ("authority", "type", "number", "as_of", "source")
_AT_FIELDS: Final = {"AUTHORITY_UNKNOWN": "authority", "TYPE_UNKNOWN": "type"}


@dataclass(frozen=True, slots=True)
class DashboardPages:
    """Shows figures, and takes down what is expected."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(DASHBOARD, "GET", self.show, ANYBODY, menu="dashboard.menu.board"),
            Act(EXPECTED, "GET", self.expected, (CATALOGUE_STEWARD,), menu="dashboard.menu.expected"),
            Act(EXPECTED, "POST", self.expect, (CATALOGUE_STEWARD,)),
        )

    # -- figures -----------------------------------------------------------------------------------------------------

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show the dashboard; who holds a role for no authority is told why he sees none."""
        try:
            reach = reach_of(staff)
        except RoleMissingError:
            return self.console.page(request, "console/dashboard/none.html")
        asked = request.query_params
        period, authority = _period(asked.get("period") or USUAL, self._today()), asked.get("authority") or None
        board = await run_sync(self.console.hub.supervision.board, staff, period, authority)
        return self.console.page(
            request,
            "console/dashboard/board.html",
            typed=dict(asked),
            **self._shown(request, staff, reach, period, authority, board),
        )

    def _shown(
        self, request: Request, staff: Staff, reach: Reach, period: Period, authority: str | None, board: Board
    ) -> dict[str, Any]:
        reader = reader_of(self.console, request)
        findings = Findings(board, period, authority, reader)
        return {
            "board": board, "period": period, "usual": USUAL, "authority": authority, "names": reader.names,
            "plots": [drawn(each) for each in findings.all()], "tiles": _tiles(board), "choices": self._authorities(reader.names, reach),
            "deadlines": sorted(board.deadlines, key=_urgent), "stewards": STEWARDS, "audits": may(staff, (AUDITOR,)), "grouped": grouped,
        }  # fmt: skip

    def _authorities(self, names: Names, reach: Reach) -> list[tuple[str, str]]:
        known = [each.code for each in self.console.hub.catalogue.authorities()]
        return sorted(
            ((code, names.authority(code)) for code in known if reach is None or code in reach), key=lambda one: one[1]
        )

    # -- expected numbers --------------------------------------------------------------------------------------------

    async def expected(self, request: Request, staff: Staff) -> Response:
        """Show what is expected, and ask for a number."""
        return await self._asked(request, staff)

    async def expect(self, request: Request, staff: Staff) -> Response:
        """Take down a number."""
        form = await forms.read(request)
        given = {name: form.fields.get(name, "").strip() for name in _FIELDS}
        empty = [name for name in _FIELDS if not given[name]]
        if empty:
            return await self._asked(request, staff, form.fields, missing(*empty))
        try:
            number, day = _number(given["number"]), _day(given["as_of"])
            said = partial(
                self.console.hub.supervision.expect,
                staff,
                given["authority"],
                given["type"],
                number,
                day,
                given["source"],
            )
            return await self.console.act(staff, form, "dashboard.expected", said, EXPECTED)
        except MENDABLE as error:
            wrong = problem(error, self.console.pages.status_of, _AT_FIELDS, otherwise="number")
            return await self._asked(request, staff, form.fields, wrong)

    async def _asked(
        self, request: Request, staff: Staff, typed: Mapping[str, str] | None = None, problems: Problems = NOTHING_WRONG
    ) -> Response:
        known = await run_sync(self.console.hub.supervision.expectations, staff)
        ids = sorted({each.expected.set_by for each in known if each.expected})
        logins = await run_sync(self.console.hub.staff.members.logins, ids)
        names = reader_of(self.console, request).names
        mine = None if staff.holds(CATALOGUE_STEWARD) else frozenset(filter(None, staff.roles))
        authorities = [each for each in self._authorities(names, mine) if staff.holds(CATALOGUE_STEWARD, each[0])]
        types = [(each.key, names.type(each.key)) for each in self.console.hub.catalogue.types()]
        return self.console.page(
            request, "console/dashboard/expected.html", typed=typed or {}, problems=problems, rows=sorted(known, key=_lacking), names=names,
            logins=logins, authorities=authorities, types=sorted(types, key=lambda one: one[1]), today=self._today().isoformat(),
            percent=percent, grouped=grouped,
        )  # fmt: skip

    def _today(self) -> date:
        return self.console.pages.calendar.day(self.console.hub.clock.now())


def _period(name: str, today: date) -> Period:
    if name not in PERIODS:
        raise InputInvalidError("There is no such period.")
    return Period(today - timedelta(days=PERIODS[name] - 1), today)


def _tiles(board: Board) -> Mapping[str, int]:
    """Return the figures that stand on top."""
    counts = Counter[Measure]()
    for each in board.reads.values():
        counts.update(each)
    waiting = board.deadlines
    return {
        "valid": sum(each.valid for each in board.coverage),
        "reads": counts[Measure.ALLOWED] + counts[Measure.MISSED] + counts[Measure.DENIED],
        "papers": counts[Measure.EXEMPTED],
        "overdue": sum(each.count for each in waiting),
        "alerts": board.alerts.get("RAISED", 0) + board.alerts.get("ACKNOWLEDGED", 0),
    }


def _urgent(one: Stands) -> tuple[int, int, str, str]:
    return -one.count, -one.among, one.kind, one.authority


def _lacking(one: Coverage) -> tuple[bool, float, str, str]:
    return one.share is None, one.share or 0, one.authority, one.type_key


def _number(text: str) -> int:
    plain = text.replace(",", "").replace("，", "").replace(" ", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > len("10000000000"):
        raise InputInvalidError("A number of licences is a whole number.")
    return int(plain)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputInvalidError("A day is written YYYY-MM-DD.") from None
