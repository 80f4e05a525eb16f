"""A department's system, as the hub meets it: it holds a private key and asks for tokens."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.access.token_request import ASSERTION_TYPE
from hub.clock import Clock
from keys import jws
from keys.suites import PrivateKey, suite

ISSUER = "https://hub.example.gov.cn"
AUTHORITY = "11990100MB0000001T"


@dataclass(frozen=True)
class Department:
    """A registered client and the key it signs with."""

    clock: Clock
    client_id: str = "market-desk"
    kid: str = "desk-1"
    key: PrivateKey = field(default_factory=suite("ES256").generate)

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp())

    @property
    def jwk(self) -> dict[str, Any]:
        return {**self.key.public.to_jwk(), "kid": self.kid}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims, with changes; None leaves a claim out."""
        good = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": self.now,
            "exp": self.now + 60,
            "jti": uuid.uuid4().hex,
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def assertion(self, header: Mapping[str, Any] | None = None, key: PrivateKey | None = None, **changes: Any) -> str:
        head = {"typ": "JWT", "kid": self.kid, **(header or {})}
        return jws.sign(
            {name: value for name, value in head.items() if value is not None}, self.claims(**changes), key or self.key
        )

    def form(self, assertion: str | None = None, **more: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            **more,
        }
