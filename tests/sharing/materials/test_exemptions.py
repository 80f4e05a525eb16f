"""What materials come to: exempt by a licence that is valid, granted and meets what is asked, and by nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hub.catalogue.items.refusals import ItemNotPublishedError
from hub.errors import UnavailableError
from hub.sharing.materials.refusals import MaterialUnknownError
from hub.sharing.materials.results import RANKS, Result, best, worst
from hub.sharing.materials.service import Wish
from tests.catalogue.examples import COMPANY, HUSBAND, WIFE
from tests.catalogue.items.described import commitment, deferral
from tests.licences.drafts import draft_of
from tests.sharing.consents import give, withdraw
from tests.sharing.family import BUSINESS, CARD, act, holder, issue, with_family
from tests.sharing.materials.asking import DRIVING, alternative, asks, assessed, predicate, publish, results
from tests.sharing.registers import allow, feed, of_person
from tests.sharing.test_holders import accesses
from tests.sharing.test_rebuilding import again, presentations
from tests.sharing.world import ASKER, ISSUER, OTHER, STRANGER, World, disclosures, party, purpose

HAS_D = {"hasD": predicate("vehicleClasses", "includes", "D")}


def _suspend(world: World) -> None:
    act(world, "suspend", world.issued[DRIVING])
    world.sharing.refresh()


def test_a_valid_licence_exempts_and_leaves_sealed_with_what_was_granted(world: World) -> None:
    world.grant(["name", "vehicleClasses"], DRIVING)
    publish(world, asks("licence", alternative(DRIVING, "applicant", "hasD")), **HAS_D)

    async def scenario() -> None:
        wanted = {DRIVING: frozenset({"name", "address"})}
        one = (await assessed(world, purpose(HUSBAND), shown=True, wanted=wanted))["licence"]
        assert (one.result, one.reason.why.value, one.source) == (Result.EXEMPT, "SATISFIED", DRIVING)
        (left,) = one.disclosed
        assert left.values == {"name": HUSBAND["name"]}
        assert left.stored.identifier == world.issued[DRIVING]
        assert {each[-1] for each in disclosures(left.presentation) if len(each) == 3} == {HUSBAND["name"]}

    world.run(scenario())
    (told,) = world.records("material")
    assert (told["operation"], told["materials"]) == ("JUDGED", [["licence", "EXEMPT", DRIVING]])
    assert told["subjects"] == [handle for (handle,) in world.rows("SELECT handle FROM case_party")]
    judged, read = world.records("access")
    assert (judged["judged"], judged["disclosed"], judged["presentation"]) == (["hasD"], [], None)
    assert (read["disclosed"], read["withheld"]) == (["name"], [["address", "NOT_GRANTED"]])


def test_nothing_leaves_when_no_licence_is_selected(world_once: World) -> None:
    world_once.grant(["name", "vehicleClasses"], DRIVING)
    publish(world_once, asks("licence", alternative()))

    async def scenario() -> None:
        one = (await assessed(world_once, purpose(HUSBAND)))["licence"]
        assert (one.result, one.disclosed) == (Result.EXEMPT, ())

    world_once.run(scenario())
    assert [record["disclosed"] for record in world_once.records("access")] == [[]]


def test_a_grant_to_check_only_exempts_and_lets_nothing_leave(world_once: World) -> None:
    world_once.grant([], DRIVING, checks=["vehicleClasses"])
    publish(world_once, asks("licence", alternative(DRIVING, "applicant", "hasD")), **HAS_D)

    async def scenario() -> None:
        one = (await assessed(world_once, purpose(HUSBAND), shown=True))["licence"]
        assert (one.result, one.disclosed) == (Result.EXEMPT, ())

    world_once.run(scenario())
    assert all(record["disclosed"] == [] for record in world_once.records("access"))


def test_a_path_that_is_neither_disclosed_nor_checked_cannot_be_judged(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)
    publish(world_once, asks("licence", alternative(DRIVING, "applicant", "hasD")), **HAS_D)

    async def scenario() -> None:
        assert await results(world_once, purpose(HUSBAND)) == {"licence": ("PAPER_REQUIRED", "NOT_JUDGED")}

    world_once.run(scenario())
    assert world_once.records("access")[-1]["withheld"] == [["vehicleClasses", "NOT_GRANTED"]]


def test_without_a_grant_nothing_is_looked_up(world: World) -> None:
    world.grant(["name"], BUSINESS)
    publish(world, asks("licence", alternative()))
    asked = _watched(world)

    async def scenario() -> None:
        assert await results(world, purpose(HUSBAND)) == {"licence": ("NOT_GRANTED", "NOT_GRANTED")}

    world.run(scenario())
    assert [one for one in asked if "licence_part" in one[0]] == []
    assert world.records("material")[0]["materials"] == [["licence", "NOT_GRANTED", None]]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (asks("one", alternative()), ("NOT_FOUND", "NOT_FOUND")),
        (asks("one"), ("PAPER_REQUIRED", "NO_LICENCE")),
        (asks("one", alternative(), commitment=commitment()), ("COMMITMENT_ALLOWED", "NOT_FOUND")),
        (asks("one", alternative(), deferral=deferral()), ("DEFERRABLE", "NOT_FOUND")),
        (asks("one", commitment=commitment(), deferral=deferral()), ("COMMITMENT_ALLOWED", "NO_LICENCE")),
        (
            asks("one", alternative(), departmentCheck={"at": {"zh": "平台", "en": "A platform"}, "basis": {"law": "某法", "grade": "weak"}}),
            ("DEPARTMENT_CHECK", "NOT_FOUND"),
        ),
        (asks("one", alternative(of="tenant")), ("NOT_FOUND", "NO_PARTY")),
        (asks("one", alternative(BUSINESS)), ("NOT_GRANTED", "NOT_GRANTED")),
        (asks("one", alternative(BUSINESS), alternative()), ("NOT_GRANTED", "NOT_GRANTED")),
    ],
)  # fmt: skip
def test_who_holds_nothing_hands_in_or_does_what_the_item_allows(
    world_once: World, document: dict[str, Any], expected: tuple[str, str]
) -> None:
    world_once.grant(["name"], DRIVING)
    publish(world_once, document)

    async def scenario() -> None:
        assert (await results(world_once, purpose(STRANGER)))["one"] == expected

    world_once.run(scenario())


def test_a_result_of_the_case_waits_until_it_is_there(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)
    publish(world_once, asks("first"), asks("second", alternative(), resultOf=["first"]))

    async def scenario() -> None:
        nobody = await assessed(world_once, purpose(STRANGER))
        assert nobody["second"].result is Result.DEPENDENCY
        assert "驾驶证" in nobody["second"].fallback.zh  # names what comes first
        assert (await assessed(world_once, purpose(HUSBAND, number="C-2")))["second"].result is Result.EXEMPT

    world_once.run(scenario())
    told = [record["materials"][1] for record in world_once.records("material")]
    assert told == [["second", "DEPENDENCY", None], ["second", "DEPENDENCY", DRIVING]], "nobody handed it in before"


def test_a_licence_that_is_not_valid_today_exempts_nothing_and_forbids_a_commitment(world_once: World) -> None:
    world_once.grant(["name", "vehicleClasses"], DRIVING)
    publish(world_once, asks("licence", alternative(), commitment=commitment()))
    _suspend(world_once)

    async def scenario() -> None:
        found = await assessed(world_once, purpose(HUSBAND))
        assert found["licence"].result is Result.NOT_VALID
        assert "暂扣" in found["licence"].reason.words.zh
        assert "suspended" in found["licence"].reason.words.en

    world_once.run(scenario())


def test_a_licence_that_runs_out_between_check_and_use_exempts_no_more(world_once: World) -> None:
    world_once.grant(["name"], DRIVING, valid_until=world_once.clock.now().date().replace(year=2040))
    publish(world_once, asks("licence", alternative()))

    async def scenario() -> None:
        assert await results(world_once, purpose(HUSBAND)) == {"licence": ("EXEMPT", "SATISFIED")}
        world_once.clock.advance(days=365 * 5)
        assert await results(world_once, purpose(HUSBAND)) == {"licence": ("NOT_VALID", "STATUS")}

    world_once.run(scenario())


def test_what_a_licence_says_and_who_issued_it_count(world_once: World) -> None:
    world_once.grant(["vehicleClasses"], DRIVING)
    publish(
        world_once, asks("class", alternative(DRIVING, "applicant", "hasB2")), asks("issuer", alternative(issuedBy=[OTHER])),
        asks("right", alternative(issuedBy=[OTHER, ISSUER])), hasB2=predicate("vehicleClasses", "includes", "B2"),
    )  # fmt: skip

    async def scenario() -> None:
        assert await results(world_once, purpose(HUSBAND)) == {
            "class": ("NOT_VALID", "REQUIREMENT_NOT_MET"), "issuer": ("NOT_VALID", "ISSUER"), "right": ("EXEMPT", "SATISFIED"),
        }  # fmt: skip

    world_once.run(scenario())


def test_of_several_alternatives_the_best_wins(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)
    world_once.grant(["location"], "RealEstateTitle", official_duty=True)
    _suspend(world_once)
    publish(world_once, asks("either", alternative(DRIVING), alternative("RealEstateTitle"), alternative(BUSINESS)))

    async def scenario() -> None:
        found = await assessed(world_once, purpose(HUSBAND))
        assert (found["either"].result, found["either"].source) == (Result.EXEMPT, "RealEstateTitle")

    world_once.run(scenario())


def test_what_comes_after_a_licence_that_exempts_is_not_looked_at(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)
    world_once.grant(["location"], "RealEstateTitle", official_duty=True)
    publish(
        world_once,
        asks("either", alternative(DRIVING), alternative("RealEstateTitle"), alternative("RealEstateTitle", "tenant")),
    )

    async def scenario() -> None:
        assert (await assessed(world_once, purpose(HUSBAND, party("tenant", WIFE))))["either"].source == DRIVING

    world_once.run(scenario())
    assert [record["type"] for record in world_once.records("access")] == [DRIVING]


def test_everybody_in_a_role_must_satisfy(world_once: World) -> None:
    world_once.grant(["name"], DRIVING, roles=["tenant"])
    publish(world_once, asks("drivers", alternative(of="tenant")))

    async def scenario() -> None:
        one = purpose(STRANGER, party("tenant", HUSBAND), number="C-1")
        assert (await results(world_once, one))["drivers"] == ("EXEMPT", "SATISFIED")
        both = purpose(STRANGER, party("tenant", HUSBAND), party("tenant", WIFE), number="C-2")
        assert (await results(world_once, both))["drivers"] == ("NOT_FOUND", "NOT_FOUND")

    world_once.run(scenario())


def test_a_role_that_the_grant_does_not_name_is_not_looked_at(world_once: World) -> None:
    world_once.grant(["name"], DRIVING, roles=["seller"])
    publish(world_once, asks("drivers", alternative(of="tenant")))
    asked = _watched(world_once)

    async def scenario() -> None:
        found = await results(world_once, purpose(STRANGER, party("tenant", HUSBAND)))
        assert found["drivers"] == ("NOT_GRANTED", "ROLE_NOT_GRANTED")

    world_once.run(scenario())
    assert [one for one in asked if "licence_part" in one[0]] == []


def test_a_relation_is_proved_before_a_relatives_licence_counts(empty_world: World) -> None:
    world = with_family(empty_world)
    world.grant(["name"], DRIVING, roles=["spouse", "representative"])
    publish(world, asks("spouse", alternative(of="spouse")), asks("chief", alternative(of="representative")))

    async def scenario() -> None:
        found = await results(world, purpose(HUSBAND, party("spouse", WIFE), number="C-1"))
        assert found["spouse"] == ("EXEMPT", "SATISFIED")
        false = await results(world, purpose(STRANGER, party("spouse", WIFE), number="C-2"))
        assert false["spouse"] == ("NOT_FOUND", "RELATION_NOT_PROVED")
        company = await results(world, purpose(COMPANY, party("representative", HUSBAND), number="C-3"))
        assert company["chief"] == ("EXEMPT", "SATISFIED")

    world.run(scenario())


def test_several_licences_are_told_and_one_may_be_named(world: World) -> None:
    world.grant(["location"], "RealEstateTitle", official_duty=True)
    second = _second_title(world)
    publish(world, asks("title", alternative("RealEstateTitle")))

    async def scenario() -> None:
        several = (await assessed(world, purpose(HUSBAND), shown=True))["title"]
        assert (several.result, several.reason.why.value) == (Result.EXEMPT, "SEVERAL_FOUND")
        first = world.issued["RealEstateTitle"]
        for named in (first, second):
            one = (await assessed(world, purpose(HUSBAND), shown=True, licences={"title": named}))["title"]
            assert one.reason.why.value == "SATISFIED"
            assert one.disclosed[0].stored.identifier == named
        # Somebody else's is no more than one that is not there.
        foreign = await results(world, purpose(HUSBAND), licences={"title": world.issued[DRIVING]})
        assert foreign == {"title": ("NOT_FOUND", "NOT_FOUND")}

    world.run(scenario())


def test_one_good_licence_is_enough_and_one_that_cannot_be_judged_leaves_no_no(world_once: World) -> None:
    world_once.grant(["rightType", "use", "area"], "RealEstateTitle", official_duty=True)
    _second_title(world_once, area="90㎡")  # the first says more than a number
    publish(
        world_once, asks("large", alternative("RealEstateTitle", "applicant", "area")),
        area=predicate("area", "atLeast", 100, "RealEstateTitle"),
    )  # fmt: skip

    async def scenario() -> None:
        assert (await results(world_once, purpose(HUSBAND)))["large"] == ("PAPER_REQUIRED", "NOT_JUDGED")

    world_once.run(scenario())


def test_of_others_in_a_licence_nothing_is_looked_at(world_once: World) -> None:
    """Of a household register with several members only the applicant's own entry is judged."""
    world_once.grant(["members.relationToHead", "members.isHead"], "HouseholdRegister")
    publish(
        world_once, asks("head", alternative("HouseholdRegister", "applicant", "isHead")),
        isHead=predicate("members.isHead", "equals", True, "HouseholdRegister"),
    )  # fmt: skip

    async def scenario() -> None:
        assert (await results(world_once, purpose(HUSBAND, number="H")))["head"] == ("EXEMPT", "SATISFIED")
        assert (await results(world_once, purpose(WIFE, number="W")))["head"] == ("NOT_VALID", "REQUIREMENT_NOT_MET")

    world_once.run(scenario())


