"""The dimensions of the permission matrix, and which of their combinations are tried: chosen here, for every source the catalogue has.

A cell is a source in a case. Its source is any licence type or register that is shipped; item, situation (who applies, who is declared how), state of consent
and round (which sharing class each type has then) are the case's, and decide with the source's place what is granted and how it is shared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

from hub.catalogue.licence_type import load_shipped
from hub.catalogue.registers import NATURAL_PERSON, REGISTERS
from tests.catalogue.examples import COMPANY, HUSBAND, NEWBORN, PHYSICIAN, WIFE

TYPES: Final = tuple(load_shipped())
SOURCES: Final = (*(each.key for each in TYPES), *REGISTERS)
Row = Mapping[str, str]


# -- how a type is shared: the class of its newest version ---------------------------------------------------------------

OPEN, CONDITIONAL, ASKS, CLOSED = CLASSES = ("UNCONDITIONAL", "CONDITIONAL", "holder's consent", "NOT_SHARED")


def class_of(source: str, round_: int) -> str:
    """Return how a source is shared in a round. Registers are shared as they are: nobody is asked."""
    place = SOURCES.index(source)
    return CLASSES[(place + place // len(PATTERNS) + round_) % len(CLASSES)] if source not in REGISTERS else CONDITIONAL


# -- what is granted -----------------------------------------------------------------------------------------------------

ROLES: Final = frozenset({"spouse", "organisation", "child", "seller"})
NOBODY: Final = frozenset[str]()


@dataclass(frozen=True)
class Piece:
    """One grant: which half of the leaves (0 even, 1 odd places; None: all) it lets out, which it lets check, and how it stands."""

    paths: tuple[int, ...] = ()
    checks: tuple[int, ...] = ()
    roles: frozenset[str] = NOBODY
    duty: bool = False
    feed: bool = False
    in_force: str = "yes"


HALVES: Final = (0, 1)
PATTERNS: Final[Mapping[str, tuple[Piece, ...]]] = {
    "none": (),
    "half": (Piece((0,)),),
    "half, parties too": (Piece((1,), roles=ROLES, feed=True),),
    "two grants": (Piece((0,)), Piece((1,), roles=ROLES, duty=True)),
    "checks only": (Piece(checks=HALVES, roles=ROLES, duty=True, feed=True),),
    "half and checks": (Piece((0,), (1,), ROLES, duty=True, feed=True),),
    "suspended": (Piece(HALVES, roles=ROLES, duty=True, feed=True, in_force="suspended"),),
    "expired, or later": tuple(
        Piece(HALVES, roles=ROLES, duty=True, feed=True, in_force=when) for when in ("expired", "later")
    ),
}
ITEMS: Final = tuple(f"ITEM{place}" for place in range(len(PATTERNS)))


def pattern_of(source: str, item: str) -> str:
    """Return which grants there are for a source and an item."""
    return tuple(PATTERNS)[(SOURCES.index(source) + ITEMS.index(item)) % len(PATTERNS)]


# -- who is in the case ----------------------------------------------------------------------------------------------------

RELATED: Final = frozenset({"spouse", "organisation", "child"})
"""The roles of the matrix that a licence can prove; all others count as they are declared."""


@dataclass(frozen=True)
class Situation:
    """Who applies and who is declared in which role; `unproved` is whether licences prove no relation of these parties to the applicant."""

    applicant: Row
    parties: tuple[tuple[str, Row], ...] = ()
    unproved: bool = False

    @property
    def persons(self) -> tuple[tuple[str, Row, bool], ...]:
        """Return everybody: role ("" the applicant), person, and whether the role may count."""
        declared = ((role, row, not self.unproved or role not in RELATED) for role, row in self.parties)
        return (("", self.applicant, True), *declared)


def _all(role: str, *rows: Row) -> tuple[tuple[str, Row], ...]:
    return tuple((role, row) for row in rows)


_RELATIVES: Final = (("spouse", WIFE), ("organisation", COMPANY), ("child", NEWBORN))
SITUATIONS: Final[Mapping[str, Situation]] = {
    "wife applies": Situation(WIFE, (("spouse", HUSBAND), ("seller", COMPANY), ("agent", NEWBORN))),
    "company applies": Situation(COMPANY, (("agent", WIFE), ("seller", HUSBAND), ("seller", NEWBORN))),
    "newborn applies": Situation(NEWBORN, (("seller", WIFE), ("agent", COMPANY), ("agent", HUSBAND))),
    "relatives": Situation(HUSBAND, _RELATIVES),
    "pretended relatives": Situation(PHYSICIAN, (*_RELATIVES, ("spouse", HUSBAND)), unproved=True),
    "sellers": Situation(PHYSICIAN, _all("seller", WIFE, COMPANY, NEWBORN, HUSBAND)),
    "agents": Situation(PHYSICIAN, _all("agent", WIFE, COMPANY, NEWBORN, HUSBAND)),
    "nobody of them": Situation(PHYSICIAN),
}
STANDINGS: Final = ("applicant", "proved", "not proved", "declared, granted", "declared, not granted", "absent")
_SUBJECTS: Final[Mapping[str, Row]] = {"BirthMedicalCertificate": NEWBORN, "ResidentIdentityCard": HUSBAND}
_OF_WIFE: Final = frozenset(
    {
        NATURAL_PERSON, "PhysicianPracticeCertificate", "HouseholdRegister", "MarriageCertificate",
        "DivorceCertificate", "DisabilityCertificate", "DriverLicence", "VehicleLicence", "RealEstateTitle", "TaxPaymentCertificate",
    }
)  # fmt: skip


def subject_of(source: str) -> Row:
    """Return the person a source is about in the matrix; joint licences are others' too."""
    return _SUBJECTS.get(source, WIFE if source in _OF_WIFE else COMPANY)


