"""A real OpenID provider from npm, served on this machine, and somebody's browser that goes there and comes back."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from keys import base64url
from tests.node_packages import node_packages

HERE = Path(__file__).parent
CLIENT, SECRET = "licence-hub", "only-for-tests-of-this-machine-0123456789"


def jwk(key: PrivateKeyTypes, kid: str, algorithm: str) -> dict[str, str]:
    """Return a private key as the provider signs with it."""
    named = {"kid": kid, "use": "sig", "alg": algorithm}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        n, e = numbers.public_numbers.n, numbers.public_numbers.e
        parts = {
            "n": n,
            "e": e,
            "d": numbers.d,
            "p": numbers.p,
            "q": numbers.q,
            "dp": numbers.dmp1,
            "dq": numbers.dmq1,
            "qi": numbers.iqmp,
        }
        return {"kty": "RSA", **{name: _number(value) for name, value in parts.items()}, **named}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point, secret = key.public_key().public_numbers(), key.private_numbers().private_value
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _number(point.x, 32),
            "y": _number(point.y, 32),
            "d": _number(secret, 32),
            **named,
        }
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    x, d = base64url.encode(key.public_key().public_bytes_raw()), base64url.encode(key.private_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "d": d, **named}


def _number(value: int, size: int = 0) -> str:
    return base64url.encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


ES256_KEY = jwk(ec.generate_private_key(ec.SECP256R1()), "es", "ES256")


@dataclass
class Provider:
    """The provider; `hub` is the address of the hub that it sends people back to."""

    issuer: str
    port: int
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.browser = httpx.Client(timeout=20)

    def control(self, **wanted: Any) -> None:
        """Tell it what to do from now on."""
        httpx.post(f"http://127.0.0.1:{self.port}/control", json=wanted, timeout=20).raise_for_status()

    def visit(self, address: str, who: str | None) -> dict[str, str]:
        """Go where the hub sends a browser, as somebody, until the provider sends it back; return what it brings."""
        self.control(who=who)
        self.browser.cookies.clear()
        answer = self.browser.get(address)
        for _ in range(10):
            if answer.next_request is None:
                return _posted(answer)
            where = str(answer.next_request.url)
            if not where.startswith(self.issuer):
                return dict(parse_qsl(urlsplit(where).query))
            answer = self.browser.send(answer.next_request)
        raise AssertionError(answer.text)


def _posted(answer: httpx.Response) -> dict[str, str]:
    """Return the form that a page of the provider sends by itself (response_mode form_post)."""
    from tests.web.visitor import fields  # noqa: PLC0415 - only where there are pages

    found = fields(answer).hidden
    assert found, answer.text
    return found


@contextmanager
def serving(
    port: int, clients: Sequence[dict[str, Any]], keys: Sequence[dict[str, str]], host: str = "127.0.0.1"
) -> Iterator[Provider]:
    """Serve a provider; skip where node or its packages are not."""
    folder = node_packages("test").parent
    issuer = f"http://{host}:{port}"
    told = json.dumps({"issuer": issuer, "port": port, "clients": list(clients), "keys": list(keys)})
    script = (HERE / "provider.mjs").read_text("utf-8")
    command = ["node", "--input-type=module", "-", told]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(script)
        process.stdin.close()
        try:
            assert process.stdout.readline().strip() == "ready"
            provider = Provider(issuer, port)
            yield provider
            provider.browser.close()
        finally:
            process.kill()
