"""How much a form may hold: what staff fill in is whole licences, what anybody sends is a handful of fields."""

from hub.web.forms import ANYBODYS, STAFFS
from tests.web.console.issuing.officer import FOOD, ORIGIN, Officer, Sheet, food, typed
from tests.web.console.office import Office


def test_a_licence_of_hundreds_of_rows_is_one_form(officer: Officer) -> None:
    page = officer.get(FOOD)
    many = {
        **Sheet(page).fields,
        **typed(food("3001")).texts,
        **{f"x{place}": "" for place in range(STAFFS.fields - 50)},
        "act": "save",
    }
    assert officer.visitor.post(FOOD, many, headers=ORIGIN).status_code == 303
    over = {**many, **{f"y{place}": "" for place in range(60)}}
    assert officer.visitor.post(FOOD, over, headers=ORIGIN).status_code == 400


def test_who_is_not_signed_in_sends_a_handful_of_fields(desk: Office) -> None:
    stranger = desk.stranger()
    token = Sheet(stranger.get("/sign-in")).fields["form_token"]
    many = {"form_token": token, **{f"x{place}": "" for place in range(ANYBODYS.fields)}}
    assert stranger.post("/sign-in", many, headers=ORIGIN).status_code == 400
