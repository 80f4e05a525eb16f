"""Verification of one answer of an evidence package: from its record in the log to the values that left, one row a check.

Decides that the parts belong together: record, presentation, answer, receipt and proof each name or digest one another, so none can be laid
beside another's. The record proves by its salted commitment (`COMMITMENT`) that it is a leaf of the log; the earliest countersignature of a
witness whom the reader knows is proof that record and sealed licence existed then (POE), and nothing else is: neither the hub's word on the
time nor its own checkpoint. Licence and seal are judged as of the record's moment; that the licence was suspended then, say, is what the
package tells, not a fault of it.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from keys import checkpoint, evidence, jws, key_sets, log_proof, seal_verification, status_list, strict_json
from keys.certificates import Certificate, check_chain
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.evidence import Answer, Package
from keys.listed_status import status_in_list
from keys.receipt import LATE_TYP
from keys.report import Check, Outcome, Report, Row, examine
from keys.sd_jwt import peek
from keys.signed_note import Signature, Verifier
from keys.status_list_form import JWT_MEDIA
from keys.trust_list import TrustList
from keys.verification import Trust, verify_presentation

_SALT_SIZE: Final = 16
_MICROSECONDS: Final = 1_000_000
_LATEST: Final = 2**37 * _MICROSECONDS
_LARGEST_PEM: Final = 256 << 10
_LISTED: Final = MappingProxyType(
    {
        **dict.fromkeys(("VALID", "NOT_YET_VALID", "EXPIRED"), "VALID"),
        **dict.fromkeys(("WITHDRAWN", "CANCELLED", "REVOKED"), "INVALID"),
        "SUSPENDED": "SUSPENDED",
        **dict.fromkeys(("TRANSFERRED_OUT", "SUPERSEDED"), "APPLICATION_SPECIFIC"),
    }
)
"""What a status list says of a licence with a status of the glossary."""

_OF_THE_LICENCE: Final = frozenset({"VALIDITY", "STATUS"})
"""Rows of a presentation that tell whether the licence was good, and not whether the answer is genuine."""
_HELD: Final = "SEAL_VALIDITY"


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer is judged by: its package, the trust list (None: not believed), and whose keys the reader knows."""

    package: Package
    listed: TrustList | None
    keys: Sequence[dict[str, Any]]
    log_keys: Sequence[Verifier]
    witnesses: Sequence[Verifier]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it: the rows, what the record tells if the log proves it, and the values if they are proven."""

    checks: tuple[Check, ...]
    told: dict[str, Any] | None
    values: dict[str, Any] | None


@dataclass(slots=True)
class _Examination:
    """One answer under examination; each check adds what the next ones need."""

    ground: Ground
    answer: Answer
    facts: dict[str, Any] = field(init=False)
    at: datetime = field(init=False)
    signatures: tuple[Signature, ...] = ()
    existed_at: datetime | None = None
    presentation: str = ""
    receipt: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] | None = None
    report: Report | None = None

    def own(self, name: str) -> bytes:
        """Return one of the answer's own files."""
        return self.ground.package.of(self.answer, name)

    def shared(self, name: str | None) -> bytes | None:
        """Return a file that several answers may have in common."""
        return None if name is None else self.ground.package.files[name]

    def claims(self) -> dict[str, Any]:
        """Return the claims of the presentation, once it is proven who sealed them."""
        if self.report is None or self.report.claims is None:
            raise UncheckableError("not made, because the presentation is not proven")
        return self.report.claims

    def trusted(self) -> TrustList:
        """Return the trust list, if it is believed."""
        if self.ground.listed is None:
            raise UncheckableError("not made, because the trust list is not believed")
        return self.ground.listed


