"""An identity platform of the tests: it publishes keys of any kind and signs whatever it is told to."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from hub.platform import Platform
from keys import base64url, strict_json
from keys.contracts import PrivateKey
from keys.suites import suite

ISSUER = "https://id.example.gov.cn"
AUDIENCE = "https://hub.example.gov.cn/holders"
NOW = 1_795_320_000
PERSON = {"holder_code_type": "111", "holder_code": "99010219850312123X"}
RSA_KEY = rsa.generate_private_key(65537, 2048)
PADDINGS: dict[str, Any] = {"RS256": PKCS1v15(), "PS256": PSS(MGF1(SHA256()), 32)}


def platform(**changes: Any) -> Platform:
    """Return what a hub is told of it."""
    return Platform(**{"issuer": ISSUER, "audience": AUDIENCE, "keys": "jwks.json", **changes})


def claims(now: float = NOW, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token; a change to None leaves the claim out."""
    made = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "user-7f3a", "iat": now, "nbf": now, "exp": now + 300, **PERSON, **changes,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def signed(header: bytes, payload: bytes, key: PrivateKey) -> str:
    """Return a token of any bytes."""
    signing_input = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(key.sign(signing_input.encode()))}"


def rsa_token(algorithm: str, told: dict[str, Any], key: rsa.RSAPrivateKey = RSA_KEY, kid: str = "rsa") -> str:
    """Return a token under an RSA key."""
    head = strict_json.dumps({"alg": algorithm, "typ": "at+jwt", "kid": kid})
    signing_input = f"{base64url.encode(head)}.{base64url.encode(strict_json.dumps(told))}"
    signature = key.sign(signing_input.encode(), PADDINGS[algorithm], SHA256())
    return f"{signing_input}.{base64url.encode(signature)}"


def rsa_jwk(key: rsa.RSAPrivateKey = RSA_KEY, **changes: Any) -> dict[str, Any]:
    """Return an RSA key as the platform publishes it."""
    numbers = key.public_key().public_numbers()
    octets = (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (numbers.n, numbers.e))
    n, e = map(base64url.encode, octets)
    return {"kty": "RSA", "kid": "rsa", "use": "sig", "n": n, "e": e, **changes}


@dataclass
class Issuing:
    """A platform with one key of a suite."""

    suite_name: str = "ES256"
    kid: str = "platform-1"
    key: PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = suite(self.suite_name).generate()

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as it is published."""
        return {**self.key.public.to_jwk(), "kid": self.kid, "use": "sig", "alg": self.key.suite.jose_algorithm}

    def jwks(self, *others: dict[str, Any]) -> bytes:
        """The JWK Set."""
        return strict_json.dumps({"keys": [self.jwk, *others]})

    def header(self, **changes: Any) -> bytes:
        """The header of a good token."""
        return strict_json.dumps({"alg": self.key.suite.jose_algorithm, "typ": "at+jwt", "kid": self.kid, **changes})

    def token(self, told: dict[str, Any] | None = None, **header: Any) -> str:
        """A token with these claims, or with good ones."""
        return signed(self.header(**header), strict_json.dumps(claims() if told is None else told), self.key)
