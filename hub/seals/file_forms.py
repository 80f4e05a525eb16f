"""How seals of each suite sign files: the form, its usual suffix, the digest it is of, what is to be signed and the signature of it.

Decides that SM2-SM3 seals give SES_Signature (GB/T 38540-2020), ES256 seals CMS (RFC 5652, CAdES-B-B, with a timestamp B-T), and others sign licences only. A
signature says by its first bytes which of the two it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol

from hub.errors import InputInvalidError
from keys import cms, cms_reading, cms_verification, ses_making
from keys.certificates import Certificate
from keys.cms_form import DIGEST
from keys.digests import Digests
from keys.elliptic import ES256
from keys.report import Report
from keys.seal_trust import SealTrust
from keys.ses_seal import parse_seal
from keys.ses_signature import parse_signature
from keys.ses_verification import verify_signature
from keys.sm2 import SM2_SM3

PROPERTY_INFO: Final = "detached"
_DER_SEQUENCE: Final = 0x30
_HEADER: Final = 2  # an element's tag and length, X.690 section 8.1


Chain = tuple[Certificate, ...]


class Verify(Protocol):
    """Examines a signature of this form."""

    def __call__(
        self, signature: bytes, digests: Digests, trust: SealTrust, at: datetime, /, *, existed_at: datetime | None
    ) -> Report:
        """Return what it finds, as of a moment, for a signature that is proven to have existed at `existed_at`."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """How seals of a suite sign files; `digest` names the algorithm of the digest that is signed.

    `complete` takes the signer's certificate and those between it and its root, and as its last argument the token of a timestamp or None;
    `value` reads the signature value, over which timestamps are, out of a signature. Both raise KeysError.
    """

    name: str
    suffix: str
    digest: str
    prepare: Callable[[bytes | None, Certificate, bytes, datetime], bytes]
    complete: Callable[[bytes, Chain, bytes, bytes | None], bytes]
    value: Callable[[bytes], bytes]
    verify: Verify


def form_of(suite: str) -> Form:
    """Return how seals of a suite sign files; raises InputInvalidError for one that signs none."""
    form = FORMS.get(suite)
    if form is None:
        raise InputInvalidError(f"Seals of {', '.join(FORMS)} sign files; this one is of {suite}.")
    return form


def form_in(signature: bytes) -> Form:
    """Return the form of a signature, whoever made it: CMS is a sequence that begins with its object identifier; all else is read as SES_Signature."""
    if len(signature) < _HEADER or signature[0] != _DER_SEQUENCE:
        return _SES  # whose first check tells what is wrong
    header = _HEADER + (signature[1] & 0x7F if signature[1] & 0x80 else 0)
    return _CMS if signature[header : header + 1] == b"\x06" else _SES


def _prepare_ses(seal: bytes | None, signer: Certificate, digest: bytes, at: datetime) -> bytes:
    del signer
    if seal is None:
        raise InputInvalidError("This seal was made before seals had an SES_Seal; rotate it, then it signs files.")
    return ses_making.prepare(parse_seal(seal), at, digest, PROPERTY_INFO)


def _prepare_cms(seal: bytes | None, signer: Certificate, digest: bytes, at: datetime) -> bytes:
    del seal
    return cms.prepare(digest, signer, at)


def _complete_ses(prepared: bytes, chain: Chain, value: bytes, token: bytes | None) -> bytes:
    made = ses_making.complete(prepared, chain[0], value)
    return (made if token is None else ses_making.with_timestamp(made, token)).der


def _complete_cms(prepared: bytes, chain: Chain, value: bytes, token: bytes | None) -> bytes:
    return cms.complete(prepared, value, chain[0], chain[1:], token)


def _verify_cms(
    signature: bytes, digests: Digests, trust: SealTrust, at: datetime, *, existed_at: datetime | None
) -> Report:
    believed = cms_verification.Trust(
        trust.roots, trust.intermediates, trust.authorities, revocations=trust.revoked_certificates
    )
    return cms_verification.verify(signature, digests, believed, at, existed_at=existed_at)


_SES: Final = Form(
    name="SES_Signature",
    suffix=".ses",
    digest=SM2_SM3.digest_name,
    prepare=_prepare_ses,
    complete=_complete_ses,
    value=lambda signature: parse_signature(signature).value,
    verify=verify_signature,
)
_CMS: Final = Form(
    name="CMS",
    suffix=".p7s",
    digest=DIGEST,
    prepare=_prepare_cms,
    complete=_complete_cms,
    value=lambda signature: cms_reading.read(signature).signature,
    verify=_verify_cms,
)
FORMS: Final[Mapping[str, Form]] = MappingProxyType({SM2_SM3.name: _SES, ES256.name: _CMS})
"""By the suite of the seal."""
