"""Accounts of staff by pages: who sees them, what is done to them, and what others cannot do by a form they make up."""

import re
from itertools import count

import pytest
from sqlalchemy import text as sql

from hub.access.staff.roles import AUDITOR, COUNTER_CLERK, HUB_ADMINISTRATOR, LICENCE_OFFICER
from hub.access.staff.sessions import Way
from tests.access.staff.office import AUTHORITY, ELSEWHERE, PASSWORD, Person
from tests.web.visitor import Building, Visitor, fields, text

STAFF = "/console/staff"


@pytest.fixture(scope="module", autouse=True)
def bureau(house: Building) -> None:
    house.hub.catalogue.add_authority(
        AUTHORITY, "虚构市市场监督管理局", "Invented Market Bureau", "990100", "CITY", None
    )
    house.hub.refresh()


@pytest.fixture(scope="module")
def boss(house: Building) -> Visitor:
    """Return the browser of the hub's administrator."""
    visitor = house.visitor()
    visitor.bring(house.boss.sign_in().removeprefix("Bearer "))
    return visitor


PLACES = count(1)


@pytest.fixture
def clerk(house: Building) -> Person:
    """Return somebody who may be changed in any way."""
    return house.hire(f"clerk.{next(PLACES)}", (COUNTER_CLERK, AUTHORITY))


def act(visitor: Visitor, person: Person | str, name: str, **given: str) -> str:
    """Do something to somebody and return what the page says that proves it."""
    staff_id = person if isinstance(person, str) else person.id
    done = visitor.fill(f"{STAFF}/{staff_id}/{name}", **given)
    assert done.status_code == 303, text(done)
    return text(visitor.get(done.headers["location"]))


def lives(house: Building, authorization: str) -> bool:
    try:
        return bool(house.hub.staff.caller(authorization))
    except Exception:  # noqa: BLE001 - it has ended, or is refused
        return False


# -- lists ---------------------------------------------------------------------------------------------------------------


def test_everybody_is_listed_by_pages_and_found_by_a_part_of_the_login_name(house: Building, boss: Visitor) -> None:
    acting = house.hub.staff.caller(f"Bearer {boss.session}")
    for place in range(27):
        house.hub.staff.administration.add(acting, f"many.{place:02}", "虚构人")
    first = boss.get(STAFF)
    assert "虚构人甲" in text(first)
    (cursor,) = re.findall(r'name="after" value="([^"]+)"', first.text)
    second = boss.post(STAFF, {**_token(boss), "after": cursor})
    assert "many.2" in text(second)
    assert "many.00" not in text(second)
    found = boss.post(STAFF, {**_token(boss), "login": "Y.17"})
    assert "many.17" in text(found)
    assert "many.16" not in text(found)
    assert "Nobody has such a login name" in text(boss.post(STAFF, {**_token(boss), "login": "no-such"}))
    assert "many" not in str(boss.post(STAFF, {**_token(boss), "login": "many"}).url)


def _token(visitor: Visitor) -> dict[str, str]:
    return {"form_token": fields(visitor.get("/console")).hidden["form_token"]}


def test_a_page_tells_what_somebody_is(boss: Visitor, clerk: Person) -> None:
    clerk.sign_in()
    shown = text(boss.get(f"{STAFF}/{clerk.id}"))
    for said in (
        clerk.login,
        f"虚构人{clerk.login}",
        "active",
        "Counter clerk",
        "Invented Market Bureau",
        AUTHORITY,
        "interface",
    ):
        assert said in shown
    assert boss.get(f"{STAFF}/{'0' * 32}").status_code == 404


# -- accounts ------------------------------------------------------------------------------------------------------------


def test_somebody_is_added_and_his_slip_is_shown_once(house: Building, boss: Visitor) -> None:
    form = fields(boss.get(f"{STAFF}/add")).hidden
    given = {**form, "login": "lin.xin", "name": "虚构人林"}
    slip = boss.post(
        f"{STAFF}/add", given, headers={"origin": "https://hub.example.gov.cn", "sec-fetch-site": "same-origin"}
    )
    assert slip.status_code == 200
    (password,) = re.findall(r'slip-password">([a-z2-7-]+)<', slip.text)
    assert "https://hub.example.gov.cn/sign-in" in slip.text
    assert house.hub.staff.sign_in("lin.xin", password, "", Way.API).must_change
    again = boss.post(
        f"{STAFF}/add", given, headers={"origin": "https://hub.example.gov.cn", "sec-fetch-site": "same-origin"}
    )
    assert (again.status_code, password in again.text) == (303, False)
    proof = boss.get(again.headers["location"])
    assert "The account is made" in text(proof)
    assert password not in proof.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"login": ""}, "Fill"),
        ({"login": "Big Letters"}, "3 to 32 small letters"),
        ({"login": "id990102198503121"}, "no seven digits in a row"),
        ({"login": "boss"}, "already"),
        ({"name": " "}, "Fill"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    boss: Visitor, given: dict[str, str], said: str
) -> None:
    told = boss.fill(f"{STAFF}/add", **{"login": "some.body", "name": "虚构人乙", **given})
    assert told.status_code in {400, 409}
    assert said.lower() in text(told).lower()
    assert ('value="虚构人乙"' in told.text) == ("name" not in given)


