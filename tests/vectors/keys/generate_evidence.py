"""Makes the packages below evidence/ anew: a good one, and one for each attack.

expected.json holds what the reader knows from elsewhere, the good package's values, and of each attack the result and a row that must not pass,
with the reason. Most attacks are those of a hub that signs them itself, so that the row alone can tell. The keys are thrown away.

Run from the top folder, only when the format changes on purpose: python -m tests.vectors.keys.generate_evidence
"""

import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from keys import evidence, log_proof, trust_list
from keys.errors import SubIndication as Why
from keys.evidence_zip import pack
from keys.log_proof import LogProof
from keys.report import Result
from keys.suites import SUITES
from tests.keys import evidence_packages as made
from tests.keys import trust_lists
from tests.keys.evidence_packages import Parts
from tests.keys.lists import statuses
from tests.keys.trust_lists import KEY, KEYS, KID, NOW

VECTORS: Final = Path(__file__).with_name("evidence")
FAILED, OPEN = Result.TOTAL_FAILED, Result.INDETERMINATE
Attack = tuple[Callable[[Parts], bytes], Result, str, Why]
"""What spoils a good package of two answers, the result, the row that must not pass, and why."""


def _changed(name: str, content: Callable[[Parts], bytes]) -> Callable[[Parts], bytes]:
    return lambda good: good.with_file(f"answers/1/{name}", content(good)).written()


def _shared(name: str, content: Callable[[Parts], bytes]) -> Callable[[Parts], bytes]:
    return lambda good: good.with_file(name, content(good)).written()


def _of_second(name: str) -> Callable[[Parts], bytes]:
    return _changed(name, lambda good: good.own(name, 2))


def _receipt(**changes: Any) -> Callable[[Parts], bytes]:
    return _changed(evidence.RECEIPT, lambda good: made.receipt(good.own(evidence.RECORD), **changes))


def _answer(change: Callable[[dict[str, Any]], Any]) -> Callable[[Parts], bytes]:
    def content(good: Parts) -> bytes:
        answer = json.loads(good.own(evidence.ANSWER))
        change(answer)
        return json.dumps(answer).encode()

    return _changed(evidence.ANSWER, content)


def _more_fields(good: Parts) -> bytes:
    """The same sealed licence with one more of its own disclosures: genuine, and never answered."""
    one = made.sealed("ES256")
    few, more = made.presented(one), made.presented(one, (*made.SHOWN, "holder"))
    record = made.recorded("ES256", few)
    proof = made.logged([record])[0]
    files = {
        evidence.RECORD: record, evidence.PROOF: proof, evidence.RECEIPT: made.receipt(record),
        evidence.PRESENTATION: more.encode(), evidence.ANSWER: made.answer_of(record, more),
    }  # fmt: skip
    return replace(good, files={**good.files, **{f"answers/1/{name}": each for name, each in files.items()}}).written()


def _of_another_licence(good: Parts) -> bytes:
    """A record that names another licence than the one whose presentation it digests; everything else agrees with it."""
    record = made.canonical({**good.record(), "licence": made.identifier("Ed25519")})
    answer = {**json.loads(good.own(evidence.ANSWER)), "licence": made.identifier("Ed25519")}
    files = {
        evidence.RECORD: record, evidence.PROOF: made.logged([record])[0], evidence.RECEIPT: made.receipt(record),
        evidence.ANSWER: json.dumps(answer).encode(),
    }  # fmt: skip
    return replace(good, files={**good.files, **{f"answers/1/{name}": each for name, each in files.items()}}).written()


def _recorded(**changes: Any) -> Callable[[Parts], bytes]:
    """A record that fits everything but what it must say, truly in the log."""

    def spoilt(good: Parts) -> bytes:
        record = made.canonical({**good.record(), **changes})
        files = {
            evidence.RECORD: record,
            evidence.PROOF: made.logged([record])[0],
            evidence.RECEIPT: made.receipt(record),
        }
        return replace(
            good, files={**good.files, **{f"answers/1/{name}": each for name, each in files.items()}}
        ).written()

    return spoilt


def _proof(change: Callable[[LogProof], LogProof]) -> Callable[[Parts], bytes]:
    return _changed(evidence.PROOF, lambda good: change(log_proof.read(good.own(evidence.PROOF))).to_text().encode())


def _other_log(good: Parts) -> bytes:
    return made.logged([good.own(evidence.RECORD)], SUITES["Ed25519"].generate())[0]


def _signed_badly(proof: LogProof) -> LogProof:
    """The log's own line with another signature behind its key's hash."""
    other = made.log_of([bytes(32)])[0].note.rpartition("\n\n")[2]
    return replace(proof, note=f"{proof.note.rpartition(chr(10) * 2)[0]}\n\n{other}")


