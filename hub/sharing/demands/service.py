"""Demands: filed by the department that needs the data, decided by the sharing class or answered by the owner, supplied in time.

Decides what may be demanded, and what the class decides by itself: UNCONDITIONAL is granted at once, NOT_SHARED and what the negative list names is
refused at once, CONDITIONAL waits for the owner. What an owner grants is never more than was asked for, and less only with a reason. A grant
that answers a demand names it; both records name both versions. State Council decree 809, articles 14, 15, 20 to 22.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from hub.access.staff.acting import client_of
from hub.access.staff.caller import Staff
from hub.audit.service import Audit
from hub.catalogue.registers import Source
from hub.catalogue.service import Catalogue
from hub.catalogue.type_document import SharingClass
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import AuthorityMismatchError, InputInvalidError
from hub.sharing.demands.demand import Answer, Demand, DemandWish, Refusal, listed, words
from hub.sharing.demands.limits import TimeLimits, require_extension
from hub.sharing.demands.model import SharingDemand
from hub.sharing.demands.negative import Listed, NegativeList
from hub.sharing.demands.stepping import Acting, Stepping
from hub.sharing.embargo_desk import Current
from hub.sharing.grants.paths import checked_roles, named_leaves
from hub.sharing.grants.service import Grants, GrantWish
from hub.sharing.ownership import owner_of, require_steward
from hub.sharing.purpose import legal_text
from hub.writing import new_id

GRANT_BY_CLASS, REFUSE_BY_LIST = "GRANT_BY_CLASS", "REFUSE_BY_LIST"
BY_CLASS = "无条件共享 · granted by its class"
NOT_SHARED = "不予共享 · not shared by its class"
_LONGEST = timedelta(days=366 * 5)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of a demand when it is filed: the step that its class or the negative list takes at once; None: `owner` answers until `due_on`.

    `entry` is what stands in its way, `barred` are fields that nobody shares.
    """

    step: str | None
    entry: Listed | None
    barred: tuple[str, ...]
    owner: str | None
    due_on: date


