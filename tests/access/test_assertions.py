"""Client assertions: one bad one for every way to lie, and each is refused (RFC 7523 section 3, RFC 8725)."""

import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, func, select

from hub.access.model import SeenAssertion
from hub.access.service import Access
from hub.clock import SetClock
from hub.database import Database
from hub.errors import AssertionReplayedError, ClientAuthenticationError
from keys import base64url, jws
from keys.suites import suite
from tests.access.department import ISSUER, Department

Attack = Callable[[Department], str]
STRANGER = suite("ES256").generate()
OTHER_SUITE = suite("Ed25519").generate()


def _parts(token: str, **header: Any) -> tuple[str, str, str]:
    _, payload, signature = token.split(".")
    return base64url.encode(json.dumps(header).encode()), payload, signature


def _unsigned(department: Department) -> str:
    head, payload, _ = _parts(department.assertion(), alg="none", kid=department.kid)
    return f"{head}.{payload}."


def _signed_with_the_public_key(department: Department) -> str:
    head, payload, _ = _parts(department.assertion(), alg="HS256", kid=department.kid)
    secret = department.key.public.to_spki()
    return f"{head}.{payload}.{base64url.encode(hmac.digest(secret, f'{head}.{payload}'.encode(), 'sha256'))}"


def _renamed_algorithm(department: Department) -> str:
    head, payload, signature = _parts(department.assertion(), alg="EdDSA", kid=department.kid)
    return f"{head}.{payload}.{signature}"


def _signed_in_der(department: Department) -> str:
    signing_input = department.assertion().rpartition(".")[0]
    return f"{signing_input}.{base64url.encode(department.key.sign_der(signing_input.encode()))}"


def _critical(department: Department) -> str:
    head, payload, _ = _parts(department.assertion(), alg="ES256", kid=department.kid, crit=["b64"], b64=True)
    return f"{head}.{payload}.{base64url.encode(department.key.sign(f'{head}.{payload}'.encode()))}"


def _claim_twice(department: Department) -> str:
    claims = json.dumps(department.claims())[:-1] + f', "aud": "{ISSUER}"}}'
    return jws.sign({"kid": department.kid}, claims.encode(), department.key)


def _signature_of_another_text(department: Department) -> str:
    first, second = department.assertion(), department.assertion()
    return first.rpartition(".")[0] + "." + second.rpartition(".")[2]


