"""What waits for somebody: one frozen row a source, each asked for a few things and whether there are more.

Decides the order, the most urgent first, and from when on something is soon. Whose it is decides the service that is asked; a source is asked for
those alone who hold one of its roles. Nothing here opens anything of a person.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from hub.access.staff.acting import as_officer, client_of
from hub.access.staff.caller import Staff
from hub.access.staff.roles import (
    AUDITOR,
    LICENCE_OFFICER,
    SEAL_APPLICANT,
    SEAL_APPROVER,
    SEAL_MAKER,
    SHARING_STEWARD,
    Role,
)
from hub.clock import from_micros
from hub.paging import Window
from hub.sharing.demands.lists import Asked, View
from hub.sharing.forms.disputes import Sought
from hub.sharing.forms.steps import State as DisputeState
from hub.supervision.alerts import Which
from hub.supervision.steps import State as AlertState
from hub.web.console.hub import ConsoleHub
from hub.web.console.issuing.errand import ISSUE, address
from hub.web.console.sections import ANYBODY, may

SOON: Final = timedelta(days=3)
ENDING: Final = timedelta(days=30)
"""How long before its end a role of his is told to somebody."""
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing.

    Attributes:
        what: the words `work.what.WHAT` say what it is; `name` is what it is about, `code` its id.
        whose: the authority whose it is; None: the hub's.
        until: the last day on which it is in time.
        path: where it is done.
    """

    what: str
    path: str
    whose: str | None = None
    name: str = ""
    code: str = ""
    since: datetime | None = None
    until: date | None = None

    def urgency(self, today: date) -> str:
        """Return OVERDUE, SOON, or nothing."""
        if self.until is None or self.until > today + SOON:
            return ""
        return "OVERDUE" if self.until < today else "SOON"


