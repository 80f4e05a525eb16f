"""The page of a rendition: whoever scans the code on a copy reads whether it still holds; a script gets the same as JSON."""

from collections.abc import Mapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from hub.endpoints.errors import status
from hub.renditions.refusals import RenditionUnknownError
from hub.web.pages import PageRoute, Pages
from hub.web.public.renditions import RENDITION, RenditionPages
from tests.web.test_pages import held_close
from tests.web.visitor import Building, Visitor, text

NUMBER = "01a21818cb8f743297c66ef73ccdfdf0"
COPY: dict[str, Any] = {
    "id": NUMBER, "kind": "ANNOTATED_COPY", "madeAt": "2026-11-26T01:00:00Z", "deadline": "2026-12-26", "over": False, "sha256": "c4" * 32,
    "maker": {"code": "11990100MB0000001T", "zh": "虚构市<b>疾控</b>", "en": "Invented <b>Bureau</b>"}, "signed": True, "licenceStatus": "VALID",
}  # fmt: skip
BROWSER = {"accept": "text/html"}


def visitor(house: Building, told: Mapping[str, Any]) -> Visitor:
    """Give a visitor of a hub that knows one rendition."""

    async def known(rendition: str) -> Mapping[str, Any]:
        if rendition != NUMBER:
            raise RenditionUnknownError
        return told

    pages = Pages.of(house.hub.settings, house.clock, status)
    methods = RenditionPages(pages, known).routes()[RENDITION]
    return Visitor(house.runner, Starlette(routes=[Route(RENDITION, PageRoute(pages, RENDITION, methods))]))


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({}, None),
        ({"over": True}, "No longer good"),
        ({"licenceStatus": "REVOKED"}, "The licence is not valid now"),
        ({"licenceStatus": None}, "The licence is not valid now"),
        ({"over": True, "licenceStatus": "REVOKED"}, "No longer good"),
    ],
    ids=["good", "over", "revoked", "cannot be told", "both"],
)
def test_it_says_whether_the_sheet_still_holds(house: Building, differs: dict[str, Any], said: str | None) -> None:
    page = visitor(house, {**COPY, **differs}).get(f"/renditions/{NUMBER}", headers=BROWSER | {"accept-language": "en"})
    shown = text(page)
    for told in ("Annotated copy of a licence", "26 December 2026", "c4" * 32, NUMBER):
        assert told in shown
    assert ('class="notice"' in page.text) is (said is not None)
    assert said is None or said in shown
    assert "Invented &lt;b&gt;Bureau" in page.text
    assert "<b>" not in page.text
    held_close(page)


def test_an_original_has_no_maker_and_no_last_day(house: Building) -> None:
    original = {**COPY, "kind": "ORIGINAL", "maker": None, "deadline": None, "signed": False}
    shown = text(visitor(house, original).get(f"/renditions/{NUMBER}", headers=BROWSER | {"accept-language": "zh"}))
    assert "证照原件文件" in shown
    assert "文件未带数字签名" in shown
    assert "有效至" not in shown


def test_a_script_is_told_the_same_as_json_and_an_unknown_number_is_refused(house: Building) -> None:
    anybody = visitor(house, COPY)
    assert anybody.get(f"/renditions/{NUMBER}", headers={"accept": "*/*"}).json() == COPY
    assert anybody.get("/renditions/0123").status_code == 404
    assert "RENDITION_UNKNOWN" in anybody.get("/renditions/0123", headers=BROWSER).text
