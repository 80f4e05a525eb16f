"""Uses of seals over HTTP: documents sealed by their digests, licences sealed anew; and that no refusal is masked."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from hub import errors
from hub.composition import Hub
from hub.errors import HubError
from hub.licences.draft import Draft, Holder
from hub.seals import refusals
from hub.seals.pictures import refusals as of_pictures
from keys.contracts import PrivateKey
from keys.digests import digests_of
from keys.errors import KeyStoreError, SuiteUnavailableError, TokenBusyError, TokenMissingError
from keys.suites import SUITES
from tests.acceptance.seal_desks import NAME, PROBLEM, Desk, Desks, Play, active, code_of
from tests.acceptance.small_hub import COMPANY, FIRST_DAY, ISSUER

DOCUMENT = digests_of("一份合同".encode())
ANOTHER = digests_of(b"another")
SEALED = f"{{ {PROBLEM} ... on SealedDocument {{ form suffix signature }} }}"
SIGN = f"mutation ($id: String!, $of: DocumentDigests!, $why: String!) {{ done: sealDocument(esId: $id, document: $of, reason: $why) {SEALED} }}"
PREPARE = f"mutation ($id: String!, $of: DocumentDigests!) {{ done: prepareSealing(esId: $id, document: $of) {{ {PROBLEM} ... on PreparedSealing {{ prepared }} }} }}"
COMPLETE = f"""mutation ($id: String!, $of: DocumentDigests!, $prepared: Base64!, $value: Base64!) {{
    done: completeSealing(esId: $id, document: $of, reason: "合同", prepared: $prepared, value: $value) {SEALED} }}"""
VERIFY = """query ($signature: Base64!, $of: DocumentDigests!) { done: verifySealedDocument(signature: $signature, document: $of) {
    result claims checks { name outcome subIndication detail } } }"""
JOB = f"{PROBLEM} ... on ResealingJob {{ job state thumbprint done total resealed refused rate problem {{ code }} startedAt endedAt }}"
RESEAL = f'mutation ($kid: String!) {{ done: resealLicences(thumbprint: $kid, legalBasis: "虚构条例", reason: "密钥丢失") {{ {JOB} }} }}'
WATCH = f"query ($job: ID!) {{ done: resealing(job: $job) {{ {JOB} }} }}"


def of(digests: Any = DOCUMENT, *names: str) -> dict[str, str]:
    """Return DocumentDigests."""
    words = {"sha256": "sha-256", "sm3": "sm3"}
    return {word: digests.by(name).hex() for word, name in words.items() if word in (names or words)}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def uses(hub: Hub) -> list[dict[str, Any]]:
    """Return what is on record about uses of seals."""
    with hub.database.snapshot() as session:
        found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'seal' ORDER BY sequence")).scalars()
        bodies = [json.loads(bytes(each)) for each in found]
    return [each for each in bodies if each["operation"] == "USE"]


# -- documents -----------------------------------------------------------------------------------------------------------


def test_a_document_is_sealed_by_its_digest_on_record_and_anybody_checks_it(play_seals: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        (seal,) = hub.seals.seals(ISSUER)
        anybody = Desk(desks["officer"].http, "")
        for who in ("officer", "applicant"):
            sealed = await desks[who].do(SIGN, id=seal.es_id, of=of(), why="签订合同")
            assert (sealed["form"], sealed["suffix"]) == ("CMS", ".p7s")
            report = await anybody.do(VERIFY, signature=sealed["signature"], of=of())
            assert report["result"] == "TOTAL_PASSED", report
            assert (await anybody.do(VERIFY, signature=sealed["signature"], of=of(ANOTHER)))["result"] == "TOTAL_FAILED"
            unnamed = await anybody.do(VERIFY, signature=sealed["signature"], of={})
            assert unnamed["result"] == "INDETERMINATE"
        first, second = uses(hub)
        assert (first["digest"], first["reason"], first["seal"]) == (of()["sha256"], "签订合同", seal.es_id)
        assert first["staff"] != second["staff"]
        for who in ("maker", "approver", "stranger"):
            for query in (SIGN, PREPARE):
                given = {"why": "x"} if query is SIGN else {}
                assert (await desks[who].do(query, id=seal.es_id, of=of(), **given))["code"] == "ROLE_MISSING"
        assert (await anybody.do(SIGN, id=seal.es_id, of=of(), why="x"))["code"] == "SESSION_INVALID"
        officer = desks["officer"]
        refused: list[tuple[dict[str, Any], str]] = [
            ({"of": of(DOCUMENT, "sm3")}, "INPUT_INVALID"), ({"of": {}}, "INPUT_INVALID"), ({"why": " "}, "INPUT_INVALID"),
            ({"of": {"sha256": hashlib.sha256().hexdigest()}}, "FILE_EMPTY"), ({"id": "99010099999999"}, "SEAL_MISSING"),
        ]  # fmt: skip
        for given_instead, code in refused:
            wanted: dict[str, Any] = {"id": seal.es_id, "of": of(), "why": "x", **given_instead}
            assert (await officer.do(SIGN, **wanted))["code"] == code
        await desks["applicant"].step(f'suspendSeal(esId: "{seal.es_id}", reason: CERTIFICATE_HOLD)')
        assert (await officer.do(SIGN, id=seal.es_id, of=of(), why="x"))["code"] == "SEAL_SUSPENDED"
        assert len(uses(hub)) == 2

    play_seals(scenario)


def test_digests_and_signatures_are_read_strictly(play_seals_once: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        officer = desks["officer"]
        good = of()["sha256"]
        for bad in (
            "",
            good[:-1],
            good + "0",
            good[:-1] + "g",
            f" {good}",
            f"{good}\n",
            1,
            [good],
            good.replace("a", "а"),
        ):
            answer = await officer.ask(SIGN, id="99010000000001", of={"sha256": bad}, why="x")
            assert (code_of(answer), "data" in answer) == ("INPUT_INVALID", False), bad
        for junk in (b"", b"\x30", b"0\x80\x06", b"no DER", bytes(100_000)):
            report = await officer.do(VERIFY, signature=encoded(junk), of=of())
            assert (report["result"], report["checks"][0]["subIndication"]) == ("TOTAL_FAILED", "FORMAT_FAILURE")
            assert report["claims"] is None

    play_seals_once(scenario)


async def owned(desks: Desks, suite: str) -> tuple[str, PrivateKey]:
    """Let a seal be made whose owner keeps the key; return its number and that key."""
    key = SUITES[suite].generate()
    application = (await desks["applicant"].apply(suite=suite, custody="OWNER"))["application"]
    await desks["approver"].step(f'approveSealApplication(application: "{application}")')
    pem = pem_of(key)
    made = await desks["maker"].step(f'makeSeal(application: "{application}", key: {{publicKey: {json.dumps(pem)}}})')
    await desks["maker"].step(f'fileSeal(esId: "{made["esId"]}")')
    return made["esId"], key


def pem_of(key: PrivateKey) -> str:
    body = base64.encodebytes(key.public.to_spki()).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize("suite", [name for name in ("ES256", "SM2-SM3") if SUITES[name].available()])
def test_an_owner_prepares_signs_elsewhere_and_completes(play_seals_once: Play, suite: str) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        es_id, key = await owned(desks, suite)
        officer = desks["officer"]
        assert (await officer.do(SIGN, id=es_id, of=of(), why="x"))["code"] == "SEAL_CUSTODY"
        prepared = (await officer.do(PREPARE, id=es_id, of=of()))["prepared"]
        value = key.sign_der(base64.b64decode(prepared))
        given = {"id": es_id, "of": of(), "prepared": prepared, "value": encoded(value)}
        for changes_, code in (
            ({"of": of(ANOTHER)}, "PREPARED_INVALID"), ({"value": encoded(value[:-1])}, "SEAL_VALUE_INVALID"),
            ({"prepared": ""}, "SEAL_VALUE_INVALID"), ({"prepared": "AAAA"}, "SEAL_VALUE_INVALID"),
            ({"prepared": "AAAA", "value": encoded(key.sign_der(bytes(3)))}, "PREPARED_INVALID"),
        ):  # fmt: skip
            assert (await officer.do(COMPLETE, **{**given, **changes_}))["code"] == code
        assert uses(hub) == []
        sealed = await officer.do(COMPLETE, **given)
        assert sealed["form"] == {"ES256": "CMS", "SM2-SM3": "SES_Signature"}[suite]
        report = await desks["stranger"].do(VERIFY, signature=sealed["signature"], of=of())
        assert report["result"] == "TOTAL_PASSED", report
        assert await officer.do(COMPLETE, **given) == sealed

    play_seals_once(scenario)


# -- licences sealed anew ------------------------------------------------------------------------------------------------


def issue(hub: Hub, count: int) -> None:
    """Issue licences under the seal of today."""
    holders = tuple(Holder(each["codeType"], each["code"], each["name"]) for each in COMPANY.holders)
    for place in range(count):
        draft = Draft(
            "BusinessLicence", f"{COMPANY.number[:-1]}{place}", holders, FIRST_DAY, FIRST_DAY, COMPANY.valid_until,
            dict(COMPANY.data), "虚构条例", "新办",
        )  # fmt: skip
        hub.licences.issue_many(ISSUER, "desk", [draft])


def test_licences_of_a_stolen_key_are_sealed_anew_by_a_job_that_is_watched(play_seals: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        (old,) = hub.seals.seals(ISSUER)
        kid = old.signers[0].kid
        issue(hub, 1)
        await desks["maker"].step(f'reportSealCompromise(esId: "{old.es_id}")')
        await desks["approver"].step(f'confirmSealCompromise(esId: "{old.es_id}")')
        officer = desks["officer"]
        for who, code in (("applicant", "ROLE_MISSING"), ("stranger", "ROLE_MISSING")):
            assert (await desks[who].do(RESEAL, kid=kid))["code"] == code
        assert (await officer.do(RESEAL, kid="x"))["code"] == "SEAL_MISSING"
        asked = await officer.do(RESEAL, kid=kid)
        assert (asked["state"], asked["done"], asked["total"], asked["thumbprint"]) == ("WAITING", 0, 1, kid)
        with pytest.raises(HubError):
            hub.resealing.run(asked["job"], "worker")
        stopped = await officer.do(WATCH, job=asked["job"])
        assert (stopped["state"], stopped["problem"]) == ("FAILED", {"code": "SEAL_UNUSABLE"})
        await active(desks, text=f"{NAME}政务服务专用章")
        again = await officer.do(RESEAL, kid=kid)
        assert (again["job"], again["state"]) == (asked["job"], "WAITING")
        hub.resealing.run(asked["job"], "worker")
        ended = await officer.do(WATCH, job=asked["job"])
        assert (ended["resealed"], ended["refused"]) == (1, 0)
        assert (ended["state"], ended["done"], ended["problem"], ended["endedAt"] is None) == (
            "FINISHED",
            1,
            None,
            False,
        )
        assert (await desks["stranger"].do(WATCH, job=asked["job"]))["code"] == "ROLE_MISSING"
        for unknown in ("x", hub.jobs.start("OTHER", {})):
            assert (await officer.do(WATCH, job=unknown))["code"] == "JOB_UNKNOWN"

    play_seals(scenario)


# -- refusals ------------------------------------------------------------------------------------------------------------


def family(*modules: Any) -> Iterator[type[HubError]]:
    """Yield every class of refusals that these modules define."""
    for module in modules:
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, HubError) and each.__module__ == module.__name__:
                yield each


MASKED = {HubError, errors.SettingsError}
SAID = [each for each in family(errors, refusals, of_pictures) if each not in MASKED]


def test_no_refusal_of_the_seal_office_is_masked(play_seals_once: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        assert len(SAID) > 60
        for refusal in SAID:
            if refusal is errors.PolicyChangedError:  # the whole answer is made again
                continue
            error = refusal([]) if refusal is errors.FaceDataError else refusal()

            def refuse(*_: object, error: HubError = error) -> str:
                raise error

            monkeypatch.setattr(hub.seal_office.changes, "apply", refuse)
            answer = await desks["applicant"].ask(
                "mutation ($input: SealApplicationInput!) { done: applyForSeal(input: $input) { ... on Problem { code message } } }",
                input={"authority": ISSUER, "kind": "STATUTORY", "text": NAME, "reason": "x"},
            )
            said = answer["data"]["done"]["code"] if answer.get("data") else code_of(answer)
            assert said == refusal.code

    play_seals_once(scenario)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyStoreError, "SEAL_KEY_UNAVAILABLE"),
        (SuiteUnavailableError, "SEAL_KEY_UNAVAILABLE"),
        (TokenMissingError, "SEAL_KEY_PLACE"),
        (TokenBusyError, "SEAL_KEY_UNAVAILABLE"),
    ],
)
def test_a_key_that_cannot_be_made_is_told_and_leaves_nothing(
    play_seals_once: Play, monkeypatch: pytest.MonkeyPatch, error: type[Exception], code: str
) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        application = (await desks["applicant"].apply())["application"]
        await desks["approver"].step(f'approveSealApplication(application: "{application}")')

        def refuse(*_: object) -> None:
            raise error("not to be shown")

        monkeypatch.setattr(hub.keys, "make_private", refuse)
        for mutation in ("makeSeal", "requestSealCertificate"):
            answer = await desks["maker"].ask(
                f'mutation {{ done: {mutation}(application: "{application}") {{ ... on Problem {{ code }} }} }}'
            )
            assert (answer["data"]["done"]["code"] if answer["data"] else code_of(answer)) == code
        monkeypatch.undo()
        assert hub.seal_office.application(application).status == "APPROVED"

    play_seals_once(scenario)
