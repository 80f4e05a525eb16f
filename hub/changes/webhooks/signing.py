"""What a delivery looks like: a CloudEvents event as JSON, under the headers and the signature of Standard Webhooks.

Decides that only; it knows neither database nor network. CloudEvents 1.0, structured mode (JSON event format); Standard Webhooks 1.0.0, symmetric
signatures (`v1`): HMAC-SHA-256 over id, time and body.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Final

import orjson

from hub.changes.event import Change
from hub.changes.following import Told
from hub.clock import from_micros

SECRET_BYTES: Final = 32
PREFIX: Final = "whsec_"
CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
_ID_DIGITS: Final = 32


def delivery_id(webhook: str, change_record: str) -> str:
    """Return the id of a delivery: the same one at every attempt, in every process, after every crash."""
    return f"msg_{hashlib.sha256(f'{webhook}/{change_record}'.encode()).hexdigest()[:_ID_DIGITS]}"


def shown(secret: bytes) -> str:
    """Return a secret as its receiver is shown it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(of: str, at: int, body: bytes, secrets: Sequence[bytes]) -> Mapping[str, str]:
    """Return the headers of an attempt at a time in seconds; while a secret is being replaced, it is signed by both."""
    signed = f"{of}.{at}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)
    return {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": of,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def event_type(change: Change) -> str:
    """Return the type of an event, such as licence.issued."""
    return f"licence.{change.kind.lower()}"


def body_of(told: Told, of: str, source: str, item: str) -> bytes:
    """Return the event of a change as it is sent; `source` is the hub's address."""
    change, disclosed, stored = told.change, told.disclosed, told.disclosed.stored
    licence: dict[str, Any] = {
        "identifier": stored.identifier,
        "type": stored.type_key,
        "typeVersion": stored.type_version,
        "authority": stored.authority,
        "status": disclosed.status,
        "validFrom": stored.valid_from,
        "validUntil": stored.valid_until,
        "fields": disclosed.values,
        "withheld": [{"path": each.path, "reason": each.reason.value} for each in disclosed.withheld],
        "sdJwt": disclosed.presentation,
    }
    event = {
        "specversion": "1.0",
        "id": of,
        "source": f"{source}/changes",
        "type": event_type(change),
        "subject": change.identifier,
        "time": from_micros(change.at).astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            "kind": change.kind.value,
            "item": item,
            "identifier": change.identifier,
            "status": change.status,
            "supersedes": change.supersedes,
            "licence": licence,
        },
    }
    return orjson.dumps(event)
