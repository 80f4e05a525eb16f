"""Erasing a person everywhere: his data keys and blind indexes are destroyed, in one transaction of the caller.

Decides whose a data key is: the indexes of a person are sealed under the key of what belongs to him alone. When nobody
is left at a place (a licence whose holders are all erased), what is common to them goes too. It must never touch
another person's key. Seals, records and their handles stay; the caller appends the record of the erasure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from hub.vault.model import VaultIndex
from hub.vault.purposes import Domain
from hub.vault.service import Vault


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure touched: places ("licence:<id>", "case_party:<id>", "handle:<handle>") and destroyed data keys."""

    places: tuple[str, ...]
    keys: tuple[str, ...]


def erase_person(vault: Vault, session: Session, domains: Iterable[Domain], person: str, at: int) -> Erased:
    """Destroy what belongs to a person in the given domains, and what nobody else is left for.

    `domains` are those whose indexes lead to persons (HOLDER and ACCESS of every type, CASE_PARTY of every authority);
    `person` is `purposes.person`, `at` the instant in microseconds. A person nobody knows leaves everything as it is.

    Raises:
        DamagedError: a data key's row is missing.
    """
    asked = tuple(domains)
    vault.editions.hold(session)  # an index under an edition that is not known here would be left behind
    found = vault.find(session, asked, person)
    own = {row.key_id for row in found}
    vault.destroy(session, own, at)
    places = {row.place for row in found}
    common = _keys_of_nobody(session, places, {domain.kind for domain in asked})
    vault.destroy(session, common, at)
    return Erased(tuple(sorted(places)), tuple(sorted(own | common)))


def _keys_of_nobody(session: Session, places: Iterable[str], kinds: Iterable[str]) -> set[str]:
    """Return the data keys left at places where no index of a person is left."""
    persons, keys = set(kinds), set()
    for place in sorted(places):
        left = session.exec(select(VaultIndex).where(col(VaultIndex.place) == place)).all()
        if not any(row.kind in persons for row in left):
            keys |= {row.key_id for row in left}
    return keys
