"""Supervision (电子监察): figures, coverage, deadlines and alerts, as the rest of the hub sees them.

Decides nothing itself: `progress` and `rebuilding` derive, `figures`, `coverage` and `alerts` tell, `steps` and `coverage` take down what staff say,
`reach` limits what they see.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from hub.access.staff.caller import Staff
from hub.access.staff.roles import CATALOGUE_STEWARD
from hub.audit.finding_aid import FindingAid
from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.licences.service import Licences
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.deadlines import Deadlines, Kind, deadlines
from hub.supervision import storing
from hub.supervision.alerts import Alerts, KeptAlert, Which
from hub.supervision.board import Board, Boards, Period
from hub.supervision.coverage import Coverage, CoverageOffice
from hub.supervision.figures import Figure, Figures, Wanted
from hub.supervision.folding import ACKNOWLEDGE, CLOSE, KIND, THRESHOLDS
from hub.supervision.latency import Latencies
from hub.supervision.lateness import Lateness
from hub.supervision.pace import Pace, Together
from hub.supervision.progress import Folding
from hub.supervision.reach import Reach, reach_of, within
from hub.supervision.rebuilding import Rebuilding, Rebuilt
from hub.supervision.records import RecordDesk
from hub.supervision.refusals import AlertUnknownError
from hub.supervision.standing import StandingCounts
from hub.supervision.steps import AlertSteps, Current
from hub.supervision.use import GrantUse
from hub.thresholds import Thresholds

SEPARATOR = "\x1f"


class Supervision:
    """Watches one hub."""

    def __init__(
        self, database: Database, audit: Audit, catalogue: Catalogue, licences: Licences, clock: Clock, calendar: Calendar, *,
        current: Current,
    ) -> None:  # fmt: skip
        """`calendar` says what day it is, `current` which roles somebody holds now."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._calendar = calendar
        self._folding = Folding(database, calendar)
        self._finding = FindingAid(database)
        self._following = Together(self._folding, self._finding)
        self._pace = Pace(self._following)
        self._lateness = Lateness(database, audit, clock, calendar)
        self._rebuilding = Rebuilding(database, calendar)
        self._steps = AlertSteps(database, audit, clock, current)
        self._coverage = CoverageOffice(database, audit, catalogue, licences, clock, current)
        self._alerts = Alerts(database)
        self._standing = StandingCounts(database, licences.counts, clock, calendar)
        self._boards = Boards(database, self._standing, self._coverage)
        self.records = RecordDesk(database, calendar)
        self.figures = Figures(database)
        self.use = GrantUse(self.figures)
        self.latencies = Latencies(database, clock, calendar)

    # -- deriving ----------------------------------------------------------------------------------------------------

    def catch_up(self) -> int:
        """Fold what is new in the log, and let it be found; see Folding and FindingAid; return how many records were folded."""
        return self._following.catch_up()

    def keep_up(self) -> int:
        """Put on record what has become late, count how things stand, and fold what is new in a process that answers requests; see Pace."""
        self._lateness.note()
        self._standing.keep_up()
        return self._pace.keep_up()

    def wants_worker(self) -> bool:
        """Tell whether a worker should fold; see Pace."""
        return self._pace.wants_worker()

    def behind(self) -> int:
        """Return how many records of the log are not folded yet."""
        return self._folding.behind()

    def find_again(self) -> int:
        """Make what records are found by again from nothing; return of how many places of the log."""
        return self._finding.again()

    def rebuild(self, *, replace: bool) -> Rebuilt:
        """Derive everything from the records again; see Rebuilding."""
        return self._rebuilding.run(replace=replace)

    def hold_to(self, thresholds: Thresholds) -> None:
        """Put on record that other thresholds hold from now on, unless these do already; a process does so when it begins to serve."""
        facts = {"operation": THRESHOLDS, "thresholds": asdict(thresholds)}
        with self._database.transaction() as session:
            self._database.lock(session, b"threshol")
            if storing.noted(session) != thresholds:
                storing.note(session, thresholds)
                self._audit.append(session, Entry(KIND, facts))

    # -- telling -----------------------------------------------------------------------------------------------------

    def admit(self, staff: Staff) -> None:
        """Refuse who may see nothing; raises RoleMissingError, PasswordChangeRequiredError."""
        reach_of(staff)

    def board(self, staff: Staff, period: Period, authority: str | None = None) -> Board:
        """Return what the dashboard shows to somebody; raises RoleMissingError."""
        return self._boards.of(staff, period, authority)

    def expectations(self, staff: Staff) -> list[Coverage]:
        """Return the coverage of the authorities for which somebody may say what is expected, of what was counted last; raises RoleMissingError."""
        own = frozenset(scope for scope in staff.roles if scope is not None and staff.holds(CATALOGUE_STEWARD, scope))
        if not own:
            staff.require(CATALOGUE_STEWARD)
        seen = None if staff.holds(CATALOGUE_STEWARD) else own
        return self.counted(seen)

    def counted(self, reach: Reach = None) -> list[Coverage]:
        """Return the coverage within a reach, of what was counted last: the licences are not read for it."""
        return self._coverage.told(reach, self._standing.of(reach).licences())

    def figures_page(self, staff: Staff, wanted: Wanted, window: Window) -> Page[Figure]:
        """Return a part of the figures that somebody may see; raises RoleMissingError, InputInvalidError."""
        found = self.figures.of(reach_of(staff), wanted)
        return cut(found, lambda one: (SEPARATOR.join(one.place),), window, OpenCursors("figures"))

    def coverage_page(
        self, staff: Staff, window: Window, authority: str | None, type_key: str | None
    ) -> Page[Coverage]:
        """Return a part of the coverage that somebody may see; raises RoleMissingError, InputInvalidError."""
        found = self._coverage.of(reach_of(staff), authority, type_key)
        return cut(found, lambda one: (SEPARATOR.join(one.place),), window, OpenCursors("coverage"))

    def coverage(self, reach: Reach = None, authority: str | None = None) -> list[Coverage]:
        """Return the coverage within a reach."""
        return self._coverage.of(reach, authority)

    def deadlines_page(self, staff: Staff, window: Window, authority: str | None) -> Page[Deadlines]:
        """Return a part of the deadlines of authorities that somebody may see; raises RoleMissingError, InputInvalidError."""
        seen = within(reach_of(staff), authority)
        found = [one for one in self.deadlines() if seen is None or one.authority in seen]
        return cut(found, lambda one: (one.kind, one.authority or ""), window, OpenCursors("deadlines"))

    def deadlines(self) -> list[Deadlines]:
        """Return how much is open and overdue today, by kind and by the authority that has to act."""
        return deadlines(self._database, self._calendar.day(self._clock.now()))

    def deadline_totals(self) -> Mapping[tuple[str, ...], int]:
        """Return the same of all authorities together, by kind and state."""
        found: Counter[tuple[str, ...]] = Counter()
        for kind in Kind:
            found[kind.value, "open"] = found[kind.value, "overdue"] = 0
        for one in self.deadlines():
            found[one.kind.value, "open"] += one.open
            found[one.kind.value, "overdue"] += one.overdue
        return found

    def alerts_page(self, staff: Staff, window: Window, which: Which) -> Page[KeptAlert]:
        """Return a part of the alerts that somebody may see; raises RoleMissingError, InputInvalidError."""
        return self._alerts.page(reach_of(staff), window, which)

    def alerts(self, window: Window, which: Which) -> Page[KeptAlert]:
        """Return a part of all alerts."""
        return self._alerts.page(None, window, which)

    def alert(self, staff: Staff, alert_id: str) -> KeptAlert:
        """Return an alert that somebody may see; raises AlertUnknownError, RoleMissingError."""
        seen, found = reach_of(staff), self._alerts.one(alert_id)
        if seen is not None and found.authority not in seen:
            raise AlertUnknownError
        return found

    def alert_counts(self) -> Mapping[tuple[str, ...], int]:
        """Return how many alerts there are, by rule and state."""
        return self._alerts.counts()

    # -- what staff say ----------------------------------------------------------------------------------------------

    def acknowledge(self, staff: Staff, alert_id: str, note: str) -> KeptAlert:
        """Say that somebody looks into an alert; raises as AlertSteps.take."""
        self._steps.take(staff, ACKNOWLEDGE, alert_id, note)
        return self._alerts.one(alert_id)

    def close(self, staff: Staff, alert_id: str, note: str) -> KeptAlert:
        """Say what an alert came to; raises as AlertSteps.take."""
        self._steps.take(staff, CLOSE, alert_id, note)
        return self._alerts.one(alert_id)

    def expect(self, staff: Staff, authority: str, type_key: str, number: int, as_of: date, source: str) -> Coverage:
        """Take down how many licences are expected; raises as CoverageOffice.expect."""
        return self._coverage.expect(staff, authority, type_key, number, as_of, source)
