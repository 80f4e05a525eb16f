"""Forms filled: one read a source, whence each value comes, contradictions shown, and of what is missing why."""

from asyncio import gather
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.items.item_document import FormField, FormSource
from hub.catalogue.items.refusals import ItemNotPublishedError
from hub.catalogue.licence_type import Term
from hub.catalogue.registers import NATURAL_PERSON
from hub.sharing.forms.desk import Value
from hub.sharing.forms.filling import FieldState, Gap, Origin, SourceRead, as_text, at, fill
from hub.sharing.forms.steps import State
from hub.sharing.materials.service import Wish
from hub.sharing.rebuilding import Wish as Rebuilt
from hub.sharing.refusals import CorrectionInvalidError
from tests.catalogue.examples import ELDER, EXAMPLES, HUSBAND, NEWBORN, STREET, WIFE
from tests.sharing.family import CARD, DRIVING, HOUSEHOLD, MARRIAGE, act, issue
from tests.sharing.forms.desk import FIELDS, TITLE, answer, document, file, filled, named, of, source
from tests.sharing.materials.asking import alternative, asks
from tests.sharing.registers import YESTERDAY, fed_family, feed, feeder, of_person
from tests.sharing.world import ASKER, ISSUER, ITEM, SECOND_ITEM, World, party, purpose

ADDRESS = EXAMPLES[CARD].data["address"]


def test_a_form_is_filled_with_one_read_a_source_and_says_whence_everything_comes(office: World) -> None:
    office.run(_filled(office))
    reads = [each for each in office.records("access") if each["outcome"] == "DISCLOSED"]
    assert sorted((each["type"], *each["disclosed"]) for each in reads) == [
        (DRIVING, "name", "address", "vehicleClasses"), (CARD, "holders.name", "address"),
    ]  # fmt: skip
    (form,) = office.records("form")
    states = {name: (state, [why for _, why in lacking]) for name, state, _, lacking in form["fields"]}
    assert states["address"] == ("FILLED", [])
    assert states["born"] == ("MISSING", ["NOT_GRANTED"])
    assert sorted({record for _, _, records, _ in form["fields"] for record in records}) == sorted(
        each["id"] for each in reads
    )
    assert not {ADDRESS, HUSBAND["name"], HUSBAND["code"]} & set(map(str, _leaves(form)))


async def _filled(world: World) -> None:
    _, form = await filled(world)
    assert [(each.name, each.state) for each in form.fields] == [
        ("name", "FILLED"), ("address", "FILLED"), ("born", "MISSING"), ("classes", "FILLED"), ("spouseAddress", "MISSING"),
        ("home", "MISSING"), ("phone", "TO_FILL"),
    ]  # fmt: skip
    assert (named(form, "name").value, named(form, "classes").value) == (HUSBAND["name"], "C1、D")
    card, driving = named(form, "address").found
    assert (card.text, card.path, card.role) == (ADDRESS, "address", "applicant")
    assert (card.origin.source, card.origin.version, card.origin.authority) == (world.issued[CARD], 1, ISSUER)
    assert (driving.origin.source, driving.origin.as_of) == (world.issued[DRIVING], world.clock.now())
    gaps = {each.name: [one.gap for one in each.lacking] for each in form.fields if each.lacking}
    assert gaps == {"born": [Gap.NOT_GRANTED], "spouseAddress": [Gap.NO_PARTY], "home": [Gap.NOT_GRANTED]}


