"""Small evidence packages of a made-up hub: its log, a licence of each suite, the answers of one case; all that attacks take apart."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ssl import DER_cert_to_PEM_cert
from typing import Any, Final

from keys import checkpoint, evidence, jws, merkle, sd_jwt, signed_note, status_list, trust_list
from keys.certificates import Certificate
from keys.checkpoint import Checkpoint
from keys.elliptic import ED25519
from keys.evidence import Answer, Case, Manifest
from keys.evidence_verification import Anchors, EvidenceReport, verify
from keys.log_proof import LogProof
from keys.receipt import LATE_TYP
from keys.report import Outcome
from keys.signed_note import COSIGNATURE, Verifier
from keys.status_list import StatusList
from keys.status_list_form import JWT_MEDIA
from keys.suites import PrivateKey
from tests.keys import trust_lists
from tests.keys.authorities import AUTHORITIES, SEALED_AT
from tests.keys.lists import statuses
from tests.keys.seals import OFFICES
from tests.keys.trust_lists import HUB, KEY, KEYS, KID, NOW

READER: Final = "11990200MB00000023"
CASE: Final = Case(READER, "11990200MB000000234000199904000", "CASE-1")
ANSWERED_AT: Final = NOW - timedelta(hours=2)
WITNESSED_AT: Final = NOW - timedelta(hours=1)
ORIGIN: Final = f"{HUB.partition('://')[2]}/log"
LOG_KEY, WITNESS_KEY = ED25519.generate(), ED25519.generate()
LOG: Final = Verifier(ORIGIN, LOG_KEY.public)
WITNESS: Final = Verifier("witness.example.org/w1", WITNESS_KEY.public, COSIGNATURE)
ANCHORS: Final = Anchors(KEYS, (LOG,))
SALT: Final = bytes(range(16))
SHOWN: Final = ("number", "area")
PLACE: Final = 5
"""Of the first answer in the log."""


@dataclass(frozen=True)
class Parts:
    """A package taken apart: its manifest, and its files without that."""

    manifest: Manifest
    files: Mapping[str, bytes]

    def with_file(self, name: str, content: bytes) -> "Parts":
        """Return it with another file of this name."""
        assert name in self.files
        return replace(self, files={**self.files, name: content})

    def own(self, name: str, answer: int = 1) -> bytes:
        """Return a file of an answer."""
        return self.files[f"answers/{answer}/{name}"]

    def record(self, answer: int = 1) -> dict[str, Any]:
        """Return an answer's record."""
        facts: dict[str, Any] = json.loads(self.own(evidence.RECORD, answer))
        return facts

    def written(self) -> bytes:
        """Return the package as the hub itself would write and sign it, dishonest as it may be."""
        return evidence.write(self.manifest, self.files, hub_signs)


def hub_signs(claims: Mapping[str, Any]) -> str:
    """Sign a manifest as the hub does."""
    return jws.sign_jwt(claims, KEY, KID, evidence.TYP)


def identifier(suite_name: str) -> str:
    """Return a licence identifier; what it is made of is no matter here."""
    return f"1.2.156.3005.2.{suite_name}"


def sealed(suite_name: str, **clear: Any) -> sd_jwt.Sealed:
    """Seal the example licence under a suite."""
    given = {"licence_identifier": identifier(suite_name), "licence_version": 1, "iat": int(SEALED_AT.timestamp())}
    return AUTHORITIES[suite_name].seal({"seal": trust_lists.seal(suite_name).es_id}, **{**given, **clear})


def presented(one: sd_jwt.Sealed, paths: Sequence[str] = SHOWN) -> str:
    """Show some fields of it."""
    return sd_jwt.present(
        one.jwt, [each.encoded for each in sd_jwt.select(one.disclosures, lambda path: path[0] in paths)]
    )


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Return facts as a record's bytes."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def recorded(suite_name: str, presentation: str, **changes: Any) -> bytes:
    """Return the record of an answer."""
    return canonical({
        "authority": READER, "client": "client-1", "case": "c" * 32, "item": CASE.item, "type": "Example",
        "licence": identifier(suite_name), "version": 1, "disclosed": list(SHOWN), "withheld": [["remarks", "NOT_GRANTED"]],
        "presentation": evidence.digest(presentation.encode()), "outcome": "DISCLOSED", "reason": None,
        "subjects": ["h" * 32], "legal_basis": "虚构条例", "receipt": False, "id": f"record-of-{suite_name}", "kind": "access",
        "time": int(ANSWERED_AT.timestamp()) * 1_000_000 + 7, **changes,
    })  # fmt: skip


def answer_of(record: bytes, presentation: str) -> bytes:
    """Return the fields of an answer as they left."""
    facts = json.loads(record)
    key = AUTHORITIES[facts["licence"].removeprefix("1.2.156.3005.2.")].key.public
    claims, clear = sd_jwt.verify(presentation, key).claims, sd_jwt.peek(presentation)[1]
    values = {name: value for name, value in claims.items() if name not in clear}
    told = {name: facts[name] for name in ("type", "licence", "version", "disclosed", "withheld")}
    return json.dumps({**told, "values": values}).encode()


def receipt_claims(record: bytes) -> dict[str, Any]:
    """Return what a receipt says of an answer."""
    facts = json.loads(record)
    return {
        "iss": HUB, "iat": int(NOW.timestamp()), "answered_at": facts["time"] // 1_000_000, "jti": facts["id"],
        "requester": {"authority": facts["authority"], "client": facts["client"]},
        "case": {"item": CASE.item, "number": CASE.number}, "licence_identifier": facts["licence"],
        "presentation_sha256": facts["presentation"], "record_sha256": evidence.digest(record), "status": "VALID",
    }  # fmt: skip


