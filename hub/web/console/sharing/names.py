"""What things of sharing are called on a page: authorities, service items, sources, their fields, people of staff.

Decides only names in the reader's language; their codes stand behind them. What the catalogue does not know any more is called by its code. People are called by
their login names, which hold no name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from hub.access.staff.refusals import StaffUnknownError
from hub.access.staff.service import StaffAccess
from hub.catalogue.items.words import role
from hub.catalogue.registers import REGISTERS, Source
from hub.catalogue.service import Catalogue
from hub.web.words.catalogues import words
from hub.web.words.languages import CHINESE, Language

STAFF: Final = "staff "
"""How records and grants name a person of staff: by this and his account."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names for one page; `people` are login names by accounts."""

    catalogue: Catalogue
    language: Language
    people: Mapping[str, str] = field(default_factory=dict)

    def authority(self, code: str) -> str:
        """Return what an authority is called."""
        known = self.catalogue.current.authorities.get(code)
        return self._text(known.name_zh, known.name_en) if known else code

    def item(self, code: str) -> str:
        """Return what a service item is called."""
        known = self.catalogue.current.items.get(code)
        return self._text(known.name_zh, known.name_en) if known else code

    def source(self, key: str) -> str:
        """Return what a licence type or register is called, retired ones too."""
        known = self.find(key)
        return known.name.text(self.language.short) if known else key

    def field(self, key: str, path: str) -> str:
        """Return what a source calls a field, with that which it lies in: "Members › Name"."""
        known = self.find(key)
        if known is None or path not in known.by_path:
            return path
        parts = path.split(".")
        above = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return " › ".join(known.title(each, self.language.short) for each in above if each in known.by_path)

    def role(self, name: str) -> str:
        """Return what a role of parties is called."""
        return role(name).text(self.language.short)

    def person(self, account: str | None) -> str:
        """Return how somebody who did something is called: his login name, or, of what is no account, itself."""
        known = (account or "").removeprefix(STAFF)
        return self.people.get(known, known)

    def find(self, key: str) -> Source | None:
        """Return a source by its key."""
        versions = self.catalogue.current.types.get(key)
        return REGISTERS.get(key) or (versions[-1] if versions else None)

    def choices(self, names: Iterable[str], prefix: str) -> list[tuple[str, str]]:
        """Return names of a closed set with what each is called, as choices of a form."""
        return [(str(each), words(self.language)(f"{prefix}{each}")) for each in names]

    def items(self, whose: Callable[[str], bool]) -> list[tuple[str, str]]:
        """Return the service items of some authorities as choices, by authority and name."""
        known = self.catalogue.current.items.values()
        found = [
            (each.code, f"{self.authority(each.authority)} · {self.item(each.code)}")
            for each in known
            if whose(each.authority)
        ]
        return sorted(found, key=lambda one: one[1])

    def sources(self) -> list[tuple[str, str]]:
        """Return the licence types in force and the registers, as choices, by name."""
        keys = [*(each.key for each in self.catalogue.types()), *REGISTERS]
        return sorted(((key, self.source(key)) for key in keys), key=lambda one: one[1])

    def _text(self, chinese: str, english: str) -> str:
        return chinese if self.language is CHINESE else english or chinese


def logins(staff: StaffAccess, accounts: Iterable[str | None]) -> Mapping[str, str]:
    """Return login names by accounts; what is none is left out. Call it on a worker thread."""
    found: dict[str, str] = {}
    for account in {each.removeprefix(STAFF) for each in accounts if each}:
        try:
            found[account] = staff.members.of(account).login
        except StaffUnknownError:
            continue
    return MappingProxyType(found)
