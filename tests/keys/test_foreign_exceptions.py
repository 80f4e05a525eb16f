"""Whatever comes in, only exceptions of this package come out."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import (
    certificate_chain,
    certificate_request,
    cms,
    cms_form,
    cms_reading,
    pkcs8,
    revocation_list,
    sd_jwt,
    sd_jwt_verify,
    strict_json,
    timestamp,
)
from keys.certificates import Certificate, check_chain
from keys.errors import KeysError
from keys.revocation import Revocation, RevocationReason
from keys.seal_verification import verify_seal
from keys.ses_making import complete, complete_seal, with_timestamp
from keys.ses_seal import parse_seal
from keys.ses_signature import parse_signature
from keys.ses_verification import verify_signature
from keys.status_list import read
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA
from keys.suites import load_private, load_public_jwk, load_public_pem, load_public_spki
from keys.timestamp import Request
from keys.timestamp_trust import Authorities
from keys.verification import trust_from_metadata
from tests.keys.authorities import AUTHORITIES, SEALED_AT
from tests.keys.lists import KEYS, jwks, token
from tests.keys.seal_makers import DAY, OWNER, SEAL_MAKERS, SealMakers
from tests.keys.seals import AT, DIGESTS, OFFICES

ANYBODY = Authorities.load(SEAL_MAKERS["ES256"].root.to_pem())

READERS: dict[str, Callable[[bytes], Any]] = {
    "certificate": lambda data: check_chain(Certificate.load(data), [AUTHORITIES["ES256"].root], SEALED_AT),
    "bundle": Certificate.load_pem_bundle,
    "private": lambda data: load_private(data, b"open sesame"),
    "private der": lambda data: load_private(pkcs8.armour(data, None), None),
    "spki": load_public_spki,
    "public pem": load_public_pem,
    "presentation": lambda data: sd_jwt.verify(data.decode("latin-1"), AUTHORITIES["ES256"].key.public),
    "jwk": lambda data: load_public_jwk(strict_json.loads_object(data)),
    "metadata": lambda data: trust_from_metadata([strict_json.loads_object(data)], []),
    "status list as jwt": lambda data: read(data, JWT_MEDIA, jwks(KEYS["ES256"])),
    "status list as cwt": lambda data: read(data, CWT_MEDIA, jwks(KEYS["ES256"])),
    "seal": parse_seal,
    "seal report": lambda data: verify_seal(data, OFFICES["ES256"].trust(), AT),
    "seal in parts": lambda data: complete_seal(data, OFFICES["ES256"].maker, data),
    "seal signature": lambda data: with_timestamp(parse_signature(data), data),
    "seal signature report": lambda data: verify_signature(data, DIGESTS, OFFICES["ES256"].trust(), AT),
    "seal signature in parts": lambda data: complete(data, OFFICES["ES256"].signer, data),
    "revocation list": lambda data: revocation_list.read(data, SEAL_MAKERS["ES256"].authority, SEALED_AT),
    "certificate request": certificate_request.read,
    "certificate chain": lambda data: certificate_chain.read(data, AUTHORITIES["ES256"].key.public, OWNER, SEALED_AT),
    "cms signature": cms_reading.read,
    "cms attributes": cms_form.attributes_in,
    "timestamp authorities": Authorities.load,
    "timestamp token": lambda data: timestamp.check_token(data, b"data", ANYBODY, SEALED_AT),
    "timestamp reply": lambda data: timestamp.check_reply(data, Request(b"", 1), b"data", ANYBODY, SEALED_AT),
}


def _good_of_makers(makers: SealMakers, p256: SealMakers) -> dict[str, bytes]:
    revoked = {4: Revocation(SEALED_AT, SEALED_AT - DAY, RevocationReason.KEY_COMPROMISE)}
    signature = cms.sign(bytes(32), p256.signer_key, p256.signer, SEALED_AT, (p256.authority,))
    return {
        "revocation list": revocation_list.make(
            makers.authority, makers.authority_key, 7, SEALED_AT, SEALED_AT + DAY, revoked
        ),
        "certificate request": certificate_request.make(OWNER, makers.signer_key),
        "certificate chain": makers.bundle,
        "cms signature": signature,
        "cms attributes": cms_reading.read(signature).signed_bytes,
        "timestamp authorities": makers.bundle,
        "timestamp token": signature,  # of the same shape: a CMS signature of something else
        "timestamp reply": bytes.fromhex("30820000 3003020100") + signature,
    }


def _good(suite_name: str) -> dict[str, bytes]:
    one, office = AUTHORITIES[suite_name], OFFICES.get(suite_name, OFFICES["ES256"])
    signature = office.sign()
    return {
        "certificate": one.certificate.der,
        "bundle": one.certificate.to_pem(),
        "private": one.key.to_pkcs8(None),
        "private der": pkcs8.disarm(one.key.to_pkcs8(None), None),
        "spki": one.key.public.to_spki(),
        "public pem": b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
        "presentation": one.presentation().encode(),
        "jwk": strict_json.dumps(one.key.public.to_jwk()),
        "metadata": b'{"issuer":"x","jwks":{"keys":[{"kty":"EC","kid":"x","x5c":["AAAA"],"seal":"x"}]}}',
        "status list as jwt": token(JWT_MEDIA),
        "status list as cwt": token(CWT_MEDIA),
        **dict.fromkeys(("seal", "seal report"), signature.sealing.seal.der),
        "seal in parts": signature.sealing.seal.signed,
        **dict.fromkeys(("seal signature", "seal signature report"), signature.der),
        "seal signature in parts": signature.sealing.der,
        **_good_of_makers(SEAL_MAKERS[suite_name], SEAL_MAKERS["ES256"]),
    }


GOOD = {name: _good(name) for name in AUTHORITIES}


@pytest.mark.parametrize("reader", READERS)
@given(data=st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_rubbish_raises_nothing_foreign(reader: str, data: bytes) -> None:
    with contextlib.suppress(KeysError):
        READERS[reader](data)


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
@pytest.mark.parametrize("reader", READERS)
@given(
    name=st.sampled_from(sorted(AUTHORITIES)),
    places=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_a_spoilt_file_raises_nothing_foreign(reader: str, name: str, places: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD[name][reader])
    for place, value in places:
        data[place % len(data) : place % len(data) + 1] = bytes([value])
    with contextlib.suppress(KeysError):
        READERS[reader](bytes(data))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from(sorted(AUTHORITIES)),
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "alg", "use", "key_ops", "d"]), VALUES),
)
@settings(max_examples=100, deadline=None)
def test_a_jwk_of_any_values_raises_nothing_foreign(name: str, change: dict[str, Any]) -> None:
    with contextlib.suppress(KeysError):
        load_public_jwk({**AUTHORITIES[name].key.public.to_jwk(), **change})


@given(st.dictionaries(st.sampled_from(["_sd", "_sd_alg", "...", "iss", "deep"]), VALUES))
@settings(max_examples=100, deadline=None)
def test_a_payload_of_any_values_raises_nothing_foreign(payload: dict[str, Any]) -> None:
    with contextlib.suppress(KeysError):
        sd_jwt_verify.disclose(payload, (), AUTHORITIES["ES256"].key.suite)