def verify(ground: Ground, answer: Answer) -> Found:
    """Examine one answer; never raises for what the package holds."""
    examined = _Examination(ground, answer)
    logged = examine(_LOGGED, examined)
    passed = {check.name for check in logged if check.outcome is Outcome.PASSED}
    sealed: tuple[Check, ...] = ()
    if "PRESENTATION" in passed:
        existed_at = examined.existed_at if {"INCLUSION", "WITNESSES"} <= passed else None
        trust = ground.listed.trust if ground.listed else Trust(MappingProxyType({}), ())
        examined.report = report = verify_presentation(
            examined.presentation, trust, None, examined.at, existed_at=existed_at
        )
        sealed = tuple(check for check in report.checks if check.name not in _OF_THE_LICENCE)
        sealed += examine(_SEALED, examined)
    rows = _BOUND if "RECORD" in passed else ()
    bound = examine(rows, examined)
    proven = {"RECORD", "INCLUSION", "CHECKPOINT"} <= passed
    return Found((*logged, *sealed, *bound), _told(examined) if proven else None, examined.values)


def claims_of(token: bytes, keys: Sequence[dict[str, Any]], typ: str) -> dict[str, Any]:
    """Return what one of the hub's keys signed; raises UncheckableError when the reader does not have that key."""
    if not keys:
        raise UncheckableError("give the hub's keys, got by a second way")
    parsed = jws.parse(_text(token))
    jws.check(parsed, key_sets.named(parsed.header.get("kid"), keys), typ=typ)
    return parsed.claims()


def _told(examined: _Examination) -> dict[str, Any]:
    facts = examined.facts
    names = ("authority", "client", "item", "legal_basis", "type", "licence", "version", "disclosed", "withheld")
    return {
        "at": examined.at.isoformat(), **{name: facts.get(name) for name in names}, "status": examined.receipt.get("status"),
        "existed_at": examined.existed_at.isoformat() if examined.existed_at else None,
    }  # fmt: skip


# -- the record, and that it is in the log -------------------------------------------------------------------------------


