"""The vault: what opens, what never opens, and that nothing lies in the clear."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select, text

from hub.database import Database
from hub.errors import DamagedError, NotFoundError, PolicyChangedError
from hub.vault import purposes
from hub.vault.editions import INDEX, WRAPPING
from hub.vault.model import VaultIndex, VaultKey
from hub.vault.purposes import FACE, PARTY, PURPOSES, REASON, Purpose
from hub.vault.service import DataKey, Vault, WrappedKey
from keys.store import KeyStore
from keys.store_lid import Cost

PERSON = purposes.person("111", "99010119900307001X")
HOLDERS = purposes.holder("BusinessLicence")
AT = 1_777_881_600_000_000


def _new_key(database: Database, vault: Vault) -> DataKey:
    with database.transaction() as session:
        return vault.new_key(session)


def _stored(session: Session) -> list[VaultIndex]:
    return list(session.exec(select(VaultIndex)))


def test_what_was_sealed_opens_for_its_purpose_row_and_key(database: Database, vault: Vault) -> None:
    key = _new_key(database, vault)
    sealed = vault.seal(FACE, key, "licence-1", b"face data")
    with database.snapshot() as session:
        loaded = vault.load_key(session, key.id)
    assert loaded == key
    assert vault.open(FACE, loaded, "licence-1", sealed) == b"face data"


def test_a_ciphertext_moved_to_another_row_purpose_or_key_does_not_open(database: Database, vault: Vault) -> None:
    key, other = _new_key(database, vault), _new_key(database, vault)
    sealed = vault.seal(FACE, key, "licence-1", b"face data")
    moved: list[Callable[[], bytes]] = [
        lambda: vault.open(FACE, key, "licence-2", sealed),
        lambda: vault.open(REASON, key, "licence-1", sealed),
        lambda: vault.open(FACE, other, "licence-1", sealed),
        lambda: vault.open(FACE, key._replace(id=other.id), "licence-1", sealed),
    ]
    for attempt in moved:
        with pytest.raises(DamagedError):
            attempt()


def test_what_was_sealed_opens_under_its_wrapped_key_as_under_the_key(vault: Vault) -> None:
    key, row = vault.make_key()
    another, other = vault.make_key()
    sealed = vault.seal(FACE, key, "licence-1", b"face data")
    assert vault.open_wrapped(FACE, (row.id, row.edition, row.wrapped), "licence-1", sealed) == b"face data"
    with pytest.raises(NotFoundError):
        vault.open_wrapped(FACE, (row.id, row.edition, None), "licence-1", sealed)
    assert row.wrapped is not None
    moved: list[tuple[Purpose, WrappedKey, str, bytes]] = [
        (FACE, (row.id, row.edition, row.wrapped), "licence-2", sealed),
        (REASON, (row.id, row.edition, row.wrapped), "licence-1", sealed),
        (FACE, (other.id, other.edition, other.wrapped), "licence-1", sealed),
        (FACE, (another.id, row.edition, row.wrapped), "licence-1", sealed),
        (FACE, (row.id, 99, row.wrapped), "licence-1", sealed),
        (FACE, (row.id, row.edition, row.wrapped[:-1]), "licence-1", sealed),
        (FACE, (row.id, row.edition, row.wrapped), "licence-1", sealed[:27]),
    ]
    for purpose, wrapped, name, ciphertext in moved:
        with pytest.raises(DamagedError):
            vault.open_wrapped(purpose, wrapped, name, ciphertext)


def test_every_flipped_bit_of_a_ciphertext_is_damage(database: Database, vault: Vault) -> None:
    key = _new_key(database, vault)
    sealed = vault.seal(PARTY, key, "case-1", b"111")
    for position in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(DamagedError):
            vault.open(PARTY, key, "case-1", bytes(flipped))


@pytest.mark.parametrize("length", [0, 1, 12, 27])
def test_a_cut_ciphertext_is_damage(database: Database, vault: Vault, length: int) -> None:
    key = _new_key(database, vault)
    with pytest.raises(DamagedError):
        vault.open(PARTY, key, "case-1", vault.seal(PARTY, key, "case-1", b"")[:length])


def test_every_flipped_bit_of_a_wrapped_key_is_damage(vault: Vault) -> None:
    key, row = vault.make_key()
    assert row.wrapped is not None
    for position in range(len(row.wrapped) * 8):
        flipped = bytearray(row.wrapped)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(DamagedError):
            vault.unwrap(key.id, row.edition, bytes(flipped))


def test_a_wrapped_key_under_another_id_or_edition_is_damage(vault: Vault) -> None:
    _, row = vault.make_key()
    another, _ = vault.make_key()
    with pytest.raises(DamagedError):
        vault.unwrap(another.id, row.edition, row.wrapped)
    with pytest.raises(DamagedError):
        vault.unwrap(row.id, 99, row.wrapped)


def test_a_key_without_its_row_is_damage_and_not_an_unavailable_database(database: Database, vault: Vault) -> None:
    with pytest.raises(DamagedError), database.snapshot() as session:
        vault.load_key(session, "no such key")


def test_an_erased_key_is_not_found_and_takes_its_indexes_along(database: Database, vault: Vault) -> None:
    key, kept = _new_key(database, vault), _new_key(database, vault)
    with database.transaction() as session:
        session.add_all(vault.index_rows(HOLDERS, PERSON, key, "licence:1"))
        session.add_all(vault.index_rows(HOLDERS, PERSON, kept, "licence:2"))
    with database.transaction() as session:
        vault.destroy(session, [key.id], AT)
    with database.snapshot() as session:
        assert [row.place for row in _stored(session)] == ["licence:2"]
        with pytest.raises(NotFoundError):
            vault.load_key(session, key.id)
        erased = session.get_one(VaultKey, key.id)
        assert (erased.wrapped, erased.erased_at) == (None, AT)
        assert vault.load_key(session, kept.id) == kept


def test_the_day_of_an_erasure_stays_when_it_is_repeated(database: Database, vault: Vault) -> None:
    key = _new_key(database, vault)
    for at in (AT, AT + 1):
        with database.transaction() as session:
            vault.destroy(session, [key.id, key.id], at)
    with database.snapshot() as session:
        assert session.get_one(VaultKey, key.id).erased_at == AT
    with pytest.raises(DamagedError), database.transaction() as session:
        vault.destroy(session, ["no such key"], AT)


def test_an_index_leads_to_its_places_only(database: Database, vault: Vault) -> None:
    key = _new_key(database, vault)
    other = purposes.person("111", "99010119900307002X")
    with database.transaction() as session:
        session.add_all(vault.index_rows(HOLDERS, PERSON, key, "licence:1", part=1))
        session.add_all(vault.index_rows(HOLDERS, other, key, "licence:1", part=2))
    with database.snapshot() as session:
        assert [(row.place, row.part) for row in vault.find(session, [HOLDERS], PERSON)] == [("licence:1", 1)]
        (found,) = vault.find(session, [HOLDERS], other)
        assert vault.matches(HOLDERS, other, found.value)
        assert not vault.matches(HOLDERS, PERSON, found.value)
        assert vault.find(session, [purposes.holder("DriverLicence")], PERSON) == []


DOMAINS = [
    purposes.holder("A"), purposes.holder("B"), purposes.number("A"), purposes.uniqueness("A"), purposes.access("A"),
    purposes.case_party("A"), purposes.request("A"),
]  # fmt: skip


def test_equal_values_in_different_domains_are_unrelated(vault: Vault) -> None:
    indexes = {vault.index(domain, PERSON) for domain in DOMAINS}
    assert len(indexes) == len(DOMAINS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(one=st.text(), other=st.text())
def test_indexes_are_equal_exactly_when_the_values_are(vault: Vault, one: str, other: str) -> None:
    assert (vault.index(HOLDERS, one) == vault.index(HOLDERS, other)) == (one == other)
    assert len(vault.index(HOLDERS, one)) == 32


def test_another_hub_has_other_indexes(vault: Vault, unmigrated_sqlite_url: str, tmp_path: Path) -> None:
    database = Database(unmigrated_sqlite_url)
    database.migrate()
    elsewhere = Vault(database, KeyStore.create(tmp_path / "elsewhere", b"made-up", cost=Cost(1, 1, 8)))
    elsewhere.prepare()
    assert elsewhere.index(HOLDERS, PERSON) != vault.index(HOLDERS, PERSON)
    database.close()


def test_while_two_editions_live_both_are_written_and_both_found(database: Database, vault: Vault) -> None:
    old = vault.index(HOLDERS, PERSON)
    with database.transaction() as session:
        vault.editions.begin(session, INDEX)
    vault.refresh()
    new = vault.index(HOLDERS, PERSON)
    assert vault.candidates(HOLDERS, PERSON) == (new, old)
    assert new != old
    rows = vault.index_rows(HOLDERS, PERSON, vault.make_key()[0], "licence:1")
    assert [row.value for row in rows] == [new, old]
    assert vault.matches(HOLDERS, PERSON, old)
    assert vault.matches(HOLDERS, PERSON, new)


def test_keys_under_an_edition_that_another_process_began_are_read(
    database: Database, make_vault: Callable[[], Vault]
) -> None:
    here, there = make_vault(), make_vault()
    with database.transaction() as session:
        there.editions.begin(session, WRAPPING)
    there.refresh()
    key = _new_key(database, there)
    with database.snapshot() as session:
        assert here.load_key(session, key.id) == key


def test_a_key_read_before_its_edition_ended_is_to_be_read_again(database: Database, vault: Vault) -> None:
    key, row = vault.make_key()
    with database.transaction() as session:
        edition = vault.editions.begin(session, WRAPPING)
    with database.transaction() as session:
        for older in vault.editions.lock_older(session, WRAPPING, edition):
            session.delete(older)
    vault.refresh()
    with pytest.raises(PolicyChangedError):
        vault.unwrap(key.id, row.edition, row.wrapped)


def test_nothing_can_be_written_under_an_edition_that_ended(
    database: Database, make_vault: Callable[[], Vault]
) -> None:
    here, late = make_vault(), make_vault()
    key = _new_key(database, here)
    for kind in (WRAPPING, INDEX):
        with database.transaction() as session:
            edition = here.editions.begin(session, kind)
            if kind == WRAPPING:
                row = session.get_one(VaultKey, key.id)
                here.refresh()
                session.execute(text("UPDATE vault_key SET edition = :edition"), {"edition": edition})
                session.expire(row)
            session.execute(
                text("DELETE FROM vault_edition WHERE kind = :kind AND edition < :edition"),
                {"kind": kind, "edition": edition},
            )
    with pytest.raises(IntegrityError), database.transaction() as session:
        late.new_key(session)
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add_all(late.index_rows(HOLDERS, PERSON, key, "licence:1"))


def test_preparing_twice_makes_one_edition_of_each_key(make_vault: Callable[[], Vault], folder: Path) -> None:
    one, other = make_vault(), make_vault()
    assert one.editions.keyring == other.editions.keyring
    assert one.edition(WRAPPING) != one.edition(INDEX)
    assert len(list((folder / "vault").iterdir())) == 2


def test_no_secret_is_in_a_text_form_of_a_key_or_keyring(vault: Vault) -> None:
    key, _ = vault.make_key()
    shown = repr(key) + repr(vault.editions.keyring)
    secrets = [
        key.key,
        *(each for kind in (WRAPPING, INDEX) for each in vault.editions.keyring.kinds[kind].keys.values()),
    ]
    assert all(repr(secret) not in shown for secret in secrets)


def test_nothing_in_the_clear_is_in_the_database(sqlite_url: str, tmp_path: Path, folder: Path) -> None:
    database = Database(sqlite_url)
    store = KeyStore.open(folder, b"made-up passphrase")
    vault = Vault(database, store)
    vault.prepare()
    face = "居民姓名 张三丰三号".encode()
    with database.transaction() as session:
        key = vault.new_key(session)
        session.add_all(vault.index_rows(HOLDERS, PERSON, key, "licence:1"))
        session.add_all(vault.index_rows(HOLDERS, face.decode(), key, "licence:2"))
    database.close()
    content = b"".join(file.read_bytes() for file in tmp_path.glob("hub.db*"))
    hidden = [PERSON.encode(), PERSON[4:].encode(), face, key.key]
    hidden += [secret for kind in (WRAPPING, INDEX) for secret in vault.editions.keyring.kinds[kind].keys.values()]
    assert b"licence:1" in content
    assert [secret for secret in hidden if secret in content] == []


def test_purposes_are_told_apart_by_name_and_table() -> None:
    assert len({(purpose.name, purpose.table) for purpose in PURPOSES}) == len(PURPOSES)