def test_a_lost_authenticator_is_answered_by_a_reset(house: Building, boss: Visitor, clerk: Person) -> None:
    before = clerk.sign_in()
    asked = text(boss.get(f"{STAFF}/{clerk.id}/reset"))
    assert "All sessions end at once" in asked
    assert boss.fill(f"{STAFF}/{clerk.id}/reset").status_code == 400  # without a reason
    slip = boss.fill(f"{STAFF}/{clerk.id}/reset", why="LOST")
    (password,) = re.findall(r'slip-password">([a-z2-7-]+)<', slip.text)
    assert not lives(house, before)
    with pytest.raises(Exception, match="do not belong together"):
        clerk.sign_in()
    assert house.hub.staff.sign_in(clerk.login, password, "", Way.API).must_change


def test_disabled_enabled_and_erased_and_each_is_proved(house: Building, boss: Visitor, clerk: Person) -> None:
    token = clerk.sign_in()
    assert "The account is disabled" in act(boss, clerk, "disable", why="LEFT")
    assert not lives(house, token)
    assert "disabled" in text(boss.get(f"{STAFF}/{clerk.id}"))
    assert "The account is enabled" in act(boss, clerk, "enable", why="RETURN")
    assert lives(house, clerk.sign_in())
    refused = boss.fill(f"{STAFF}/{clerk.id}/erase", why="LEFT")
    assert (refused.status_code, "disable it first" in text(refused)) == (409, True)
    act(boss, clerk, "disable", why="LEFT")
    assert "The person is erased" in act(boss, clerk, "erase", why="LEFT")
    page = text(boss.get(f"{STAFF}/{clerk.id}"))
    assert clerk.login not in page
    assert "erased" in page
    assert clerk.id in page


def test_records_say_who_did_it_and_why(house: Building, boss: Visitor, clerk: Person) -> None:
    act(boss, clerk, "disable", why="SUSPICION")
    with house.hub.database.snapshot() as session:
        rows = [
            bytes(row[0]).decode() for row in session.execute(sql("SELECT body FROM audit_record WHERE kind = 'staff'"))
        ]
    (record,) = [row for row in rows if clerk.id in row and '"disable"' in row]
    assert '"reason":"SUSPICION"' in record
    assert f'"by":"{house.boss.id}"' in record


def test_sessions_of_somebody_end_by_one_act(house: Building, boss: Visitor, clerk: Person) -> None:
    tokens = [clerk.sign_in(), clerk.sign_in()]
    assert "All sessions have ended" in act(boss, clerk, "sessions", why="SUSPICION")
    assert [lives(house, each) for each in tokens] == [False, False]


# -- roles ---------------------------------------------------------------------------------------------------------------


def test_a_role_is_given_with_its_days_and_withdrawn_at_once(house: Building, boss: Visitor, clerk: Person) -> None:
    given = {
        "role": "LICENCE_OFFICER",
        "authority": AUTHORITY,
        "from": "2026-11-26",
        "until": "2026-12-31",
        "why": "SUBSTITUTION",
    }
    assert "The role is given" in act(boss, clerk, "roles/give", **given)
    token = clerk.sign_in()
    assert house.hub.staff.caller(token).holds(LICENCE_OFFICER, AUTHORITY)
    page = boss.get(f"{STAFF}/{clerk.id}")
    assert "31 December 2026" in text(page)
    path = re.findall(rf'href="({STAFF}/{clerk.id}/roles/[0-9a-f]+/withdraw)"', page.text)[-1]
    assert "Licence officer" in text(boss.get(path))
    done = boss.fill(path, why="END_OF_DUTY")
    assert "The role is withdrawn" in text(boss.get(done.headers["location"]))
    assert not house.hub.staff.caller(token).holds(LICENCE_OFFICER, AUTHORITY)
    assert boss.fill(STAFF, path, why="END_OF_DUTY").status_code == 404  # it is gone


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": ""}, "Fill"),
        ({"why": ""}, "Fill"),
        ({"authority": ""}, "held for one authority"),
        ({"role": "HUB_ADMINISTRATOR"}, "choose no authority"),
        ({"authority": ELSEWHERE}, "No authority has this credit code"),
        ({"until": "2026-11-01"}, "before the first"),
        ({"from": "soon"}, ""),
        ({"role": "COUNTER_CLERK"}, "already"),
    ],
)
def test_a_role_that_may_not_be_is_refused_where_it_is_wrong(
    boss: Visitor, clerk: Person, given: dict[str, str], said: str
) -> None:
    good = {"role": "LICENCE_OFFICER", "authority": AUTHORITY, "from": "2026-11-26", "why": "NEW_DUTY"}
    told = boss.fill(f"{STAFF}/{clerk.id}/roles/give", **{**good, **given})
    assert told.status_code in {400, 404, 409}
    assert said.lower() in text(told).lower()


