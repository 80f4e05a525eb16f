"""The public page without script: every verdict in words, nothing kept, nothing of a licence read as markup, and bounded looks."""

import tempfile
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette
from typing_extensions import override

from hub.access.allowances import Allowances
from hub.app import Offering
from hub.counters.verdict import Colour, Verdict, Why, Word
from hub.endpoints.errors import status
from hub.limits import Limits
from hub.web.public.pages import UNITS, PublicVerification
from hub.web.routes import WebServices, page_routes
from tests.web import verdicts
from tests.web.test_pages import held_close
from tests.web.visitor import Building, Visitor, text

JSON = {"accept": "application/json"}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.handlers: list[str] = []
        self.images = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.images += tag == "img"
        if tag == "script":
            self.scripts.append(dict(attrs))


@pytest.fixture
def passer_by(house: Building) -> Visitor:
    allowances = Allowances(Limits(peer_budget=UNITS * 20, cost=UNITS), now=lambda: 0.0)
    verification = PublicVerification(verdicts.verify, verdicts.text_in, allowances.of_peer, 2 * 1024 * 1024)
    web = WebServices.of(
        house.hub.settings, house.clock, status, house.hub.staff, house.hub.codes, house.hub.counters,
        house.hub.sharing.materials, house.hub.catalogue.items, allowances, house.hub.renditions.told, house.hub,
        Offering.of(house.hub),
    )  # fmt: skip
    routes = page_routes(replace(web, verification=verification))
    return Visitor(house.runner, Starlette(routes=routes))


@pytest.mark.parametrize("name", verdicts.VERDICTS)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_verdict_is_shown_in_colour_symbol_and_word(passer_by: Visitor, name: str, language: str) -> None:
    verdict = verdicts.VERDICTS[name]
    page = passer_by.post("/V/", {"code": f" {name}\r\n"}, headers={"accept-language": language})
    assert page.status_code == 200
    assert f'data-colour="{verdict.colour}"' in page.text
    assert f'data-symbol="{verdict.colour}"' in page.text
    held_close(page)
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    assert str(passer_by.http.cookies) == "<Cookies[]>"


def test_the_words_are_those_of_the_reader_and_beside_them_those_of_the_other_language(passer_by: Visitor) -> None:
    shown = text(passer_by.post("/V/", {"code": "GOOD"}))
    for told in (
        "VALID 有效", "Business licence", "Invented Market Bureau", "11990100MB0000001T", "虚构*****有限公司",
        "From 1 January 2024, without end", "Status as of 26 November 2026 09:00", "not the person who carries it",
    ):  # fmt: skip
        assert told in shown
    chinese = text(passer_by.post("/V/", {"code": "REVOKED"}, headers={"accept-language": "zh"}))
    assert "吊销 REVOKED" in chinese
    assert "2024年1月1日起" in chinese


def test_of_a_forged_code_nothing_is_said_about_a_licence(passer_by: Visitor) -> None:
    page = passer_by.post("/V/", {"code": "FORGED"})
    assert "NOT GENUINE" in page.text
    assert "altered or forged" in text(page)
    assert '<p class="verdict-fresh" data-row="fresh" hidden>' in page.text
    assert "SIG_CRYPTO_FAILURE" in page.text


def test_only_a_valid_licence_is_green() -> None:
    assert {word for word in Word if Verdict(word, word).colour is Colour.GREEN} == {Word.VALID}


def test_nothing_that_a_licence_says_becomes_markup(passer_by: Visitor) -> None:
    page = passer_by.post("/V/", {"code": "EVIL"})
    tags = _Tags()
    tags.feed(page.text)
    assert [each for each in tags.scripts if "evil" in str(each.get("src"))] == []
    assert {each.get("type") for each in tags.scripts} == {"module", "application/json"}
    assert (tags.images, tags.handlers) == (0, [])
    assert "evil.example&gt;" in page.text
    assert "{{ 7*7 }}" in page.text