def _record(examined: _Examination) -> str:
    examined.facts = facts = strict_json.loads_object(examined.own(evidence.RECORD))
    case, time = examined.ground.package.manifest.case, facts.get("time")
    if (facts.get("id"), facts.get("kind"), facts.get("outcome")) != (examined.answer.record, "access", "DISCLOSED"):
        raise VerificationError("it is not the record of this answer", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if (facts.get("authority"), facts.get("item")) != (case.authority, case.item):
        raise VerificationError("it is the record of another case", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if type(time) is not int or not 0 < time < _LATEST:
        raise FormatError("the record says no time")
    examined.at = datetime.fromtimestamp(time // _MICROSECONDS, UTC)
    return f"a read of {examined.at.isoformat()}"


def _inclusion(examined: _Examination) -> str:
    salt, body = examined.own(evidence.SALT), examined.own(evidence.RECORD)
    if len(salt) != _SALT_SIZE:
        raise FormatError(f"the salt of a record has {_SALT_SIZE} bytes")
    proof = log_proof.read(examined.own(evidence.PROOF))
    tree = proof.check(hmac.digest(salt, body, "sha256"))
    return f"leaf {proof.index} of {tree.size}"


def _checkpoint(examined: _Examination) -> str:
    ground = examined.ground
    if not ground.log_keys:
        raise UncheckableError("give the log's key, got by a second way")
    note = log_proof.read(examined.own(evidence.PROOF)).note
    signed = checkpoint.read(note, ground.log_keys, ground.witnesses)
    if signed.checkpoint.origin != ground.package.manifest.log:
        raise VerificationError("the checkpoint is of another log", SubIndication.SIG_CONSTRAINTS_FAILURE)
    examined.signatures = signed.signatures
    return f"signed by {signed.checkpoint.origin}"


def _witnesses(examined: _Examination) -> str | None:
    if not examined.ground.witnesses:
        return None
    times = {one.name: one.time for one in examined.signatures if one.time is not None}
    if not times:
        raise VerificationError("none of the witnesses countersigned the checkpoint", SubIndication.NO_POE)
    earliest = min(times.values())
    if not 0 < earliest < _LATEST // _MICROSECONDS:
        raise FormatError("a countersignature says no time")
    examined.existed_at = datetime.fromtimestamp(earliest, UTC)
    return f"countersigned by {', '.join(sorted(times))}; it existed at {examined.existed_at.isoformat()}"


def _presentation(examined: _Examination) -> str:
    missing = examined.answer.missing
    if missing is not None:
        raise UncheckableError(f"the hub could not make it again: {missing}")
    content = examined.own(evidence.PRESENTATION)
    if not _same(evidence.digest(content), examined.facts.get("presentation")):
        raise VerificationError("it is not the presentation of the record", SubIndication.HASH_FAILURE)
    examined.presentation = _text(content)
    return "the one whose digest is in the record"


# -- the seal of the presentation ----------------------------------------------------------------------------------------


def _chain(examined: _Examination) -> str:
    content = examined.shared(examined.answer.chain)
    if content is None or len(content) > _LARGEST_PEM:
        raise FormatError("the certificate chain is missing, or larger than any")
    signer, *others = Certificate.load_pem_bundle(content)
    header, _ = peek(examined.presentation)
    if header.get("kid") != signer.thumbprint:
        raise VerificationError("it is another key's chain", SubIndication.SIG_CONSTRAINTS_FAILURE)
    way = check_chain(signer, examined.trusted().roots, _sealed_at(examined.claims()), others)
    return f"{len(way)} certificates from the seal's key to a root of the trust list"


def _seal(examined: _Examination) -> str | None:
    """That the seal held when it sealed is row SEAL's; nothing proves since when these bytes have existed, which only a stolen maker's key asks."""
    content = examined.shared(examined.answer.seal)
    if content is None:
        return None
    report = seal_verification.verify_seal(content, examined.trusted().seal_trust(), _sealed_at(examined.claims()))
    wrong = next((row for row in report.checks if row.outcome is not Outcome.PASSED and row.name != _HELD), None)
    if wrong is not None:
        raise VerificationError(f"{wrong.name}: {wrong.detail}", wrong.sub_indication or SubIndication.GENERIC)
    header, _ = peek(examined.presentation)
    if report.claims is None or report.claims["es_id"] != header.get("seal"):
        raise VerificationError("it is another seal", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return f"seal {report.claims['es_id']}, made by {report.claims['maker']}"


def _sealed_at(claims: dict[str, Any]) -> datetime:
    seconds = jws.numeric_date(claims, "iat")
    if seconds is None:
        raise FormatError("the licence says no sealing time")
    return datetime.fromtimestamp(seconds, UTC)


# -- what is bound to the record -----------------------------------------------------------------------------------------


def _answer(examined: _Examination) -> str:
    claims, facts = examined.claims(), examined.facts
    answer = strict_json.loads_object(examined.own(evidence.ANSWER))
    clear = peek(examined.presentation)[1]
    proven = {name: value for name, value in claims.items() if name not in clear}
    if answer.keys() != _ANSWERED | {"values"} or _spelled(answer["values"]) != _spelled(proven):
        raise VerificationError("the answer says something else than the presentation", SubIndication.HASH_FAILURE)
    if any(_spelled(answer[name]) != _spelled(facts.get(name)) for name in _ANSWERED):
        raise VerificationError("the answer says something else than the record", SubIndication.HASH_FAILURE)
    vct = f"urn:licence-hub:type:{facts.get('type')}:"
    named = (claims.get("licence_identifier"), claims.get("licence_version"), str(claims.get("vct")).startswith(vct))
    if named != (facts.get("licence"), facts.get("version"), True):
        raise VerificationError("the record is of another licence", SubIndication.SIG_CONSTRAINTS_FAILURE)
    examined.values = proven
    return f"{len(proven)} fields, as they are in the presentation"


_ANSWERED: Final = frozenset({"type", "licence", "version", "disclosed", "withheld"})


def _receipt(examined: _Examination) -> str:
    facts, manifest = examined.facts, examined.ground.package.manifest
    claims = claims_of(examined.own(evidence.RECEIPT), examined.ground.keys, LATE_TYP)
    expected = {
        "iss": manifest.hub,
        "jti": facts["id"],
        "answered_at": facts["time"] // _MICROSECONDS,
        "record_sha256": evidence.digest(examined.own(evidence.RECORD)),
        "presentation_sha256": facts.get("presentation"),
        "requester": {"authority": facts.get("authority"), "client": facts.get("client")},
        "case": {"item": manifest.case.item, "number": manifest.case.number},
        "licence_identifier": facts.get("licence"),
    }
    wrong = [name for name, value in expected.items() if _spelled(claims.get(name)) != _spelled(value)]
    if wrong:
        raise VerificationError(f"it is another answer's: {', '.join(wrong)}", SubIndication.SIG_CONSTRAINTS_FAILURE)
    status = claims.get("status")
    if not isinstance(status, str) or status not in _LISTED:
        raise FormatError("the receipt says no status")
    examined.receipt = claims
    return f"{status} at {examined.at.isoformat()}"


def _status(examined: _Examination) -> str:
    content = examined.shared(examined.answer.status)
    if content is None:
        raise VerificationError("there was no status list then", SubIndication.TRY_LATER)
    claims, told = examined.claims(), examined.receipt["status"]
    if not examined.ground.keys:
        raise UncheckableError("give the hub's keys, got by a second way")
    listed = status_list.read(content, JWT_MEDIA, examined.ground.keys)
    found = status_in_list(listed, examined.presentation, examined.at)
    if found is None:
        raise VerificationError("the status list does not speak of that moment", SubIndication.TRY_LATER)
    if found.status != _LISTED[told] or (found.status == "VALID" and told != _by_dates(claims, examined.at)):
        raise VerificationError(
            f"the list says {found.status}, the receipt {told}; a list follows a change within a minute",
            SubIndication.TRY_LATER,
        )
    return f"{told}, and the list of {found.at.isoformat()} agrees"


def _by_dates(claims: dict[str, Any], at: datetime) -> str:
    """What becomes of VALID by the dates of a licence."""
    begins, ends = jws.numeric_date(claims, "nbf"), jws.numeric_date(claims, "exp")
    if begins is not None and at.timestamp() < begins:
        return "NOT_YET_VALID"
    return "EXPIRED" if ends is not None and at.timestamp() >= ends else "VALID"


def _spelled(value: Any) -> str:
    """A JSON value in one spelling, for Python holds 1, 1.0 and true to be equal."""
    return json.dumps(value, sort_keys=True)


def _same(found: str, expected: object) -> bool:
    return isinstance(expected, str) and hmac.compare_digest(found.encode(), expected.encode())


def _text(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError("a token or presentation is ASCII") from error


_LOGGED: Final[tuple[Row, ...]] = (
    ("RECORD", (), _record),
    ("INCLUSION", ("RECORD",), _inclusion),
    ("CHECKPOINT", (), _checkpoint),
    ("WITNESSES", ("CHECKPOINT",), _witnesses),
    ("PRESENTATION", ("RECORD",), _presentation),
)
"""The rows before those of the presentation itself (`keys.verification`): name, the checks it stands on, how it is made."""

_SEALED: Final[tuple[Row, ...]] = (("SEAL_CHAIN", (), _chain), ("SEAL_FILE", (), _seal))
"""The rows of what comes with its seal."""

_BOUND: Final[tuple[Row, ...]] = (
    ("ANSWER", (), _answer),
    ("RECEIPT", (), _receipt),
    ("LICENCE_STATUS", ("RECEIPT",), _status),
)
"""The rows of what is bound to record and presentation."""