def test_an_own_account_is_nobodys_to_change_by_a_page(house: Building, boss: Visitor) -> None:
    own = f"{STAFF}/{house.boss.id}"
    page = boss.get(own)
    assert "This is your own account" in text(page)
    assert "/withdraw" not in page.text
    assert "/reset" not in page.text
    (grant,) = house.hub.staff.members.of(house.boss.id).roles
    for name in ("reset", "disable", "enable", "erase", "sessions", "roles/give", f"roles/{grant.id}/withdraw"):
        assert boss.get(f"{own}/{name}").status_code == 403
        made_up = boss.fill(STAFF, f"{own}/{name}", why="MISTAKE", role="AUDITOR", **{"from": "2026-11-26"})
        assert made_up.status_code == 403
        assert "OWN_ACCOUNT" in made_up.text


def test_the_last_administrator_is_protected_and_it_is_said_why(house: Building) -> None:
    second = house.hire("second.boss", (HUB_ADMINISTRATOR, None))
    acting = house.visitor()
    acting.bring(second.sign_in().removeprefix("Bearer "))
    (grant,) = house.hub.staff.members.of(second.id).roles
    with house.hub.database.transaction() as session:
        session.execute(sql("UPDATE staff_role SET valid_until = '2026-12-31' WHERE id = :id"), {"id": grant.id})
    for name in ("disable", "reset"):
        refused = acting.fill(f"{STAFF}/{house.boss.id}/{name}", why="LEFT" if name == "disable" else "LOST")
        assert refused.status_code == 409
        assert "Make another one first" in text(refused)
    assert house.boss.calls().holds(HUB_ADMINISTRATOR)


# -- who may not ---------------------------------------------------------------------------------------------------------


def test_nobody_else_sees_accounts_or_changes_them_by_a_form_he_makes_up(house: Building, clerk: Person) -> None:
    other = house.hire(f"auditor.{clerk.login}", (AUDITOR, None))
    visitor = house.visitor()
    visitor.bring(other.sign_in().removeprefix("Bearer "))
    assert visitor.get(STAFF).status_code == 403
    for path in (
        f"{STAFF}/add",
        f"{STAFF}/{clerk.id}/disable",
        f"{STAFF}/{clerk.id}/reset",
        f"{STAFF}/{other.id}/roles/give",
    ):
        made_up = {
            **_token(visitor),
            "once": "k" * 20,
            "why": "ORDER",
            "login": "x.y.z",
            "name": "x",
            "role": "HUB_ADMINISTRATOR",
        }
        refused = visitor.post(path, made_up, headers={"origin": "https://hub.example.gov.cn"})
        assert (refused.status_code, "ROLE_MISSING" in refused.text) == (403, True)
    assert lives(house, clerk.sign_in())
    assert PASSWORD not in visitor.get("/console").text


def test_an_administrator_whose_role_was_just_withdrawn_changes_nothing(house: Building, clerk: Person) -> None:
    other = house.hire(f"admin.{clerk.login}", (HUB_ADMINISTRATOR, None))
    visitor = house.visitor()
    visitor.bring(other.sign_in().removeprefix("Bearer "))
    form = fields(visitor.get(f"{STAFF}/{clerk.id}/disable")).hidden
    (grant,) = house.hub.staff.members.of(other.id).roles
    house.hub.staff.administration.withdraw_role(house.boss.calls(), grant.id)
    refused = visitor.post(
        f"{STAFF}/{clerk.id}/disable", {**form, "why": "ORDER"}, headers={"origin": "https://hub.example.gov.cn"}
    )
    assert refused.status_code == 403
    assert lives(house, clerk.sign_in())
