"""Codes in uploaded pictures: found as people photograph them, chosen where there are several; nothing a stranger sends does harm."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hub.counters import pictures, qr_code
from hub.counters.picture_child import MOST_PAGES, found
from hub.counters.pictures import LARGEST, Pictures, text_in
from hub.counters.verdict import Colour, Verdict, Why, Word
from tests.counters.pictures import beside_each_other, bomb, encrypted, image, pdf, photographed, saved
from tests.keys.authorities import AUTHORITIES
from tests.keys.qr_tokens import token

ROOT = Path(__file__).parents[2]
HUB = "https://hub.example.gov.cn"
CODE = qr_code.of_token(HUB, token(AUTHORITIES["SM2-SM3"]))
OTHER = qr_code.of_token(HUB, token(AUTHORITIES["ES256"]))
BARE = qr_code.of_text(CODE.text.partition("#")[2])
PAYMENT = qr_code.of_text("wxp://f2f0AbCdEf0123456789")
_GREEDY = "from hub.counters import picture_child as it; it.found = lambda data: bytearray(8 << 30); it.main()"
EMPTY = Image.new("L", (600, 600), 255)


@pytest.mark.parametrize(
    "make",
    [
        CODE.png, lambda: photographed(CODE), lambda: saved(image(CODE), "WEBP"), lambda: saved(image(CODE), "GIF"),
        lambda: saved(image(CODE), "BMP"), lambda: saved(image(CODE), "TIFF"), lambda: saved(image(CODE, 2).rotate(180), "JPEG"),
        lambda: saved(Image.merge("LA", (Image.new("L", image(CODE).size), image(CODE).point(lambda v: 255 - v)))),
        lambda: saved(image(CODE).resize((8000, 6100))), lambda: pdf(image(CODE)), lambda: pdf(None, None, image(CODE)),
        lambda: b"leading\n" + pdf(image(CODE)),
    ],
    ids=["png", "photograph", "webp", "gif", "bmp", "tiff", "upside-down", "transparent", "huge", "pdf", "last-page", "pdf-with-lead"],
)  # fmt: skip
def test_a_code_is_found(make: Callable[[], bytes]) -> None:
    assert found(make()) == {"texts": [CODE.text], "problem": None}


@pytest.mark.parametrize(
    "others",
    [[PAYMENT], [PAYMENT, CODE], [qr_code.of_text("https://example.com/V")]],
    ids=["payment", "twice", "address"],
)
def test_of_several_codes_ours_is_meant(others: list[qr_code.QrCode]) -> None:
    assert text_in(beside_each_other(*(image(one) for one in (*others, CODE)))) == CODE.text
    assert text_in(pdf(*(image(one) for one in (*others, BARE)))) in {BARE.text, CODE.text}


def none(why: Why) -> Verdict:
    return Verdict(Word.NOT_A_CODE, why)


def test_two_codes_of_ours_are_one_too_many() -> None:
    assert text_in(beside_each_other(image(CODE), image(OTHER))) == none(Why.SEVERAL_CODES)
    assert text_in(pdf(image(CODE), image(OTHER))) == none(Why.SEVERAL_CODES)


def test_a_code_of_somebody_else_is_handed_on_to_be_told_so() -> None:
    assert text_in(PAYMENT.png()) == PAYMENT.text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Why.UNREADABLE), (b"GIF89a", Why.UNREADABLE), (b"<svg/>", Why.UNREADABLE), (CODE.png()[:300], Why.UNREADABLE),
        (saved(EMPTY), Why.NOTHING_FOUND), (saved(Image.new("L", (1, 1))), Why.NOTHING_FOUND), (pdf(None), Why.NOTHING_FOUND),
        (b"%PDF-1.7\nbroken", Why.UNREADABLE), (pdf(image(CODE))[:400], Why.UNREADABLE), (bomb(7_500), Why.TOO_LARGE),
        (bomb(60_000), Why.TOO_LARGE), (b"%PDF-" + b"\0" * 5_000, Why.UNREADABLE),
    ],
    ids=["empty", "cut gif", "svg", "cut png", "white", "dot", "empty page", "broken pdf", "cut pdf", "large", "bomb", "no pdf"],
)  # fmt: skip
def test_what_has_no_code_says_why(data: bytes, why: Why) -> None:
    verdict = text_in(data)
    assert verdict == none(why)
    assert isinstance(verdict, Verdict)
    assert verdict.colour is Colour.AMBER


def test_an_encrypted_pdf_says_so() -> None:
    assert text_in(encrypted(pdf(image(CODE)))) == none(Why.ENCRYPTED)


def test_pages_are_bounded_and_what_is_on_the_first_ones_counts() -> None:
    many: list[Image.Image | None] = [None] * MOST_PAGES
    assert text_in(pdf(*many, image(CODE))) == none(Why.TOO_LARGE)
    assert text_in(pdf(image(CODE), *many)) == CODE.text


def test_a_page_as_large_as_a_field_is_drawn_small() -> None:
    assert found(pdf(image(CODE)).replace(b"595 842", b"59500 84200"))["problem"] is None


async def _async_text(data: bytes) -> str | Verdict:
    return await Pictures().text_in(data)


def test_too_many_bytes_are_not_even_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_looked", None)
    assert asyncio.run(_async_text(b"\0" * (LARGEST + 1))) == none(Why.TOO_LARGE)


@pytest.mark.parametrize(
    "dies",
    ["import os; os.abort()", "raise SystemExit(3)", "print('no JSON')", _GREEDY],
    ids=["aborts", "leaves", "babbles", "greedy"],
)
def test_whatever_the_other_process_dies_of_it_could_not_be_read(monkeypatch: pytest.MonkeyPatch, dies: str) -> None:
    monkeypatch.setattr(pictures, "_CHILD", dies)
    assert text_in(CODE.png()) == none(Why.UNREADABLE)


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_SECONDS", 0.2)
    monkeypatch.setattr(pictures, "_CHILD", "import sys; sys.stdin.read(); import signal; signal.pause()")
    assert text_in(CODE.png()) == none(Why.TOO_LARGE)


def test_the_serving_process_loads_nothing_of_it() -> None:
    """Only the other process imports what decodes, and nobody imports the other process."""
    heavy = re.compile(r"^\s*(?:import|from) (?:zxingcpp|pypdfium2|hub\.counters\.picture_child)\b", re.MULTILINE)
    files = [file for package in ("hub", "schema", "keys") for file in (ROOT / package).rglob("*.py")]
    assert [file.name for file in files if heavy.search(file.read_text("utf-8"))] == ["picture_child.py"]
