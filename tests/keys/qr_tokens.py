"""Printed codes of made-up authorities, for every test of their tokens."""

from dataclasses import replace
from typing import Any, Final

from keys import qr_token
from keys.licence_identifier import check_character
from keys.qr_token import QrToken, hub_mark
from tests.keys.authorities import CREDIT_CODE, ISSUER, SEALED_AT, Authority

HUB: Final = ISSUER.partition("/authorities/")[0]
TYPE_CODE: Final = "11100000000013127D001"
LONG_AFTER: Final = 2_000_000_000


def identifier(
    type_code: str = TYPE_CODE, issuer: str = CREDIT_CODE, serial: str = "7Q2ZK0M4T9XA1BC8D3EF", version: str = "001"
) -> str:
    """An identifier with its check character."""
    return f"1.2.156.3005.2.{type_code}.{issuer}.{serial}.{version}.{check_character(type_code + issuer + serial + version)}"


EXAMPLE: Final = QrToken(
    hub_mark(HUB), identifier(), 1, 7, int(SEALED_AT.timestamp()), int(SEALED_AT.timestamp()), LONG_AFTER, "示*甲"
)


def token(authority: Authority, **changes: Any) -> bytes:
    """The example, with changes, under the authority's key."""
    return qr_token.sign(replace(EXAMPLE, **changes), authority.key, authority.certificate.thumbprint)
