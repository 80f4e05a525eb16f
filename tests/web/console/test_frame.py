"""The console's frame: who gets in, what navigation shows, and that every page says where one is and what it is for."""

from tests.web.console.office import Office
from tests.web.visitor import text


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(office: Office) -> None:
    led = office.stranger().get("/console")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=%2Fconsole")


def test_the_first_page_is_the_work_list_of_whoever_signs_in(office: Office) -> None:
    page = office.visitor("AUDITOR").get("/console")
    assert page.status_code == 200
    assert '<a href="/console" aria-current="page">' in page.text
    assert "Nothing waits for you" in text(page)
    assert page.text.count("<h1>") == 1
    assert "<title>What waits for you · " in page.text
