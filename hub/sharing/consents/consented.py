"""What consents the persons of a case have given to reads of one licence type, and what follows for grants.

Decides that a grant counts for a person if the type asks for no consent, if he gave it, or if the grant says official duty; and, of who consented
by showing licences at a counter, that it counts for these licences and fields alone. It sees parts, roles, identifiers and paths only. Deny by
default: whoever does not say what was consented to has no consent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hub.sharing.cases import CasePerson
from hub.sharing.policy import Grant
from hub.sharing.refusals import ConsentNeededError

CONSENTS: Final = "consents"
OFFICIAL_DUTY: Final = "official_duty"
_NO_PATHS: Final = frozenset[str]()
NOTHING_MORE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shown:
    """Of a licence that was shown at a counter: the id of the presentation, and the paths its holder chose."""

    presentation: str
    paths: frozenset[str]


ByLicence = Mapping[str, Shown]
"""What was shown, by licence identifier."""


@dataclass(frozen=True, slots=True)
class Consented:
    """Ids of consents by the part of the person of the case; None: the type asks for none.

    `only` says, by part, that somebody consented to no more than what he has shown.
    """

    ids: Mapping[int, str] | None = field(default_factory=dict)
    only: Mapping[int, ByLicence] = field(default_factory=dict)

    def allows(self, grant: Grant, person: CasePerson) -> bool:
        """Tell whether a grant needs no consent of a person, or has it."""
        return self.ids is None or grant.official_duty or person.part in self.ids

    def kept(self, paths: frozenset[str], grant: Grant, person: CasePerson, licence: str) -> frozenset[str]:
        """Return what of some paths, which a grant lets out, a person consented to of a licence."""
        only = None if grant.official_duty else self.only.get(person.part)
        if only is None:
            return paths
        return paths & only[licence].paths if licence in only else _NO_PATHS

    def presentation(self, person: CasePerson) -> str | None:
        """Return the presentation by which a person consented last; None: he did so otherwise, or was not asked."""
        shown = self.only.get(person.part)
        return max(each.presentation for each in shown.values()) if shown else None

    def require(self, grants: Sequence[Grant], persons: Sequence[CasePerson]) -> None:
        """Refuse a read whose answer would be a licence of one of these persons, when consent is asked for and none of them gave it.

        Whether a party is what he is declared to be is not looked at: relations are proved only after that.

        Raises:
            ConsentNeededError: nothing may be read of any of them.
        """
        if not self.is_given(grants, persons):
            raise ConsentNeededError

    def is_given(self, grants: Sequence[Grant], persons: Iterable[CasePerson]) -> bool:
        """Tell whether some of these persons may be read of, as far as consents go."""
        return self.ids is None or any(
            grant.paths and grant.reaches(person.role) and self.allows(grant, person)
            for person in persons
            for grant in grants
        )

    def lacking(self, grants: Sequence[Grant], persons: Iterable[CasePerson]) -> tuple[CasePerson, ...]:
        """Return those to whose roles grants reach, and of whom nothing may be read for want of their consent."""
        reached = (each for each in persons if any(grant.reaches(each.role) for grant in grants))
        return tuple(each for each in reached if not self.is_given(grants, [each]))

    def noted(self, read_of: Iterable[CasePerson]) -> Mapping[str, Any]:
        """Return what the record of a read of some persons' licence says: under which consents, and whether without one."""
        if self.ids is None:
            return NOTHING_MORE
        found = [self.ids.get(each.part) for each in read_of]
        return {CONSENTS: sorted({each for each in found if each}), OFFICIAL_DUTY: None in found}


NOT_ASKED: Final = Consented(None)
"""Of types that ask for no consent."""
NOBODY: Final = Consented()
"""Where nothing says what was consented to."""