def test_materials_of_a_case_are_one_look_up(world: World) -> None:
    """All licences that may do, of all sources and persons, are asked for in one statement."""
    sources = (DRIVING, "HouseholdRegister", "RealEstateTitle")
    for source in sources:
        world.grant(["holders.name"], source, roles=["tenant"], official_duty=True)
    several = [
        asks(source[:1].lower() + source[1:], alternative(source), alternative(source, "tenant")) for source in sources
    ]
    publish(world, *several)
    asked = _watched(world)

    async def scenario() -> None:
        found = await results(world, purpose(HUSBAND, party("tenant", WIFE)))
        assert {result for result, _ in found.values()} == {"EXEMPT"}

    world.run(scenario())
    (look_up,) = [one for one in asked if "licence_part" in one[0]]
    assert look_up[1] == 6


def test_promises_are_looked_up_only_where_the_item_knows_any(world: World) -> None:
    publish(world, asks("licence", alternative()))
    world.grant(["name"], DRIVING)
    asked = _watched(world)

    async def scenario() -> None:
        await assessed(world, purpose(HUSBAND))
        assert [one for one in asked if "material_promise" in one[0]] == []
        publish(world, asks("licence", alternative(), commitment=commitment()))
        await assessed(world, purpose(HUSBAND))
        assert len([one for one in asked if "material_promise" in one[0]]) == 2

    world.run(scenario())


