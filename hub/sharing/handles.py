"""From a person to the random handles under which records speak of him, through the blind indexes, and never the other way.

Decides where handles of a person may stand: beside his part of every licence and his entry in every register, and in every case he is a person of. It opens nothing. Once he
was erased the indexes are gone, and he has none.
"""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.sharing.model import CaseParty
from hub.sharing.purpose import Person
from hub.vault import purposes
from hub.vault.purposes import Domain
from hub.vault.service import Vault

_OF_LICENCE = "handle:"
_ASKED_AT_ONCE = 500


class Handles:
    """Finds handles."""

    def __init__(self, vault: Vault, catalogue: Catalogue) -> None:
        """Look in the licences of every type ever published and the cases of every authority in the catalogue."""
        self._vault = vault
        self._catalogue = catalogue

    def of(self, session: Session, person: Person) -> frozenset[str]:
        """Return a person's handles."""
        rows = self._vault.find(session, self._domains(), person.value)
        found = {row.place.removeprefix(_OF_LICENCE) for row in rows if row.place.startswith(_OF_LICENCE)}
        keys = sorted({row.key_id for row in rows if not row.place.startswith(_OF_LICENCE)})
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            some = col(CaseParty.key_id).in_(keys[start : start + _ASKED_AT_ONCE])
            found.update(session.exec(select(CaseParty.handle).where(some)))
        return frozenset(found)

    def _domains(self) -> Iterator[Domain]:
        yield from map(purposes.access, (*self._catalogue.current.types, *REGISTERS))
        yield from (purposes.case_party(authority.code) for authority in self._catalogue.authorities())
