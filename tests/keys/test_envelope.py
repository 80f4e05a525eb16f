"""Sealing at rest: it opens in its own place with its own key, and nowhere else."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import envelope
from keys.errors import DecryptionError, FormatError

KEY = bytes(range(32))


@given(st.binary(), st.binary())
def test_what_is_sealed_opens_in_its_place(plaintext: bytes, associated: bytes) -> None:
    sealed = envelope.seal(KEY, plaintext, associated)
    assert envelope.open_sealed(KEY, sealed, associated) == plaintext
    for key, place in ((KEY[::-1], associated), (KEY, associated + b".")):
        with pytest.raises(DecryptionError):
            envelope.open_sealed(key, sealed, place)


def test_no_bit_of_a_sealed_value_can_change() -> None:
    sealed = envelope.seal(KEY, b"value", b"place")
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DecryptionError):
            envelope.open_sealed(KEY, bytes(changed), b"place")


@pytest.mark.parametrize("size", [0, 11, 12, 27])
def test_a_truncated_value_does_not_open(size: int) -> None:
    with pytest.raises(DecryptionError):
        envelope.open_sealed(KEY, envelope.seal(KEY, b"", b"")[:size], b"")


def test_two_sealings_of_one_value_differ() -> None:
    assert envelope.seal(KEY, b"value", b"") != envelope.seal(KEY, b"value", b"")


def test_randomness_is_passed_in() -> None:
    def zeroes(size: int) -> bytes:
        return bytes(size)

    assert envelope.new_data_key(zeroes) == bytes(32)
    # NIST GCM specification, test case 14: key, nonce and plaintext of zeroes
    sealed = envelope.seal(bytes(32), bytes(16), b"", zeroes)
    assert sealed[12:].hex() == "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"


def test_a_data_key_is_wrapped_in_its_place() -> None:
    data_key = envelope.new_data_key()
    wrapped = envelope.wrap(KEY, data_key, b"row 1")
    assert len(wrapped) == 60
    assert envelope.unwrap(KEY, wrapped, b"row 1") == data_key
    with pytest.raises(DecryptionError):
        envelope.unwrap(KEY, wrapped, b"row 2")
    with pytest.raises(DecryptionError):
        envelope.unwrap(KEY, envelope.seal(KEY, b"short", b""), b"")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_keys_have_32_bytes(size: int) -> None:
    with pytest.raises(FormatError):
        envelope.seal(bytes(size), b"", b"")
    with pytest.raises(FormatError):
        envelope.wrap(KEY, bytes(size), b"")
    with pytest.raises(FormatError):
        envelope.derive(bytes(size), "domain")
    with pytest.raises(FormatError):
        envelope.blind_index(bytes(size), "part")


def test_derived_keys_are_hkdf_and_differ_by_domain() -> None:
    extracted = hmac.digest(bytes(32), KEY, hashlib.sha256)  # RFC 5869 with an empty salt
    assert envelope.derive(KEY, "holder") == hmac.digest(extracted, b"holder\x01", hashlib.sha256)
    assert envelope.derive(KEY, "holder") != envelope.derive(KEY, "number")


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
)
def test_different_parts_have_different_indexes(one: list[str], other: list[str]) -> None:
    same = envelope.blind_index(KEY, *one) == envelope.blind_index(KEY, *other)
    assert same == (one == other)


def test_parts_do_not_run_together() -> None:
    spellings = [("a", "bc"), ("ab", "c"), ("abc",), ("", "abc"), ("abc", "")]
    assert len({envelope.blind_index(KEY, *parts) for parts in spellings}) == len(spellings)


@given(st.binary(min_size=32, max_size=32), st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_a_blind_index_is_hmac_over_the_parts_with_their_lengths(key: bytes, parts: list[str]) -> None:
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    assert envelope.blind_index(key, *parts) == hmac.digest(key, message, hashlib.sha256)


def test_what_is_sealed_opens_under_its_wrapped_key_in_both_places_alone() -> None:
    data_key = envelope.new_data_key()
    wrapped, sealed = envelope.wrap(KEY, data_key, b"key"), envelope.seal(data_key, b"value", b"row")
    opener = envelope.WrappingKey(KEY)
    assert opener.open_sealed(wrapped, b"key", sealed, b"row") == b"value"
    for given_key, of_key, given_value, place in (
        (wrapped, b"another", sealed, b"row"),
        (wrapped, b"key", sealed, b"another"),
        (wrapped[:-1], b"key", sealed, b"row"),
        (envelope.seal(KEY, bytes(16), b"key"), b"key", sealed, b"row"),
        (wrapped, b"key", sealed[:27], b"row"),
    ):
        with pytest.raises(DecryptionError):
            opener.open_sealed(given_key, of_key, given_value, place)