def test_a_database_that_does_not_answer_exempts_nothing(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)
    publish(world_once, asks("licence", alternative()))

    async def scenario() -> None:
        pending = world_once.pending()
        case = await world_once.open(purpose(HUSBAND), pending)

        async def rows(*asked: Any) -> list[tuple[Any, ...]]:
            raise UnavailableError(str(len(asked)))

        world_once.reader.rows = rows  # type: ignore[method-assign, assignment]  # it is gone
        with pytest.raises(UnavailableError):
            await world_once.sharing.materials.of_case(case, Wish(), pending)
        assert [entry for entry in pending.entries if entry.kind == "material"] == []

    world_once.run(scenario())


def test_conditional_materials_can_be_left_out(world_once: World) -> None:
    publish(world_once, asks("always"), asks("agent", condition={"zh": "代办", "en": "an agent acts"}))
    world_once.grant(["name"], DRIVING)

    async def scenario() -> None:
        assert set(await results(world_once, purpose(HUSBAND))) == {"always", "agent"}
        assert set(await results(world_once, purpose(HUSBAND), conditional=[])) == {"always"}
        assert set(await results(world_once, purpose(HUSBAND), conditional=["agent"])) == {"always", "agent"}
        with pytest.raises(MaterialUnknownError):
            await results(world_once, purpose(HUSBAND), conditional=["nothing"])
        with pytest.raises(MaterialUnknownError):
            await results(world_once, purpose(HUSBAND), licences={"nothing": "x"})

    world_once.run(scenario())


