"""Seals over HTTP, through the real application: the whole life by different people, and every way in which a step is refused."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.clock import SetClock
from hub.composition import Hub
from tests.acceptance.seal_desks import APPLY, NAME, Desks, Play, active, code_of, player, wish
from tests.acceptance.small_hub import ISSUER
from tests.seals.outside import OutsideAuthority

STEPS = """query ($id: ID!) { done: sealApplication(application: $id) { ... on Problem { code } ... on SealApplication {
    owner ownerName purpose { key name { zh en } } suite years custody reason appliedAt authority { code }
    steps { act staff reason note at } } } }"""
NODE = "query ($id: ID!) { done: node(id: $id) { id ... on Seal { esId application { application status } } } }"


# -- the whole life ------------------------------------------------------------------------------------------------------


def test_three_people_make_a_seal_and_two_end_it(play_seals: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        applicant, approver, maker = desks["applicant"], desks["approver"], desks["maker"]
        applied = await applicant.apply()
        assert (applied["status"], applied["esId"]) == ("APPLIED", None)
        application = applied["application"]
        assert (await maker.step(f'makeSeal(application: "{application}")'))["code"] == "SEAL_UNUSABLE"
        approved = await approver.step(f'approveSealApplication(application: "{application}", note: "同意")')
        assert approved["status"] == "APPROVED"
        seal = await maker.step(f'makeSeal(application: "{application}")')
        es_id = seal["esId"]
        assert (seal["status"], seal["id"]) == ("MADE", f"seal:{es_id}")
        assert seal["signers"][0]["pem"].startswith("-----BEGIN CERTIFICATE-----\n")
        assert (await approver.step(f'fileSeal(esId: "{es_id}")'))["status"] == "ACTIVE"
        rotating = f'rotateSeal(esId: "{es_id}", replaces: "{seal["signers"][0]["thumbprint"]}")'
        rotated = await maker.step(rotating)
        assert (await maker.step(rotating))["code"] == "VERSION_CONFLICT"
        assert sorted(bool(each["retiredAt"]) for each in rotated["signers"]) == [False, True]
        for desk, step, status in (
            (applicant, f'suspendSeal(esId: "{es_id}", reason: CERTIFICATE_HOLD, note: "盘点")', "SUSPENDED"),
            (approver, f'resumeSeal(esId: "{es_id}", reason: UNSPECIFIED)', "ACTIVE"),
            (maker, f'reportSealCompromise(esId: "{es_id}", note: "丢失")', "SUSPENDED"),
            (approver, f'confirmSealCompromise(esId: "{es_id}")', "REVOKED"),
        ):
            assert (await desk.step(step))["status"] == status
        assert hub.seals.seal(es_id).revoked_for == "KEY_COMPROMISE"
        told = await applicant.do(STEPS, id=application)
        assert (told["owner"], told["ownerName"], told["authority"]["code"]) == (ISSUER, NAME, ISSUER)
        assert told["purpose"] == {"key": "CERTIFICATION", "name": {"zh": "证明专用章", "en": "Certificates of fact"}}
        assert [each["act"] for each in told["steps"]] == [
            "APPLY", "APPROVE", "MAKE", "FILE", "ROTATE", "SUSPEND", "RESUME", "REPORT_COMPROMISE", "CONFIRM_COMPROMISE",
        ]  # fmt: skip
        assert [each["note"] for each in told["steps"]][1] == "同意"
        assert {each["reason"] for each in told["steps"]} == {None, "CERTIFICATE_HOLD", "UNSPECIFIED", "KEY_COMPROMISE"}
        assert len({each["staff"] for each in told["steps"]}) == 3
        found = await applicant.do(NODE, id=seal["id"])
        assert found["application"] == {"application": application, "status": "MADE"}

    play_seals(scenario)


def test_a_remade_seal_takes_the_place_of_the_old_one(play_seals_once: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        old = (await active(desks))["esId"]
        new = await active(desks, remakes=old)
        assert new["remakes"] == old
        query = "query ($id: String!) { done: seal(esId: $id) { ... on Seal { status revokedFor remadeBy } } }"
        told = await desks["officer"].do(query, id=old)
        assert told == {"status": "REVOKED", "revokedFor": "SUPERSEDED", "remadeBy": new["esId"]}

    play_seals_once(scenario)


def test_an_owner_who_keeps_his_key_sends_its_public_half(play_seals_once: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        key = (await desks["applicant"].apply(custody="OWNER"))["application"]
        await desks["approver"].step(f'approveSealApplication(application: "{key}")')
        make = "mutation ($id: ID!, $pem: String) { done: makeSeal(application: $id, key: {publicKey: $pem}) { ... on Problem { code } ... on Seal { custody } } }"
        assert (await desks["maker"].do(make, id=key))["code"] == "SEAL_CUSTODY"
        for bad in (
            "",
            "no key",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "字" * 9,
            rsa_key(),
            "x" * 99_999,
        ):
            assert (await desks["maker"].do(make, id=key, pem=bad))["code"] == "INPUT_INVALID", bad
        assert (await desks["maker"].do(make, id=key, pem=ec_key())) == {"custody": "OWNER"}

    play_seals_once(scenario)


REQUEST = """mutation ($id: ID!, $place: SealKeyPlace! = STORE) { done: requestSealCertificate(application: $id, place: $place) {
    __typename ... on Problem { code } ... on SealCertificateRequest { pem } } }"""
MAKE = """mutation ($id: ID!, $chain: String!) { done: makeSeal(application: $id, key: {chain: $chain}) {
    ... on Problem { code } ... on Seal { esId signers { issuers } statusAt(asOf: "2026-01-01T00:00:00Z") } } }"""
ROTATE = """mutation ($id: String!, $old: String!, $chain: String!) { done: rotateSeal(esId: $id, replaces: $old, key: {chain: $chain}) {
    ... on Problem { code } ... on Seal { signers { thumbprint issuers } } } }"""


def test_an_outside_authority_certifies_a_seals_keys(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, other = OutsideAuthority(), OutsideAuthority()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.root.to_pem())

    async def scenario(_hub: Hub, desks: Desks) -> None:
        maker, key = desks["maker"], (await desks["applicant"].apply())["application"]
        assert (await maker.do(REQUEST, id=key))["code"] == "SEAL_UNUSABLE"
        await desks["approver"].step(f'approveSealApplication(application: "{key}")')
        assert (await desks["applicant"].do(REQUEST, id=key))["code"] == "ROLE_MISSING"
        assert (await maker.do(REQUEST, id=key, place="PKCS11"))["code"] == "SEAL_KEY_PLACE"
        assert (await maker.do(MAKE, id=key, chain="x"))["code"] == "SEAL_CERTIFICATE"
        first = (await maker.do(REQUEST, id=key))["pem"].encode()
        second = (await maker.do(REQUEST, id=key))["pem"].encode()
        bad = ["", "字", "x" * 99_999, first.decode(), other.answer(second).decode(), authority.answer(first).decode()]
        for chain in bad:
            assert (await maker.do(MAKE, id=key, chain=chain))["code"] == "SEAL_CERTIFICATE", chain[:40]
        made_seal = await maker.do(MAKE, id=key, chain=authority.answer(second).decode())
        assert made_seal["signers"][0]["issuers"].endswith(authority.root.to_pem().decode())
        assert made_seal["statusAt"] is None
        seal = await maker.step(f'fileSeal(esId: "{made_seal["esId"]}")')
        third = (await maker.do(REQUEST, id=key))["pem"].encode()
        given = {"id": seal["esId"], "old": seal["signers"][0]["thumbprint"], "chain": authority.answer(third).decode()}
        rotated = await maker.do(ROTATE, **given)
        assert [bool(each["issuers"]) for each in rotated["signers"]] == [True, True]
        assert (await maker.do(ROTATE, **given))["code"] in {"VERSION_CONFLICT", "SEAL_CERTIFICATE"}

    player(sqlite_url, tmp_path, monkeypatch, outside_roots=roots)(scenario)


def test_the_root_of_a_suite_is_made_once_by_who_makes_seals_everywhere(play_seals_once: Play) -> None:
    make = "mutation ($suite: String!) { done: makeSealRoot(suite: $suite) { ... on Problem { code } ... on SealRoot { suite root maker } } }"

    async def scenario(_hub: Hub, desks: Desks) -> None:
        assert (await desks["everything"].do(make, suite="Ed25519"))["code"] == "ROLE_MISSING"
        made_root = await desks["maker"].do(make, suite="Ed25519")
        assert made_root["root"] != made_root["maker"]
        assert (await desks["maker"].do(make, suite="Ed25519"))["code"] == "SEAL_EXISTS"
        assert (await desks["maker"].do(make, suite="RS256"))["code"] == "INPUT_INVALID"

    play_seals_once(scenario)


def test_a_status_is_told_as_of_any_moment(play_seals_once: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        (seal,) = hub.seals.seals(ISSUER)
        query = """query ($id: String!, $at: DateTime!) { done: seal(esId: $id) { ... on Seal {
            status statusAt(asOf: $at) signerAt(asOf: $at) { thumbprint } } } }"""
        clock = hub.clock
        assert isinstance(clock, SetClock)
        active_at = clock.now().isoformat()
        clock.advance(minutes=1)
        await desks["applicant"].step(f'suspendSeal(esId: "{seal.es_id}", reason: CERTIFICATE_HOLD)')
        then = await desks["officer"].do(query, id=seal.es_id, at=active_at)
        assert then == {
            "status": "SUSPENDED", "statusAt": "ACTIVE", "signerAt": {"thumbprint": seal.signers[0].kid},
        }  # fmt: skip
        now = await desks["officer"].do(query, id=seal.es_id, at=clock.now().isoformat())
        assert (now["statusAt"], now["signerAt"]) == ("SUSPENDED", None)
        later = await desks["officer"].do(query, id=seal.es_id, at="2099-01-01T00:00:00Z")
        assert later["statusAt"] == "EXPIRED"

    play_seals_once(scenario)


def ec_key() -> str:
    return pem_of(ec.generate_private_key(ec.SECP256R1()).public_key())


def rsa_key() -> str:
    return pem_of(rsa.generate_private_key(65537, 2048).public_key())


def pem_of(key: Any) -> str:
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


# -- hands, roles and repetitions ----------------------------------------------------------------------------------------


def test_one_person_with_every_role_makes_himself_no_seal(play_seals_once: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        alone = desks["everything"]
        application = (await alone.apply())["application"]
        for step in ("approveSealApplication", "rejectSealApplication"):
            refused = await alone.step(f'{step}(application: "{application}", note: "x")')
            assert (refused["__typename"], refused["code"]) == ("Problem", "SEAL_FOUR_EYES")
        await desks["approver"].step(f'approveSealApplication(application: "{application}")')
        assert (await alone.step(f'makeSeal(application: "{application}")'))["code"] == "SEAL_FOUR_EYES"
        es_id = (await desks["maker"].step(f'makeSeal(application: "{application}")'))["esId"]
        await desks["maker"].step(f'fileSeal(esId: "{es_id}")')
        await alone.step(f'reportSealCompromise(esId: "{es_id}")')
        assert (await alone.step(f'confirmSealCompromise(esId: "{es_id}")'))["code"] == "SEAL_FOUR_EYES"

    play_seals_once(scenario)


def test_a_step_that_is_sent_again_is_refused_and_does_nothing_twice(play_seals_once: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        application = (await desks["applicant"].apply())["application"]
        again = await desks["applicant"].apply()
        assert again["code"] == "SEAL_EXISTS"
        es_id = ""
        for who, step in (
            ("approver", "approveSealApplication(application: {0})"), ("maker", "makeSeal(application: {0})"),
            ("maker", "fileSeal(esId: {1})"), ("applicant", "suspendSeal(esId: {1}, reason: CERTIFICATE_HOLD)"),
            ("approver", "resumeSeal(esId: {1}, reason: UNSPECIFIED)"), ("approver", "revokeSeal(esId: {1}, reason: UNSPECIFIED)"),
        ):  # fmt: skip
            text = step.format(json.dumps(application), json.dumps(es_id))
            done = await desks[who].step(text)
            assert done["__typename"] != "Problem", done
            es_id = done.get("esId") or es_id
            assert (await desks[who].step(text))["code"] == "SEAL_UNUSABLE"
        assert len(hub.seals.seal(es_id).signers) == 1

    play_seals_once(scenario)


def test_what_does_not_exist_is_told(play_seals_once: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        for name in ("99010099999999", "", "x" * 5000, "'; DROP TABLE seal; --", "\\u0000"):
            applications = [
                await desks["approver"].ask(
                    f'mutation {{ done: approveSealApplication(application: "{name}") {{ ... on Problem {{ code }} }} }}'
                )
            ]
            seals = [
                await desks["approver"].ask(
                    f'mutation {{ done: revokeSeal(esId: "{name}", reason: UNSPECIFIED) {{ ... on Problem {{ code }} }} }}'
                )
            ]
            assert [each["data"]["done"]["code"] for each in applications] == ["SEAL_APPLICATION_UNKNOWN"]
            assert [each["data"]["done"]["code"] for each in seals] == ["SEAL_MISSING"]

    play_seals_once(scenario)


# -- what is asked for ---------------------------------------------------------------------------------------------------

PNG = base64.b64decode(wish()["picture"]["png"])


def handed_in(png: bytes, width: int = 20, height: int = 20) -> dict[str, Any]:
    """Return what changes of a wish when this picture is handed in."""
    return {"picture": {"png": base64.b64encode(png).decode(), "width": width, "height": height}}


WISHES: list[tuple[dict[str, Any], str]] = [
    ({"text": "星河市公安局证明专用章"}, "SEAL_NAME_MISMATCH"),
    ({"text": f"{NAME}万能专用章"}, "SEAL_PURPOSE_UNKNOWN"),
    ({"kind": "PERSONAL", "text": "王小明印", "representative": "李小明"}, "SEAL_NAME_MISMATCH"),
    ({"suite": "RS256"}, "INPUT_INVALID"),
    ({"years": 11}, "INPUT_INVALID"),
    ({"reason": ""}, "INPUT_INVALID"),
    ({"authority": "11990100MB0000009X"}, "AUTHORITY_UNKNOWN"),
    ({"owner": "91990100MA9Y00006K", "ownerName": "云帆公司"}, "CODE_INVALID"),
    ({"remakes": "99010000000099"}, "SEAL_MISSING"),
    (handed_in(b""), "PICTURE_NOT_PNG"),
    (handed_in(b"GIF89a"), "PICTURE_NOT_PNG"),
    (handed_in(PNG[:200]), "PICTURE_DAMAGED"),
    (handed_in(PNG + b"x"), "PICTURE_TRAILING_DATA"),
    (handed_in(PNG + bytes(600_000)), "PICTURE_TOO_LARGE"),
    (handed_in(PNG, height=40), "PICTURE_SIZE_MISMATCH"),
    ({"text": "𠮷" * 3, "kind": "PERSONAL", "representative": "𠮷" * 3, "picture": None}, "SEAL_LETTERS_MISSING"),
]


def test_a_wish_that_cannot_be_met_is_a_typed_problem_and_repeats_no_value(play_seals_once: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        before = hub.seal_office.applications(ISSUER)
        for changes, code in WISHES:
            refused = await desks["applicant"].apply(**changes)
            assert (refused["__typename"], refused["code"]) == ("Problem", code), changes
            assert not {"小明", "公安局", "𠮷"} & {
                part for part in ("小明", "公安局", "𠮷") if part in refused["message"]
            }
        assert hub.seal_office.applications(ISSUER) == before

    play_seals_once(scenario)


def test_what_is_no_base64_is_refused_before_anything_is_done(play_seals_once: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        for png in ("A", "AAA", "AA==\n", " AA==", "AA-_", "字", 1, None):
            shown = {"png": png, "width": 20, "height": 20}
            answer = await desks["applicant"].ask(APPLY, input=wish(picture=shown))
            assert (code_of(answer), "data" in answer) == ("INPUT_INVALID", False)
            assert "picture.png" in answer["errors"][0]["message"]

    play_seals_once(scenario)