class Demands:
    """Takes demands through their life."""

    def __init__(
        self, database: Database, audit: Audit, catalogue: Catalogue, grants: Grants, negative: NegativeList,
        clock: Clock, today: Callable[[], date], *, current: Current, changed: Callable[[], None],
        restarts: bool = True,
    ) -> None:  # fmt: skip
        """`today` gives the legal day, `changed` is called after grants were made, `restarts` as in TimeLimits."""
        self._database = database
        self._catalogue = catalogue
        self._grants = grants
        self._negative = negative
        self._clock = clock
        self._today = today
        self._changed = changed
        self._limits = TimeLimits(catalogue.working_days, restarts)
        self._stepping = Stepping(audit, clock, current)

    # -- the asking side -----------------------------------------------------------------------------------------------

    def file(self, staff: Staff, wish: DemandWish) -> Demand:
        """File a demand, and let its class decide what it decides by itself.

        Raises:
            RoleMissingError, SessionInvalidError: he is no sharing steward of the authority.
            AuthorityUnknownError, ItemUnknownError, TypeUnknownError: the catalogue does not have it.
            AuthorityMismatchError: the item is another authority's.
            InputInvalidError: paths, roles, period or texts do not do, or nobody supplies it.
            WorkingDaysUnknownError: the time limit reaches into a year without a calendar.
        """
        source = self._catalogue.source(wish.source)
        row, leaves = self._row(wish, source)
        with self._database.transaction() as session:
            acting = self._stepping.file(session, staff, row)
            session.add(row)
            asked = {name: json.loads(getattr(row, name)) for name in ("paths", "checks", "roles")}
            self._stepping.take(session, acting, legal_basis=row.legal_basis, scene=row.scene, **asked)
            self._decide_by_class(session, row, source, leaves)
            found = self._stepping.shown(session, row)
        self._changed()
        return found

    def foresee(self, staff: Staff, wish: DemandWish) -> Foreseen:
        """Return what would become of a demand, and file nothing; raises as `file`."""
        source = self._catalogue.source(wish.source)
        row, leaves = self._row(wish, source)
        require_steward(staff, row.authority)
        with self._database.snapshot() as session:
            return self._foreseen(session, row, source, leaves)

    def complete(self, staff: Staff, demand_id: str, scene: str, legal_basis: str) -> Demand:
        """Say what was missing: scene and legal basis anew; the owner's time runs again. Raises as `Stepping.admit`, InputInvalidError."""

        def act(session: Session, acting: Acting) -> None:
            row = acting.row
            row.scene, row.legal_basis = words(scene, "The scene"), legal_text(legal_basis)
            due = self._limits.completed(SharingClass(row.sharing_class), date.fromisoformat(row.due_on), self._today())
            row.due_on = due.isoformat()
            self._stepping.take(session, acting, scene=row.scene, legal_basis=row.legal_basis)

        return self._act(staff, "COMPLETE", demand_id, act)

    def withdraw(self, staff: Staff, demand_id: str, reason: str) -> Demand:
        """Withdraw a demand that was not answered. Raises as `Stepping.admit`, InputInvalidError."""
        return self._noted(staff, "WITHDRAW", demand_id, reason)

    # -- the owner's side ----------------------------------------------------------------------------------------------

    def ask_completion(self, staff: Staff, demand_id: str, missing: str) -> Demand:
        """Tell the department, once, what is missing. Raises as `Stepping.admit`, InputInvalidError."""
        return self._noted(staff, "ASK_COMPLETION", demand_id, missing)

    def ask_extension(self, staff: Staff, demand_id: str, days: int, reason: str) -> Demand:
        """Ask the hub's stewards, once, for more working days. Raises as `Stepping.admit`, InputInvalidError."""
        require_extension(days)

        def act(session: Session, acting: Acting) -> None:
            acting.row.extension_days = days
            self._stepping.take(session, acting, words(reason, "The reason"), days=days)

        return self._act(staff, "ASK_EXTENSION", demand_id, act)

    def allow_extension(self, staff: Staff, demand_id: str) -> Demand:
        """Allow the extension that was asked for. Raises as `Stepping.admit`, WorkingDaysUnknownError."""

        def act(session: Session, acting: Acting) -> None:
            row, days = acting.row, acting.row.extension_days or 0
            row.due_on = self._limits.extended(date.fromisoformat(row.due_on), days).isoformat()
            self._stepping.take(session, acting, days=days)

        return self._act(staff, "ALLOW_EXTENSION", demand_id, act)

    def deny_extension(self, staff: Staff, demand_id: str, reason: str) -> Demand:
        """Deny it; the time limit stays. Raises as `Stepping.admit`, InputInvalidError."""
        return self._noted(staff, "DENY_EXTENSION", demand_id, reason)

    def grant(self, staff: Staff, demand_id: str, answer: Answer) -> Demand:
        """Grant what was asked for, or less of it with a reason.

        Raises:
            InputInvalidError: it is more than was asked for, or less without a reason.
            WorkingDaysUnknownError: the limit for the supply reaches into a year without a calendar.
            DemandUnknownError, DemandStateError, DemandFourEyesError, RoleMissingError: as `Stepping.admit`.
        """

        def act(session: Session, acting: Acting) -> None:
            self._grant(session, acting, answer, client_of(acting.staff or ""))

        found = self._act(staff, "GRANT", demand_id, act)
        self._changed()
        return found

    def refuse(self, staff: Staff, demand_id: str, refusal: Refusal) -> Demand:
        """Refuse by an entry of the negative list. Raises InputInvalidError, and as `Stepping.admit`."""

        def act(session: Session, acting: Acting) -> None:
            row = acting.row
            entry = self._negative.place(
                session, acting.staff or "", row.source, row.owner, refusal.paths, refusal.reason, refusal.legal_basis,
                refusal.review_on, row.item if refusal.for_item_only else None, row.id,
            )  # fmt: skip
            row.entry, row.refusal, row.refusal_basis = entry.id, entry.reason, entry.legal_basis
            self._stepping.take(session, acting, entry.reason, entry=entry.id)

        return self._act(staff, "REFUSE", demand_id, act)

    def supply(self, staff: Staff, demand_id: str, note: str) -> Demand:
        """Say that what was granted is in the hub. Raises as `Stepping.admit`, InputInvalidError."""
        return self._noted(staff, "SUPPLY", demand_id, note)

    # -- within a unit of work -----------------------------------------------------------------------------------------

    def _act(self, staff: Staff, name: str, demand_id: str, act: Callable[[Session, Acting], None]) -> Demand:
        with self._database.transaction() as session:
            acting = self._stepping.admit(session, staff, name, demand_id)
            act(session, acting)
            return self._stepping.shown(session, acting.row)

    def _noted(self, staff: Staff, name: str, demand_id: str, note: str) -> Demand:
        said = words(note, "What you say")
        return self._act(
            staff, name, demand_id, lambda session, acting: self._stepping.take(session, acting, said)
        )  # fmt: skip

    def _decide_by_class(self, session: Session, row: SharingDemand, source: Source, leaves: Collection[str]) -> None:
        found = self._foreseen(session, row, source, leaves)
        if found.step == REFUSE_BY_LIST:
            entry = found.entry
            row.entry = entry.id if entry else None
            row.refusal = entry.reason if entry else NOT_SHARED
            row.refusal_basis = entry.legal_basis if entry else None
            self._stepping.take(
                session,
                self._stepping.by_class(row, found.step),
                row.refusal,
                entry=row.entry,
                barred=list(found.barred),
            )
        elif found.step == GRANT_BY_CLASS:
            self._grant(session, self._stepping.by_class(row, found.step), Answer(), BY_CLASS)

    def _foreseen(self, session: Session, row: SharingDemand, source: Source, leaves: Collection[str]) -> Foreseen:
        entry = self._negative.barring(session, row.source, row.item, leaves)
        barred = tuple(leaf for leaf in leaves if source.by_path[leaf].not_shared)
        step = None
        if entry or barred or source.sharing_class is SharingClass.NOT_SHARED:
            step = REFUSE_BY_LIST
        elif source.sharing_class is SharingClass.UNCONDITIONAL:
            step = GRANT_BY_CLASS
        return Foreseen(step, entry, barred, row.owner, date.fromisoformat(row.due_on))

    def _grant(self, session: Session, acting: Acting, answer: Answer, approver: str) -> None:
        row = acting.row
        grant = self._grants.checked(self._answered(row, answer, approver))
        row.grant_id, row.conditions = grant.id, words(answer.conditions, "Conditions") if answer.conditions else None
        row.supply_on = self._limits.supply(self._today()).isoformat()
        self._grants.place(session, grant, demand_version=row.version + 1)
        self._stepping.take(
            session, acting, words(answer.reason, "The reason") if answer.reason else "", grant=grant.id,
            grant_version=grant.version, paths=sorted(grant.paths), checks=sorted(grant.checks),
            supply_on=row.supply_on, conditions=row.conditions,
        )  # fmt: skip

    def _answered(self, row: SharingDemand, answer: Answer, approver: str) -> GrantWish:
        """Return the grant that an answer means, which is never more than was asked for."""
        source = self._catalogue.source(row.source)
        asked = {name: frozenset(json.loads(getattr(row, name))) for name in ("paths", "checks", "roles")}
        first, last = date.fromisoformat(row.valid_from), date.fromisoformat(row.valid_until)
        paths = asked["paths"] if answer.paths is None else named_leaves(source, answer.paths)
        # A field that was asked for may be given for judging only.
        checks = asked["checks"] if answer.checks is None else named_leaves(source, answer.checks)
        roles = asked["roles"] if answer.roles is None else checked_roles(answer.roles)
        begins, ends = answer.valid_from or first, answer.valid_until or last
        duty, feed = (
            asked_for if given is None else given
            for asked_for, given in ((row.official_duty, answer.official_duty), (row.feed, answer.feed))
        )
        more = (
            paths - asked["paths"] or checks - asked["checks"] - asked["paths"] or roles - asked["roles"]
            or begins < first or ends > last or (duty and not row.official_duty) or (feed and not row.feed)
        )  # fmt: skip
        if more:
            raise InputInvalidError("An answer grants no more than was asked for.")
        as_asked = (paths, checks, roles, begins, ends, duty, feed) == (
            asked["paths"], asked["checks"], asked["roles"], first, last, row.official_duty, row.feed,
        )  # fmt: skip
        if not as_asked and not answer.reason:
            raise InputInvalidError("Say why less is granted than was asked for.")
        return GrantWish(
            row.authority, row.item, row.source, paths, row.legal_basis, approver, begins, ends, roles=roles,
            checks=checks, official_duty=duty, feed=feed, demand=row.id,
        )  # fmt: skip

    # -- what may be demanded ------------------------------------------------------------------------------------------

    def _row(self, wish: DemandWish, source: Source) -> tuple[SharingDemand, frozenset[str]]:
        """Return the row of a wish that may be demanded, and all fields it names."""
        authority, item = self._catalogue.authority(wish.authority), self._catalogue.item(wish.item)
        if item.authority != authority.code:
            raise AuthorityMismatchError("The service item belongs to another authority.")
        paths = named_leaves(source, wish.paths)
        checks = named_leaves(source, wish.checks) - paths
        if not paths | checks:
            raise InputInvalidError("A demand names one path or more, to read or to judge.")
        if not self._today() <= wish.valid_until or not timedelta(0) <= wish.valid_until - wish.valid_from <= _LONGEST:
            raise InputInvalidError("A demand is for a time that is not over, of five years at most.")
        row = SharingDemand(
            id=new_id(), authority=authority.code, item=item.code, source=source.key,
            owner=owner_of(self._catalogue, source.key), sharing_class=source.sharing_class.value, paths=listed(paths),
            checks=listed(checks), roles=listed(checked_roles(wish.roles)), official_duty=wish.official_duty,
            feed=wish.feed, legal_basis=legal_text(wish.legal_basis), scene=words(wish.scene, "The scene"),
            valid_from=wish.valid_from.isoformat(), valid_until=wish.valid_until.isoformat(),
            filed_at=to_micros(self._clock.now()), state="", version=0,
            due_on=self._limits.answer(source.sharing_class, self._today()).isoformat(),
        )  # fmt: skip
        return row, paths | checks
