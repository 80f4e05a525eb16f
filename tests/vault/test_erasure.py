"""Erasing a person: everything that is his goes, in every domain, and nothing that is another's."""

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from hub.database import Database
from hub.errors import NotFoundError
from hub.vault import purposes
from hub.vault.editions import INDEX
from hub.vault.erasure import Erased, erase_person
from hub.vault.model import VaultIndex, VaultKey
from hub.vault.service import DataKey, Vault

AT = 1_777_881_600_000_000
ONE, OTHER = purposes.person("999", "MADE-UP-1"), purposes.person("999", "MADE-UP-2")
MARRIAGE, DRIVING, BUREAU = "MarriageCertificate", "DriverLicence", "11990100MB0000001T"
DOMAINS = [
    *(domain(key) for key in (MARRIAGE, DRIVING) for domain in (purposes.holder, purposes.access)),
    purposes.case_party(BUREAU),
]


class Kept:
    """A sole licence of the one, a licence of both, and a case of both; data keys by what they are for."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self.sole = self._licence(session, vault, DRIVING, "sole", [ONE])[0]
        self.common, self.part_one, self.part_other = self._licence(session, vault, MARRIAGE, "both", [ONE, OTHER])
        self.case_one = self._party(session, vault, 0, ONE)
        self.case_other = self._party(session, vault, 1, OTHER)

    def _licence(self, session: Session, vault: Vault, key: str, name: str, holders: list[str]) -> list[DataKey]:
        parts = 1 if len(holders) == 1 else 1 + len(holders)
        place, keys = f"licence:{name}", [vault.new_key(session) for _ in range(parts)]
        session.add_all(vault.index_rows(purposes.number(key), f"NUMBER-{name}", keys[0], place))
        for part, person in enumerate(holders, start=0 if len(holders) == 1 else 1):
            session.add_all(vault.index_rows(purposes.holder(key), person, keys[part], place, part))
            session.add_all(vault.index_rows(purposes.uniqueness(key), f'["{person}"]', keys[part], place, part))
            session.add_all(vault.index_rows(purposes.access(key), person, keys[part], f"handle:{name}{part}"))
        return keys

    def _party(self, session: Session, vault: Vault, part: int, person: str) -> DataKey:
        key = vault.new_key(session)
        session.add_all(vault.index_rows(purposes.case_party(BUREAU), person, key, "case_party:c", part))
        return key


@pytest.fixture
def kept(database: Database, vault: Vault) -> Kept:
    with database.transaction() as session:
        return Kept(session, vault)


def _erase(database: Database, vault: Vault, person: str) -> Erased:
    with database.transaction() as session:
        return erase_person(vault, session, DOMAINS, person, AT)


def _lost(database: Database, vault: Vault, keys: dict[str, DataKey]) -> set[str]:
    lost = set()
    with database.snapshot() as session:
        for name, key in keys.items():
            try:
                assert vault.load_key(session, key.id) == key
            except NotFoundError:
                lost.add(name)
    return lost


def _keys(kept: Kept) -> dict[str, DataKey]:
    return vars(kept)


def test_a_person_is_erased_in_every_domain_and_others_are_not(database: Database, vault: Vault, kept: Kept) -> None:
    erased = _erase(database, vault, ONE)
    assert erased.places == ("case_party:c", "handle:both1", "handle:sole0", "licence:both", "licence:sole")
    assert set(erased.keys) == {kept.sole.id, kept.part_one.id, kept.case_one.id}
    assert _lost(database, vault, _keys(kept)) == {"sole", "part_one", "case_one"}
    with database.snapshot() as session:
        assert all(not vault.find(session, [domain], ONE) for domain in DOMAINS)
        assert not vault.find(session, [purposes.uniqueness(MARRIAGE)], f'["{ONE}"]')
        assert {row.key_id for row in session.exec(select(VaultIndex))} == {
            kept.common.id, kept.part_other.id, kept.case_other.id,
        }  # fmt: skip
        assert vault.find(session, [purposes.holder(MARRIAGE)], OTHER)


def test_with_the_last_person_what_was_common_goes_too(database: Database, vault: Vault, kept: Kept) -> None:
    _erase(database, vault, ONE)
    assert kept.common.id in _erase(database, vault, OTHER).keys
    assert _lost(database, vault, _keys(kept)) == set(_keys(kept))
    with database.snapshot() as session:
        assert session.exec(select(VaultIndex)).all() == []
        assert {row.erased_at for row in session.exec(select(VaultKey))} == {AT}


def test_erasing_a_person_nobody_knows_changes_nothing(database: Database, vault: Vault, kept: Kept) -> None:
    assert _erase(database, vault, purposes.person("999", "MADE-UP-3")) == Erased((), ())
    assert _lost(database, vault, _keys(kept)) == set()
    _erase(database, vault, ONE)
    assert _erase(database, vault, ONE) == Erased((), ())


def test_an_erasure_that_fails_erases_nothing(database: Database, vault: Vault, kept: Kept) -> None:
    def fail() -> None:
        with database.transaction() as session:
            erase_person(vault, session, DOMAINS, ONE, AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert _lost(database, vault, _keys(kept)) == set()


def test_indexes_of_an_edition_that_is_not_known_here_yet_are_found(
    database: Database, make_vault: Callable[[], Vault], kept: Kept
) -> None:
    stale, current = make_vault(), make_vault()
    with database.transaction() as session:
        old, new = current.edition(INDEX), current.editions.begin(session, INDEX)
    current.refresh()
    with database.transaction() as session:  # as a rotation that copied everything and deleted the old rows
        for row in session.exec(select(VaultIndex).where(VaultIndex.edition == old)).all():
            if row.kind != "CASE_PARTY":
                session.delete(row)
        session.add_all(current.index_rows(purposes.holder(DRIVING), ONE, kept.sole, "licence:sole")[:1])
    assert stale.edition(INDEX) == old != new
    assert _erase(database, stale, ONE).keys == tuple(sorted([kept.sole.id, kept.case_one.id]))