ATTACKS: dict[str, Attack] = {
    "not a token": lambda _: "not-a-token",
    "two parts": lambda d: d.assertion().rpartition(".")[0],
    "padded": lambda d: d.assertion() + "=",
    "a line feed behind it": lambda d: d.assertion() + "\n",
    "claims are a list": lambda d: jws.sign({"kid": d.kid}, b"[]", d.key),
    "a claim twice": _claim_twice,
    "far too long": lambda d: d.assertion(note="x" * 9000),
    "unsigned": _unsigned,
    "HMAC with the public key": _signed_with_the_public_key,
    "alg of another suite": _renamed_algorithm,
    "another suite's key": lambda d: d.assertion(key=OTHER_SUITE),
    "another key": lambda d: d.assertion(key=STRANGER),
    "its own key in the header": lambda d: d.assertion({"jwk": STRANGER.public.to_jwk()}, key=STRANGER),
    "signature of another text": _signature_of_another_text,
    "signature in DER": _signed_in_der,
    "critical member": _critical,
    "an access token's type": lambda d: d.assertion({"typ": "at+jwt"}),
    "a number as type": lambda d: d.assertion({"typ": 1}),
    "no kid": lambda d: d.assertion({"kid": None}),
    "unknown kid": lambda d: d.assertion({"kid": "desk-2"}),
    "kid with a NUL": lambda d: d.assertion({"kid": "desk\x00"}),
    "no sub": lambda d: d.assertion(sub=None),
    "sub with a NUL": lambda d: d.assertion(sub="market\x00"),
    "unknown client": lambda d: d.assertion(iss="nobody-here", sub="nobody-here"),
    "no iss": lambda d: d.assertion(iss=None),
    "iss is not sub": lambda d: d.assertion(iss="other-desk"),
    "no aud": lambda d: d.assertion(aud=None),
    "aud is the token endpoint": lambda d: d.assertion(aud=f"{ISSUER}/oauth/token"),
    "aud with a slash more": lambda d: d.assertion(aud=f"{ISSUER}/"),
    "aud names two": lambda d: d.assertion(aud=[ISSUER, "https://elsewhere.example"]),
    "aud is empty": lambda d: d.assertion(aud=[]),
    "no exp": lambda d: d.assertion(exp=None),
    "expired this second": lambda d: d.assertion(exp=d.now),
    "expired long ago": lambda d: d.assertion(iat=d.now - 900, exp=d.now - 600),
    "lives too long": lambda d: d.assertion(exp=d.now + 301),
    "exp is text": lambda d: d.assertion(exp=str(d.now + 60)),
    "exp is true": lambda d: d.assertion(exp=True),
    "issued in the future": lambda d: d.assertion(iat=d.now + 31),
    "not valid yet": lambda d: d.assertion(nbf=d.now + 31),
    "no jti": lambda d: d.assertion(jti=None),
    "jti too short": lambda d: d.assertion(jti="x" * 15),
    "jti too long": lambda d: d.assertion(jti="x" * 129),
    "jti is a number": lambda d: d.assertion(jti=12345678901234567890),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_bad_assertion_is_refused_and_says_nothing_back(
    access: Access, department: Department, attack: Attack
) -> None:
    with pytest.raises(ClientAuthenticationError) as refused:
        access.token(department.form(attack(department)))
    assert department.client_id not in refused.value.message
    assert access.token(department.form())["token_type"] == "Bearer"


GOOD: dict[str, Attack] = {
    "no typ": lambda d: d.assertion({"typ": None}),
    "the newer typ": lambda d: d.assertion({"typ": "client-authentication+jwt"}),
    "aud in a list": lambda d: d.assertion(aud=[ISSUER]),
    "no iat": lambda d: d.assertion(iat=None),
    "the longest life": lambda d: d.assertion(exp=d.now + 300),
    "a fast clock": lambda d: d.assertion(iat=d.now + 30, nbf=d.now + 30),
    "the shortest jti": lambda d: d.assertion(jti="0123456789abcdef"),
    "the longest jti": lambda d: d.assertion(jti="x" * 128),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_what_the_standards_allow_is_accepted(access: Access, department: Department, good: Attack) -> None:
    assert access.token(department.form(good(department)))["expires_in"] == 300


def test_another_client_cannot_speak_in_this_ones_name(access: Access, department: Department) -> None:
    other = Department(department.clock, "tax-desk", "tax-1")
    access.add_client("Tax desk", "11990100MB0000001T", ["licence:read"], other.jwk, other.client_id)
    with pytest.raises(ClientAuthenticationError):
        access.token(department.form(department.assertion({"kid": other.kid}, key=other.key)))


@pytest.mark.parametrize(
    "case", ["unknown client", "unknown key", "retired key", "ended client", "bad signature", "other suite"]
)
def test_refusals_before_the_signature_are_alike_in_words_and_work(
    access: Access, department: Department, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = Department(department.clock, department.client_id, "desk-2")
    access.add_key(department.client_id, spare.jwk)
    made: dict[str, Callable[[], str]] = {
        "unknown client": lambda: department.assertion(iss="nobody-here", sub="nobody-here"),
        "unknown key": lambda: department.assertion({"kid": "desk-9"}),
        "retired key": spare.assertion,
        "ended client": department.assertion,
        "bad signature": lambda: department.assertion(key=STRANGER),
        "other suite": lambda: department.assertion(key=OTHER_SUITE),
    }
    assertion = made[case]()
    if case == "retired key":
        access.retire_key(department.client_id, spare.kid)
    if case == "ended client":
        access.set_active(department.client_id, active=False)
    checks: list[str] = []
    real = jws.check

    def counted(token: jws.Jws, key: Any, *, typ: Any) -> None:
        checks.append(key.suite.name)
        real(token, key, typ=typ)

    monkeypatch.setattr(jws, "check", counted)
    with pytest.raises(ClientAuthenticationError) as refused:
        access.token(department.form(assertion))
    assert checks == ["Ed25519" if case == "other suite" else "ES256"]
    assert type(refused.value) is ClientAuthenticationError
    assert refused.value.message == ClientAuthenticationError().message


def test_an_assertion_is_used_once(access: Access, department: Department) -> None:
    assertion = department.assertion()
    access.token(department.form(assertion))
    with pytest.raises(AssertionReplayedError):
        access.token(department.form(assertion))


def test_a_jti_is_used_once_even_in_another_assertion(access: Access, department: Department) -> None:
    access.token(department.form(department.assertion(jti="0123456789abcdef")))
    with pytest.raises(AssertionReplayedError):
        access.token(department.form(department.assertion(jti="0123456789abcdef", exp=department.now + 90)))


def test_two_clients_may_choose_the_same_jti(access: Access, department: Department) -> None:
    other = Department(department.clock, "tax-desk", "tax-1")
    access.add_client("Tax desk", "11990100MB0000001T", ["licence:read"], other.jwk, other.client_id)
    for client in (department, other):
        assert access.token(client.form(client.assertion(jti="0123456789abcdef")))


def test_of_many_at_once_with_one_assertion_one_gets_a_token(access: Access, department: Department) -> None:
    form = department.form()
    start = Barrier(6)

    def ask(_: int) -> str:
        start.wait()
        try:
            access.token(form)
        except AssertionReplayedError:
            return "replayed"
        return "token"

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(ask, range(6))) == ["replayed"] * 5 + ["token"]


def test_seen_assertions_are_forgotten_when_they_could_not_be_used_anyway(
    access: Access, department: Department, database: Database, clock: SetClock
) -> None:
    def seen() -> int:
        with database.snapshot() as session:
            return session.exec(select(func.count()).select_from(SeenAssertion)).one()

    first = department.assertion(exp=department.now + 300)
    access.token(department.form(first))
    clock.advance(seconds=299)
    access.token(department.form())
    assert seen() == 2
    with pytest.raises(AssertionReplayedError):
        access.token(department.form(first))
    clock.advance(seconds=100)
    access.token(department.form())
    with database.snapshot() as session:
        assert session.exec(select(func.min(col(SeenAssertion.expires_at)))).one() > department.now
    with pytest.raises(ClientAuthenticationError):
        access.token(department.form(first))
