"""Secrets of webhooks, by which receivers know that a delivery is the hub's: made here, shown once, and kept sealed.

Decides for how long the one before is good when a secret is replaced. The only opener of the purpose WEBHOOK_SECRET.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlmodel import Session

from hub.changes.webhooks.signing import SECRET_BYTES
from hub.clock import to_micros
from hub.vault.purposes import WEBHOOK_SECRET
from hub.vault.service import DataKey, Vault

BOTH: Final = timedelta(days=1)
_FOR_EVER: Final = 0


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, and until when it signs (microseconds); the present one for ever."""

    key: bytes = field(repr=False)
    until: int = _FOR_EVER


def make() -> Secret:
    """Return a new secret."""
    return Secret(secrets.token_bytes(SECRET_BYTES))


def replaced(present: Sequence[Secret], now: datetime) -> list[Secret]:
    """Return a new secret, and the present one for as long as both sign."""
    return [make(), Secret(present[0].key, to_micros(now + BOTH))]


def signing(kept: Sequence[Secret], now: int) -> list[bytes]:
    """Return what signs at a moment (microseconds), the present one first."""
    return [each.key for each in kept if each.until == _FOR_EVER or now < each.until]


def sealed(vault: Vault, key: DataKey, webhook: str, kept: Sequence[Secret]) -> bytes:
    """Return secrets as they are kept."""
    listed = [[base64.b64encode(each.key).decode(), each.until] for each in kept]
    return vault.seal(WEBHOOK_SECRET, key, webhook, orjson.dumps(listed))


def opened(vault: Vault, session: Session, key_id: str, webhook: str, kept: bytes) -> list[Secret]:
    """Return the secrets of a webhook; raises DamagedError, NotFoundError."""
    listed = orjson.loads(vault.open(WEBHOOK_SECRET, vault.load_key(session, key_id), webhook, kept))
    return [Secret(base64.b64decode(key), until) for key, until in listed]
