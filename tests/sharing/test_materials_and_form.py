"""Materials and form of one case in one request: they share what is looked up and opened, and give the answers and records that each gives alone."""

from asyncio import gather
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
import pytest

from hub.catalogue.registers import NATURAL_PERSON
from hub.errors import DamagedError
from hub.sharing.forms.reading import Form
from hub.sharing.materials.service import Assessed, Wish
from hub.sharing.purpose import Purpose
from hub.sharing.records import CHECKED
from tests.catalogue.examples import WIFE
from tests.sharing.family import CARD, DRIVING, act, with_family
from tests.sharing.forms.desk import TITLE, document, of, source
from tests.sharing.materials.asking import alternative, asks, predicate
from tests.sharing.registers import fed_family
from tests.sharing.world import ITEM, World, party

Answer = list[Any]
Asks = Callable[[Any, Any], Coroutine[Any, Any, Any]]
FIELDS = (
    ("name", [source(CARD, "holders.name"), source(DRIVING, "name")]), ("address", [source(CARD, "address")]),
    ("classes", [source(DRIVING, "vehicleClasses")]), ("hers", [source(DRIVING, "address", "spouse")]),
    ("home", [source(TITLE, "location")]), ("state", [source(NATURAL_PERSON, "status")]),
)  # fmt: skip
MATERIALS = (
    asks("card", alternative(CARD)), asks("licence", alternative(DRIVING, "applicant", "classC1")),
    asks("hers", alternative(DRIVING, "spouse")), asks("home", alternative(TITLE)),
    asks("state", alternative(NATURAL_PERSON)), asks("either", alternative(TITLE), alternative(CARD)),
)  # fmt: skip
MARRIED = of(party("spouse", WIFE))


@pytest.fixture
def desk(empty_world: World) -> World:
    """Give a hub where a department asks the family for materials, and fills its form, from the same licences."""
    return _with_both(empty_world)


@pytest.fixture
def desk_once(empty_world_once: World) -> World:
    """Give the same on SQLite alone."""
    return _with_both(empty_world_once)


def _with_both(world: World) -> World:
    fed_family(with_family(world))
    requirements = {"classC1": predicate("vehicleClasses", "includes", "C1")}
    world.catalogue.documents.publish(ITEM, document(*FIELDS, materials=list(MATERIALS), requirements=requirements))
    world.sharing.refresh()
    world.grant(["holders.name", "address", "number"], CARD)
    world.grant(["name", "address", "vehicleClasses"], DRIVING, roles=("spouse",))
    world.grant(["name", "status"], NATURAL_PERSON)
    return world


SCENES: dict[str, tuple[Callable[[World], object], Purpose]] = {
    "all is well": (lambda _: None, of()),
    "a spouse who is proved": (lambda _: None, MARRIED),
    "card suspended": (lambda world: act(world, "suspend", world.issued[CARD]), of()),
    "no consent": (lambda world: world.grant(["location"], TITLE), of()),
    "to check only": (lambda world: world.grant([], TITLE, checks=["location"], official_duty=True), of()),
    "damaged": (lambda world: world.change("UPDATE licence_part SET data = :data", data=b"\x00" * 40), of()),
    "erased": (lambda world: world.change("UPDATE vault_key SET wrapped = NULL WHERE id IN (SELECT key_id FROM licence_part)"), of()),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_together_they_say_and_record_what_each_does_alone(desk_once: World, name: str) -> None:
    happens, case = SCENES[name]
    happens(desk_once)
    desk_once.sharing.refresh()
    desk_once.run(_compared(desk_once, case))


def test_on_either_engine(desk: World) -> None:
    desk.run(_compared(desk, MARRIED))


async def _compared(world: World, purpose: Purpose) -> None:
    async def materials(case: Any, pending: Any) -> Any:
        return await world.sharing.materials.of_case(case, Wish(shown=True), pending)

    async def form(case: Any, pending: Any) -> Any:
        return await world.sharing.forms.reading.form(case, (), pending)

    (assessed,), of_materials = await _asked(world, purpose, materials)
    (filled,), of_form = await _asked(world, purpose, form)
    assert min(len(assessed), len(filled), len(of_materials), len(of_form)) > 0
    alone = _once_checked(of_materials + of_form)
    assert await _asked(world, purpose, materials, form) == ([assessed, filled], alone)
    assert await _asked(world, purpose, form, materials) == ([filled, assessed], alone)


async def _asked(world: World, purpose: Purpose, *asked: Asks) -> tuple[list[Answer], Counter[bytes]]:
    """Ask in one request, and return the answers with the records that it left."""
    before = [len(world.records(kind)) for kind in ("access", "form", "material")]
    pending = world.pending()
    case = await world.open(purpose, pending)
    found = await gather(*(each(case, pending) for each in asked), return_exceptions=True)
    await world.recorder.commit(pending)
    after = [world.records(kind)[count:] for kind, count in zip(("access", "form", "material"), before, strict=True)]
    return [_answer(each) for each in found], Counter(_facts(each) for records in after for each in records)


def _answer(found: Any) -> Answer:
    if isinstance(found, DamagedError):
        return [found.code]
    if isinstance(found, Form):
        return [
            (each.name, each.value, each.state, [one[:3] for one in each.found], each.lacking) for each in found.fields
        ]
    assert isinstance(found, tuple)
    return [_material(each) for each in found]


def _material(one: Assessed) -> Answer:
    left = [
        (each.stored.identifier, each.status, each.values, each.withheld, each.presentation) for each in one.disclosed
    ]
    return [one.material.key, one.result, one.reason, one.source, one.disputed, left]


def _facts(record: dict[str, Any]) -> bytes:
    """Return what a record says but for what is another one's each time: ids and times."""
    facts = {name: fact for name, fact in record.items() if name not in {"id", "time"}}
    if record["kind"] == "form":
        facts["fields"] = [[name, state, len(records), gaps] for name, state, records, gaps in record["fields"]]
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


def _once_checked(records: Counter[bytes]) -> Counter[bytes]:
    """Count a check of a relation once: both wait for one."""
    return Counter({facts: 1 if CHECKED in orjson.loads(facts) else count for facts, count in records.items()})


def test_what_both_want_is_found_and_opened_once_and_anew_by_the_next_request(desk: World) -> None:
    desk.run(_shared(desk))


async def _shared(world: World) -> None:
    opened, asked = list[str](), list[int]()
    open_wrapped, rows = world.vault.open_wrapped, world.reader.rows

    def noting(purpose: Any, key: Any, row: str, ciphertext: bytes) -> bytes:
        opened.append(row)
        return open_wrapped(purpose, key, row, ciphertext)

    async def counting(statement: str, keys: Any) -> Any:
        asked.append(len(keys))
        return await rows(statement, keys)

    for request in (1, 2):
        pending = world.pending()
        case = await world.open(of(), pending)
        world.vault.open_wrapped, world.reader.rows = noting, counting  # type: ignore[method-assign]
        await gather(
            world.sharing.materials.of_case(case, Wish(shown=True), pending),
            world.sharing.forms.reading.form(case, (), pending),
        )
        world.vault.open_wrapped, world.reader.rows = open_wrapped, rows  # type: ignore[method-assign]
        assert len(set(opened)) == 2, "a face of each type"
        assert len(opened) == request * 2
    assert sorted(asked) == [1, 1, 1, 1, 2, 2], "what was said, the register's entry, and the licences of both types"
