"""Embargoes (暂缓告知): the reads of a case are kept from the persons they are about until a release date, on a legal basis.

Decides whether that may be, and until when. A case is opened under one, by a client with the scope for it, or comes under one, or under a
longer one, by two people of staff. Reads are recorded at once either way, and each is shown `days` after it was made at the latest,
whatever was decided. It must never hide silently: every decision is a record, and one that is not on record hides nothing. PIPL articles 18, 35.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlmodel import Session, col, func, select

from hub.access.staff.caller import Staff
from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros, to_micros
from hub.errors import InputInvalidError
from hub.sharing.model import EmbargoDecision
from hub.sharing.purpose import EmbargoWish, legal_text
from hub.sharing.refusals import EmbargoFourEyesError, EmbargoLateError, EmbargoStateError

KIND: Final = "embargo"
_ASKED_AT_ONCE: Final = 500


class Act(StrEnum):
    """What is decided about a case."""

    IMPOSED = "IMPOSED"
    PROPOSED = "PROPOSED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    LIFTED = "LIFTED"


BINDING: Final = frozenset({Act.IMPOSED, Act.CONFIRMED, Act.LIFTED})
"""Acts whose release date holds; the others change nothing yet."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: by a client or a person of staff; `record` is the audit record that says so."""

    act: Act
    until: datetime
    legal_basis: str
    by: str
    at: datetime
    record: str


@dataclass(frozen=True, slots=True)
class Embargo:
    """A case's decisions, oldest first."""

    case_id: str
    authority: str
    decisions: tuple[Decision, ...]

    @property
    def until(self) -> datetime | None:
        """Until when reads are kept from their persons, by the last decision that binds; None: nothing bound them yet."""
        return next((each.until for each in reversed(self.decisions) if each.act in BINDING), None)

    @property
    def legal_basis(self) -> str:
        """The legal basis of the last decision that binds, or of the first proposal."""
        binding = (each.legal_basis for each in reversed(self.decisions) if each.act in BINDING)
        return next(binding, self.decisions[0].legal_basis)

    @property
    def proposal(self) -> Decision | None:
        """What waits for another person's answer."""
        return self.decisions[-1] if self.decisions[-1].act is Act.PROPOSED else None

    def holds(self, now: datetime) -> bool:
        """Tell whether reads are kept from their persons now."""
        return self.until is not None and now < self.until