def receipt(record: bytes, typ: str = LATE_TYP, key: PrivateKey = KEY, **changes: Any) -> bytes:
    """Return the receipt of an answer."""
    return jws.sign_jwt({**receipt_claims(record), **changes}, key, KID, typ).encode()


def status_token(key: PrivateKey = KEY, **changes: Any) -> bytes:
    """Return the status list of the time of the answers."""
    issued = int(ANSWERED_AT.timestamp()) - 20
    usual = StatusList(f"{HUB}/status-lists/1", issued, issued + 86400, 20, statuses({}), 2)
    return status_list.sign(replace(usual, **changes), key, KID)[JWT_MEDIA]


def log_of(entries: Sequence[bytes], key: PrivateKey = LOG_KEY, *, witnessed: datetime | None = None) -> list[LogProof]:
    """Return the proof of each entry of a log that a key signed."""
    leaves = [merkle.leaf_hash(each) for each in entries]

    def subtree(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return merkle.node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))

    size = len(leaves)
    note = checkpoint.sign(Checkpoint(ORIGIN, size, merkle.root(size, subtree)), key)
    if witnessed:
        note = signed_note.cosign(note, WITNESS.name, WITNESS_KEY, int(witnessed.timestamp()))
    return [LogProof(place, merkle.inclusion_proof(place, size, subtree), note) for place in range(size)]


def logged(records: Sequence[bytes], key: PrivateKey = LOG_KEY, *, witnessed: datetime | None = None) -> list[bytes]:
    """Return the proofs of records that stand in a log among others."""
    others = [bytes([place]) * 32 for place in range(PLACE)]
    entries = [*others, *(hmac.digest(SALT, one, "sha256") for one in records), b"later" * 6]
    return [one.to_text().encode() for one in log_of(entries, key, witnessed=witnessed)[PLACE:-1]]


def chain(suite_name: str) -> bytes:
    """Return the certificates of a suite's seal."""
    return b"".join(pem(each) for each in (AUTHORITIES[suite_name].certificate, AUTHORITIES[suite_name].root))


def pem(certificate: Certificate) -> bytes:
    """Return a certificate as PEM."""
    return DER_cert_to_PEM_cert(certificate.der).encode()


def listed(suites: Sequence[str]) -> bytes:
    """Return the trust list of a hub that has seals of these suites alone."""
    roots = [AUTHORITIES[name].root for name in suites]
    makers = [(OFFICES[name].maker, OFFICES[name].authority.root) for name in suites if name in OFFICES]
    seals = [trust_lists.seal(name) for name in suites]
    return trust_list.make(trust_lists.EDITION, roots, makers, seals, KEY, KID)


def seal_file(suite_name: str, es_id: str | None = None) -> bytes:
    """Return the SES_Seal of a suite's seal."""
    office = OFFICES[suite_name]
    return office.seal(office.content(es_id=es_id or trust_lists.seal(suite_name).es_id)).der


def parts(*suites: str, witnessed: datetime | None = None, **changes: Any) -> Parts:
    """Return a good package with an answer of each suite, of ES256 without any; `changes` are those of the first record."""
    names = suites or ("ES256",)
    presentations = [presented(sealed(name)) for name in names]
    records = [
        recorded(name, presentation, **(changes if place == 0 else {}))
        for place, (name, presentation) in enumerate(zip(names, presentations, strict=True))
    ]
    proofs = logged(records, witnessed=witnessed)
    files: dict[str, bytes] = {
        evidence.JWKS: json.dumps({"keys": KEYS}).encode(), evidence.TRUST_LIST: listed(names),
        evidence.LOG_KEYS: f"{LOG.to_text()}\n".encode(), "status/1.jwt": status_token(),
    }  # fmt: skip
    answers = []
    for place, name in enumerate(names):
        own = {
            evidence.RECORD: records[place], evidence.SALT: SALT, evidence.PROOF: proofs[place],
            evidence.RECEIPT: receipt(records[place]), evidence.PRESENTATION: presentations[place].encode(),
            evidence.ANSWER: answer_of(records[place], presentations[place]),
        }  # fmt: skip
        answer = Answer(
            json.loads(records[place])["id"], f"answers/{place + 1}", f"chains/{place + 1}.pem",
            f"seals/{place + 1}.esl" if name in OFFICES else None, "status/1.jwt",
        )  # fmt: skip
        answers.append(answer)
        files |= {answer.file(file): content for file, content in own.items()}
        files[f"chains/{place + 1}.pem"] = chain(name)
        if answer.seal:
            files[answer.seal] = seal_file(name)
    return Parts(Manifest(HUB, ORIGIN, int(NOW.timestamp()), CASE, tuple(answers)), files)


def examined(package: bytes, anchors: Anchors = ANCHORS) -> EvidenceReport:
    """Return the report of a package."""
    return verify(package, anchors)


def complaints(report: EvidenceReport) -> list[tuple[str, str | None]]:
    """Row and sub-indication of all that did not pass, but for rows that were not made because of others."""
    every = [*report.checks, *(check for one in report.answers for check in one.checks)]
    return [
        (row.name, row.sub_indication)
        for row in every
        if row.outcome is not Outcome.PASSED and not row.detail.startswith("not made")
    ]
