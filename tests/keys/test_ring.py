"""All keys of a hub behind one holder: each where its reference says, and lent as one to another process."""

import pickle
from pathlib import Path

import pytest

from keys.errors import KeyExistsError, KeyMissingError, TokenMissingError, TokenSuiteError
from keys.pkcs11_token import HardwareToken
from keys.ring import KeyRing
from keys.store import KeyStore
from keys.store_lid import Cost
from keys.suites import SUITES
from tests.keys.softhsm import PIN

SECRET = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore.create(tmp_path / "keys", b"made-up passphrase", cost=Cost(1, 1, 8))


@pytest.fixture
def ring(store: KeyStore, token: HardwareToken) -> KeyRing:
    return KeyRing(store, token)


@pytest.mark.parametrize("place", ["store", "pkcs11"])
def test_a_key_is_made_where_it_is_wanted_and_found_by_its_reference(ring: KeyRing, place: str) -> None:
    uri = ring.make_private(f"ring/{place}", SUITES["ES256"], place)
    assert uri.startswith(f"{place}:")
    key = ring.private(uri)
    key.public.verify(key.sign(b"message"), b"message")
    assert ring.store.names() == ({"store": ("ring/store",), "pkcs11": ()}[place])
    with pytest.raises(KeyExistsError):
        ring.make_private(f"ring/{place}", SUITES["ES256"], place)


def test_a_key_is_in_the_store_unless_it_is_wanted_elsewhere(ring: KeyRing) -> None:
    assert ring.make_private("ring/anywhere", SUITES["SM2-SM3"]) == "store:ring/anywhere"
    with pytest.raises(TokenMissingError):
        ring.store.make_private("ring/elsewhere", SUITES["ES256"], "pkcs11")
    with pytest.raises(TokenSuiteError, match="SM2-SM3"):
        ring.make_private("ring/sm2", SUITES["SM2-SM3"], "pkcs11")


def test_symmetric_keys_are_in_the_store_alone(ring: KeyRing) -> None:
    assert ring.secret(ring.store.add_secret("secret", SECRET)) == SECRET
    with pytest.raises(KeyMissingError, match="symmetric"):
        ring.secret("pkcs11:token=Seals;object=secret")


def test_a_hub_without_a_token_says_so(store: KeyStore) -> None:
    bare = KeyRing(store)
    for attempt in (
        lambda: bare.private("pkcs11:token=Seals;object=a"),
        lambda: bare.secret("pkcs11:token=Seals;object=a"),
        lambda: bare.make_private("a", SUITES["ES256"], "pkcs11"),
    ):
        with pytest.raises(TokenMissingError, match="no token"):
            attempt()
    assert bare.lent().token is None


@pytest.mark.parametrize("uri", ["", "a", "file:a", "PKCS11:token=a;object=b", "../store:a"])
def test_a_reference_of_no_place_names_no_key(ring: KeyRing, uri: str) -> None:
    for attempt in (ring.private, ring.secret):
        with pytest.raises(KeyMissingError, match="store, pkcs11"):
            attempt(uri)


def test_another_process_takes_all_keys_over(ring: KeyRing) -> None:
    uris = [ring.make_private("lent/key", SUITES["ES256"], place) for place in ("store", "pkcs11")]
    ring.store.add_secret("lent/secret", SECRET)
    lent = ring.lent()
    assert PIN not in repr(lent)
    assert PIN not in repr(ring)
    again = KeyRing.borrowed(pickle.loads(pickle.dumps(lent)))  # noqa: S301 - our own
    for uri in uris:
        assert again.private(uri).public == ring.private(uri).public
    assert again.secret("store:lent/secret") == SECRET
