"""Sealing, selecting and showing: what is disclosed is what was sealed, and the rest stays hidden."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import base64url, jws, sd_jwt
from keys.errors import FormatError, SubIndication, VerificationError
from keys.sd_jwt import Disclosure, Path
from keys.suites import SUITES
from tests.keys.authorities import ATOMIC, AUTHORITIES, CLEAR, ES_ID, FACE, Authority, shown

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = TEXT.filter(lambda name: name not in {"_sd", "_sd_alg", "...", *CLEAR, "cnf", "vct#integrity"})
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
FACES = st.dictionaries(NAMES, VALUES, max_size=5)
QUICK = settings(max_examples=60, deadline=None)


def _sealed(face: dict[str, Any], atomic: frozenset[str] = frozenset()) -> sd_jwt.Sealed:
    key = AUTHORITIES["ES256"].key
    return sd_jwt.seal(CLEAR, face, key=key, kid="1", header={"seal": ES_ID}, atomic=atomic)


def _all_paths(value: Any, path: Path = ()) -> Iterator[Path]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in children:
        yield (*path, name)
        yield from _all_paths(inner, (*path, name))


def test_the_licence_comes_back_under_every_suite(authority: Authority) -> None:
    sealed = authority.seal()
    verified = sd_jwt.verify(shown(sealed), authority.key.public)
    assert verified.claims == {**CLEAR, **FACE}
    assert set(verified.disclosed) == {one.path for one in sealed.disclosures}
    assert verified.jwt == sealed.jwt
    assert verified.header == {
        "alg": authority.key.suite.jose_algorithm,
        "typ": "dc+sd-jwt",
        "kid": authority.certificate.thumbprint,
        "seal": ES_ID,
    }
    assert sd_jwt.values(sealed.disclosures) == FACE
    assert list(sd_jwt.values(sealed.disclosures)) == list(FACE)


def test_each_property_and_each_element_is_a_disclosure_unless_atomic(es256: Authority) -> None:
    atomic = {
        ("contractPeriod", "from"),
        ("contractPeriod", "to"),
        ("members", 0, "tags", 0),
        ("members", 0, "tags", 1),
    }
    assert {one.path for one in es256.seal().disclosures} == set(_all_paths(FACE)) - atomic


def test_what_is_signed_holds_no_face_data(authority: Authority) -> None:
    payload = jws.parse(authority.seal().jwt).claims()
    assert payload.keys() == {*CLEAR, "_sd", "_sd_alg"}
    assert payload["_sd_alg"] == authority.key.suite.digest_name
    assert payload["_sd"] == sorted(payload["_sd"])
    assert len(payload["_sd"]) == len(FACE)


def test_every_disclosure_has_a_salt_of_its_own(es256: Authority) -> None:
    salts = [
        json.loads(base64url.decode(one.encoded))[0] for one in (*es256.seal().disclosures, *es256.seal().disclosures)
    ]
    assert len(set(salts)) == len(salts)
    assert {len(base64url.decode(salt)) for salt in salts} == {16}


def test_salts_come_from_the_randomness_given() -> None:
    counter = itertools.count()

    def random(size: int) -> bytes:
        return next(counter).to_bytes(size, "big")

    key = AUTHORITIES["Ed25519"].key
    first = sd_jwt.seal(CLEAR, FACE, key=key, kid="1", header={}, random=random)
    counter = itertools.count()
    assert sd_jwt.seal(CLEAR, FACE, key=key, kid="1", header={}, random=random) == first


def test_a_selection_shows_only_what_is_wanted(es256: Authority) -> None:
    sealed = es256.seal()
    chosen = sd_jwt.select(sealed.disclosures, lambda path: path == ("members", 1, "name"))
    assert [one.path for one in chosen] == [("members",), ("members", 1), ("members", 1, "name")]
    assert sd_jwt.values(chosen) == {"members": [{"name": "示例丙"}]}
    presentation = sd_jwt.present(sealed.jwt, [one.encoded for one in chosen])
    verified = sd_jwt.verify(presentation, es256.key.public)
    assert verified.claims == {**CLEAR, "members": [{"name": "示例丙"}]}
    assert set(verified.disclosed) == {one.path for one in chosen}


def test_nothing_wanted_shows_nothing(es256: Authority) -> None:
    sealed = es256.seal()
    assert sd_jwt.select(sealed.disclosures, lambda _: False) == ()
    assert sd_jwt.values(()) == {}
    assert sd_jwt.verify(sd_jwt.present(sealed.jwt, ()), es256.key.public).claims == CLEAR


@given(FACES)
@QUICK
def test_any_licence_comes_back(face: dict[str, Any]) -> None:
    sealed = _sealed(face)
    assert sd_jwt.values(sealed.disclosures) == face
    assert sd_jwt.verify(shown(sealed), AUTHORITIES["ES256"].key.public).claims == {**CLEAR, **face}
    assert sorted(map(repr, (one.path for one in sealed.disclosures))) == sorted(map(repr, _all_paths(face)))


@given(FACES, st.data())
@QUICK
def test_any_selection_is_what_verification_finds(face: dict[str, Any], data: st.DataObject) -> None:
    sealed = _sealed(face)
    paths = [one.path for one in sealed.disclosures]
    wanted = set(data.draw(st.lists(st.sampled_from(paths)))) if paths else set()
    chosen = sd_jwt.select(sealed.disclosures, wanted.__contains__)
    shuffled = data.draw(st.permutations(chosen))
    # Exactly the wanted paths and their parents, however they are ordered.
    assert {one.path for one in chosen} == {path[:depth] for path in wanted for depth in range(1, len(path) + 1)}
    presentation = sd_jwt.present(sealed.jwt, [one.encoded for one in shuffled])
    verified = sd_jwt.verify(presentation, AUTHORITIES["ES256"].key.public)
    assert set(verified.disclosed) == {one.path for one in chosen}
    assert verified.claims == {**CLEAR, **sd_jwt.values(shuffled)}


@given(FACES, st.data())
@QUICK
def test_an_atomic_value_is_one_disclosure(face: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(face))) if face else ""
    sealed = _sealed(face, frozenset({name}))
    assert [one.path for one in sealed.disclosures if one.path[:1] == (name,)] == ([(name,)] if name in face else [])
    assert sd_jwt.values(sealed.disclosures) == face


@pytest.mark.parametrize(
    "several",
    [[], ["one"], ["one", "two", "two"], [base64url.encode(b'["s","a",1],["s","b",2],["s","c",3]')]],
)
def test_what_is_not_one_disclosure_for_each_path_is_refused(several: list[str]) -> None:
    nesting = sd_jwt.nesting([("a",), ("b",)])
    known = {name: base64url.encode(f'["salt","{name}",true]'.encode()) for name in ("one", "two")}
    assert sd_jwt.nested_values(nesting, list(known.values())) == {"a": True, "b": True}
    with pytest.raises(FormatError):
        sd_jwt.nested_values(nesting, [known.get(each, each) for each in several])


def test_a_child_without_its_parent_is_refused(es256: Authority) -> None:
    orphan = [one for one in es256.seal().disclosures if one.path == ("holder", "name")]
    with pytest.raises(FormatError):
        sd_jwt.values(orphan)


@pytest.mark.parametrize("encoded", ["", "!", "bnVsbA", "W10", "e30"])
def test_an_unreadable_disclosure_is_refused(encoded: str) -> None:
    with pytest.raises(FormatError):
        sd_jwt.values([Disclosure(("name",), encoded)])


@pytest.mark.parametrize(
    ("clear", "face"),
    [
        ({"_sd": []}, {}),
        ({"status": {"...": "x"}}, {}),
        ({"list": [{"_sd": []}]}, {}),
        ({}, {"_sd": 1}),
        ({}, {"...": 1}),
        ({}, {"_sd_alg": "sha-256"}),
        ({}, {"deep": {"_sd": 1}}),
        ({}, {"deep": [{"...": 1}]}),
        ({}, {"atomic": {"deep": [{"_sd": []}]}}),
        ({"name": 1}, {"name": 2}),
        ({}, {"exp": 1}),
        ({}, {"status": {}}),
        ({}, {"value": float("nan")}),
        ({}, {"value": 2**70}),
        ({}, {"value": {1: 2}}),
        ({}, {"value": b"bytes"}),
    ],
    ids=str,
)
def test_what_no_verifier_would_accept_is_not_sealed(clear: dict[str, Any], face: dict[str, Any]) -> None:
    key = AUTHORITIES["ES256"].key
    with pytest.raises(FormatError):
        sd_jwt.seal(clear, face, key=key, kid="1", header={}, atomic=frozenset({"atomic"}))


def test_the_header_cannot_be_made_to_say_something_else(es256: Authority) -> None:
    sealed = es256.seal(header={"typ": "JWT", "kid": "other", "seal": ES_ID})
    header, _ = sd_jwt.peek(shown(sealed))
    assert (header["typ"], header["kid"]) == ("dc+sd-jwt", es256.certificate.thumbprint)
    with pytest.raises(FormatError):
        es256.seal(header={"alg": "none"})


def test_a_peek_shows_the_clear_claims(es256: Authority) -> None:
    assert sd_jwt.peek(es256.presentation())[1] == CLEAR
    with pytest.raises(FormatError):
        sd_jwt.peek("rubbish~")


def test_personal_data_does_not_show_in_text(es256: Authority) -> None:
    sealed = es256.seal()
    verified = sd_jwt.verify(shown(sealed), es256.key.public)
    assert sealed.disclosures[0].encoded not in f"{sealed!r}{sealed.disclosures[0]!r}"
    assert "示例" not in repr(verified)


@pytest.mark.parametrize("name", SUITES)
def test_no_bit_of_a_presentation_can_change(name: str) -> None:
    authority = AUTHORITIES[name]
    presentation = authority.presentation().encode()
    for bit in range(0, len(presentation) * 8, 11):
        changed = bytearray(presentation)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationError):
            sd_jwt.verify(changed.decode("latin-1"), authority.key.public)


@given(st.integers(0), st.integers(0, 7))
@QUICK
def test_no_bit_of_a_disclosure_can_change(place: int, bit: int) -> None:
    presentation = bytearray(ES256_PRESENTATION)
    start = presentation.index(b"~")
    presentation[start + place % (len(presentation) - start)] ^= 1 << bit
    with pytest.raises(VerificationError):
        sd_jwt.verify(presentation.decode("latin-1"), AUTHORITIES["ES256"].key.public)


ES256_PRESENTATION = AUTHORITIES["ES256"].presentation().encode()


def test_the_key_of_another_authority_does_not_verify(authority: Authority) -> None:
    with pytest.raises(VerificationError) as refused:
        sd_jwt.verify(authority.presentation(), authority.key.suite.generate().public)
    assert refused.value.sub_indication == SubIndication.SIG_CRYPTO_FAILURE


def test_atomic_paths_ignore_positions() -> None:
    assert "members.tags" in ATOMIC
    face = {"members": [{"tags": ["a"]}, {"tags": ["b"]}]}
    paths = {one.path for one in _sealed(face, ATOMIC).disclosures}
    assert paths == {("members",), ("members", 0), ("members", 0, "tags"), ("members", 1), ("members", 1, "tags")}
