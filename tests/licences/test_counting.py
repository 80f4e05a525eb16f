"""How many licences there are, by what they are today."""

from datetime import date

from sqlalchemy import text

from hub.licences.counting import Kept, count
from tests.licences.drafts import company_draft, draft_of
from tests.licences.world import MARKET, World


def test_licences_are_counted_by_authority_type_and_the_status_of_a_day(world: World) -> None:
    issued = world.licences.issue_many(
        MARKET, "desk", [company_draft(1), company_draft(2), company_draft(3), draft_of("FoodBusinessLicence")]
    )
    with world.database.transaction() as session:
        session.execute(text("UPDATE licence SET status = 'REVOKED' WHERE id = :id"), {"id": issued[0].id})
        session.execute(text("UPDATE licence SET valid_until = '2030-01-01' WHERE id = :id"), {"id": issued[1].id})
        session.execute(text("UPDATE licence SET valid_from = '2035-01-01' WHERE id = :id"), {"id": issued[2].id})
    with world.database.snapshot() as session:
        found = count(session, date(2030, 1, 2))
        before = count(session, date(2030, 1, 1))
    business = {kept.status: number for kept, number in found.items() if kept.type_key == "BusinessLicence"}
    assert business == {"REVOKED": 1, "EXPIRED": 1, "NOT_YET_VALID": 1}
    assert before[Kept(MARKET, "BusinessLicence", "VALID")] == 1
    assert {kept.authority for kept in found} == {MARKET}