def test_a_script_gets_the_verdict_as_json(passer_by: Visitor) -> None:
    answer = passer_by.post("/V/", None, json={"code": "GOOD"}, headers=JSON)
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert (told["word"], told["colour"], told["online"]) == ("VALID", "GREEN", True)
    assert told["licence"]["typeNames"] == {"zh": "营业执照", "en": "Business licence"}
    held_close(answer)


@pytest.mark.parametrize(
    ("content", "word", "reason"), [(b"GOOD", "VALID", "VALID"), (b"\x00", "NOT_A_CODE", Why.NOTHING_FOUND)]
)
def test_a_picture_is_read_and_not_kept(passer_by: Visitor, content: bytes, word: str, reason: str) -> None:
    files = {"picture": ("a.jpg", content, "image/jpeg")}
    told = passer_by.post("/V/", {"code": "REVOKED"}, files=files, headers=JSON).json()
    assert (told["word"], told["reason"]) == (word, reason)


def test_a_large_picture_touches_no_disk(passer_by: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    files = {"picture": ("a.jpg", b"\x00" * 1_800_000, "image/jpeg")}
    assert passer_by.post("/V/", {}, files=files, headers=JSON).json()["reason"] == Why.NOTHING_FOUND


def test_who_sends_nothing_is_asked_for_something(passer_by: Visitor) -> None:
    page = passer_by.post("/V/", {"code": "  "})
    assert page.status_code == 400
    assert "Paste what the code says" in text(page)
    assert passer_by.post("/V/", {"code": ""}, headers=JSON).json()["code"] == "INPUT_INVALID"
    assert passer_by.post("/V/", {"code": ""}, files={"picture": ("", b"", "image/png")}).status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"code": 1}', b'{"code": "a", "more": 1}', b'"GOOD"', b"\xff\xfe"]
)
def test_json_is_read_strictly(passer_by: Visitor, body: bytes) -> None:
    answer = passer_by.post("/V/", None, content=body, headers={**JSON, "content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "INPUT_INVALID")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/plain", b"code=GOOD"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=code"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n1\r\n' * 3 + b"--x--"),
        ("application/x-www-form-urlencoded", b"code=a&code=b"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(200))),
    ],
)  # fmt: skip
def test_a_body_that_is_no_form_is_refused(passer_by: Visitor, media_type: str, body: bytes) -> None:
    answer = passer_by.post("/V/", None, content=body, headers={"content-type": media_type})
    assert answer.status_code == 400
    held_close(answer)


def test_too_many_looks_from_one_address_are_told_to_wait(passer_by: Visitor) -> None:
    for _ in range(20):
        assert passer_by.post("/V/", {"code": "GOOD"}).status_code == 200
    told = passer_by.post("/V/", {"code": "GOOD"})
    assert told.status_code == 429
    assert "Too many requests" in text(told)
    assert int(told.headers["retry-after"]) > 0
    held_close(told)
    by_script = passer_by.post("/V/", None, json={"code": "GOOD"}, headers=JSON)
    assert (by_script.status_code, by_script.json()["code"]) == (429, "BUDGET_EXHAUSTED")
    assert passer_by.get("/V/").status_code == 200  # to look at the page costs nothing


def test_pictures_cost_more(passer_by: Visitor) -> None:
    files = {"picture": ("a.jpg", b"GOOD", "image/jpeg")}
    answers = [passer_by.post("/V/", {}, files=files, headers=JSON).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert passer_by.post("/V/", {"code": "GOOD"}).status_code == 200  # what is left is enough for a look


def test_a_displayed_code_says_that_it_is_for_a_counter(passer_by: Visitor) -> None:
    page = passer_by.get("/P/")
    assert "for a counter" in text(page)
    assert "<script" not in page.text
    assert "<form" not in page.text
    held_close(page)


def test_the_public_page_asks_for_no_sign_in_and_leads_back_to_itself(passer_by: Visitor) -> None:
    page = passer_by.get("/V/")
    assert 'href="/language/zh-CN?next=/V/"' in page.text
    assert passer_by.get("/language/zh-CN", params={"next": "/V/"}).headers["location"] == "/V/"
    assert "set-cookie" not in page.headers