class Embargoes:
    """Decides and remembers, within units of work of its callers."""

    def __init__(self, audit: Audit, clock: Clock, *, days: int) -> None:
        """No read is kept from its person for more than so many days."""
        self._audit = audit
        self._clock = clock
        self._longest = timedelta(days=days)

    @property
    def shown_to(self) -> datetime:
        """The moment up to which every read is shown now."""
        return self._clock.now() - self._longest

    # -- decisions ---------------------------------------------------------------------------------------------------

    def impose(self, session: Session, case_id: str, authority: str, client: str, wish: EmbargoWish) -> None:
        """Put a case that is being opened for the first time under embargo; raises InputInvalidError."""
        self._note(session, case_id, authority, Act.IMPOSED, self._checked(wish), client)

    def require(self, session: Session, case_id: str, wish: EmbargoWish) -> None:
        """Refuse to open a case again under an embargo that is longer than the one it has.

        Raises:
            EmbargoLateError: it was opened without one, or for a shorter time.
        """
        known = self.of_cases(session, [case_id]).get(case_id)
        until = known.until if known else None
        if until is None or until < self._checked(wish).until:
            raise EmbargoLateError

    def propose(self, session: Session, staff: Staff, case_id: str, authority: str, wish: EmbargoWish) -> None:
        """Propose an embargo, or a longer one.

        Raises:
            InputInvalidError: the date or the legal basis is not acceptable.
            EmbargoStateError: it holds for that long already, or another proposal waits for an answer.
        """
        known = self.of_cases(session, [case_id]).get(case_id)
        if known and known.proposal:
            raise EmbargoStateError("A proposal for this case waits for an answer; answer it first.")
        if known and known.until and wish.until <= known.until:
            raise EmbargoStateError("The embargo holds for that long already; lift it to end it earlier.")
        self._note(session, case_id, authority, Act.PROPOSED, self._checked(wish), staff.id)

    def answer(self, session: Session, staff: Staff, known: Embargo, act: Act) -> None:
        """Confirm or reject a proposal.

        Raises:
            EmbargoStateError: none waits for an answer.
            EmbargoFourEyesError: the same person made it, and confirms it.
        """
        proposal = known.proposal
        if proposal is None:
            raise EmbargoStateError("No proposal for this case waits for an answer.")
        if act is Act.CONFIRMED and proposal.by == staff.id:
            raise EmbargoFourEyesError
        wish = EmbargoWish(proposal.until, proposal.legal_basis)
        if act is Act.CONFIRMED:
            wish = self._checked(wish)
        self._note(session, known.case_id, known.authority, act, wish, staff.id)

    def lift(self, session: Session, staff: Staff, known: Embargo) -> None:
        """End an embargo now; raises EmbargoStateError when none holds."""
        now = self._clock.now()
        if not known.holds(now):
            raise EmbargoStateError("No embargo holds for this case now.")
        self._note(session, known.case_id, known.authority, Act.LIFTED, EmbargoWish(now, known.legal_basis), staff.id)

    def _checked(self, wish: EmbargoWish) -> EmbargoWish:
        now = self._clock.now()
        if wish.until.tzinfo is None or not now < wish.until <= now + self._longest:
            raise InputInvalidError(
                f"An embargo ends in the future, and {self._longest.days} days from now at the latest."
            )
        return EmbargoWish(wish.until, legal_text(wish.legal_basis))

    def _note(self, session: Session, case_id: str, authority: str, act: Act, wish: EmbargoWish, by: str) -> None:
        last = session.exec(select(func.max(EmbargoDecision.sequence)).where(EmbargoDecision.case_id == case_id)).one()
        row = EmbargoDecision(
            case_id=case_id, sequence=(last or 0) + 1, authority=authority, act=act.value, until=to_micros(wish.until),
            legal_basis=wish.legal_basis, by=by, at=to_micros(self._clock.now()), record="",
        )  # fmt: skip
        row.record = self._audit.append(session, Entry(KIND, _facts(row)))
        session.add(row)
        session.flush()

    # -- what holds --------------------------------------------------------------------------------------------------

    def holds(self, known: Embargo) -> bool:
        """Tell whether an embargo holds now."""
        return known.holds(self._clock.now())

    def maybe(self, session: Session) -> set[str]:
        """Return the cases, of the whole hub, that may be under embargo now; as a rule there are few."""
        ahead = EmbargoDecision.until > to_micros(self._clock.now())
        return set(session.exec(select(EmbargoDecision.case_id).where(ahead).distinct()))

    def hidden(self, session: Session, case_ids: Collection[str]) -> set[str]:
        """Return those of the cases whose reads are kept from their persons now."""
        now = self._clock.now()
        return {case_id for case_id, found in self.of_cases(session, case_ids).items() if found.holds(now)}

    def of_cases(self, session: Session, case_ids: Collection[str]) -> Mapping[str, Embargo]:
        """Return the embargoes of cases, by case id. A decision that is not on record counts for nothing."""
        ids: list[str] = sorted(case_ids)
        found: list[EmbargoDecision] = []
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            some = col(EmbargoDecision.case_id).in_(ids[start : start + _ASKED_AT_ONCE])
            found += session.exec(select(EmbargoDecision).where(some)).all()
        return self._arranged(session, found)

    def _arranged(self, session: Session, rows: Sequence[EmbargoDecision]) -> Mapping[str, Embargo]:
        of_case: dict[str, list[Decision]] = {}
        authorities = {row.case_id: row.authority for row in rows}
        for row in sorted(rows, key=lambda one: (one.case_id, one.sequence)):
            if self._is_on_record(session, row):
                of_case.setdefault(row.case_id, []).append(_decision(row))
        return MappingProxyType(
            {case_id: Embargo(case_id, authorities[case_id], tuple(several)) for case_id, several in of_case.items()}
        )

    def _is_on_record(self, session: Session, row: EmbargoDecision) -> bool:
        known = self._audit.find(session, KIND, row.record) or {}
        facts = _facts(row)
        return {name: known.get(name) for name in facts} == facts


def _facts(row: EmbargoDecision) -> dict[str, object]:
    """Return what the record of a decision says; its place among those of the case too, so that none is used twice."""
    who = "client" if row.act == Act.IMPOSED else "staff"
    return {
        "operation": row.act, "case": row.case_id, "sequence": row.sequence, "authority": row.authority,
        "until": row.until, "legal_basis": row.legal_basis, who: row.by,
    }  # fmt: skip


def _decision(row: EmbargoDecision) -> Decision:
    return Decision(Act(row.act), from_micros(row.until), row.legal_basis, row.by, from_micros(row.at), row.record)
