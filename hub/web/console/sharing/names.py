"""What things of sharing are called on a page: authorities, service items, sources, their fields, people of staff.

Decides only names in the reader's language; their codes stand behind them. What the catalogue does not know any more is called by its code. People are called by
their login names, which hold no name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hub.catalogue.items.words import role
from hub.catalogue.registers import REGISTERS, Source
from hub.web.console import names
from hub.web.words.catalogues import words

STAFF: Final = "staff "
"""How records and grants name a person of staff: by this and his account."""
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Names(names.Names):
    """Names for one page; `people` are login names by accounts."""

    people: Mapping[str, str] = field(default_factory=dict)

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

    def person(self, account: str) -> str:
        """Return how somebody who did something is called: his login name, or, of what is no account, itself."""
        known = account_of(account)
        return self.people.get(known, known)

    def find(self, key: str) -> Source | None:
        """Return a source by its key."""
        versions = self.catalogue.current.types.get(key)
        return REGISTERS.get(key) or (versions[-1] if versions else None)

    # -- choices of forms ----------------------------------------------------------------------------------------------

    def choices(self, several: Iterable[str], prefix: str) -> Choices:
        """Return names of a closed set with what each is called."""
        return [(str(each), words(self.language)(f"{prefix}{each}")) for each in several]

    def authorities(self, whose: Callable[[str], bool] = bool) -> Choices:
        """Return some authorities, or all, by name."""
        return _sorted((code, self.authority(code)) for code in self.catalogue.current.authorities if whose(code))

    def items(self, whose: Callable[[str], bool] = bool) -> Choices:
        """Return the service items of some authorities, or all, by authority and name."""
        known = [each for each in self.catalogue.current.items.values() if whose(each.authority)]
        return _sorted((each.code, f"{self.authority(each.authority)} · {self.item(each.code)}") for each in known)

    def sources(self) -> Choices:
        """Return the licence types in force and the registers, by name."""
        keys = [*(each.key for each in self.catalogue.types()), *REGISTERS]
        return _sorted((key, self.source(key)) for key in keys)


def account_of(who: str) -> str:
    """Return the account of somebody as records and grants name him; what is none stays as it is."""
    return who.removeprefix(STAFF)


def _sorted(choices: Iterable[tuple[str, str]]) -> Choices:
    return sorted(choices, key=lambda one: one[1])
