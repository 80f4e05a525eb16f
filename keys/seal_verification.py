"""Verification of an electronic seal by its own procedure: format, maker's signature, maker's certificate, validity.

The order is that of GB/T 38540-2020. The maker's certificate is judged at the time the seal was made, as version 5 of the structures
has it: a seal outlives its maker's certificate. Signatures are checked over the original bytes. Fetches nothing, reads no clock; a check
that cannot be made is never a pass. The same rows are part of a signature's verification (`keys.ses_verification`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from keys.certificates import Certificate, check_chain
from keys.errors import SubIndication, UncheckableError, VerificationError
from keys.moments import require_zones
from keys.report import Report, Row, all_passed, examine, result_of
from keys.revocation import check_standing
from keys.seal_trust import SealTrust
from keys.ses_form import Extension, suite_of
from keys.ses_seal import LARGEST_REMEMBERED, Seal, parse_seal

load_certificate: Final = lru_cache(maxsize=256)(Certificate.load)
"""One seal signs many documents: its certificates are read once."""


@dataclass
class SealExamination:
    """One seal under examination; `existed_at` is a moment at which it is proven to have existed.

    The first row tells `moment`, when the seal has to be valid (None: unknown), and the extensions that must be understood.
    """

    der: bytes
    trust: SealTrust
    at: datetime
    existed_at: datetime | None
    seal: Seal = field(init=False)
    moment: datetime | None = field(init=False)
    extensions: tuple[Extension, ...] = field(init=False)

    @cached_property
    def maker(self) -> Certificate:
        """The certificate of who made the seal."""
        return load_certificate(self.seal.maker)


def verify_seal(der: bytes, trust: SealTrust, at: datetime, *, existed_at: datetime | None = None) -> Report:
    """Examine a seal at a moment (aware).

    `existed_at` is a moment at which the caller has proof that the seal existed; only that helps when the maker's key was compromised.
    Never raises for what the seal holds. The claims are what it says: `es_id`, `name`, `vendor`, `kind`, `maker`.
    """
    require_zones(at, existed_at)
    examined = SealExamination(der, trust, at, existed_at)
    checks = examine(_CHECKS, examined)
    claims = seal_claims(examined) if all_passed(checks, SEAL_PROVES_ORIGIN) else None
    return Report(result_of(checks), checks, claims)


def seal_claims(examined: SealExamination) -> dict[str, Any]:
    """What a proven seal says of itself."""
    content = examined.seal.content
    return {
        "es_id": content.es_id,
        "name": content.name,
        "vendor": content.vendor,
        "kind": content.kind,
        "maker": examined.maker.subject.common_name,
    }


def check_value(certificate: Certificate, algorithm: str, value: bytes, signed: bytes) -> str:
    """Check a signature value over the original bytes; raises VerificationError or UncheckableError."""
    suite = suite_of(algorithm)
    if certificate.public_key.suite is not suite:
        raise VerificationError("the algorithm is not that of the certificate's key")
    certificate.public_key.verify_der(value, signed)
    return f"signed under {suite.name}"


def known_moment(examined: SealExamination) -> datetime:
    """When the seal has to be valid; raises UncheckableError."""
    if examined.moment is None:
        raise UncheckableError("the signing time is in a form that is not read here")
    return examined.moment


def check_extensions(examined: SealExamination) -> str:
    """Row EXTENSIONS."""
    if any(one.critical for one in examined.extensions):
        raise UncheckableError("an extension that is not understood is critical")
    return "no critical extension"


def _format(examined: SealExamination) -> str:
    examined.seal = seal = parse_seal(examined.der)
    examined.moment, examined.extensions = examined.at, seal.content.extensions
    return f"an electronic seal of version {seal.version}"


def _signature(examined: SealExamination) -> str:
    seal = examined.seal
    judged = _judged if len(seal.der) <= LARGEST_REMEMBERED else _judged.__wrapped__
    return judged(examined.maker, seal)


@lru_cache(maxsize=128)
def _judged(maker: Certificate, seal: Seal) -> str:
    """A good signature stays good; a bad one raises, and what raises is not remembered."""
    return check_value(maker, seal.algorithm, seal.signature, seal.signed)


def _maker(examined: SealExamination) -> str:
    maker, trust, made_at = examined.maker, examined.trust, examined.seal.content.created_at
    if maker not in trust.makers:
        raise VerificationError("no known maker made the seal", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    for one in check_chain(maker, trust.roots, made_at, trust.intermediates):
        revoked = trust.revoked_certificates
        check_standing("a certificate of the maker's chain", revoked, one.thumbprint, made_at, examined.existed_at)
    return "a known maker made the seal, and its chain was good then"


def _validity(examined: SealExamination) -> str:
    content, moment = examined.seal.content, known_moment(examined)
    if moment < content.valid_from:
        raise VerificationError("the seal was not valid yet", SubIndication.NOT_YET_VALID)
    if moment > content.valid_until:
        raise VerificationError("the seal had expired", SubIndication.EXPIRED)
    check_standing("the seal", examined.trust.revoked_seals, content.es_id, moment, examined.existed_at)
    return "within the seal's validity"


SEAL_ROWS: Final[tuple[Row, ...]] = (
    ("SEAL_SIGNATURE", ("FORMAT",), _signature),
    ("SEAL_MAKER", ("FORMAT",), _maker),
    ("SEAL_VALIDITY", ("FORMAT",), _validity),
)
"""The rows of every seal in order: name, the checks it stands on, how it is made."""

SEAL_PROVES_ORIGIN: Final = ("FORMAT", "SEAL_SIGNATURE", "SEAL_MAKER")

_CHECKS: Final[tuple[Row, ...]] = (("FORMAT", (), _format), ("EXTENSIONS", ("FORMAT",), check_extensions), *SEAL_ROWS)
