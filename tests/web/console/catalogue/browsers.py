"""What a browser sends of a page's form: every control as it stands there, then what somebody types and the button that he presses."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from typing_extensions import override

from tests.acceptance.small_hub import URL
from tests.web.visitor import Visitor

FROM_HERE = {"origin": URL, "sec-fetch-site": "same-origin"}


@dataclass
class _Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._area: str | None = None
        self._select = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.found.append(_Form(given.get("action") or ""))
        elif (
            tag == "input"
            and name
            and (given.get("type") != "checkbox" or "checked" in given)
            and given.get("type") != "file"
        ):
            self.found[-1].values[name] = given.get("value") or ""
        elif tag == "textarea":
            self._area, self.found[-1].values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.found[-1].values):
            self.found[-1].values[self._select] = given.get("value") or ""

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.found[-1].values[self._area] += data


def form(page: httpx.Response, action: str) -> dict[str, str]:
    """Return the values of the form of a page that goes to an address."""
    parser = _Forms()
    parser.feed(page.text)
    return next(each.values for each in parser.found if each.action == action)


def send(visitor: Visitor, page: httpx.Response, action: str, step: str = "", **typed: str) -> httpx.Response:
    """Send a page's form as a browser does; what is typed takes the place of what stood there, `-` unticks a box."""
    values = {**form(page, action), **typed, **({"step": step} if step else {})}
    return visitor.post(action, {name: text for name, text in values.items() if text != "-"}, headers=FROM_HERE)


def upload(visitor: Visitor, page: httpx.Response, action: str, content: bytes) -> httpx.Response:
    """Send a file by the form of a page."""
    token = form(page, action)["form_token"]
    given = {"form_token": token, "checked": "yes"}
    return visitor.send("POST", action, data=given, files={"file": ("type.json", content)}, headers=FROM_HERE)
