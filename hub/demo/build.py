"""Builds the demonstration city in a new hub: catalogue, seals, 5,000 sealed licences, two clients and their grants."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from hub.catalogue.items.item_document import shipped_item_documents
from hub.composition import Hub
from hub.demo import items
from hub.demo.city import ITEMS, DemoAuthority, item_code, make_authorities
from hub.demo.clients import DemoClient, make_clients
from hub.demo.codes import credit_code
from hub.demo.people import Organisation, Person, make_organisations, make_persons
from hub.demo.plan import Planned, plan
from hub.demo.registers import feed_registers
from hub.demo.seals import make_seal
from hub.demo.staff import COUNTER, ISSUING, OWNING, DemoPerson, hire_staff
from hub.demo.waiting import leave_work
from hub.licences.draft import Holder
from hub.licences.status import Status, effective_status

SEED = 20261122
PERSONS = 1000
ORGANISATIONS = 300
CHUNK = 250
LONG_TERM = "9999-12-31"
Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DemoLicence:
    """A licence that was issued, in the clear, for demo.json and the story."""

    identifier: str
    type_key: str
    number: str
    status: str
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class City:
    """The city as it was built."""

    authorities: dict[str, DemoAuthority]
    persons: list[Person]
    organisations: list[Organisation]
    licences: list[DemoLicence]
    clients: list[DemoClient]
    staff: list[DemoPerson]
    folder: Path
    url: str

    @property
    def variables(self) -> dict[str, Any]:
        """Return the variables of the ready query: the first client's first purpose, its applicant's business licence."""
        purpose = next(purpose for purpose in self.clients[0].purposes if not purpose.refused)
        return {"case": purpose.input, "number": purpose.input["applicant"]["code"]}

    @property
    def holder(self) -> Person:
        """Return the person who looks at who read what of his: the legal representative in the first case."""
        return self.organisations[0].representative

    def licence(self, type_key: str, holder_code: str) -> DemoLicence:
        """Return the licence of a type and holder."""
        return next(each for each in self.licences if each.type_key == type_key and each.holders[0].code == holder_code)


def build_city(hub: Hub, folder: Path, advance: Advance) -> City:
    """Build everything; `advance(done, total)` hears how many licences are sealed."""
    random = Random(SEED)  # noqa: S311 - invented people need the same dice everywhere, not secrecy
    persons = make_persons(random, PERSONS)
    organisations = make_organisations(random, ORGANISATIONS, persons)
    authorities = {each.key: each for each in make_authorities()}
    fill_catalogue(hub, authorities)
    for authority in authorities.values():
        if authority.issues:
            make_seal(hub, authority.code, authority.suite)
    feed_registers(hub, authorities, persons, organisations)
    types = {each.key: each for each in hub.catalogue.types()}
    licences = issue_all(hub, authorities, plan(random, types, persons, organisations), advance)
    clients = make_clients(hub, folder, authorities, organisations)
    hired = hire_staff(
        hub, {ISSUING: authorities["market"].code, COUNTER: clients[-1].authority, OWNING: authorities["land"].code}
    )
    hub.refresh()
    food = next(each for each in ITEMS if each.key == "food")
    leave_work(hub, hired.signed_in, authorities, item_code(food, authorities[food.authority]))
    hired.sign_out(hub)
    derive_figures(hub)
    return City(authorities, persons, organisations, licences, clients, hired.people, folder, hub.settings.public_url)


def derive_figures(hub: Hub) -> None:
    """Take everything that was built into the log, and into the figures: no worker does it while a city is built."""
    while hub.log.integrate():
        pass
    while hub.supervision.catch_up():
        pass


def fill_catalogue(hub: Hub, authorities: dict[str, DemoAuthority]) -> None:
    """Add authorities and items, publish the shipped types, and set visibly synthetic codes where none is confirmed."""
    hub.catalogue.publish_shipped()
    for each in authorities.values():
        hub.catalogue.add_authority(each.code, each.name_zh, each.name_en, each.division, each.level, each.parent)
        for key in each.issues:
            hub.catalogue.allow_issuing(each.code, key)
    for item in ITEMS:
        authority = authorities[item.authority]
        code = item_code(item, authority)
        hub.catalogue.add_item(code, item.name_zh, item.name_en, authority.code)
        if item.document:
            hub.catalogue.documents.publish(code, read_document(item.document))
    definer = credit_code("11", "990000", "DE000000")
    for number, licence_type in enumerate(hub.catalogue.types(), start=1):
        if licence_type.type_code is None:
            hub.catalogue.set_type_code(licence_type.key, f"{definer}{number:03d}", synthetic=True)


def read_document(name: str) -> Mapping[str, Any]:
    """Return a document of a service item: of a file of the demonstration, or a shipped one by its key."""
    if name.endswith(".json"):
        found: Mapping[str, Any] = json.loads((resources.files(items) / name).read_text("utf-8"))
        return found
    return next(each for each in shipped_item_documents() if each["key"] == name)


def issue_all(
    hub: Hub, authorities: dict[str, DemoAuthority], planned: list[Planned], advance: Advance
) -> list[DemoLicence]:
    """Seal and store every draft under its authority's seal, in transactions of 250."""
    issuers: dict[str, list[DemoAuthority]] = defaultdict(list)
    for authority in authorities.values():
        for key in authority.issues:
            issuers[key].append(authority)
    work: dict[str, list[Planned]] = defaultdict(list)
    for ordinal, each in enumerate(planned):
        choices = issuers[each.type_key]
        work[choices[ordinal % len(choices)].code].append(each)
    issued: list[DemoLicence] = []
    day = hub.settings.calendar.day(hub.clock.now())
    for code, drafts in work.items():
        for start in range(0, len(drafts), CHUNK):
            chunk = drafts[start : start + CHUNK]
            made = hub.licences.issue_many(code, "demo", [each.draft for each in chunk])
            for each, licence in zip(chunk, made, strict=True):
                draft = each.draft
                status = effective_status(Status.VALID, f"{draft.valid_from}", f"{draft.valid_until or LONG_TERM}", day)
                issued.append(DemoLicence(licence.identifier, each.type_key, draft.number, status, draft.holders))
            advance(len(issued), len(planned))
    return issued
