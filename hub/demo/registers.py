"""The registers of the demonstration: police says who lives in the city, the market bureau which organisations there are."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice

from hub.access.caller import FEED, Caller
from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.composition import Hub
from hub.demo.city import DemoAuthority
from hub.demo.people import Organisation, Person
from hub.identities.statement import Statement
from hub.limits import LARGEST_LIST

KINDS = {"91": "ENTERPRISE", "51": "SOCIAL_ORGANISATION", "12": "PUBLIC_INSTITUTION"}
"""What the first two characters of a credit code say (GB 32100)."""


def feed_registers(
    hub: Hub, authorities: Mapping[str, DemoAuthority], persons: Iterable[Person], organisations: Iterable[Organisation]
) -> None:
    """Let both sources say what they know, as of an hour ago."""
    _feed(hub, authorities["police"].code, NATURAL_PERSON, map(_of_person, persons))
    _feed(hub, authorities["market"].code, ORGANISATION, map(_of_organisation, organisations))


def _of_person(person: Person) -> dict[str, str]:
    return {"number": person.number, "name": person.name, "status": "NORMAL"}


def _of_organisation(one: Organisation) -> dict[str, str]:
    return {
        "creditCode": one.code, "name": one.name, "kind": KINDS[one.code[:2]], "status": "ACTIVE",
        "legalRepresentative": one.representative.name, "address": one.address,
    }  # fmt: skip


def _feed(hub: Hub, source: str, register: str, said: Iterator[dict[str, str]]) -> None:
    hub.catalogue.allow_feeding(source, register)
    hub.refresh()
    caller, as_of = Caller("demo", source, frozenset({FEED.name}), hub.epoch()), hub.clock.now() - timedelta(hours=1)
    while some := [Statement(values, as_of) for values in islice(said, LARGEST_LIST)]:
        for answered in hub.identities.feed(caller, register, some):
            if answered.refused:
                raise answered.refused
