"""Asked once only: whole cases over HTTP in the manner of the test cases of the EU's Once-Only Technical System (Regulation 2022/1463).

Each scenario says what the counter and the applicant would miss, which records are written, and that the person sees who read what. On SQLite and PostgreSQL.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from hub.limits import DEFAULT_LIMITS
from keys.certificates import Certificate
from keys.errors import SubIndication
from keys.jws import parse
from keys.receipt import status_in_receipt
from keys.status_list import read as read_status_list
from keys.trust import trust_from_metadata
from keys.verification import Result, StatusAnswer, verify_presentation
from tests.acceptance.once_only import (
    BUREAU,
    CARD,
    CASE,
    DRIVING,
    EVERYTHING,
    HOME,
    LAND,
    NAMES,
    POLICE,
    Counter,
    Scenario,
    case_of,
    play,
    query_of,
)
from tests.acceptance.small_hub import URL
from tests.acceptance.test_time_out import held
from tests.catalogue.examples import ELDER, EXAMPLES, HUSBAND, WIFE
from tests.licences.drafts import draft_of

Play = Callable[[Scenario], None]
ADDRESS = EXAMPLES[CARD].data["address"]


@pytest.fixture
def played(tmp_path: Path, database_url: str) -> Play:
    """Give what plays a scenario, once on SQLite and once on PostgreSQL."""

    def run(scenario: Scenario) -> None:
        play(tmp_path, database_url, scenario)

    return run


def results(case: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what each material comes to, and why."""
    return {each["key"]: (each["result"], each["reason"]["code"]) for each in case["materials"]}