def _leaves(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if inner is None else [leaf for each in inner for leaf in _leaves(each)]


def _moved(world: World) -> None:
    """Let the driving licence say another address than the card."""
    act(world, "cancel", world.issued[DRIVING])
    issue(world, DRIVING, HUSBAND, data={**EXAMPLES[DRIVING].data, "address": f"{STREET}9号"})


def _two_homes(world: World) -> None:
    world.grant(["location"], TITLE, official_duty=True)
    for place in (1, 2):
        data = {
            **EXAMPLES[TITLE].data,
            "location": f"HOME-{place}",
            "unitNumber": f"990200001001GB00012F0001060{place}",
        }
        data["owners"] = data["owners"][:1]
        world.issued[f"HOME-{place}"] = issue(world, TITLE, HUSBAND, number=f"HOME-{place}", data=data)


def _spouse(
    happens: Callable[[World], object] = lambda _: None, roles: tuple[str, ...] = ("spouse",)
) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        world.grant(["address"], DRIVING, roles=roles)
        happens(world)

    return prepare


MARRIED = of(party("spouse", WIFE))
GAPS: dict[str, tuple[Callable[[World], object], Any, str, list[Gap]]] = {
    "card suspended": (lambda world: act(world, "suspend", world.issued[CARD]), of(), "address", [Gap.NOT_VALID]),
    "card erased": (lambda world: act(world, "revoke", world.issued[CARD]), of(), "name", [Gap.NOT_VALID]),
    "no consent": (lambda world: world.grant(["location"], TITLE), of(), "home", [Gap.CONSENT_NEEDED]),
    "several homes": (_two_homes, of(), "home", [Gap.SEVERAL]),
    "grant for sellers": (_spouse(roles=("seller",)), MARRIED, "spouseAddress", [Gap.NOT_GRANTED]),
    "marriage suspended": (
        _spouse(lambda world: act(world, "suspend", world.issued[MARRIAGE])), MARRIED, "spouseAddress", [Gap.RELATION_NOT_PROVED],
    ),
    "card damaged": (
        lambda world: world.change("UPDATE licence_part SET data = :data WHERE path = ''", data=b"\x00" * 40), of(), "classes",
        [Gap.DAMAGED],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GAPS)
def test_what_is_missing_says_why(office_once: World, name: str) -> None:
    happens, case, field, gaps = GAPS[name]
    happens(office_once)
    office_once.sharing.refresh()
    office_once.run(_missing(office_once, case, field, gaps))


async def _missing(world: World, case: Any, field: str, gaps: list[Gap]) -> None:
    _, form = await filled(world, case)
    assert [each.gap for each in named(form, field).lacking] == gaps
    assert (named(form, field).value is None) == (gaps != [] and not named(form, field).found)


def test_a_partys_fields_are_filled_where_grant_and_proof_reach_him(office_once: World) -> None:
    office_once.run(_of_parties(office_once))


async def _of_parties(world: World) -> None:
    await _missing(world, of(applicant=ELDER, number="ELDER"), "classes", [Gap.NOT_FOUND])
    await _missing(world, MARRIED, "spouseAddress", [Gap.NOT_GRANTED])
    _spouse()(world)
    await _missing(world, MARRIED, "spouseAddress", [])
    await _missing(world, of(party("spouse", ELDER), number="STRANGER"), "spouseAddress", [Gap.RELATION_NOT_PROVED])


def test_materials_and_form_of_one_request_look_up_together(office: World) -> None:
    material = asks("licence", alternative(DRIVING))
    fields = [each for each in FIELDS if each[0] in {"name", "classes"}]
    office.catalogue.documents.publish(ITEM, document(*fields, version=2, materials=[material]))
    office.sharing.refresh()
    office.run(_together(office))


async def _together(world: World) -> None:
    pending, asked, rows = world.pending(), list[int](), world.reader.rows
    case = await world.open(of(), pending)

    async def counted(statement: str, keys: Any) -> Any:
        asked.append(len(keys))
        return await rows(statement, keys)

    world.reader.rows = counted  # type: ignore[method-assign]
    (found,), form = await gather(
        world.sharing.materials.of_case(case, Wish(shown=True), pending),
        world.sharing.forms.reading.form(case, (), pending),
    )
    assert sorted(asked) == [1, 2], "what was said in the case, and the licences of both types"
    assert [each.stored.identifier for each in found.disclosed] == [world.issued[DRIVING]]
    assert named(form, "classes").state is FieldState.FILLED


def test_sources_that_contradict_each_other_are_shown_both(office: World) -> None:
    _moved(office)
    office.run(_contradicted(office))


async def _contradicted(world: World) -> None:
    _, form = await filled(world)
    address = named(form, "address")
    assert address.state is FieldState.CONTRADICTED
    assert [each.text for each in address.found] == [ADDRESS, f"{STREET}9号"]
    assert address.value == ADDRESS
    assert named(form, "name").state is FieldState.FILLED


def test_of_several_licences_the_one_that_is_named_counts(office_once: World) -> None:
    _two_homes(office_once)
    office_once.run(_named(office_once))


async def _named(world: World) -> None:
    before = len(world.records("access"))
    _, form = await filled(world)
    assert [each["type"] for each in world.records("access")[before:] if each["type"] == TITLE] == []
    _, form = await filled(world, of(), world.issued["HOME-2"], world.issued["of the wife"], "1.2.156.3005.2.NONSENSE")
    assert named(form, "home").value == "HOME-2"


def test_of_a_list_of_persons_each_field_takes_its_own_person(office_once: World) -> None:
    world = office_once
    world.issued[HOUSEHOLD] = issue(world, HOUSEHOLD)
    world.catalogue.documents.publish(
        SECOND_ITEM,
        document(
            ("mine", [source(HOUSEHOLD, "members.name")]), ("hers", [source(HOUSEHOLD, "members.name", "spouse")])
        ),
    )
    world.sharing.refresh()
    world.grant(["members.name"], HOUSEHOLD, item=SECOND_ITEM, roles=("spouse",))
    world.run(_household(world))


async def _household(world: World) -> None:
    _, form = await filled(world, purpose(HUSBAND, party("spouse", WIFE), item=SECOND_ITEM))
    assert [named(form, name).value for name in ("mine", "hers")] == [HUSBAND["name"], WIFE["name"]]
    assert {each.gap for name in ("mine", "hers") for each in named(form, name).lacking} == set()
    wish = Rebuilt(ASKER, SECOND_ITEM, form.case.number)
    again = await world.sharing.rebuilding.of_client(world.caller(), wish, world.pending())
    assert [each.disclosed is not None for each in again] == [True, True], (
        "each read is evidence; the check of the relation is none"
    )


def test_several_persons_in_a_role_stand_side_by_side(office_once: World) -> None:
    office_once.catalogue.documents.publish(SECOND_ITEM, document(("sellers", [source(DRIVING, "address", "seller")])))
    office_once.sharing.refresh()
    office_once.grant(["address"], DRIVING, item=SECOND_ITEM, roles=("seller",))
    office_once.run(_sellers(office_once))


async def _sellers(world: World) -> None:
    parties = [party("seller", row) for row in (HUSBAND, WIFE, ELDER)]
    _, form = await filled(world, purpose(NEWBORN, *parties, item=SECOND_ITEM))
    sellers = named(form, "sellers")
    assert (sellers.value, sellers.state) == (f"{ADDRESS}、{ADDRESS}", FieldState.FILLED)
    assert [each.gap for each in sellers.lacking] == [Gap.NOT_FOUND]


def test_what_is_shown_to_the_applicant_is_a_text(office_once: World) -> None:
    _moved(office_once)
    office_once.run(_text(office_once))


async def _text(world: World) -> None:
    _, form = await filled(world)
    text = world.sharing.forms.text.of(form)
    assert (
        f"address字段 · address: {ADDRESS}    [来源不一致，请核对 · sources contradict each other: please check]"
        in text
    )
    assert (
        f"← 居民身份证 · Resident identity card {world.issued[CARD]}, 星河市发证局, 2026-11-22".replace("← ", "←  ")
        in text
    )
    assert "不动产权证书" in text
    assert "未授权 · not granted" in text
    assert "本办件无此相关人 · the case has nobody in this role" in text
    read = text.partition("读取的数据 · What was read")[2]
    assert all(each.origin.record in read for field in form.fields for each in field.found)
    assert "姓名, 住址" in read or "住址, 姓名" in read


def test_no_value_passes_for_another_field(office_once: World) -> None:
    forged = f"{STREET}8号\nname字段 · name: 别人"
    act(office_once, "cancel", office_once.issued[DRIVING])
    issue(office_once, DRIVING, HUSBAND, data={**EXAMPLES[DRIVING].data, "address": forged})
    office_once.run(_forged(office_once))


async def _forged(world: World) -> None:
    _, form = await filled(world)
    lines = world.sharing.forms.text.of(form).splitlines()
    assert [line for line in lines if line.startswith("name字段")] == [
        f"name字段 · name: {HUSBAND['name']}    [已预填，请核对 · prefilled: please check]"
    ]


def test_an_item_without_a_document_has_no_form(office_once: World) -> None:
    office_once.grant(["name"], DRIVING, item=SECOND_ITEM)
    office_once.run(_without(office_once))


async def _without(world: World) -> None:
    with pytest.raises(ItemNotPublishedError):
        await filled(world, purpose(HUSBAND, item=SECOND_ITEM))
    assert world.records("form") == []


def test_nothing_is_looked_up_that_no_grant_lets_out(office_once: World) -> None:
    office_once.run(_blind(office_once))


async def _blind(world: World) -> None:
    asked: list[str] = []
    by_holders = world.licences.finder.by_holders

    async def noting(places: Any) -> Any:
        asked.extend(type_key for type_key, _ in places)
        return await by_holders(places)

    world.licences.finder.by_holders = noting  # type: ignore[method-assign]
    await filled(world, of(party("spouse", WIFE)))
    assert sorted(asked) == [DRIVING, CARD]


def test_registers_fill_what_licences_leave_open_and_are_read_no_further(office: World) -> None:
    fed_family(office)
    office.catalogue.documents.publish(
        SECOND_ITEM,
        document(
            ("name", [source(CARD, "holders.name"), source(NATURAL_PERSON, "name")]),
            ("state", [source(NATURAL_PERSON, "status")]),
        ),
    )
    office.sharing.refresh()
    office.grant(["holders.name"], CARD, item=SECOND_ITEM)
    office.grant(["name", "status"], NATURAL_PERSON, item=SECOND_ITEM, roles=("spouse",))
    office.run(_registers(office))


async def _registers(world: World) -> None:
    case, form = await filled(world, purpose(HUSBAND, item=SECOND_ITEM))
    name, state = form.fields
    assert ([each.text for each in name.found], name.state) == ([HUSBAND["name"]] * 2, FieldState.FILLED)
    entry = state.found[0].origin
    assert (state.value, entry.authority, entry.as_of, entry.version) == ("NORMAL", ISSUER, YESTERDAY, 1)
    assert "自然人基础信息 · Natural person, 星河市发证局, 2026-11-21" in world.sharing.forms.text.of(form)
    (read,) = [each for each in world.records("access") if each["type"] == NATURAL_PERSON]
    assert (read["disclosed"], read["entry"]) == (["name", "status"], entry.source)
    value = Value(entry.record, "name", world.sharing.case_id(case))
    filed = file(world, value)
    assert (filed.source, filed.source_authority, filed.version) == (entry.source, ISSUER, 1)
    with pytest.raises(CorrectionInvalidError):
        await answer(world, filed, State.CORRECTED, world.issued[CARD], reason=None)
    with pytest.raises(CorrectionInvalidError):
        await answer(world, filed, State.CORRECTED, reason=None, who=feeder(world))
    feed(world, of_person(HUSBAND, world.clock.now(), name="林若山"))
    assert (await answer(world, filed, State.CORRECTED, reason=None, who=feeder(world))).state is State.CORRECTED
    _, form = await filled(world, purpose(HUSBAND, item=SECOND_ITEM))
    assert form.fields[0].state is FieldState.CONTRADICTED


def test_a_spouse_who_is_not_proved_is_in_no_register(office_once: World) -> None:
    fed_family(office_once)
    office_once.catalogue.documents.publish(SECOND_ITEM, document(("hers", [source(NATURAL_PERSON, "name", "spouse")])))
    office_once.sharing.refresh()
    office_once.grant(["name"], NATURAL_PERSON, item=SECOND_ITEM, roles=("spouse",))
    office_once.run(_unproved(office_once))


async def _unproved(world: World) -> None:
    for applicant, gaps in ((HUSBAND, []), (ELDER, [Gap.RELATION_NOT_PROVED])):
        case = purpose(applicant, party("spouse", WIFE), item=SECOND_ITEM, number=f"CASE-{applicant['code'][-4:]}")
        _, form = await filled(world, case)
        assert [each.gap for each in form.fields[0].lacking] == gaps
    missed = [each for each in world.records("access") if each["outcome"] == "NOT_FOUND"]
    assert [each["reason"] for each in missed] == ["RELATION_NOT_PROVED", "NOT_FOUND"]


_SAID = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        st.sampled_from(["applicant", "seller"]),
        st.lists(st.sampled_from(["一号", " 一 号", "二号", ""]), max_size=3),
    ),
    max_size=5,
    unique_by=lambda one: one[:2],
)
AT = datetime(2026, 11, 22, tzinfo=UTC)