@dataclass(frozen=True, slots=True)
class Found:
    """What a source has for somebody: some of it, and whether there is more."""

    waiting: tuple[Waiting, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One row: its name, for whom it is asked, what finds, and where all of it is listed."""

    name: str
    roles: tuple[Role, ...]
    find: Callable[[ConsoleHub, Staff], Found]
    path: str


def _alerts(hub: ConsoleHub, staff: Staff) -> Found:
    page = hub.supervision.alerts_page(staff, Window(first=MOST), Which(state=AlertState.RAISED))
    mine = (each for each in page.items if staff.holds(AUDITOR, each.authority))
    return Found(
        tuple(
            Waiting("ALERT", f"/console/audit/alerts/{each.id}", each.authority, each.rule, each.id, each.at)
            for each in mine
        ),
        page.has_next,
    )


def _demands(hub: ConsoleHub, staff: Staff) -> Found:
    page = hub.sharing.demand_lists.mine(staff, View.WAITING, Asked(), hub.sharing.today(), Window(first=MOST))
    return Found(
        tuple(
            Waiting(
                f"DEMAND.{each.state}", f"/console/sharing/demands/{each.id}", each.wish.authority, each.wish.source,
                each.id, each.filed_at, each.supply_on or each.due_on,
            )
            for each in page.items
        ),
        page.has_next,
    )  # fmt: skip


def _embargoes(hub: ConsoleHub, staff: Staff) -> Found:
    page = hub.sharing.embargoes.proposals(staff, Window(first=MOST))
    open_ = ((each, each.embargo.proposal) for each in page.items)
    return Found(
        tuple(
            Waiting(
                "EMBARGO", f"/console/sharing/embargoes/{each.embargo.case_id}", each.embargo.authority, each.case_number,
                each.item, proposal.at,
            )
            for each, proposal in open_ if proposal is not None and proposal.by != staff.id
        ),
        page.has_next,
    )  # fmt: skip


def _disputes(hub: ConsoleHub, staff: Staff) -> Found:
    found, more = [], False
    for authority in _scopes(staff, LICENCE_OFFICER):
        sought = Sought(authority, frozenset({DisputeState.OPEN}))
        page = hub.sharing.forms.source.every(sought, Window(first=MOST))
        more = more or page.has_next
        found += [
            Waiting("DISPUTE", f"/console/sharing/disputes/{each.id}", authority, each.path, each.source, each.filed_at, each.due)
            for each in page.items
        ]  # fmt: skip
    return Found(tuple(found), more)


def _unfinished(hub: ConsoleHub, staff: Staff) -> Found:
    begun = hub.licences.unfinished.waiting(client_of(staff.id), _scopes(staff, LICENCE_OFFICER))
    return Found(
        tuple(
            Waiting("UNFINISHED", address(each), each.authority, each.type_key, each.identifier or "", each.saved_at)
            for each in begun
        )
    )


def _promises(hub: ConsoleHub, staff: Staff) -> Found:
    page = hub.sharing.materials.promises.late(staff, Window(first=MOST))
    return Found(
        tuple(
            Waiting("PROMISE", "/console/sharing/promises", None, each.promise.material, each.case_number, None, each.promise.deadline)
            for each in page.items
        ),
        page.has_next,
    )  # fmt: skip


def _imports(hub: ConsoleHub, staff: Staff) -> Found:
    found = [
        Waiting("IMPORT", f"/console/imports/{each.id}", authority, each.type_key, each.id, from_micros(each.started_at), hub.settings.calendar.day(from_micros(each.kept_until)))
        for authority in _scopes(staff, LICENCE_OFFICER)
        for each in hub.imports.desk.to_mend(as_officer(staff, authority), MOST)
    ]  # fmt: skip
    return Found(tuple(found[:MOST]), len(found) >= MOST)


def _seals(hub: ConsoleHub, staff: Staff) -> Found:
    found = hub.inspection.waiting(staff, MOST)
    return Found(
        tuple(
            Waiting(
                f"SEAL.{each.step}", f"/console/seals/{each.application.es_id or f'applications/{each.application.id}'}", each.application.authority,
                each.application.name, each.application.id, from_micros(each.application.applied_at),
            )
            for each in found
        ),
        len(found) >= MOST,
    )  # fmt: skip


def _roles(hub: ConsoleHub, staff: Staff) -> Found:
    last = hub.sharing.today() + ENDING
    ending = (
        each
        for each in hub.staff.me(staff).roles
        if each.valid_until and hub.sharing.today() <= each.valid_until <= last
    )
    return Found(
        tuple(
            Waiting("ROLE", "/console/account", each.authority, each.role, "", None, each.valid_until)
            for each in ending
        )
    )


SOURCES: Final = (
    Source("ALERT", (AUDITOR,), _alerts, "/console/audit/alerts"),
    Source("DEMAND", (SHARING_STEWARD,), _demands, "/console/sharing/demands"),
    Source("EMBARGO", (SHARING_STEWARD,), _embargoes, "/console/sharing/embargoes"),
    Source("DISPUTE", (LICENCE_OFFICER,), _disputes, "/console/sharing/disputes"),
    Source("IMPORT", (LICENCE_OFFICER,), _imports, "/console/imports"),
    Source("SEAL", (SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER), _seals, "/console/seals/applications"),
    Source("UNFINISHED", (LICENCE_OFFICER,), _unfinished, ISSUE),
    Source("PROMISE", (SHARING_STEWARD,), _promises, "/console/sharing/promises"),
    Source("ROLE", ANYBODY, _roles, "/console/account"),
)


def waiting_for(hub: ConsoleHub, staff: Staff) -> tuple[list[Waiting], list[Source]]:
    """Return what waits for somebody, the most urgent first, and the sources that have more of it."""
    found = [(source, source.find(hub, staff)) for source in SOURCES if may(staff, source.roles)]
    return ordered(each for _, some in found for each in some.waiting), [source for source, some in found if some.more]


def ordered(several: Iterable[Waiting]) -> list[Waiting]:
    """Return things by their last day, then by how long they wait."""
    return sorted(
        several, key=lambda one: (one.until or date.max, one.since.timestamp() if one.since else 0.0, one.what)
    )


def _scopes(staff: Staff, role: Role) -> Sequence[str]:
    """Return the authorities for which somebody holds a role of single authorities."""
    return sorted(scope for scope, held in staff.roles.items() if scope is not None and role.name in held)
