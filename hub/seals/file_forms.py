"""How seals of each suite sign files: the form, its usual suffix, the digest it is of, what is to be signed and the signature of it.

Decides that SM2-SM3 seals give SES_Signature (GB/T 38540-2020), ES256 seals CMS (RFC 5652, CAdES-B), and others sign licences only. A
signature says by its first bytes which of the two it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from hub.errors import InputInvalidError
from keys import cms, ses_making
from keys.certificates import Certificate
from keys.cms_form import DIGEST
from keys.elliptic import ES256
from keys.errors import FormatError
from keys.ses_seal import parse_seal
from keys.sm2 import SM2_SM3

PROPERTY_INFO: Final = "detached"
_DER_SEQUENCE: Final = 0x30
_HEADER: Final = 2  # an element's tag and length, X.690 section 8.1


@dataclass(frozen=True, slots=True)
class Form:
    """How seals of a suite sign files; `digest` names the algorithm of the digest that is signed."""

    name: str
    suffix: str
    digest: str
    prepare: Callable[[bytes | None, Certificate, bytes, datetime], bytes]
    complete: Callable[[bytes, Certificate, bytes], bytes]


def form_of(suite: str) -> Form:
    """Return how seals of a suite sign files; raises InputInvalidError for one that signs none."""
    form = FORMS.get(suite)
    if form is None:
        raise InputInvalidError(f"Seals of {', '.join(FORMS)} sign files; this one is of {suite}.")
    return form


def is_cms(signature: bytes) -> bool:
    """Tell CMS from SES_Signature: the first begins with its object identifier, the second with a sequence. Raises FormatError."""
    if len(signature) < _HEADER or signature[0] != _DER_SEQUENCE:
        raise FormatError("this is no signature in DER")
    header = _HEADER + (signature[1] & 0x7F if signature[1] & 0x80 else 0)
    return signature[header : header + 1] == b"\x06"


def _prepare_ses(seal: bytes | None, signer: Certificate, digest: bytes, at: datetime) -> bytes:
    del signer
    if seal is None:
        raise InputInvalidError("This seal was made before seals had an SES_Seal; rotate it, then it signs files.")
    return ses_making.prepare(parse_seal(seal), at, digest, PROPERTY_INFO)


def _prepare_cms(seal: bytes | None, signer: Certificate, digest: bytes, at: datetime) -> bytes:
    del seal
    return cms.prepare(digest, signer, at)


def _complete_ses(prepared: bytes, signer: Certificate, value: bytes) -> bytes:
    return ses_making.complete(prepared, signer, value).der


def _complete_cms(prepared: bytes, signer: Certificate, value: bytes) -> bytes:
    return cms.complete(prepared, value, signer)


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        SM2_SM3.name: Form("SES_Signature", ".ses", SM2_SM3.digest_name, _prepare_ses, _complete_ses),
        ES256.name: Form("CMS", ".p7s", DIGEST, _prepare_cms, _complete_cms),
    }
)