@given(_SAID)
def test_whatever_sources_say_a_field_tells_it_all(said: list[tuple[str, str, list[str]]]) -> None:
    form_field = FormField("field", Term("字段", "Field"), tuple(FormSource(key, "path", of) for key, of, _ in said))
    reads = {
        (key, of): [
            SourceRead(of, Origin(key, f"{key}{place}", 1, "X", AT, "record", None), {"path": text})
            for place, text in enumerate(texts)
        ]
        for key, of, texts in said
    }
    found = fill(form_field, reads)
    told = [text for _, _, texts in said for text in texts]
    assert [each.text for each in found.found] == [text for text in told if text]
    assert len(found.lacking) == len([text for text in told if not text]) + len(
        [1 for _, _, texts in said if not texts]
    )
    alike = {tuple(text.replace(" ", "") for text in texts if text) for _, _, texts in said} - {()}
    states = {0: FieldState.MISSING, 1: FieldState.FILLED}
    assert found.state is (states.get(len(alike), FieldState.CONTRADICTED) if said else FieldState.TO_FILL)
    assert (found.value is None) == (alike == set())


FACE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from("abc"), FACE, max_size=3),
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=4).map(".".join),
)
def test_any_path_of_any_face_is_read_as_texts(face: dict[str, Any], path: str) -> None:
    assert all(isinstance(as_text(value), str) for value in at(face, path))
