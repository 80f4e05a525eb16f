"""A stolen key in the small hub of these tests: everything under it is to be sealed anew, and may have been, wholly or not at all."""

import json
from base64 import urlsafe_b64decode
from collections import Counter
from typing import Any

from sqlalchemy import text

from hub.access.staff.roles import LICENCE_OFFICER
from hub.jobs.service import Jobs
from hub.licences.noting import Noting
from hub.licences.resealing import Resealing
from tests.licences.drafts import company_draft
from tests.licences.world import MARKET, World
from tests.seals.made import make_seal, office_of, people, person

OFFICER = person("officer", [LICENCE_OFFICER], MARKET)
WORDS = ("虚构条例", "签名密钥失窃")
COMPANIES = 30


def resealing_of(world: World) -> Resealing:
    """Return the hub's, which believes what it is told about people."""
    noting = Noting(world.vault, world.audit, world.clock)
    return Resealing(
        world.database, world.audit, Jobs(world.database, world.clock), world.seals, noting, world.clock,
        current=lambda _session, staff: staff,
    )  # fmt: skip


def steal(world: World, companies: int = COMPANIES) -> str:
    """Issue licences, lose the key under which they are, make another seal; return the lost key's name."""
    world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(companies)])
    (seal,) = world.seals.seals(MARKET)
    world.clock.advance(days=1)
    changes, three = office_of(world).changes, people(MARKET)
    changes.report_compromise(three.applicant, seal.es_id)
    changes.confirm_compromise(three.approver, seal.es_id)
    make_seal(world, MARKET, "电子证照专用章(2)")
    return seal.signers[0].kid


def sealed_anew(world: World, lost: str) -> int:
    """Return how many licences are under another key than the lost one.

    Each is wholly so, with the old sealing, one event and one record; of the others nothing was touched.
    """
    under = {row[0]: _kid(row[1]) for row in _rows(world, "SELECT id, sealed FROM licence")}
    new = {licence for licence, kid in under.items() if kid != lost}
    kept = _rows(world, "SELECT licence_id, sealed FROM licence_sealing")
    assert Counter(row[0] for row in kept) == Counter(new)
    assert {_kid(row[1]) for row in kept} <= {lost}
    assert {row[0] for row in _rows(world, "SELECT id FROM licence WHERE bound IS NOT NULL")} == new
    events = _rows(world, "SELECT licence_id FROM licence_event WHERE operation = 'reseal'")
    assert Counter(row[0] for row in events) == Counter(new)
    names = {row[0] for row in _rows(world, "SELECT identifier, id FROM licence") if row[1] in new}
    records = [each["identifier"] for each in world.entries("licence") if each["operation"] == "reseal"]
    assert Counter(records) == Counter(names)
    return len(new)


def _rows(world: World, statement: str) -> list[Any]:
    with world.database.snapshot() as session:
        return list(session.execute(text(statement)))


def _kid(sealed: str) -> str:
    return str(json.loads(urlsafe_b64decode(sealed.split(".", maxsplit=1)[0] + "=="))["kid"])
