"""A case with a form: what the department's client, the source's client and its officer, and the holder do about its values."""

from typing import Any

from hub.access.caller import Caller
from hub.access.staff.caller import Staff
from hub.paging import Page, Window
from hub.sharing.forms.desk import Value
from hub.sharing.forms.disputes import Answer, Dispute, Sought, Words
from hub.sharing.forms.filling import FilledField
from hub.sharing.forms.reading import Form
from hub.sharing.forms.steps import State
from hub.sharing.purpose import Party, Purpose
from hub.sharing.reading import OpenCase
from tests.catalogue.examples import HUSBAND
from tests.catalogue.items.described import small
from tests.sharing.family import CARD, DRIVING
from tests.sharing.world import ISSUER, ITEM, LEGAL_BASIS, World, person

TITLE = "RealEstateTitle"
RIGHT, WHY = "星河市青山区书院巷十一号乙", "门牌号登记有误，房主为沈知夏 990200198708250029"
EVERYTHING = Window(100)


def source(type_key: str, path: str, of: str = "applicant") -> dict[str, str]:
    """Return whence a field's value may come."""
    return {"source": type_key, "path": path, "of": of}


def document(*fields: tuple[str, list[dict[str, str]]], **changes: Any) -> dict[str, Any]:
    """Return an item document with these fields: names, and where their values may come from."""
    form = [{"name": name, "label": {"zh": f"{name}字段", "en": name}, "from": sources} for name, sources in fields]
    return small(form=form, **changes)


FIELDS: tuple[tuple[str, list[dict[str, str]]], ...] = (
    ("name", [source(CARD, "holders.name"), source(DRIVING, "name")]),
    ("address", [source(CARD, "address"), source(DRIVING, "address")]),
    ("born", [source(CARD, "birthDate")]),
    ("classes", [source(DRIVING, "vehicleClasses")]),
    ("spouseAddress", [source(DRIVING, "address", "spouse")]),
    ("home", [source(TITLE, "location")]),
    ("phone", []),
)


def with_form(world: World) -> World:
    """Publish a form for the asking department's item, and grant what it needs, but for the home."""
    world.catalogue.documents.publish(ITEM, document(*FIELDS))
    world.sharing.refresh()
    world.grant(["holders.name", "address"], CARD)
    world.grant(["name", "address", "vehicleClasses"], DRIVING)
    return world


def of(*parties: Party, applicant: dict[str, str] = HUSBAND, number: str = "FORM-1") -> Purpose:
    """Return the purpose of a case that has a form."""
    return Purpose(ITEM, number, person(applicant), parties, LEGAL_BASIS)


async def filled(world: World, purpose: Purpose | None = None, *chosen: str) -> tuple[OpenCase, Form]:
    """Open the case and fill its form, on record."""
    pending = world.pending()
    case = await world.open(purpose or of(), pending)
    form = await world.sharing.forms.reading.form(case, chosen, pending)
    await world.recorder.commit(pending)
    return case, form


def named(form: Form, name: str) -> FilledField:
    """Return a field of a form."""
    return next(each for each in form.fields if each.name == name)


async def value_of(world: World, name: str = "address") -> Value:
    """Return the value that the form proposes for a field, as confirmations and disputes name it."""
    case, form = await filled(world)
    found = named(form, name).found[0]
    return Value(found.origin.record, found.path, world.sharing.case_id(case))


def file(
    world: World, value: Value, *, key: str = "dispute-1", right: str = RIGHT, caller: Caller | None = None
) -> Dispute:
    """Dispute a value as the department."""
    return world.sharing.forms.desk.file(caller or world.caller(), value, Words(right, WHY), key)


def listed(world: World, who: Caller | Staff | None = None, **sought: Any) -> Page[Dispute]:
    """List disputes as the source authority's client does, or as somebody else."""
    asked = Sought(sought.get("authority"), sought.get("states"), sought.get("overdue", False))
    return world.sharing.forms.source.page(who or source_client(world), asked, EVERYTHING, world.pending())


def source_client(world: World, authority: str = ISSUER) -> Caller:
    """Return the client of an authority that issues."""
    return world.caller(authority, {"licence:issue"})


def officer(authority: str = ISSUER, role: str = "LICENCE_OFFICER") -> Staff:
    """Return somebody of an authority's staff."""
    return Staff("officer", "officer", {authority: frozenset({role})}, 1)


async def answer(
    world: World, dispute: Dispute, state: State, correction: str | None = None, *, who: Caller | Staff | None = None,
    reason: str | None = WHY, key: str | None = "answer-1",
) -> Dispute:  # fmt: skip
    """Answer a dispute as the source authority."""
    given = Answer(state, correction, reason)
    return await world.sharing.forms.source.answer(who or source_client(world), dispute.id, given, key)
