"""The identity platform of the demonstration: it signs for whoever it is told, and is believed by the demonstration's hub alone.

A real one authenticates people first; this one stands in its place, so that a holder's app can be tried. Its key is made anew at each run.
"""

import os
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hub.platform import Platform
from keys import jws, strict_json
from keys.contracts import PrivateKey
from keys.suites import load_private, suite

ISSUER: Final = "https://id.xinghe.example"
AUDIENCE: Final = "xinghe-licence-hub"
SECONDS: Final = 900
FOLDER: Final = "platform"
KEY: Final = f"{FOLDER}/platform.pem"
_KEYS: Final = f"{FOLDER}/jwks.json"


@dataclass(frozen=True, slots=True)
class DemoPlatform:
    """The platform that lives in a demonstration's folder."""

    key: PrivateKey = field(repr=False)

    @classmethod
    def make(cls, folder: Path) -> "DemoPlatform":
        """Make its key, and publish the public half beside it."""
        made = cls(suite("ES256").generate())
        (folder / FOLDER).mkdir(mode=0o700)
        with os.fdopen(os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(made.key.to_pkcs8(None))
        public = {**made.key.public.to_jwk(), "kid": made._kid, "alg": "ES256", "use": "sig"}
        (folder / _KEYS).write_bytes(strict_json.dumps({"keys": [public]}))
        return made

    @classmethod
    def of(cls, folder: Path) -> "DemoPlatform":
        """Read its key from the folder."""
        return cls(load_private((folder / KEY).read_bytes(), None))

    @property
    def _kid(self) -> str:
        return self.key.public.thumbprint()

    def token(self, code_type: str, code: str) -> str:
        """Return a token that vouches for a person, good for a quarter of an hour."""
        now = int(time.time())
        told: dict[str, Any] = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": uuid.uuid4().hex, "iat": now, "exp": now + SECONDS,
            "holder_code_type": code_type, "holder_code": code,
        }  # fmt: skip
        return jws.sign_jwt(told, self.key, self._kid, "at+jwt")


def believed(folder: Path) -> Platform:
    """Return what the hub is told of the platform."""
    return Platform(ISSUER, AUDIENCE, str(folder / _KEYS))