def test_an_item_without_a_document_is_refused_on_record(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)

    async def scenario() -> None:
        pending = world_once.pending()
        case = await world_once.open(purpose(HUSBAND), pending)
        with pytest.raises(ItemNotPublishedError):
            await world_once.sharing.materials.of_case(case, Wish(), pending)
        assert pending.entries[-1].facts["reason"] == "ITEM_NOT_PUBLISHED"

    world_once.run(scenario())


def test_a_holder_is_shown_that_his_licence_was_judged(world: World) -> None:
    world.grant(["vehicleClasses"], DRIVING)
    publish(world, asks("licence", alternative(DRIVING, "applicant", "hasD")), **HAS_D)

    async def scenario() -> None:
        await assessed(world, purpose(HUSBAND))
        (seen,) = await accesses(world, HUSBAND)
        assert (seen.judged, seen.disclosed, seen.licence) == (("hasD",), (), world.issued[DRIVING])
        assert (seen.outcome, seen.authority) == ("DISCLOSED", ASKER)

    world.run(scenario())


def test_ranks_are_a_whole_order_and_the_best_is_that_nothing_is_handed_in() -> None:
    assert best(Result) is Result.EXEMPT
    assert worst(Result) is Result.PAPER_REQUIRED
    assert sorted(RANKS.values()) == list(range(len(Result)))
    assert RANKS[Result.NOT_VALID] < RANKS[Result.COMMITMENT_ALLOWED], "what is known to be false is not committed to"


