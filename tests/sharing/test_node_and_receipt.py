"""Node ids carry no right and fit one authority only; receipts verify against the published key and name the record."""

import hashlib
from dataclasses import replace

import pytest

from hub.clock import SystemClock
from hub.errors import HubError, NotFoundError, NotGrantedError, ScopeMissingError
from hub.sharing.disclosure import Disclosed
from hub.sharing.node import Node, NodeIds
from hub.sharing.reading import OpenCase
from hub.sharing.receipts import Receipts
from keys import base64url, jws
from keys.errors import VerificationError
from keys.suites import load_public_jwk
from tests.catalogue.examples import HUSBAND, WIFE
from tests.sharing.world import ASKER, ISSUER, ITEM, OTHER, OTHER_ITEM, URL, World, party, purpose

ISSUE = frozenset({"licence:issue"})


def test_a_node_id_repeats_the_read(world: World) -> None:
    world.grant(["address", "members.name"], roles=("tenant",))
    world.run(_round_trip(world))


async def _round_trip(world: World) -> None:
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)))
    found = await case.licence(world.key(), None, world.pending())
    node_id = world.sharing.node_id(found)
    pending = world.pending()
    again = await world.sharing.node(world.caller(), node_id, None, pending)
    assert isinstance(again, Disclosed)
    assert (again.values, again.presentation, again.subjects) == (found.values, found.presentation, found.subjects)
    assert [entry.id for entry in pending.entries] == [again.entry.id]
    assert again.entry.facts == found.entry.facts
    assert world.sharing.node_id(again) == node_id
    some = await world.sharing.node(
        world.caller(), node_id, {"HouseholdRegister": frozenset({"address"})}, world.pending()
    )
    assert isinstance(some, Disclosed)
    assert some.disclosed == ("address",)
    for secret in (HUSBAND["code"], found.stored.identifier, case.id):
        assert secret.encode() not in base64url.decode(node_id)
        assert secret not in node_id


def test_a_node_id_carries_no_right(world: World) -> None:
    grant = world.grant(["address"])
    world.run(_no_right(world, grant))


async def _no_right(world: World, grant: str) -> None:
    case = await world.open(purpose(HUSBAND))
    node_id = world.sharing.node_id(await case.licence(world.key(), None, world.pending()))
    with pytest.raises(ScopeMissingError):
        await world.sharing.node(world.caller(scopes=ISSUE), node_id, None, world.pending())
    world.sharing.suspend_grant(grant)
    pending = world.pending()
    with pytest.raises(NotGrantedError):
        await world.sharing.node(world.caller(), node_id, None, pending)
    assert [entry.facts["outcome"] for entry in pending.entries] == ["NOT_GRANTED"]


def test_forged_foreign_and_own_issue_ids(world: World) -> None:
    world.grant(["address"])
    world.grant(["address"], authority=OTHER, item=OTHER_ITEM)
    world.run(_foreign(world))


async def _foreign(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    found = await case.licence(world.key(), None, world.pending())
    node_id = world.sharing.node_id(found)
    flipped = base64url.decode(node_id)
    forged = base64url.encode(flipped[:-1] + bytes([flipped[-1] ^ 1]))
    nowhere = NodeIds(world.store)
    no_case = nowhere.make(ASKER, Node("0" * 32, "HouseholdRegister", found.stored.identifier))
    cursor = nowhere.cursors(ASKER, case.id).make(("HouseholdRegister", found.stored.identifier))
    own = await world.sharing.own(world.caller(ISSUER, ISSUE), found.stored.identifier, None, world.pending())
    own_id = world.sharing.node_id(own)
    attempts = [
        (ASKER, forged), (OTHER, node_id), (ISSUER, node_id), (ASKER, ""), (ASKER, "A"), (ASKER, "AAAA"),
        (ASKER, node_id + "="), (ASKER, "é"), (ASKER, no_case), (ASKER, own_id), (ASKER, cursor),
        (ASKER, nowhere.make(ASKER, Node("0" * 32))), (OTHER, world.sharing.case_id(case)), (ASKER, found.stored.identifier),
    ]  # fmt: skip
    answers = []
    for authority, text in attempts:
        pending = world.pending()
        with pytest.raises(HubError) as caught:
            await world.sharing.node(world.caller(authority, {"licence:read", "licence:issue"}), text, None, pending)
        (entry,) = pending.entries
        answers.append((caught.value.code, caught.value.message, {**entry.facts, "authority": "", "client": ""}))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][:2] == ("NOT_FOUND", NotFoundError.__doc__)
    again = await world.sharing.node(world.caller(ISSUER, ISSUE), own_id, None, world.pending())
    assert isinstance(again, Disclosed)
    assert again.values == own.values
    with pytest.raises(ScopeMissingError):
        await world.sharing.node(world.caller(ISSUER), own_id, None, world.pending())


