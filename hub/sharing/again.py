"""The basis on which what left once leaves again, for an evidence package: what its record says, and no more.

Decides which parts and paths can have left then. It must never read data, and never reach a person whom the record does not name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, combinations, islice, product
from typing import Any, Final

from hub.licences.finding import StoredLicence
from hub.licences.parts import COMMON
from hub.sharing.basis import PartsOf, Reach
from hub.sharing.cases import CaseRecord
from hub.sharing.consents.consented import CONSENTS, OFFICIAL_DUTY
from hub.sharing.policy import Grant

_MOST_GRANTS: Final = 8  # of one role, for one item and type
_MOST_REACHES: Final = 2000


@dataclass(frozen=True, slots=True)
class Again:
    """What left once in a case leaves again for an evidence package: what its record says, of the persons it names by handle, and no more.

    `facts` are those of the record, `grants` all that there ever were for its authority, item and type; `shares` is whether it goes to a
    department, which a type may forbid by now.
    """

    authority: str
    client: str
    case: CaseRecord
    facts: Mapping[str, Any] = field(repr=False)
    grants: tuple[Grant, ...]
    shares: bool

    @property
    def reader(self) -> str:
        """Return the authority."""
        return self.authority

    @property
    def legal_basis(self) -> str | None:
        """Return the legal basis that was declared then."""
        declared: str | None = self.facts["legal_basis"]
        return declared

    @property
    def outlasts_erasure(self) -> bool:
        """Return False: what was erased leaves no more."""
        return False

    @property
    def record(self) -> str:
        """Return the id of the record."""
        return str(self.facts["id"])

    @property
    def digest(self) -> str:
        """Return the digest of what left, as it was recorded."""
        return str(self.facts["presentation"])

    @property
    def disclosed(self) -> frozenset[str]:
        """Return the paths that left then, of whomever."""
        return frozenset(self.facts["disclosed"])

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return the most that can have left then; nothing of another licence, and nothing of a person whom the record does not name."""
        del leaves, day
        if stored.identifier != self.facts["licence"]:
            return {}
        return dict.fromkeys(self._roles(stored, parts_of), self.disclosed) or {COMMON: self.disclosed}

    def reaches(self, stored: StoredLicence, parts_of: PartsOf) -> Iterator[Reach]:
        """Yield all that can have left then, in the order in which it stands in the presentation, the likeliest first.

        What of each person left the record does not tell, for others who are in it may see it: it was what some of the grants for his role let out.
        """
        roles = self._roles(stored, parts_of)
        if len(roles) <= 1:
            yield dict.fromkeys(roles, self.disclosed) or {COMMON: self.disclosed}
            return
        options = [self._options(several) for several in roles.values()]
        for chosen in islice(product(*options), _MOST_REACHES):
            yield dict(zip(roles, chosen, strict=True))

    def _roles(self, stored: StoredLicence, parts_of: PartsOf) -> dict[int, set[str]]:
        """Return the parts of the persons whom the record names, in the order of the case, each with the roles of its person."""
        named = {row.part for row in stored.parts if row.handle in self.facts["subjects"]}
        found: dict[int, set[str]] = {}
        for person in self.case.persons:
            for part in named & parts_of(stored, person.person.value):
                found.setdefault(part, set()).add(person.role)
        return found | {part: set() for part in sorted(named - found.keys())}

    def _options(self, roles: set[str]) -> list[frozenset[str]]:
        grants = [grant for grant in self.grants if any(grant.reaches(role) for role in roles)][:_MOST_GRANTS]
        several = chain.from_iterable(combinations(grants, count) for count in range(1, len(grants) + 1))
        let_out = (frozenset[str]().union(*(grant.paths for grant in some)) & self.disclosed for some in several)
        return list(dict.fromkeys([self.disclosed, *let_out]))

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return what its record says of consents: what was read under one stays read, whatever became of it."""
        del stored, parts_of
        return {name: self.facts[name] for name in (CONSENTS, OFFICIAL_DUTY) if name in self.facts}
