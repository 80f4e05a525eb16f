"""Receipts as their reader checks them: the hub's word on what a licence's status was when it answered.

A receipt speaks for one presentation only, by its SHA-256 digest, so that it cannot be laid beside another. It names no
person and has no expiry: it says what was true at its `iat`, for good.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from keys import jws, key_sets
from keys.base64url import encode
from keys.errors import FormatError, VerificationError
from keys.verification import StatusAnswer

TYP = "receipt+jwt"
LATE_TYP = "late-receipt+jwt"
"""Of a receipt that was made after the answer (`answered_at`), for an evidence package; its status is that of then."""


def status_in_receipt(receipt: str, presentation: str, *, issuer: str, keys: Iterable[dict[str, Any]]) -> StatusAnswer:
    """Return the status that a receipt proves for a presentation.

    `issuer` is the hub's address, `keys` are the JWKs it publishes at /.well-known/jwks.json.

    Raises:
        VerificationError: the signature is wrong, or the receipt is another hub's or another presentation's.
        UncheckableError: none of the keys is the one that signed it.
        FormatError: it is no receipt.
    """
    key = key_sets.named(jws.parse(receipt).header.get("kid"), keys)
    claims = jws.verify(receipt, key, typ=TYP).claims()
    if claims.get("iss") != issuer:
        raise VerificationError("the receipt is another hub's")
    digest = encode(hashlib.sha256(presentation.encode()).digest())
    if not hmac.compare_digest(str(claims.get("presentation_sha256", "")), digest):
        raise VerificationError("the receipt is another presentation's")
    issued, status = jws.numeric_date(claims, "iat"), claims.get("status")
    if issued is None or not isinstance(status, str):
        raise FormatError("the receipt says no status or no time")
    return StatusAnswer(status, datetime.fromtimestamp(issued, UTC))