def _foreign_list(_: Parts) -> bytes:
    edition = replace(trust_lists.EDITION, issuer="https://other.example")
    one = trust_lists.seal("ES256")
    return trust_list.make(edition, trust_lists.roots(), trust_lists.makers(), [replace(one, issuer=None)], KEY, KID)


# -- what is done to the file itself -------------------------------------------------------------------------------------


def _zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED, twice: str = "") -> bytes:
    """The package as another program writes it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
        if twice:
            archive.fp.seek(archive.start_dir)  # type: ignore[union-attr]  # it is open
            archive.NameToInfo.pop(twice)
            archive.writestr(zipfile.ZipInfo(twice), b"another", method)
    return out.getvalue()


def _repacked(change: Callable[[dict[str, bytes]], Any], **how: Any) -> Callable[[Parts], bytes]:
    def spoilt(good: Parts) -> bytes:
        files = dict(evidence.read(good.written()).files)
        change(files)
        return _zipped(files, **how)

    return spoilt


def _raw(change: Callable[[bytes], bytes]) -> Callable[[Parts], bytes]:
    return lambda good: change(good.written())


def _flagged(package: bytes) -> bytes:
    """Its first file is said to be encrypted, in both directories."""
    spoilt, central = bytearray(package), package.index(b"PK\x01\x02")
    spoilt[6] |= 1
    spoilt[central + 8] |= 1
    return bytes(spoilt)


def _only_in_one_directory(package: bytes) -> bytes:
    """A file that readers see who begin at the front, and nobody who reads the directory."""
    name, content = b"answers/1/zzz", b"hidden"
    facts = (20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), 0)
    entry = struct.pack("<4s5H3I2H", b"PK\x03\x04", *facts) + name + content
    central = package.index(b"PK\x01\x02")
    end = bytearray(package[-22:])
    end[16:20] = struct.pack("<I", central + len(entry))
    return package[:central] + entry + package[central:-22] + bytes(end)


def _bomb(_: Parts) -> bytes:
    """A few KiB that would become 8 MiB."""
    return _zipped({"manifest.json": bytes(8 << 20), "manifest.jwt": b"."}, zipfile.ZIP_DEFLATED)


def _manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[Parts], bytes]:
    def spoilt(good: Parts) -> bytes:
        files = dict(evidence.read(good.written()).files)
        members = json.loads(files[evidence.MANIFEST])
        change(members)
        return pack({**files, evidence.MANIFEST: json.dumps(members).encode()})

    return spoilt


def _with(files: Mapping[str, bytes], name: str, content: bytes) -> bytes:
    return pack({**files, name: content})


def _without_second(good: Parts) -> bytes:
    """Somebody who is not the hub leaves an answer out, and lists the rest."""
    first, second = good.manifest.answers
    files = {name: each for name, each in good.files.items() if name not in set(second.files()) - set(first.files())}
    old = evidence.read(good.written()).files[evidence.SIGNATURE].decode()
    return evidence.write(replace(good.manifest, answers=(first,)), files, lambda _: old)


PACKAGE = (FAILED, "PACKAGE", Why.FORMAT_FAILURE)
ATTACKS: Final[Mapping[str, Attack]] = {
    # the file
    "truncated": (_raw(lambda one: one[:-100]), *PACKAGE),
    "truncated-directory": (_raw(lambda one: one[: one.index(b"PK\x01\x02")]), *PACKAGE),
    "something-before-it": (_raw(lambda one: b"#!/bin/sh\n" + one), *PACKAGE),
    "something-behind-it": (_raw(lambda one: one + b"\0"), *PACKAGE),
    "comment": (_raw(lambda one: one[:-2] + b"\x05\x00hello"), *PACKAGE),
    "in-one-directory-only": (_raw(_only_in_one_directory), *PACKAGE),
    "encrypted": (_raw(_flagged), *PACKAGE),
    "bomb": (_bomb, *PACKAGE),
    "packed": (_repacked(lambda _: None, method=zipfile.ZIP_DEFLATED), *PACKAGE),
    "doubled-file": (_repacked(lambda _: None, twice="answers/1/answer.json"), *PACKAGE),
    "path-out-of-the-folder": (_repacked(lambda files: files.update({"../answers/1/answer.json": b"x"})), *PACKAGE),
    "absolute-path": (_repacked(lambda files: files.update({"/etc/passwd": b"x"})), *PACKAGE),
    "file-that-is-not-listed": (
        lambda good: _with(evidence.read(good.written()).files, "answers/1/notes.txt", b"x"), *PACKAGE
    ),
    "no-manifest": (_repacked(lambda files: files.pop(evidence.MANIFEST)), *PACKAGE),
    # the manifest
    "changed-file": (_manifest(lambda one: one["files"].update({evidence.JWKS: evidence.digest(b"x")})), *PACKAGE),
    "changed-manifest": (_manifest(lambda one: one.update(made_at=one["made_at"] + 1)), FAILED, "MANIFEST", Why.HASH_FAILURE),
    "answer-left-out": (_without_second, FAILED, "MANIFEST", Why.HASH_FAILURE),
    "another-hubs-manifest": (
        lambda good: evidence.write(replace(good.manifest, hub="https://other.example"), good.files, made.hub_signs),
        FAILED, "RECEIPT", Why.SIG_CONSTRAINTS_FAILURE,
    ),
    # the trust list
    "another-hubs-trust-list": (_shared(evidence.TRUST_LIST, _foreign_list), FAILED, "TRUST_LIST", Why.SIG_CONSTRAINTS_FAILURE),
    "trust-list-of-another-time": (
        lambda good: evidence.write(
            replace(good.manifest, made_at=int((NOW + timedelta(days=30)).timestamp())), good.files, made.hub_signs
        ),
        OPEN, "TRUST_LIST", Why.TRY_LATER,
    ),
    # record, log
    "other-record": (_of_second(evidence.RECORD), FAILED, "RECORD", Why.SIG_CONSTRAINTS_FAILURE),
    "record-of-a-refusal": (_recorded(outcome="REFUSED"), FAILED, "RECORD", Why.SIG_CONSTRAINTS_FAILURE),
    "record-of-another-authority": (_recorded(authority="11990102MB0000003X"), FAILED, "RECORD", Why.SIG_CONSTRAINTS_FAILURE),
    "record-of-another-item": (_recorded(item="ITEM2"), FAILED, "RECORD", Why.SIG_CONSTRAINTS_FAILURE),
    "record-without-time": (_recorded(time=0), FAILED, "RECORD", Why.FORMAT_FAILURE),
    "changed-record": (
        _changed(evidence.RECORD, lambda good: made.canonical({**good.record(), "client": "client-2"})),
        FAILED, "INCLUSION", Why.HASH_FAILURE,
    ),
    "other-salt": (_changed(evidence.SALT, lambda _: bytes(16)), FAILED, "INCLUSION", Why.HASH_FAILURE),
    "long-salt": (_changed(evidence.SALT, lambda _: bytes(17)), FAILED, "INCLUSION", Why.FORMAT_FAILURE),
    "proof-of-another-leaf": (_of_second(evidence.PROOF), FAILED, "INCLUSION", Why.HASH_FAILURE),
    "proof-of-another-place": (_proof(lambda one: replace(one, index=one.index - 1)), FAILED, "INCLUSION", Why.HASH_FAILURE),
    "short-proof": (_proof(lambda one: replace(one, hashes=one.hashes[:-1])), FAILED, "INCLUSION", Why.HASH_FAILURE),
    "proof-with-extra-data": (
        _changed(evidence.PROOF, lambda good: good.own(evidence.PROOF).replace(b"@v1\n", b"@v1\nextra eA==\n", 1)),
        FAILED, "INCLUSION", Why.FORMAT_FAILURE,
    ),
    "checkpoint-of-another-log": (_changed(evidence.PROOF, _other_log), OPEN, "CHECKPOINT", Why.NO_CERTIFICATE_CHAIN_FOUND),
    "checkpoint-signed-badly": (_proof(_signed_badly), FAILED, "CHECKPOINT", Why.SIG_CRYPTO_FAILURE),
    "another-log-in-the-manifest": (
        lambda good: evidence.write(replace(good.manifest, log="other.example/log"), good.files, made.hub_signs),
        FAILED, "CHECKPOINT", Why.SIG_CONSTRAINTS_FAILURE,
    ),
    # presentation, seal
    "swapped-presentation": (_of_second(evidence.PRESENTATION), FAILED, "PRESENTATION", Why.HASH_FAILURE),
    "presentation-that-shows-more": (_more_fields, FAILED, "PRESENTATION", Why.HASH_FAILURE),
    "another-keys-chain": (_shared("chains/1.pem", lambda good: good.files["chains/2.pem"]), FAILED, "SEAL_CHAIN", Why.SIG_CONSTRAINTS_FAILURE),
    "chain-that-is-none": (_shared("chains/1.pem", lambda _: b"x"), FAILED, "SEAL_CHAIN", Why.FORMAT_FAILURE),
    "another-seal": (_shared("seals/1.esl", lambda _: made.seal_file("ES256", "99010000009999")), FAILED, "SEAL_FILE", Why.SIG_CONSTRAINTS_FAILURE),
    "seal-that-is-none": (_shared("seals/1.esl", lambda _: b"x"), FAILED, "SEAL_FILE", Why.FORMAT_FAILURE),
    # answer
    "answer-says-more": (_answer(lambda one: one["values"].update(name="示例甲")), FAILED, "ANSWER", Why.HASH_FAILURE),
    "answer-says-other": (_answer(lambda one: one["values"].update(area=88.25)), FAILED, "ANSWER", Why.HASH_FAILURE),
    "answer-says-less": (_answer(lambda one: one["values"].pop("area")), FAILED, "ANSWER", Why.HASH_FAILURE),
    "answer-says-it-differently": (_answer(lambda one: one.update(version=True)), FAILED, "ANSWER", Why.HASH_FAILURE),
    "answer-with-a-note": (_answer(lambda one: one.update(note="x")), FAILED, "ANSWER", Why.HASH_FAILURE),
    "answer-withholds-less": (_answer(lambda one: one.update(withheld=[])), FAILED, "ANSWER", Why.HASH_FAILURE),
    "record-of-another-edition": (_recorded(version=2), FAILED, "ANSWER", Why.HASH_FAILURE),
    "all-of-another-licence": (_of_another_licence, FAILED, "ANSWER", Why.SIG_CONSTRAINTS_FAILURE),
    # receipt
    "other-answers-receipt": (_of_second(evidence.RECEIPT), FAILED, "RECEIPT", Why.SIG_CONSTRAINTS_FAILURE),
    "other-cases-receipt": (
        _receipt(case={"item": made.CASE.item, "number": "CASE-2"}), FAILED, "RECEIPT", Why.SIG_CONSTRAINTS_FAILURE
    ),
    "other-times-receipt": (_receipt(answered_at=1), FAILED, "RECEIPT", Why.SIG_CONSTRAINTS_FAILURE),
    "another-hubs-receipt": (_receipt(iss="https://other.example"), FAILED, "RECEIPT", Why.SIG_CONSTRAINTS_FAILURE),
    "receipt-of-another-type": (_receipt(typ="receipt+jwt"), FAILED, "RECEIPT", Why.SIG_CONSTRAINTS_FAILURE),
    "forged-receipt": (_receipt(key=SUITES["ES256"].generate()), FAILED, "RECEIPT", Why.SIG_CRYPTO_FAILURE),
    "receipt-without-a-status": (_receipt(status=["VALID"]), FAILED, "RECEIPT", Why.FORMAT_FAILURE),
    # status
    "status-of-another-list": (
        _shared("status/1.jwt", lambda _: made.status_token(uri=f"{trust_lists.HUB}/status-lists/2")),
        FAILED, "LICENCE_STATUS", Why.SIG_CONSTRAINTS_FAILURE,
    ),
    "status-list-that-was-over": (
        _shared("status/1.jwt", lambda _: made.status_token(expires_at=int(made.ANSWERED_AT.timestamp()))),
        OPEN, "LICENCE_STATUS", Why.TRY_LATER,
    ),
    "status-list-of-later": (
        _shared("status/1.jwt", lambda _: made.status_token(issued_at=int(NOW.timestamp()))),
        OPEN, "LICENCE_STATUS", Why.TRY_LATER,
    ),
    "status-list-that-says-otherwise": (
        _shared("status/1.jwt", lambda _: made.status_token(statuses=statuses({7: 1}))),
        OPEN, "LICENCE_STATUS", Why.TRY_LATER,
    ),
    "forged-status-list": (
        _shared("status/1.jwt", lambda _: made.status_token(key=SUITES["ES256"].generate())),
        FAILED, "LICENCE_STATUS", Why.SIG_CRYPTO_FAILURE,
    ),
}  # fmt: skip


def fresh() -> tuple[bytes, dict[str, bytes], dict[str, Any]]:
    """A good package, one for each attack, and what is expected of them."""
    good = made.parts("ES256", "SM2-SM3", witnessed=made.WITNESSED_AT)
    attacks = {name: spoil(good) for name, (spoil, *_) in ATTACKS.items()}
    expected = {
        "keys": KEYS,
        "log_key": made.LOG.to_text(),
        "witness_key": made.WITNESS.to_text(),
        "witnessed_at": int(made.WITNESSED_AT.timestamp()),
        "values": [json.loads(good.own(evidence.ANSWER, place))["values"] for place in (1, 2)],
        "attacks": {
            name: {"result": result, "row": row, "why": why} for name, (_, result, row, why) in ATTACKS.items()
        },
    }
    return good.written(), attacks, expected


def _write() -> None:
    shutil.rmtree(VECTORS, ignore_errors=True)
    (VECTORS / "attacks").mkdir(parents=True)
    good, attacks, expected = fresh()
    (VECTORS / "good.zip").write_bytes(good)
    for name, content in attacks.items():
        (VECTORS / "attacks" / f"{name}.zip").write_bytes(content)
    (VECTORS / "expected.json").write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    _write()