def standing_of(source: str, situation: str) -> str:
    """Return how the person a source is about stands in a case."""
    known = SITUATIONS[situation]
    for role, row, counts in known.persons:
        if row is subject_of(source):
            if role in RELATED:
                return "proved" if counts else "not proved"
            return "applicant" if not role else "declared, granted" if role in ROLES else "declared, not granted"
    return "absent"


# -- who consented ---------------------------------------------------------------------------------------------------------

CONSENTS: Final = ("none", "given", "given for other types", "withdrawn", "given in another case")
"""What those whom sources are about have consented to in the case, each for himself; nobody else ever consents."""


def consented(source: str, consent: str) -> bool:
    """Tell whether the consent of whom a source is about counts for it."""
    return consent == "given" or (consent == "given for other types" and SOURCES.index(source) % 2 == 1)


# -- which cases are tried ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A case of the matrix."""

    item: str
    situation: str
    consent: str
    round: int

    def cells(self) -> Iterator[tuple[str, ...]]:
        """Yield what each source is in this case: (class, pattern, standing, consent)."""
        for source in SOURCES:
            yield self.cell(source)

    def cell(self, source: str) -> tuple[str, ...]:
        """Return what a source is in this case."""
        return (
            class_of(source, self.round),
            pattern_of(source, self.item),
            standing_of(source, self.situation),
            self.consent,
        )


EVERY: Final = tuple(Case(*each) for each in product(ITEMS, SITUATIONS, CONSENTS, range(len(CLASSES))))


@cache
def chosen() -> tuple[Case, ...]:
    """Return cases that have the whole product class x pattern x standing x consent between them, and each source with each of these: greedily, so few."""
    wanted = {case: _covered(case) for case in EVERY}
    missing = set().union(*wanted.values())
    found: list[Case] = []
    while missing:
        best = max(wanted, key=lambda case: len(wanted[case] & missing))
        missing -= wanted.pop(best)
        found.append(best)
    return tuple(sorted(found, key=lambda case: case.round))


def _covered(case: Case) -> set[tuple[str, ...]]:
    cells = {source: case.cell(source) for source in SOURCES}
    pairs = {(source, value) for source, cell in cells.items() for value in cell}
    return pairs | {cell for source, cell in cells.items() if source not in REGISTERS}
