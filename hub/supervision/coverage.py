"""Coverage: how many of the licences that ought to be in the hub are in it and valid, by authority and type.

Decides whose word counts for how many there ought to be: a catalogue steward's, with its source and the day for which it is known; each is kept and
recorded, the newest counts. What is in the hub is counted now, in the licences themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import CATALOGUE_STEWARD
from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.licences.service import Licences
from hub.licences.status import Status
from hub.supervision.folding import KIND
from hub.supervision.model import SupervisionExpected
from hub.supervision.reach import Reach, within
from hub.supervision.steps import Current
from hub.writing import new_id

EXPECT: Final = "expect"
MOST: Final = 10_000_000_000
LONGEST_SOURCE: Final = 200


@dataclass(frozen=True, slots=True)
class Expected:
    """How many licences there ought to be, on which day, from where that is known, and who said so."""

    number: int
    as_of: date
    source: str
    set_by: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """One authority and type: how many are valid, how many are in the hub at all, and how many there ought to be."""

    authority: str
    type_key: str
    valid: int
    kept: int
    expected: Expected | None

    @property
    def share(self) -> float | None:
        """Return valid licences by expected ones; None where nobody said how many there ought to be, or that there are none."""
        return None if self.expected is None or not self.expected.number else self.valid / self.expected.number

    @property
    def place(self) -> tuple[str, str]:
        """Return its place among all."""
        return self.authority, self.type_key


class CoverageOffice:
    """Tells coverage, and takes down what is expected."""

    def __init__(
        self, database: Database, audit: Audit, catalogue: Catalogue, licences: Licences, clock: Clock, current: Current
    ) -> None:
        """`current` tells which roles somebody holds now."""
        self._database = database
        self._audit = audit
        self._catalogue = catalogue
        self._licences = licences
        self._clock = clock
        self._current = current

    def of(self, reach: Reach, authority: str | None = None, type_key: str | None = None) -> list[Coverage]:
        """Return what is in the hub or expected to be, within a reach, in order of authority and type."""
        return self.told(within(reach, authority), self._counted(), type_key)

    def told(
        self, seen: Reach, counted: Mapping[tuple[str, str], tuple[int, int]], type_key: str | None = None
    ) -> list[Coverage]:
        """Return the same of what was counted already: valid licences and all of them, by authority and type."""
        expected = self._expected()
        places = sorted(
            place
            for place in {*expected, *counted}
            if (seen is None or place[0] in seen) and type_key in {None, place[1]}
        )
        return [Coverage(*place, *counted.get(place, (0, 0)), expected.get(place)) for place in places]

    def _counted(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for kept, count in self._licences.counts().items():
            valid, every = found.get((kept.authority, kept.type_key), (0, 0))
            place = kept.authority, kept.type_key
            found[place] = valid + (count if kept.status == Status.VALID else 0), every + count
        return found

    def _expected(self) -> dict[tuple[str, str], Expected]:
        rows = select(SupervisionExpected).order_by(col(SupervisionExpected.set_at), col(SupervisionExpected.id))
        with self._database.snapshot() as session:
            return {(row.authority, row.type_key): _expected(row) for row in session.exec(rows)}

    def expect(self, staff: Staff, authority: str, type_key: str, number: int, as_of: date, source: str) -> Coverage:
        """Take down how many licences of a type an authority ought to have in the hub; 0 takes a number back.

        Raises:
            AuthorityUnknownError, TypeUnknownError: the catalogue does not have it.
            RoleMissingError: he is no catalogue steward for the authority.
            InputInvalidError: the number or the source is not acceptable.
        """
        self._catalogue.authority(authority)
        self._catalogue.type(type_key)
        if not 0 <= number <= MOST:
            raise InputInvalidError(f"The expected number is from 0 to {MOST}.")
        if not 1 <= len(source) <= LONGEST_SOURCE or not source.isprintable():
            raise InputInvalidError(f"The source has 1 to {LONGEST_SOURCE} printable characters.")
        row = SupervisionExpected(
            id=new_id(), authority=authority, type_key=type_key, number=number, as_of=as_of.isoformat(), source=source,
            set_by=staff.id, set_at=to_micros(self._clock.now()),
        )  # fmt: skip
        with self._database.transaction() as session:
            self._current(session, staff).require(CATALOGUE_STEWARD, authority)
            self._note(session, row)
        return self.of(frozenset((authority,)), authority, type_key)[0]

    def _note(self, session: Session, row: SupervisionExpected) -> None:
        session.add(row)
        facts = {
            "operation": EXPECT, "authority": row.authority, "type": row.type_key, "number": row.number, "as_of": row.as_of,
            "source": row.source, "staff": row.set_by,
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))


def _expected(row: SupervisionExpected) -> Expected:
    return Expected(row.number, date.fromisoformat(row.as_of), row.source, row.set_by)
