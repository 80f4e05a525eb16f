"""References of keys in hardware: RFC 7512, one key on one token, and never a PIN."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyMissingError
from keys.pkcs11_name import KeyName
from keys.store import KeyStore
from keys.store_lid import Cost


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("pkcs11:token=Seals;object=a", KeyName("Seals", "a", None)),
        ("pkcs11:object=a;token=Seals", KeyName("Seals", "a", None)),
        ("pkcs11:token=Seals;id=%01%ff", KeyName("Seals", None, b"\x01\xff")),
        ("pkcs11:token=Seals;object=seals%2F99;id=%41B;type=private", KeyName("Seals", "seals/99", b"AB")),
        ("pkcs11:token=%E5%8D%B0%E7%AB%A0;object=a%20b", KeyName("印章", "a b", None)),
        ("pkcs11:token=a&b(c)!;object='x',*+=:@$[]", KeyName("a&b(c)!", "'x',*+=:@$[]", None)),
    ],
)
def test_a_reference_says_token_and_key(uri: str, name: KeyName) -> None:
    assert KeyName.parse(uri) == name
    assert KeyName.parse(name.uri) == name


@given(
    token=st.text(min_size=1, max_size=9),
    label=st.none() | st.text(min_size=1, max_size=9),
    octets=st.binary(min_size=1, max_size=20),
)
def test_every_name_reads_back_from_its_one_spelling(token: str, label: str | None, octets: bytes) -> None:
    name = KeyName(token, label, octets)
    assert KeyName.parse(name.uri) == name


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:token=Seals;object=a?pin-value=4711",
        "pkcs11:token=Seals;object=a?pin-source=file:/etc/pin",
        "pkcs11:token=Seals;object=a?module-path=/tmp/evil.so",
        "pkcs11:token=Seals;object=a?",
        "pkcs11:token=Seals;object=a;pin-value=4711",
        "pkcs11:token=Seals;object=a;slot-id=0",
    ],
)
def test_a_reference_never_carries_a_pin_or_a_module(uri: str) -> None:
    with pytest.raises(KeyMissingError) as refused:
        KeyName.parse(uri)
    assert "4711" not in str(refused.value)
    assert "Seals" not in str(refused.value)


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:", "pkcs11:token=Seals", "pkcs11:object=a", "pkcs11:id=%01", "pkcs11:token=;object=a", "pkcs11:token=Seals;object=",
        "pkcs11:token=Seals;object=a;object=b", "pkcs11:token=Seals;token=Seals;object=a", "pkcs11:token=Seals;object=a;",
        "pkcs11:token=Seals;;object=a", "pkcs11:token=Seals;object=a/b", "pkcs11:token=Seals;object=a b", "pkcs11:token=Seals;id=%0",
        "pkcs11:token=Seals;id=%GG", "pkcs11:token=Seals;object=印", "pkcs11:token=Seals;object=%FF", "pkcs11:token=Seals;object=a\n",
        "pkcs11:token=Seals;object=a;type=cert", "pkcs11:token=Seals;object=a;type=secret-key", "PKCS11:token=Seals;object=a",
        "store:seals/a", "pkcs11:token=Seals;object=" + "a" * 300,
    ],
)  # fmt: skip
def test_what_names_no_key_is_refused(uri: str) -> None:
    with pytest.raises(KeyMissingError):
        KeyName.parse(uri)


def test_the_key_store_holds_no_key_in_hardware(tmp_path: Path) -> None:
    store = KeyStore.create(tmp_path / "keys", b"made-up", cost=Cost(1, 1, 8))
    for attempt in (store.private, store.secret, store.remove):
        with pytest.raises(KeyMissingError, match="another place"):
            attempt("pkcs11:token=a;object=b")