def test_the_id_of_a_case_opens_it_again_and_carries_no_right(world: World) -> None:
    grant = world.grant(["address"])
    world.run(_reopened(world, grant))


async def _reopened(world: World, grant: str) -> None:
    case = await world.open(purpose(HUSBAND))
    case_id = world.sharing.case_id(case)
    assert case.id not in case_id
    again = await world.sharing.node(world.caller(), case_id, None, world.pending())
    assert isinstance(again, OpenCase)
    assert (again.record, again.legal_basis, world.sharing.case_id(again)) == (case.record, case.legal_basis, case_id)
    with pytest.raises(ScopeMissingError):
        await world.sharing.node(world.caller(scopes=ISSUE), case_id, None, world.pending())
    world.sharing.suspend_grant(grant)
    pending = world.pending()
    with pytest.raises(NotGrantedError):
        await world.sharing.node(world.caller(), case_id, None, pending)
    assert [entry.facts["outcome"] for entry in pending.entries] == ["NOT_GRANTED"]
    world.sharing.resume_grant(grant)
    world.sharing.erase_person(HUSBAND["codeType"], HUSBAND["code"])
    with pytest.raises(NotFoundError):
        await world.sharing.node(world.caller(), case_id, None, world.pending())


def test_another_process_reads_the_same_ids(world: World) -> None:
    node = Node("case", "Type", "identifier")
    made = NodeIds(world.store).make(ASKER, node)
    other = NodeIds(world.store)
    other.prepare()
    assert other.read(ASKER, made) == node
    assert other.make(ASKER, node) == made
    with pytest.raises(NotFoundError):
        other.read(OTHER, made)


def test_a_receipt_verifies_and_names_the_record(world: World) -> None:
    world.grant(["address"])
    world.run(_receipt(world))


async def _receipt(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    found = await case.licence(world.key(), None, pending)
    receipt = world.sharing.receipt(found, pending)
    claims = _verified(world, receipt)
    assert claims == {
        "iss": URL,
        "iat": int(world.clock.now().timestamp()),
        "jti": found.entry.id,
        "requester": {"authority": ASKER, "client": world.caller().client_id},
        "case": {"item": ITEM, "number": "CASE-1"},
        "licence_identifier": found.stored.identifier,
        "presentation_sha256": base64url.encode(hashlib.sha256(found.presentation.encode()).digest()),
        "status": "VALID",
    }
    await world.recorder.commit(pending)
    (record,) = world.records("access")
    assert (record["id"], record["receipt"]) == (claims["jti"], True)
    assert record["presentation"] == claims["presentation_sha256"]
    head, _, signature = receipt.split(".")
    other = base64url.encode(b'{"iss":"https://elsewhere.example"}')
    with pytest.raises(VerificationError):
        _verified(world, f"{head}.{other}.{signature}")


def _verified(world: World, receipt: str) -> dict[str, object]:
    (jwk,) = world.sharing.jwks()["keys"]
    assert "d" not in jwk
    header = jws.parse(receipt).header
    assert (header["kid"], header["typ"], header["alg"], jwk["alg"], jwk["use"]) == (
        jwk["kid"], "receipt+jwt", "ES256", "ES256", "sig"
    )  # fmt: skip
    public = load_public_jwk({name: value for name, value in jwk.items() if name not in ("kid", "alg", "use")})
    return jws.verify(receipt, public, typ="receipt+jwt").claims()


def test_no_receipt_without_its_record_in_the_same_request(world: World) -> None:
    world.grant(["address"])
    world.run(_no_record(world))


async def _no_record(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    found: Disclosed = await case.licence(world.key(), None, world.pending())
    with pytest.raises(ValueError, match="record"):
        world.sharing.receipt(found, world.pending())
    with pytest.raises(ValueError, match="record"):
        world.sharing.receipt(found._replace(entry=replace(found.entry, id="other")), world.pending())


def test_another_process_signs_with_the_same_receipt_key(world: World) -> None:
    other = Receipts(world.store, SystemClock(), URL)
    other.prepare()
    assert other.jwks() == world.sharing.jwks()
