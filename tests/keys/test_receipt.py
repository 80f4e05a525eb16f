"""A receipt speaks for one presentation of one hub, under a key that the hub publishes, and for nothing else."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from keys import jws
from keys.base64url import encode
from keys.errors import FormatError, UncheckableError, VerificationError
from keys.receipt import TYP, status_in_receipt
from keys.suites import suite

HUB, PRESENTATION = "https://hub.example.gov.cn", "eyJ.eyJ.c2ln~ZGlz~"
KEY = suite("ES256").generate()
KEYS = [{**KEY.public.to_jwk(), "kid": "receipt-1"}]
CLAIMS = {
    "iss": HUB,
    "iat": 1795353366,
    "status": "VALID",
    "presentation_sha256": encode(hashlib.sha256(PRESENTATION.encode()).digest()),
}


def receipt(typ: str = TYP, kid: str = "receipt-1", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jws.sign_jwt(claims, KEY, kid, typ)


def test_a_receipt_tells_the_status_and_when_it_was_so() -> None:
    answer = status_in_receipt(receipt(), PRESENTATION, issuer=HUB, keys=KEYS)
    assert (answer.status, answer.at) == ("VALID", datetime.fromtimestamp(1795353366, UTC))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (receipt(iss="https://elsewhere.example"), VerificationError),
        (receipt(presentation_sha256=encode(b"\0" * 32)), VerificationError),
        (receipt(presentation_sha256=None), VerificationError),
        (receipt(typ="at+jwt"), VerificationError),
        (receipt(status=None), FormatError),
        (receipt(iat=None), FormatError),
        (receipt(status=1), FormatError),
        (receipt(kid="another"), UncheckableError),
        ("no receipt", FormatError),
    ],
)
def test_whatever_is_not_this_answers_receipt_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        status_in_receipt(text, PRESENTATION, issuer=HUB, keys=KEYS)


def test_a_receipt_does_not_speak_for_another_presentation() -> None:
    with pytest.raises(VerificationError, match="another presentation"):
        status_in_receipt(receipt(), PRESENTATION + "bW9yZQ~", issuer=HUB, keys=KEYS)


def test_a_changed_receipt_is_refused() -> None:
    header, payload, signature = receipt(status="REVOKED").split(".")
    forged = f"{header}.{receipt().split('.')[1]}.{signature}"
    assert payload != forged.split(".")[1]
    with pytest.raises(VerificationError):
        status_in_receipt(forged, PRESENTATION, issuer=HUB, keys=KEYS)
