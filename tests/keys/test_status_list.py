"""Status lists: the draft's own vectors, the same content in both forms, and every changed bit is noticed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import base64url, status_bits, strict_cbor
from keys.errors import FormatError, KeysError, UncheckableError, VerificationError
from keys.status_list import StatusList, read, sign
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA, STATUS_LIST_DRAFT
from tests.keys.lists import EXAMPLE, KEYS, SHOWN, jwks, token

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "keys" / "status_lists.json").read_text("utf-8"))
FORMS = (JWT_MEDIA, CWT_MEDIA)


def test_the_vectors_are_of_the_pinned_edition() -> None:
    assert STATUS_LIST_DRAFT in VECTORS["source"]


@pytest.mark.parametrize("vector", VECTORS["short"], ids=["1 bit", "2 bits"])
def test_a_printed_byte_array(vector: dict[str, Any]) -> None:
    array = bytearray(len(vector["bytes"]) // 2)
    for index, value in enumerate(vector["values"]):
        status_bits.put(array, index, value, vector["bits"])
    assert array.hex() == vector["bytes"]
    assert status_bits.decompress(bytes.fromhex(vector["compressed"])) == array
    assert status_bits.decompress(base64url.decode(vector["lst"])) == array
    assert [status_bits.value_at(array, index, vector["bits"]) for index in range(len(vector["values"]))] == vector[
        "values"
    ]


@pytest.mark.parametrize("vector", VECTORS["long"], ids=["1 bit", "2 bits"])
def test_a_printed_list_of_a_million_places(vector: dict[str, Any]) -> None:
    bits, values = vector["bits"], {int(index): value for index, value in vector["values"].items()}
    array = bytearray(vector["size"] * bits // 8)
    for index, value in values.items():
        status_bits.put(array, index, value, bits)
    members = strict_cbor.loads_map(bytes.fromhex(vector["cbor"]))
    assert status_bits.decompress(members["lst"]) == array
    assert status_bits.decompress(base64url.decode(vector["lst"])) == array
    assert members["bits"] == bits
    assert status_bits.decompress(status_bits.compress(array)) == array


@pytest.mark.parametrize(
    ("media_type", "printed"), [(JWT_MEDIA, VECTORS["jwt"].encode()), (CWT_MEDIA, bytes.fromhex(VECTORS["cwt"]))]
)
def test_a_printed_token_verifies_and_says_what_the_draft_says(media_type: str, printed: bytes) -> None:
    claims = VECTORS["claims"]
    statuses = bytes.fromhex(claims.pop("bytes")) if "bytes" in claims else bytes.fromhex("b9a3")
    assert read(printed, media_type, [VECTORS["key"]]) == StatusList(**claims, statuses=statuses)


@pytest.mark.parametrize("media_type", FORMS)
def test_both_forms_say_the_same_under_every_suite(media_type: str, suite_name: str) -> None:
    found = read(token(media_type, suite_name), media_type, jwks(KEYS[suite_name]))
    assert found == EXAMPLE
    assert {index: value for index in range(256) if (value := found.value(index))} == SHOWN


@given(
    st.sampled_from([1, 2, 4, 8]).flatmap(
        lambda bits: st.tuples(
            st.just(bits), st.dictionaries(st.integers(0, 2000), st.integers(0, 2**bits - 1), max_size=50)
        )
    )
)
@settings(max_examples=60)
def test_what_was_put_is_found_and_nothing_else(case: tuple[int, dict[int, int]]) -> None:
    bits, values = case
    array = bytearray(2001 * bits // 8 + 1)
    for index, value in values.items():
        status_bits.put(array, index, 2**bits - 1, bits)  # an older status leaves nothing behind
        status_bits.put(array, index, value, bits)
    again = status_bits.decompress(status_bits.compress(array))
    assert {index: status_bits.value_at(again, index, bits) for index in range(2001)} == {
        index: values.get(index, 0) for index in range(2001)
    }


@given(
    st.binary(min_size=1, max_size=300), st.integers(1, 2**36), st.integers(1, 2**20), st.integers(1, 10**6), st.text()
)
@settings(max_examples=40)
def test_any_list_comes_back_as_it_was_signed(statuses: bytes, issued: int, life: int, ttl: int, uri: str) -> None:
    uri = uri.encode("utf-8", "ignore").decode()
    given_list = StatusList(uri, issued, issued + life, ttl, statuses)
    signed = sign(given_list, KEYS["ES256"], "status-1")
    assert [read(signed[form], form, jwks(KEYS["ES256"])) for form in FORMS] == [given_list, given_list]


@pytest.mark.parametrize("media_type", FORMS)
@given(place=st.integers(0), bit=st.integers(0, 7))
@settings(max_examples=150)
def test_a_token_with_one_bit_changed_is_refused(media_type: str, place: int, bit: int) -> None:
    good = token(media_type)
    spoilt = bytearray(good)
    spoilt[place % len(good)] ^= 1 << bit
    with pytest.raises(KeysError):
        read(bytes(spoilt), media_type, jwks(KEYS["ES256"]))


@pytest.mark.parametrize("media_type", FORMS)
def test_a_list_under_another_key_is_refused(media_type: str) -> None:
    with pytest.raises(VerificationError):
        read(token(media_type), media_type, jwks(KEYS["ES256"].suite.generate()))
    with pytest.raises(VerificationError):
        read(token(media_type), media_type, jwks(KEYS["Ed25519"]))
    with pytest.raises(UncheckableError):
        read(token(media_type), media_type, jwks(KEYS["ES256"], kid="another"))


def test_a_form_that_the_draft_does_not_know_cannot_be_checked() -> None:
    with pytest.raises(UncheckableError):
        read(token(JWT_MEDIA), "application/json", jwks(KEYS["ES256"]))


@pytest.mark.parametrize("index", [256, -1, 2**40])
def test_a_place_outside_the_list_has_no_value(index: int) -> None:
    with pytest.raises(FormatError):
        EXAMPLE.value(index)


@pytest.mark.parametrize(("index", "value"), [(256, 1), (-1, 1), (0, 4), (0, -1)])
def test_a_value_is_never_put_where_it_has_no_room(index: int, value: int) -> None:
    array = bytearray(64)
    with pytest.raises(FormatError):
        status_bits.put(array, index, value, 2)
    assert not any(array)