def test_the_identity_card_of_the_representative_is_his_and_not_the_companys(empty_world: World) -> None:
    world = with_family(empty_world)
    issue(world, CARD, WIFE)
    world.grant(["holders.name"], CARD, roles=["representative"])
    publish(world, asks("identity", alternative(CARD, "representative")))

    async def scenario() -> None:
        of_wife = purpose(COMPANY, party("representative", WIFE), number="C-1")
        assert (await results(world, of_wife))["identity"] == ("NOT_FOUND", "RELATION_NOT_PROVED")
        of_him = purpose(COMPANY, party("representative", HUSBAND), number="C-2")
        assert (await results(world, of_him))["identity"] == ("EXEMPT", "SATISFIED")

    world.run(scenario())
    assert holder(HUSBAND).code == HUSBAND["code"]


def _second_title(world: World, **data: Any) -> str:
    """Issue a title of another home of the couple's."""
    draft = draft_of("RealEstateTitle", number="虚(2025)虚构市不动产权第0000013号")
    data = {**draft.data, "unitNumber": "990200001001GB00012F00010602", **data}
    (identifier,) = world.issue(replace(draft, data=data))
    return identifier


def _watched(world: World) -> list[tuple[str, int]]:
    """Return where the statements of hot reads are noted from now on, each with how many keys it asked for."""
    asked: list[tuple[str, int]] = []
    rows = world.reader.rows

    async def noted(statement: str, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
        asked.append((statement, len(keys)))
        return await rows(statement, keys)

    world.reader.rows = noted  # type: ignore[method-assign]  # it is watched
    return asked


def test_without_the_holders_consent_nothing_of_his_is_judged_and_with_it_he_is_exempt(world: World) -> None:
    world.grant([], "RealEstateTitle", checks=["rightType"])
    publish(world, asks("title", alternative("RealEstateTitle"), commitment=commitment()))
    asked = _watched(world)

    async def scenario() -> None:
        assert await results(world, purpose(HUSBAND)) == {"title": ("CONSENT_NEEDED", "CONSENT_NEEDED")}
        assert [one for one in asked if "licence_part" in one[0]] == []
        consent = give(world, HUSBAND)
        assert await results(world, purpose(HUSBAND)) == {"title": ("EXEMPT", "SATISFIED")}
        withdraw(world, HUSBAND, consent)
        assert await results(world, purpose(HUSBAND)) == {"title": ("CONSENT_NEEDED", "CONSENT_NEEDED")}

    world.run(scenario())
    (record,) = world.records("access")
    assert len(record["consents"]) == 1


def test_an_entry_of_a_register_exempts_without_a_licence(empty_world: World) -> None:
    world = empty_world
    allow(world)
    feed(world, of_person(HUSBAND), of_person(WIFE, status="DECEASED"))
    world.grant([], "NaturalPerson", checks=["status"])
    living = predicate("status", "equals", "NORMAL", "NaturalPerson")
    publish(world, asks("identity", alternative("NaturalPerson", "applicant", "living")), living=living)

    async def scenario() -> None:
        him = (await assessed(world, purpose(HUSBAND, number="C-1"), shown=True))["identity"]
        assert (him.result, him.source, him.disclosed) == (Result.EXEMPT, "NaturalPerson", ())
        assert await results(world, purpose(WIFE, number="C-2")) == {"identity": ("NOT_VALID", "REQUIREMENT_NOT_MET")}
        assert await results(world, purpose(STRANGER, number="C-3")) == {"identity": ("NOT_FOUND", "NOT_FOUND")}

    world.run(scenario())
    assert [(record["judged"], record["disclosed"]) for record in world.records("access")] == [(["living"], [])] * 2


def test_of_the_licence_that_leaves_only_the_persons_own_part_leaves(world_once: World) -> None:
    world_once.grant(["members.name"], "HouseholdRegister", roles=["tenant"])
    publish(
        world_once,
        asks("own", alternative("HouseholdRegister")),
        asks("his", alternative("HouseholdRegister", "tenant")),
    )

    async def scenario() -> None:
        of_case = purpose(HUSBAND, party("tenant", WIFE))
        found = await assessed(world_once, of_case, shown=True)
        left = {key: each.disclosed[0].values["members"] for key, each in found.items()}
        assert left == {"own": [{"name": HUSBAND["name"]}], "his": [{"name": WIFE["name"]}]}

    world_once.run(scenario())


def test_what_left_for_a_material_leaves_again_as_evidence_and_judgements_are_no_answers(world: World) -> None:
    world.grant(["members.name", "members.isHead", "address"], "HouseholdRegister", roles=["tenant"])
    publish(
        world, asks("own", alternative("HouseholdRegister", "applicant", "isHead")), asks("his", alternative("HouseholdRegister", "tenant")),
        isHead=predicate("members.isHead", "equals", True, "HouseholdRegister"),
    )  # fmt: skip

    async def scenario() -> None:
        found = await assessed(world, purpose(HUSBAND, party("tenant", WIFE)), shown=True)
        left = [each.disclosed[0] for each in found.values()]
        rebuilt = presentations(await again(world))  # of one moment they come in any order
        assert len(rebuilt) == len(left) == 2
        assert set(rebuilt) == {each.presentation for each in left}

    world.run(scenario())
