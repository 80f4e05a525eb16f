"""The manifest of an offline pack: read only as it was signed, by its own hub, and with every part in its one form."""

from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from keys import jws
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.offline_pack import NAMES, TRUST_LIST, TYP, Manifest, Part, Standing, digest, read, sign
from keys.suites import SUITES
from tests.keys.trust_lists import HUB, KEY, KEYS, KID, NOW

SECOND = int(NOW.timestamp())
PARTS = (
    Part(TRUST_LIST, "offline-pack/trust-list/7", 7, digest(b"a trust list"), 12),
    Part(NAMES, "offline-pack/names/0a", 1, digest(b"{}"), 2),
    Part("status-lists/3", "offline-pack/status-lists/3/9", 9, digest(bytes(8)), 8),
)
MANIFEST = Manifest(HUB, SECOND, SECOND + 1000, 100, 500, MappingProxyType({one.name: one for one in PARTS}))
TOKEN = sign(MANIFEST, KEY, KID)
CLAIMS = jws.parse(TOKEN.decode()).claims()
Change = Callable[[dict[str, Any]], dict[str, Any]]


def resigned(change: Change, typ: str = TYP) -> bytes:
    return jws.sign_jwt(change(dict(CLAIMS)), KEY, KID, typ).encode()


def part(**changes: Any) -> Change:
    return lambda claims: {**claims, "parts": [*claims["parts"][:2], {**claims["parts"][2], **changes}]}


def test_what_was_signed_is_read() -> None:
    assert read(TOKEN, KEYS, issuer=HUB, known=SECOND) == MANIFEST


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: {**claims, "iss": ""}, lambda claims: {**claims, "iss": 1}, lambda claims: {**claims, "policy": None},
        lambda claims: {**claims, "policy": {"warn_after": 100}}, lambda claims: {**claims, "policy": {"warn_after": 500, "refuse_after": 500}},
        lambda claims: {**claims, "iat": True}, lambda claims: {**claims, "iat": 1.5}, lambda claims: {**claims, "exp": claims["iat"]},
        lambda claims: {**claims, "exp": 2**37 + 1}, lambda claims: {**claims, "parts": {}}, lambda claims: {**claims, "parts": claims["parts"][1:]},
        lambda claims: {**claims, "parts": [*claims["parts"], claims["parts"][0]]}, lambda claims: {**claims, "parts": [*claims["parts"], "names"]},
        part(name="status-lists/0"), part(name="status-lists/3/../x"), part(name="other"), part(name=None), part(address="https://elsewhere.example/"),
        part(address="a?b"), part(address=""), part(edition=0), part(edition="9"), part(sha256="AA"), part(sha256=None), part(size=0), part(size=2**27),
    ],
)  # fmt: skip
def test_a_manifest_in_another_form_is_refused(change: Change) -> None:
    with pytest.raises(FormatError):
        read(resigned(change), KEYS)


def test_a_forged_a_foreign_and_an_older_manifest_are_refused() -> None:
    head, body, _ = TOKEN.decode().split(".")
    forged = jws.sign_jwt(CLAIMS, SUITES["ES256"].generate(), KID, TYP).encode()
    attempts: list[tuple[bytes, dict[str, Any], str]] = [
        (forged, {}, SubIndication.SIG_CRYPTO_FAILURE),
        (f"{head}.{body}.".encode(), {}, SubIndication.SIG_CRYPTO_FAILURE),
        (resigned(lambda claims: claims, "trust-list+jwt"), {}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        (TOKEN, {"issuer": "https://other.example"}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        (TOKEN, {"known": SECOND + 1}, SubIndication.TRY_LATER),
        (b"\xff.a.b", {}, SubIndication.FORMAT_FAILURE),
        (bytes(5 << 20), {}, SubIndication.FORMAT_FAILURE),
    ]
    for token, how, why in attempts:
        with pytest.raises(VerificationError) as refused:
            read(token, KEYS, **how)
        assert refused.value.sub_indication == why
    for unknown in (
        resigned(lambda claims: {**claims, "version": 2}),
        resigned(lambda claims: {**claims, "version": True}),
    ):
        with pytest.raises(UncheckableError):
            read(unknown, KEYS)
    with pytest.raises(UncheckableError):
        read(TOKEN, [])


def test_a_part_counts_by_its_digest_and_size() -> None:
    PARTS[0].check(b"a trust list")
    for other in (b"a trust lisT", b"a trust list ", b""):
        with pytest.raises(VerificationError) as refused:
            PARTS[0].check(other)
        assert refused.value.sub_indication == SubIndication.HASH_FAILURE


@pytest.mark.parametrize(
    ("age", "standing"),
    [(-61, "REFUSED"), (-60, "FRESH"), (0, "FRESH"), (99, "FRESH"), (100, "OLD"), (499, "OLD"), (500, "REFUSED"), (1000, "REFUSED")],
)  # fmt: skip
def test_age_decides_how_far_it_may_be_used(age: int, standing: str) -> None:
    assert MANIFEST.standing(NOW + timedelta(seconds=age)) is Standing(standing)
