"""Verification of an evidence package, with nothing but the package and what its reader knows from elsewhere: one report, one row a check.

Decides what a package proves. Nobody is believed because his key came along: the hub's keys, the log's and the witnesses' are the
reader's own, and a check that needs one he does not have is INDETERMINATE, never passed. It fetches nothing and reads no clock. Each answer is
judged as of its own moment, which its record tells. Terms of ETSI EN 319 102-1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from keys import evidence, evidence_answer, trust_list
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.evidence import Package
from keys.evidence_answer import Ground
from keys.moments import require_zones
from keys.report import Check, Result, Row, examine, result_of
from keys.signed_note import Verifier
from keys.trust_list import TrustList


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the reader believes, from elsewhere: the hub's keys as JWKs, its log's keys, and witnesses of the log.

    `trust_list` is a list of the hub that is newer than the package, for the moment `at` (aware): it knows what became of seals since.
    """

    keys: Sequence[dict[str, Any]] = ()
    log_keys: Sequence[Verifier] = ()
    witnesses: Sequence[Verifier] = ()
    trust_list: bytes | None = field(default=None, repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What is proven of one answer. `told` is what its record says, and `values` what left, each only as far as it is proven."""

    record: str
    result: Result
    checks: tuple[Check, ...]
    told: dict[str, Any] | None = field(repr=False)
    values: dict[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """The report of a package: of it as a whole, and of each answer."""

    result: Result
    checks: tuple[Check, ...]
    answers: tuple[AnswerReport, ...] = ()
    hub: str | None = None
    made_at: datetime | None = None


@dataclass(slots=True)
class _Examination:
    """One package under examination."""

    data: bytes
    anchors: Anchors
    package: Package | None = None
    listed: TrustList | None = None


def verify(data: bytes, anchors: Anchors) -> EvidenceReport:
    """Examine a package; never raises for what it holds."""
    require_zones(anchors.at)
    if (anchors.trust_list is None) != (anchors.at is None):
        raise FormatError("a trust list from elsewhere is judged as of a moment")
    examined = _Examination(data, anchors)
    checks = examine(_CHECKS, examined)
    if examined.package is None:
        return EvidenceReport(result_of(checks), checks)
    manifest = examined.package.manifest
    ground = Ground(
        examined.package, examined.listed, tuple(anchors.keys), tuple(anchors.log_keys), tuple(anchors.witnesses)
    )
    answers = tuple(_answer(ground, one) for one in manifest.answers)
    every = (*checks, *(check for one in answers for check in one.checks))
    made_at = datetime.fromtimestamp(manifest.made_at, UTC)
    return EvidenceReport(result_of(every), checks, answers, manifest.hub, made_at)


def _answer(ground: Ground, answer: evidence.Answer) -> AnswerReport:
    found = evidence_answer.verify(ground, answer)
    return AnswerReport(answer.record, result_of(found.checks), found.checks, found.told, found.values)


def _package(examined: _Examination) -> str:
    examined.package = evidence.read(examined.data)
    return f"{len(examined.package.files)} files, each with the digest of the manifest"


def _whole(examined: _Examination) -> Package:
    if examined.package is None:
        raise UncheckableError("there is no package")
    return examined.package


def _manifest(examined: _Examination) -> str:
    package = _whole(examined)
    manifest, body = package.manifest, package.files[evidence.MANIFEST]
    claims = evidence_answer.claims_of(package.files[evidence.SIGNATURE], examined.anchors.keys, evidence.TYP)
    told = (claims.get("iss"), claims.get("iat"), claims.get("manifest_sha256"))
    if told != (manifest.hub, manifest.made_at, evidence.digest(body)):
        raise VerificationError("the hub signed another manifest", SubIndication.HASH_FAILURE)
    return f"{manifest.hub} made it at {datetime.fromtimestamp(manifest.made_at, UTC).isoformat()}"


def _trust_list(examined: _Examination) -> str:
    package, anchors = _whole(examined), examined.anchors
    manifest = package.manifest
    newer = anchors.trust_list
    token = package.files[evidence.TRUST_LIST] if newer is None else newer
    at = anchors.at or datetime.fromtimestamp(manifest.made_at, UTC)
    if not anchors.keys:
        raise UncheckableError("give the hub's keys, got by a second way")
    examined.listed = found = trust_list.read(token, anchors.keys, at, issuer=manifest.hub)
    return f"edition {found.edition.sequence} of {found.edition.issued_at.isoformat()}" + (
        "; what became of seals since is not in it" if newer is None else ""
    )


_CHECKS: Final[tuple[Row, ...]] = (
    ("PACKAGE", (), _package),
    ("MANIFEST", ("PACKAGE",), _manifest),
    ("TRUST_LIST", ("PACKAGE",), _trust_list),
)
"""The rows of the package as a whole: name, the checks it stands on, how it is made."""