def fields(case: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the form by name."""
    return {each["name"]: each for each in case["form"]["fields"]}


async def published(
    counter: Counter, presentation: str
) -> tuple[dict[str, Any], list[dict[str, Any]], tuple[Certificate, ...]]:
    """Return what the hub publishes for whoever verifies: the issuer's keys, the hub's own, the makers' roots."""
    issuer = urlsplit(parse(presentation.partition("~")[0]).claims()["iss"]).path
    metadata = (await counter.http.get(f"/.well-known/jwt-vc-issuer{issuer}")).raise_for_status().json()
    keys = (await counter.http.get("/.well-known/jwks.json")).raise_for_status().json()["keys"]
    roots = (await counter.http.get("/.well-known/licence-hub/roots.pem")).raise_for_status().content
    return metadata, keys, Certificate.load_pem_bundle(roots)


async def the_man_sees_it(counter: Counter) -> None:
    """Make sure that the man is shown every read of what is his, as it is on record."""
    shown = {each["record"] for each in await counter.accesses()}
    read = {each["id"] for each in counter.records("access") if each["outcome"] == "DISCLOSED"}
    assert read, "nothing was read"
    assert read <= shown


# -- the happy path -----------------------------------------------------------------------------------------------------


def test_one_query_exempts_the_materials_proves_it_and_fills_the_form(played: Play) -> None:
    played(_happy_path)


async def _happy_path(counter: Counter) -> None:
    await counter.consent()
    case = await counter.case()
    assert results(case) == dict.fromkeys(("card", "driving", "home"), ("EXEMPT", "SATISFIED"))
    assert case["meets"] == {"met": True, "reason": {"code": "SATISFIED"}}
    assert (case["person"]["name"], case["person"]["source"]["authority"]) == (HUSBAND["name"], {"code": POLICE})
    form = fields(case)
    assert {name: each["state"] for name, each in form.items()} == {
        "name": "FILLED", "address": "FILLED", "home": "FILLED", "points": "MISSING", "phone": "TO_FILL",
    }  # fmt: skip
    assert (form["name"]["value"], form["address"]["value"]) == (HUSBAND["name"], ADDRESS)
    assert form["points"]["gaps"] == [{"type": DRIVING, "reason": "NOT_GRANTED"}]
    for one in case["materials"]:
        licence, proof = one["licence"], one["licence"]["proof"]
        metadata, keys, roots = await published(counter, proof["sdJwt"])
        status = status_in_receipt(proof["receipt"], proof["sdJwt"], issuer=URL, keys=keys)
        trust = trust_from_metadata([metadata], roots)
        report = verify_presentation(proof["sdJwt"], trust, status, counter.clock.now())
        assert report.result is Result.TOTAL_PASSED, one["key"]
        assert licence["status"] == "VALID"
    _all_is_on_record(counter, case)
    seen = [each for each in await counter.accesses() if each["outcome"] == "DISCLOSED"]
    assert {each["caseNumber"] for each in seen} == {CASE}
    assert {each["authority"]["code"] for each in seen} == {BUREAU}
    assert {each["type"]["key"] for each in seen if each["type"]} == {CARD, DRIVING, HOME}
    entries = [[one["path"] for one in each["disclosed"]] for each in seen if each["type"] is None]
    assert sorted(entries) == [["name"], ["name", "status"]], "the register, read for the answer and for the form"
    joint = [each["licence"] for each in await counter.accesses(WIFE)]
    assert joint == [], "the home is hers too, but nothing of hers was read"
    await the_man_sees_it(counter)


def _all_is_on_record(counter: Counter, case: dict[str, Any]) -> None:
    (judged,) = counter.records("material")
    assert judged["materials"] == [["card", "EXEMPT", CARD], ["driving", "EXEMPT", DRIVING], ["home", "EXEMPT", HOME]]
    (filled,) = counter.records("form")
    assert filled["operation"] == "FILLED"
    known = {each["id"]: each for each in counter.records("access")}
    named = {one["source"]["record"] for field in case["form"]["fields"] for one in field["values"]}
    named |= {one["licence"]["proof"]["record"] for one in case["materials"]}
    assert {known[record]["outcome"] for record in named} == {"DISCLOSED"}
    (given,) = counter.records("consent")
    homes = [each for each in known.values() if each["type"] == HOME]
    assert {tuple(each["consents"]) for each in homes} == {(given["consent"],)}
    assert [each["judged"] for each in known.values() if each.get("judged")] == [["drivesC1"], ["drivesC1"]]


# -- nothing there, and much there ----------------------------------------------------------------------------------------


def test_who_is_not_known_and_who_did_not_consent_read_the_same(played: Play) -> None:
    played(_no_match)


async def _no_match(counter: Counter) -> None:
    told = {}
    for name, person in (("nobody", ELDER), ("somebody", WIFE)):
        told[name] = await counter.case(person=person, number=f"CASE-OF-{name}")
        assert HUSBAND["name"] not in told[name]["form"].pop("text")
    assert told["nobody"] == told["somebody"]
    assert set(results(told["nobody"]).values()) == {("NOT_FOUND", "NOT_FOUND"), ("CONSENT_NEEDED", "CONSENT_NEEDED")}
    assert told["nobody"]["person"] == {"code": "NOT_FOUND"}
    assert {each["state"] for each in told["nobody"]["form"]["fields"]} == {"MISSING", "TO_FILL"}
    await _a_strangers_licence_reads_like_none(counter)
    assert counter.disclosed() == []
    assert await counter.accesses() == [], "nobody has looked at the man"


async def _a_strangers_licence_reads_like_none(counter: Counter) -> None:
    query = query_of(
        'licence(type: "ResidentIdentityCard", number: $n) { ... on Problem { code message } ... on Licence { identifier } }'
    )
    query = query.replace("($case: CaseInput!)", "($case: CaseInput!, $n: String!)")
    answers = [
        await counter.send(counter.token(), query, case=case_of(WIFE, "CASE-OF-somebody"), n=number)
        for number in (HUSBAND["code"], ELDER["code"])
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["data"]["case"]["licence"]["code"] == "NOT_FOUND"


def test_of_several_licences_the_caller_chooses(played: Play) -> None:
    played(_several_matches)


async def _several_matches(counter: Counter) -> None:
    await counter.consent()
    second = draft_of(
        HOME,
        number="虚(2025)虚构市不动产权第0000099号",
        data={**EXAMPLES[HOME].data, "location": "虚构市西湖路99号", "unitNumber": "990200001001GB00012F00019999"},
    )
    counter.clock.advance(seconds=60)
    (newer,) = counter.issue(LAND, second)
    case = await counter.case()
    home = next(each for each in case["materials"] if each["key"] == "home")
    assert (home["result"], home["reason"]["code"], home["licence"]["identifier"]) == ("EXEMPT", "SEVERAL_FOUND", newer)
    field = fields(case)["home"]
    assert (field["state"], field["value"]) == ("MISSING", None), "the form does not choose"
    assert field["gaps"] == [{"type": HOME, "reason": "SEVERAL"}]
    older = counter.issued[HOME]
    chosen = await counter.case(
        f'licences(types: ["{HOME}"]) {{ edges {{ node {{ identifier }} }} }}'
        f' materials(licences: [{{material: "home", identifier: "{older}"}}]) {{ key reason {{ code }} licence {{ identifier }} }}'
        f' form(licences: ["{older}"]) {{ ... on Form {{ fields {{ name state value }} }} }}'
    )
    assert {edge["node"]["identifier"] for edge in chosen["licences"]["edges"]} == {older, newer}
    home = next(each for each in chosen["materials"] if each["key"] == "home")
    assert (home["reason"]["code"], home["licence"]["identifier"]) == ("SATISFIED", older)
    assert fields(chosen)["home"] == {"name": "home", "state": "FILLED", "value": EXAMPLES[HOME].data["location"]}
    assert {each["licence"] for each in await counter.accesses() if each["type"] and each["type"]["key"] == HOME} >= {
        older,
        newer,
    }
    await the_man_sees_it(counter)


# -- consent ---------------------------------------------------------------------------------------------------------------


def test_without_consent_in_this_case_nothing_of_the_home_leaves(played: Play) -> None:
    played(_consents)


async def _consents(counter: Counter) -> None:
    async def home(number: str = CASE) -> tuple[Any, Any, Any]:
        case = await counter.case(f"{EVERYTHING} consentsNeeded {{ type {{ key }} }}", number=number)
        needed = [each["type"]["key"] for each in case["consentsNeeded"]]
        return results(case)["home"][0], fields(case)["home"]["value"], needed

    needed = ("CONSENT_NEEDED", None, [HOME])
    assert await home() == needed
    elsewhere = await counter.consent("CASE-OF-ANOTHER-DAY")
    assert await home() == needed, "consent counts for the case it was given for"
    consent = await counter.consent()
    assert await home() == ("EXEMPT", EXAMPLES[HOME].data["location"], [])
    await counter.withdraw(consent)
    assert await home() == needed, "what was withdrawn does not count for the next read"
    assert await home("CASE-OF-ANOTHER-DAY") == ("EXEMPT", EXAMPLES[HOME].data["location"], [])
    told = [(each["operation"], each["consent"]) for each in counter.records("consent")]
    assert told == [("GIVEN", elsewhere), ("GIVEN", consent), ("WITHDRAWN", consent)]
    homes = [paths for type_key, paths in counter.disclosed() if type_key == HOME]
    assert homes == [("location",)] * 4, "a material and a form, under each of two consents"
    seen = [each for each in await counter.accesses() if each["type"] and each["type"]["key"] == HOME]
    assert {each["outcome"] for each in seen if each["disclosed"]} == {"DISCLOSED"}
    await the_man_sees_it(counter)


# -- data that is old --------------------------------------------------------------------------------------------------------


def test_old_data_is_shown_as_old_and_a_newer_edition_takes_its_place(played: Play) -> None:
    played(_stale)


async def _stale(counter: Counter) -> None:
    counter.clock.advance(days=60)
    case = await counter.case()
    assert case["person"]["source"]["ageSeconds"] == 61 * 86_400
    name = fields(case)["name"]
    asked = {one["source"]["type"]: one["source"]["asOf"][:10] for one in name["values"]}
    assert asked == {"NaturalPerson": "2026-11-25", CARD: "2026-11-26", DRIVING: "2026-11-26"}
    assert "2026-11-25" in case["form"]["text"]
    moved = draft_of(DRIVING, data={**EXAMPLES[DRIVING].data, "address": "虚构市西湖路99号"})
    newer = counter.change(counter.issued[DRIVING], moved)
    case = await counter.case(
        f'{EVERYTHING} old: licence(type: "{DRIVING}", identifier: "{counter.issued[DRIVING]}") {{ ... on Licence {{ status supersededBy }} }}'
    )
    driving = next(each for each in case["materials"] if each["key"] == "driving")
    assert (driving["result"], driving["licence"]["identifier"]) == ("EXEMPT", newer)
    assert driving["licence"]["address"] == "虚构市西湖路99号"
    assert case["old"] == {"status": "SUPERSEDED", "supersededBy": newer}
    address = fields(case)["address"]
    assert address["state"] == "CONTRADICTED", "the card says what it said before, and the form does not hide that"
    assert {one["value"] for one in address["values"]} == {ADDRESS, "虚构市西湖路99号"}
    counter.feed(counter.clock.now() - timedelta(hours=1))
    assert (await counter.case())["person"]["source"]["ageSeconds"] == 3_600
    (entry,) = [each for each in counter.records("register") if each["operation"] == "CONFIRMED"]
    assert entry["authority"] == POLICE
    await the_man_sees_it(counter)


# -- what changes between the check and the use --------------------------------------------------------------------------------


def test_a_licence_suspended_between_check_and_use_is_seen_everywhere(played: Play) -> None:
    played(_suspended)


async def _suspended(counter: Counter) -> None:
    driving = counter.issued[DRIVING]
    case = await counter.case()
    assert results(case)["driving"] == ("EXEMPT", "SATISFIED")
    presentation = next(each for each in case["materials"] if each["key"] == "driving")["licence"]["proof"]["sdJwt"]
    assert await _verified(counter, presentation) == ("TOTAL_PASSED", None)
    assert await _listed(counter, presentation) == 0
    counter.act("suspend", driving)
    later = await counter.case(f'{EVERYTHING} licence(type: "{DRIVING}") {{ ... on Licence {{ status }} }}')
    assert results(later)["driving"] == ("NOT_VALID", "STATUS")
    assert later["meets"]["met"] is False
    assert later["licence"] == {"status": "SUSPENDED"}
    assert {"type": DRIVING, "reason": "NOT_VALID"} in fields(later)["address"]["gaps"]
    assert await _verified(counter, presentation) == ("TOTAL_FAILED", "REVOKED")
    assert await _listed(counter, presentation) == 2
    metadata, _, roots = await published(counter, presentation)
    told = StatusAnswer("SUSPENDED", counter.clock.now())
    report = verify_presentation(presentation, trust_from_metadata([metadata], roots), told, counter.clock.now())
    assert report.result is Result.TOTAL_FAILED
    assert SubIndication.REVOKED in {check.sub_indication for check in report.checks}
    counter.act("resume", driving, 2)
    assert results(await counter.case())["driving"] == ("EXEMPT", "SATISFIED")
    assert await _verified(counter, presentation) == ("TOTAL_PASSED", None)
    outcomes = [
        {key: result for key, result, _ in each["materials"]}["driving"] for each in counter.records("material")
    ]
    assert outcomes == ["EXEMPT", "NOT_VALID", "EXEMPT"]
    await the_man_sees_it(counter)


async def _verified(counter: Counter, presentation: str) -> tuple[str, str | None]:
    query = "query Verify($p: String!) { verifyLicence(presentation: $p) { result checks { subIndication } } }"
    report = (await counter.ask(None, query, p=presentation))["verifyLicence"]
    return report["result"], next((each["subIndication"] for each in report["checks"] if each["subIndication"]), None)


async def _listed(counter: Counter, presentation: str) -> int:
    """Return what the status list that the licence names says at its place, after the next publication."""
    counter.clock.advance(seconds=15)
    await asyncio.to_thread(counter.hub.status_lists.publish_due)
    status = parse(presentation.partition("~")[0]).claims()["status"]["status_list"]
    keys = (await counter.http.get("/.well-known/jwks.json")).json()["keys"]
    answer = (await counter.http.get(status["uri"].removeprefix(URL))).raise_for_status()
    return read_status_list(answer.content, answer.headers["content-type"], keys).value(status["idx"])


# -- two providers -------------------------------------------------------------------------------------------------------------


def test_two_providers_that_contradict_each_other_are_both_shown(played: Play) -> None:
    played(_two_providers)


async def _two_providers(counter: Counter) -> None:
    abroad = draft_of(
        DRIVING,
        number="990200198503120X99",
        data={**EXAMPLES[DRIVING].data, "address": "虚构市西湖路99号", "name": HUSBAND["name"]},
    )
    counter.act("cancel", counter.issued[DRIVING])
    (theirs,) = counter.issue(LAND, abroad)
    counter.feed(counter.clock.now(), name="林若山")
    form = fields(await counter.case())
    for name, said in (
        (
            "name",
            {("NaturalPerson", POLICE): "林若山", (CARD, POLICE): HUSBAND["name"], (DRIVING, LAND): HUSBAND["name"]},
        ),
        ("address", {(CARD, POLICE): ADDRESS, (DRIVING, LAND): "虚构市西湖路99号"}),
    ):
        field = form[name]
        assert field["state"] == "CONTRADICTED"
        assert {
            (one["source"]["type"], one["source"]["authority"]["code"]): one["value"] for one in field["values"]
        } == said
        assert field["value"] == next(iter(said.values())), (
            "the first in the item's order is proposed, and said to be contradicted"
        )
    assert {one["source"]["identifier"] for one in form["address"]["values"]} == {counter.issued[CARD], theirs}
    (filled,) = counter.records("form")
    assert {name: state for name, state, *_ in filled["fields"]}["address"] == "CONTRADICTED"
    await the_man_sees_it(counter)


# -- grants that end ------------------------------------------------------------------------------------------------------------

AGAIN = """query Again($id: ID!) { node(id: $id) { ... on Case {
  materials { key result reason { code } }
  licence(type: "DriverLicence") { ... on Problem { code } ... on DriverLicence { name } }
  licences { edges { node { identifier } } }
  form { ... on Form { fields { name value gaps { type reason } } } }
} } }"""


def test_a_grant_that_ends_between_opening_and_read_lets_nothing_more_out(played: Play) -> None:
    played(_ended_grants)


async def _ended_grants(counter: Counter) -> None:
    case_id = (await counter.case("id"))["id"]

    async def read() -> Any:
        return (await counter.ask(counter.token(), AGAIN, id=case_id))["node"]

    assert (await read())["licence"] == {"name": HUSBAND["name"]}
    counter.hub.sharing.suspend_grant(counter.grants[DRIVING])
    before = len(counter.records("access"))
    suspended = await read()
    assert suspended["licence"] == {"code": "NOT_GRANTED"}
    assert results(suspended)["driving"] == ("NOT_GRANTED", "NOT_GRANTED")
    assert {"type": DRIVING, "reason": "NOT_GRANTED"} in fields(suspended)["address"]["gaps"]
    assert counter.issued[DRIVING] not in str(suspended)
    told = counter.records("access")[before:]
    assert [each["reason"] for each in told if each["type"] == DRIVING] == ["NOT_GRANTED"]
    assert DRIVING not in {each["type"] for each in told if each["outcome"] == "DISCLOSED"}
    counter.hub.sharing.resume_grant(counter.grants[DRIVING])
    assert (await read())["licence"] == {"name": HUSBAND["name"]}
    counter.clock.advance(days=101)
    expired = (await counter.send(counter.token(), AGAIN, id=case_id)).json()
    assert expired["data"]["node"] is None
    assert (await counter.case(number="NEXT")) == {"code": "NOT_GRANTED"}
    seen = [each for each in await counter.accesses() if each["reason"] == "NOT_GRANTED"]
    assert seen, "whoever was asked about sees the refused attempts too"
    await the_man_sees_it(counter)


# -- time is over ----------------------------------------------------------------------------------------------------------------


def test_a_case_that_takes_too_long_is_refused_whole_and_what_was_read_is_recorded(
    tmp_path: Path, postgresql_url: str
) -> None:
    slow = 'late: licence(type: "ResidentIdentityCard") { ... on Licence { statusAt(asOf: "2026-01-01T00:00:00Z") } }'
    play(
        tmp_path,
        postgresql_url,
        _too_late(slow, lambda counter: held(counter.hub.database.url, "licence_event")),
        limits=replace(DEFAULT_LIMITS, seconds=2),
    )


def _too_late(slow: str, holding: Callable[[Counter], AbstractContextManager[Any]]) -> Scenario:
    async def scenario(counter: Counter) -> None:
        query = query_of(f"{EVERYTHING} {slow}")
        assert (await counter.send(counter.token(), query, case=case_of())).status_code == 200
        before, noted = len(counter.disclosed()), len(counter.records("material"))
        with holding(counter):
            answer = await counter.send(counter.token(), query, case=case_of())
        refused_of(answer)
        assert len(counter.disclosed()) > before
        assert len(counter.records("material")) == noted + 1
        await the_man_sees_it(counter)

    return scenario


def refused_of(answer: httpx.Response) -> None:
    """Make sure that nothing of the man left with the refusal."""
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIME_EXCEEDED"
    assert "data" not in answer.json()
    for secret in (HUSBAND["name"], HUSBAND["code"], ADDRESS):
        assert secret not in answer.text


# -- for people --------------------------------------------------------------------------------------------------------------------


def test_the_form_reads_well_and_says_whence_each_value_comes(played: Play) -> None:
    played(_readable)


async def _readable(counter: Counter) -> None:
    case = await counter.case()
    text, form = case["form"]["text"], fields(case)
    head, _, read = text.partition("What was read")
    for expected in ("虚构许可 · An invented permit", CASE, NAMES[BUREAU], "2026-11-26 09:00"):
        assert expected in head
    assert f"The name: {HUSBAND['name']}    [已预填，请核对 · prefilled: please check]" in head
    assert "The home: —    [无数据，请填写 · nothing found: please fill in]" in head
    assert "须经本人同意 · the holder's consent is needed" in head
    assert "The phone: —    [请填写 · please fill in]" in head
    for field in form.values():
        for one in field["values"]:
            assert one["value"] in head
            assert NAMES[one["source"]["authority"]["code"]] in head
            assert one["source"]["record"] in read
    known = {each["id"] for each in counter.records("access")}
    assert {one["source"]["record"] for field in form.values() for one in field["values"]} <= known
    assert EXAMPLES[HOME].data["location"] not in text
    assert EXAMPLES[DRIVING].data["fileNumber"] not in text
    kept = str([counter.records(kind) for kind in ("form", "access", "material")])
    assert HUSBAND["name"] not in kept, "the text stands in the answer alone"
    assert ADDRESS not in kept
    await the_man_sees_it(counter)
