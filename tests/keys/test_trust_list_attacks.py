"""One bad trust list for each attack; each would be believed by a careless reader."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from keys import base64url, jws, strict_json, trust_list
from keys.certificates import Certificate
from keys.contracts import PrivateKey
from keys.errors import FormatError, KeysError, SubIndication, UncheckableError, VerificationError
from keys.listed_seal import Turn
from keys.revocation import RevocationReason
from keys.suites import SUITES
from keys.trust_list import TYP
from tests.keys.authorities import AUTHORITIES, END, START, SUBJECT, make_signer, new_authority
from tests.keys.trust_lists import (
    DAY,
    EDITION,
    FILED,
    HUB,
    KEY,
    KEYS,
    KID,
    NOW,
    OLD,
    claims,
    ended,
    jwk,
    roots,
    seal,
    signed,
    token,
)

Why = SubIndication


def _why(bad: bytes, **options: Any) -> Why:
    with pytest.raises(VerificationError) as refused:
        trust_list.read(bad, options.pop("keys", KEYS), options.pop("at", NOW), **options)
    return refused.value.sub_indication


def test_one_flipped_bit_in_every_byte_is_refused() -> None:
    good = token(seal())
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 1 << place % 8
        with pytest.raises(KeysError):
            trust_list.read(bytes(changed), KEYS, NOW)


def test_a_forged_list_is_refused() -> None:
    stranger = SUITES["ES256"].generate()
    forged = trust_list.make(EDITION, roots(), [], [], stranger, KID)
    assert _why(forged) == Why.SIG_CRYPTO_FAILURE
    with pytest.raises(UncheckableError):
        trust_list.read(trust_list.make(EDITION, (), [], [], stranger, stranger.public.thumbprint()), KEYS, NOW)


@pytest.mark.parametrize("typ", ["JWT", "statuslist+jwt", "at+jwt", "receipt+jwt", "Trust-List+jwt", None])
def test_a_token_of_another_type_is_no_trust_list(typ: str | None) -> None:
    other = jws.sign({"kid": KID, **({"typ": typ} if typ else {})}, claims(), KEY).encode()
    assert _why(other) == Why.SIG_CONSTRAINTS_FAILURE


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA", "SM2-SM3", "ES384", "es256"])
def test_the_list_does_not_choose_its_algorithm(algorithm: str) -> None:
    _, payload, signature = token().decode().split(".")
    head = base64url.encode(strict_json.dumps({"alg": algorithm, "typ": TYP, "kid": KID}))
    assert _why(f"{head}.{payload}.{signature}".encode()) == Why.SIG_CRYPTO_FAILURE
    assert _why(f"{head}.{payload}.".encode()) == Why.SIG_CRYPTO_FAILURE


def test_the_list_does_not_bring_its_key() -> None:
    stranger = SUITES["ES256"].generate()
    header = {"typ": TYP, "kid": KID, "jwk": stranger.public.to_jwk(), "x5c": ["AAAA"]}
    assert _why(jws.sign(header, claims(), stranger).encode()) == Why.SIG_CRYPTO_FAILURE


def test_a_list_of_another_hub_is_refused() -> None:
    trust_list.read(token(), KEYS, NOW, issuer=HUB)
    assert _why(token(), issuer="https://elsewhere.example") == Why.SIG_CONSTRAINTS_FAILURE


def test_a_stale_list_says_nothing() -> None:
    assert _why(token(), at=EDITION.next_update) == Why.TRY_LATER


def test_an_older_list_than_one_seen_is_refused() -> None:
    trust_list.read(token(), KEYS, NOW, known=EDITION.sequence)
    assert _why(token(), known=EDITION.sequence + 1) == Why.TRY_LATER


def test_a_list_beyond_all_bounds_is_not_even_parsed() -> None:
    assert _why(bytes(trust_list.MOST_BYTES + 1)) == Why.FORMAT_FAILURE


@pytest.mark.parametrize("bad", [b"", b"..", b"a.b", "ä.b.c".encode(), token() + b"\n", b" " + token()])
def test_what_is_no_compact_jws_is_refused(bad: bytes) -> None:
    assert _why(bad) == Why.FORMAT_FAILURE


def _in_seal(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """Change members of the first seal; None takes one away."""

    def change(found: dict[str, Any]) -> None:
        found["seals"][0] = {
            name: value for name, value in {**found["seals"][0], **changes}.items() if value is not None
        }

    return change


def _in_key(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        key = found["seals"][0]["keys"][0]
        found["seals"][0]["keys"][0] = {name: value for name, value in {**key, **changes}.items() if value is not None}

    return change


def _in_claims(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        found.update(changes)
        for name in [name for name, value in changes.items() if value is None]:
            del found[name]

    return change


def _unfiled(found: dict[str, Any]) -> None:
    _in_key(status="MADE")(found)
    _in_seal(history=[{"status": "MADE", "at": FIRST}], status="MADE")(found)


def _doubled(found: dict[str, Any]) -> None:
    found["seals"].append(found["seals"][0])


def _key_in_two_seals(found: dict[str, Any]) -> None:
    other = seal("SM2-SM3", suite="ES256", keys=(jwk(AUTHORITIES["ES256"], seal("SM2-SM3").es_id),))
    found["seals"].append(claims(other)["seals"][0])


def _key_twice_in_a_seal(found: dict[str, Any]) -> None:
    found["seals"][0]["keys"] *= 2


STRANGER = new_authority("ES256")
FIRST = int(START.timestamp())
FILING = {"status": "ACTIVE", "at": FIRST}
REVOCATION = {"status": "REVOKED", "at": FIRST + 5, "reason": "SUPERSEDED"}
BAD: dict[str, Callable[[dict[str, Any]], None]] = {
    "doubled seal": _doubled,
    "key in two seals": _key_in_two_seals,
    "key twice in a seal": _key_twice_in_a_seal,
    "kid not its certificate's": _in_key(kid=OLD.certificate.thumbprint),
    "key not its certificate's": _in_key(**STRANGER.key.public.to_jwk()),
    "certificate of another key": _in_key(x5c=jwk(STRANGER, "x")["x5c"]),
    "key of another seal": _in_key(seal="99010000009999"),
    "key of another owner": _in_seal(owner="11990100MB0000026F", issuer=f"{HUB}/authorities/11990100MB0000026F"),
    "key of another suite": _in_seal(suite="Ed25519"),
    "private key": _in_key(d="AAAA"),
    "key that was revoked alone": _in_key(revoked_at=FIRST + 5),
    "key that is suspended alone": _in_key(suspended_at=FIRST + 5),
    "key that was stolen alone": _in_key(compromised_at=FIRST + 5),
    "key of another status": _in_key(status="REVOKED"),
    "key that holds longer": _in_key(exp=int(END.timestamp()) + 1),
    "key without an end": _in_key(exp=None),
    "no keys": _in_seal(keys=[]),
    "keys that are none": _in_seal(keys=[7]),
    "no seal": _in_claims(seals=[7]),
    "seals that are no list": _in_claims(seals={}),
    "issuer of somebody else": _in_seal(issuer=f"{HUB}/authorities/11990100MB0000026F"),
    "issuer of another hub": _in_seal(issuer="https://elsewhere.example/authorities/11990100MB0000018K"),
    "no name": _in_seal(name=None),
    "empty name": _in_seal(name=""),
    "name that is no text": _in_seal(name=["a"]),
    "purpose that is no text": _in_seal(purpose=7),
    "no history": _in_seal(history=None),
    "empty history": _in_seal(history=[]),
    "history of no objects": _in_seal(history=["ACTIVE"]),
    "history that begins with an end": _in_seal(history=[REVOCATION], status="REVOKED"),
    "history that goes back": _in_seal(history=[FILING, {"status": "SUSPENDED", "at": FIRST - 1}], status="SUSPENDED"),
    "history that goes on after the end": _in_seal(history=[FILING, REVOCATION, {**FILING, "at": FIRST + 9}]),
    "history without its last status": _in_seal(history=[FILING, REVOCATION]),
    "history that its keys do not know": _in_seal(history=[FILING, REVOCATION], status="REVOKED"),
    "status that is none": _in_seal(history=[FILING, {"status": "APPLIED", "at": FIRST}], status="APPLIED"),
    "seal that was made again": _in_seal(history=[FILING, {"status": "MADE", "at": FIRST}], status="MADE"),
    "seal that speaks before it was filed": _unfiled,
    "seal that was suspended before it was filed": _in_seal(
        history=[{"status": "MADE", "at": FIRST}, {"status": "SUSPENDED", "at": FIRST}, FILING]
    ),
    "reason that is none": _in_seal(history=[{**FILING, "reason": "REMOVE_FROM_CRL"}]),
    "validity that ends before it begins": _in_seal(exp=FIRST),
    "time with a fraction": _in_seal(nbf=FIRST + 0.5),
    "true for a time": _in_seal(nbf=True),
    "time beyond all dates": _in_seal(exp=2**62),
    "no issuer": _in_claims(iss=None),
    "issuer that is no text": _in_claims(iss=7),
    "no sequence number": _in_claims(sequence=None),
    "sequence number as text": _in_claims(sequence="7"),
    "true for a sequence number": _in_claims(sequence=True),
    "sequence number zero": _in_claims(sequence=0),
    "no issue": _in_claims(iat=None),
    "no end": _in_claims(exp=None),
    "end before the issue": _in_claims(exp=int(EDITION.issued_at.timestamp())),
    "for somebody else": _in_claims(aud="https://elsewhere.example"),
    "not yet": _in_claims(nbf=1),
    "no roots": _in_claims(roots=None),
    "roots that are none": _in_claims(roots=["AAAA"]),
    "no makers": _in_claims(makers=None),
    "maker that is none": _in_claims(makers=[7]),
    "maker without certificate": _in_claims(makers=[{"x5c": []}]),
}  # fmt: skip


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_a_list_that_contradicts_itself_is_refused(spoil: Callable[[dict[str, Any]], None]) -> None:
    found = claims(seal(), seal("Ed25519"))
    trust_list.read(signed(found), KEYS, NOW)
    spoil(found)
    assert _why(signed(found)) == Why.FORMAT_FAILURE


def test_a_member_that_stands_twice_is_refused() -> None:
    text = strict_json.dumps(claims(seal()))
    doubled = text[:-1] + b',"seals":[]}'
    assert _why(jws.sign({"typ": TYP, "kid": KID}, doubled, KEY).encode()) == Why.FORMAT_FAILURE


def test_one_key_certified_for_two_seals_is_refused() -> None:
    """Whoever has another's public key certified for a seal of his own would be named as signer of the other's signatures."""
    mine = AUTHORITIES["ES256"]
    again = replace(mine, certificate=_certified_again(mine.key))
    other = seal("SM2-SM3", suite="ES256", keys=(jwk(again, seal("SM2-SM3").es_id),))
    assert _why(token(seal(), other)) == Why.FORMAT_FAILURE


def _certified_again(key: PrivateKey) -> Certificate:
    return make_signer(SUBJECT, key.public, AUTHORITIES["ES256"].root, AUTHORITIES["ES256"].root_key, 99, START, END)


def test_a_root_in_a_keys_chain_is_not_a_root_of_the_list() -> None:
    made = trust_list.make(EDITION, (), [], [seal()], KEY, KID)
    assert trust_list.read(made, KEYS, NOW).trust.roots == ()


def test_a_revocation_that_the_list_dates_earlier_than_the_key_does_is_refused() -> None:
    one = ended("ES256", NOW - DAY, "REVOKED", RevocationReason.SUPERSEDED)
    earlier = (FILED, Turn("REVOKED", NOW - 2 * DAY, RevocationReason.SUPERSEDED))
    assert _why(token(replace(one, history=earlier))) == Why.FORMAT_FAILURE


def test_a_time_without_a_zone_says_nothing() -> None:
    with pytest.raises(FormatError):
        trust_list.read(token(), KEYS, NOW.replace(tzinfo=None))
