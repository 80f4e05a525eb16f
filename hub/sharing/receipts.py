"""Receipts (用证回执): the hub's signature over what one answer was, for whom, for which case, and when.

Decides what a receipt says. It must never name a person: it names the access record, the case and the digest of the
presentation, which the requester holds. JWT (RFC 7519) with a type of its own (RFC 8725 section 3.11).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.audit.service import Pending
from hub.clock import Clock
from hub.errors import InputInvalidError
from hub.sharing.disclosure import Disclosed
from keys import jws
from keys.errors import KeysError
from keys.own_key import OwnKey
from keys.receipt import LATE_TYP, TYP
from keys.store import KeyStore

NAME = "hub/receipt-1"
SUITE = "ES256"
_MICROSECONDS = 1_000_000


class Receipts:
    """Signs receipts under the hub's receipt key."""

    def __init__(self, store: KeyStore, clock: Clock, public_url: str) -> None:
        """Call `prepare` once before the first use."""
        self._key = OwnKey(store, NAME, SUITE)
        self._clock = clock
        self._public_url = public_url

    def prepare(self) -> None:
        """Make the receipt key where there is none."""
        self._key.make()

    def sign(self, disclosed: Disclosed, pending: Pending) -> str:
        """Return the receipt of a disclosure of this request, and note in its record that one was given."""
        _note(disclosed, pending)
        basis = disclosed.basis
        case = basis.case
        claims = {
            "iss": self._public_url,
            "iat": int(self._clock.now().timestamp()),
            "jti": disclosed.entry.id,
            "requester": {"authority": basis.authority, "client": basis.client}
            if basis.authority
            else {"holder": True},
            **({"case": {"item": case.item, "number": case.number}} if case else {}),
            "licence_identifier": disclosed.stored.identifier,
            "presentation_sha256": disclosed.presentation_digest,
            "status": disclosed.status,
        }
        return jws.sign_jwt(claims, self._key.private, self._key.kid, TYP)

    def record_of(self, receipt: str) -> str:
        """Return the id of the record that a receipt names; raises InputInvalidError when it was not signed here."""
        try:
            claims = jws.verify(receipt, self._key.private.public, typ=TYP).claims()
        except KeysError as error:
            raise InputInvalidError("This is no receipt of this hub.") from error
        return str(claims["jti"])

    def late(self, facts: Mapping[str, Any], record_sha256: str, number: str, status: str) -> str:
        """Return the receipt of an answer that left before, by its record's facts; `status` is that of then, `number` the case's."""
        claims = {
            "iss": self._public_url,
            "iat": int(self._clock.now().timestamp()),
            "answered_at": facts["time"] // _MICROSECONDS,
            "jti": facts["id"],
            "requester": {"authority": facts["authority"], "client": facts["client"]},
            "case": {"item": facts["item"], "number": number},
            "licence_identifier": facts["licence"],
            "presentation_sha256": facts["presentation"],
            "record_sha256": record_sha256,
            "status": status,
        }
        return self.sign_as(LATE_TYP, claims)

    def sign_as(self, typ: str, claims: Mapping[str, Any]) -> str:
        """Return claims as a token of a type of its own."""
        return jws.sign_jwt(claims, self._key.private, self._key.kid, typ)

    def jwks(self) -> dict[str, Any]:
        """Return the public receipt keys as a JWK Set (RFC 7517 section 5)."""
        return self._key.jwks()


def _note(disclosed: Disclosed, pending: Pending) -> None:
    """A receipt names a record, so the record must be among those that become durable with this answer."""
    places = [place for place, entry in enumerate(pending.entries) if entry.id == disclosed.entry.id]
    if not places:
        raise ValueError("a receipt is given in the request that makes its record durable")
    entry = pending.entries[places[0]]
    pending.entries[places[0]] = replace(entry, facts={**entry.facts, "receipt": True})
