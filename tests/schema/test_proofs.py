"""Proofs in GraphQL: a department proves its own records against the public log, and nobody else's."""

import base64
import hashlib
import hmac
from typing import Any

import orjson
import pytest

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from keys import checkpoint
from keys.signed_note import Verifier
from tests.catalogue.examples import HUSBAND
from tests.schema.desk import Desk, case_of
from tests.sharing.world import ASKER, ISSUER, OTHER

CHECKPOINT = "{ logCheckpoint { note keys } }"
PROOF = """query ($record: ID, $receipt: String) { recordProof(record: $record, receipt: $receipt) { __typename
    ... on Problem { code message }
    ... on InclusionProof { record kind recordedAt body salt leafHash index size hashes checkpoint } } }"""
CONSISTENCY = """query ($old: String!, $new: String) { logConsistency(oldSize: $old, newSize: $new) { __typename
    ... on Problem { code } ... on ConsistencyProof { oldSize oldRoot newSize newRoot hashes } } }"""
READ = """query ($case: CaseInput!, $id: String!) { case(input: $case) { ... on Case {
    licence(type: "HouseholdRegister", identifier: $id) { __typename ... on HouseholdRegister { number proof { receipt } } } } } }"""


def root_of(proof: dict[str, Any]) -> bytes:
    """Compute the root that a proof leads to, written anew from RFC 6962 section 2.1.1 by recursion."""
    body, salt = (base64.b64decode(proof[name]) for name in ("body", "salt"))
    entry = hmac.new(salt, body, hashlib.sha256).digest()
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    assert leaf.hex() == proof["leafHash"]
    hashes = [bytes.fromhex(each) for each in proof["hashes"]]

    def climb(index: int, size: int, way: list[bytes]) -> bytes:
        if size == 1:
            assert way == []
            return leaf
        left = 1
        while left * 2 < size:
            left *= 2
        *below, beside = way
        if index < left:
            return hashlib.sha256(b"\x01" + climb(index, left, below) + beside).digest()
        return hashlib.sha256(b"\x01" + beside + climb(index - left, size - left, below)).digest()

    return climb(int(proof["index"]), int(proof["size"]), hashes)


async def read(desk: Desk) -> str:
    """Read a licence, and return the receipt."""
    desk.world.grant(["number"])
    desk.refresh()
    answer = await desk.ask(READ, case=case_of(HUSBAND), id=desk.issued["HouseholdRegister"])
    receipt: str = answer["data"]["case"]["licence"]["proof"]["receipt"]
    return receipt


def test_a_department_proves_by_its_receipt_that_its_read_is_on_record(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        receipt = await read(desk)
        early = (await desk.ask(PROOF, receipt=receipt))["data"]["recordProof"]
        assert early["code"] == "LOG_NOT_INTEGRATED"
        assert "two seconds" in early["message"]
        desk.world.log.integrate()
        proof = (await desk.ask(PROOF, receipt=receipt))["data"]["recordProof"]
        claims = orjson.loads(base64.urlsafe_b64decode(receipt.split(".")[1] + "=="))
        facts = orjson.loads(base64.b64decode(proof["body"]))
        assert proof["record"] == facts["id"] == claims["jti"]
        assert (proof["kind"], facts["authority"], facts["receipt"]) == ("access", ASKER, True)
        assert facts["presentation"] == claims["presentation_sha256"]
        told = (await desk.ask(CHECKPOINT, authority=None))["data"]["logCheckpoint"]
        signed = checkpoint.read(proof["checkpoint"], [Verifier.from_text(each) for each in told["keys"]]).checkpoint
        assert told["note"] == proof["checkpoint"]
        assert root_of(proof) == signed.root
        again = (await desk.ask(PROOF, record=proof["record"]))["data"]["recordProof"]
        assert again == proof

    desk.run(scenario)


def test_what_is_anothers_unknown_or_no_receipt_is_a_problem(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        receipt = await read(desk)
        desk.world.log.integrate()

        async def code(authority: str | None = ASKER, **given: str) -> str:
            answer = await desk.ask(PROOF, authority=authority, **given)
            found: str = answer["data"]["recordProof"]["code"]
            return found

        assert await code(ISSUER, receipt=receipt) == "AUTHORITY_MISMATCH"
        assert await code(None, receipt=receipt) == "TOKEN_INVALID"
        assert await code(record="0" * 32) == "RECORD_UNKNOWN"
        for other in (receipt[:-4], receipt + "A", "", "x", desk.tokens[ASKER]):
            assert await code(receipt=other) == "INPUT_INVALID"
        assert await code() == await code(record="x", receipt=receipt) == "INPUT_INVALID"
        settings = desk.world.rows("SELECT id FROM audit_record WHERE kind = 'catalogue'")[0][0]
        assert await code(record=settings) == "AUTHORITY_MISMATCH"

    desk.run(scenario)


def test_anybody_can_ask_whether_the_log_only_grew(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.log.integrate()
        told = (await desk.ask(CHECKPOINT, authority=None))["data"]["logCheckpoint"]
        old = checkpoint.read(told["note"], [Verifier.from_text(each) for each in told["keys"]]).checkpoint
        await read(desk)
        desk.world.log.integrate()
        proof = (await desk.ask(CONSISTENCY, authority=None, old=f"{old.size}"))["data"]["logConsistency"]
        assert (proof["oldSize"], proof["oldRoot"]) == (f"{old.size}", old.root.hex())
        assert int(proof["newSize"]) > old.size
        whole = (await desk.ask(CONSISTENCY, old="0", new=f"{old.size}"))["data"]["logConsistency"]
        assert (whole["newRoot"], whole["hashes"]) == (old.root.hex(), [])
        for sizes, code in (
            ({"old": "1", "new": "0"}, "LOG_SIZE_UNKNOWN"), ({"old": "9999999"}, "LOG_SIZE_UNKNOWN"), ({"old": "-1"}, "INPUT_INVALID"),
            ({"old": "１"}, "INPUT_INVALID"), ({"old": "9" * 20}, "INPUT_INVALID"),
        ):  # fmt: skip
            answer = await desk.ask(CONSISTENCY, **sizes)
            assert answer["data"]["logConsistency"]["code"] == code

    desk.run(scenario)


def test_an_auditor_proves_the_records_of_whom_he_audits(desk: Desk) -> None:
    world = desk.world
    world.audit.note_settings({"zone": "UTC"})
    world.log.integrate()
    proofs = world.sharing.proofs

    def auditor(*authorities: str | None) -> Staff:
        return Staff("staff-1", "auditor", {each: frozenset({"AUDITOR"}) for each in authorities}, 0)

    def newest(kind: str) -> str:
        found = world.rows("SELECT id FROM audit_record WHERE kind = :kind ORDER BY sequence DESC", kind=kind)
        return str(found[0][0])

    of_issuer, of_hub = newest("licence"), newest("settings")
    assert proofs.of_record(auditor(ISSUER), of_issuer).record.facts["authority"] == ISSUER
    assert proofs.of_record(auditor(None), of_issuer).record.id == of_issuer
    assert proofs.of_record(auditor(None), of_hub).record.id == of_hub
    for who, record in ((auditor(OTHER), of_issuer), (auditor(), of_issuer), (auditor(ISSUER), of_hub)):
        with pytest.raises(RoleMissingError):
            proofs.of_record(who, record)
    officer = Staff("staff-2", "officer", {ISSUER: frozenset({"LICENCE_OFFICER"})}, 0)
    with pytest.raises(RoleMissingError):
        proofs.of_record(officer, of_issuer)
