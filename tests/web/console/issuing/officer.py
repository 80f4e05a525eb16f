"""An officer at his browser, without script: he opens forms, fills them in and sends them whole, as browsers do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx
from typing_extensions import override

from hub.catalogue.codes import credit_check_character
from hub.catalogue.licence_type import shipped_documents
from hub.composition import Hub
from hub.licences.draft import Draft
from hub.web.console.issuing.controls import outline
from hub.web.console.issuing.texts import Typed, document_of, written
from tests.acceptance.small_hub import URL
from tests.licences.drafts import TYPES, draft_of
from tests.tabular.reading import CALENDAR
from tests.web.console.office import Office
from tests.web.visitor import Visitor

ISSUE = "/console/licences/issue"
TYPE_KEYS = ("FoodBusinessLicence", "PhysicianPracticeCertificate", "HouseholdRegister", "MarriageCertificate")
FOOD = f"{ISSUE}/FoodBusinessLicence"
NOTHING: Mapping[str, str] = {}
ORIGIN = {"origin": URL, "sec-fetch-site": "same-origin"}


def allow(hub: Hub, authority: str, type_keys: Iterable[str]) -> None:
    """Let an authority issue types under made-up codes."""
    documents = {document["key"]: document for document in shipped_documents()}
    for key in type_keys:
        hub.catalogue.publish(documents[key])
        hub.catalogue.set_type_code(key, f"{authority}{documents[key]['order']:03d}", synthetic=True)
        hub.catalogue.allow_issuing(authority, key)
    hub.refresh()


class Sheet(HTMLParser):
    """The fields of a page's longest form, as a browser would send them, and its buttons."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.files: set[str] = set()
        self.buttons: list[tuple[str, str]] = []
        self._area: str | None = None
        self._select = ""
        self.feed(page.text)

    @property
    def fields(self) -> dict[str, str]:
        return max(self.forms, key=len)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif tag == "button" and name and "hidden" not in given:
            self.buttons.append((name, given["value"]))
        elif tag == "input" and given.get("type") == "file":
            self.files.add(name)
        elif tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self.forms[-1][name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            self.forms[-1][name] = ""
        elif tag == "option" and "selected" in given:
            self.forms[-1][self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.forms[-1][name] = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1][self._area] += data

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.forms[-1][self._area] = self.forms[-1][self._area].removeprefix("\n")
            self._area = None


def typed(draft: Draft) -> Typed:
    """Return what an officer types to issue a draft."""
    return written(outline(TYPES[draft.type_key]), document_of(draft), CALENDAR)


def food(number: str, **changes: object) -> Draft:
    """Return a food business licence of the company that a number makes up."""
    body = f"91990200MA{int(number):07d}"
    example = draft_of("FoodBusinessLicence")
    holder = type(example.holders[0])("001", body + credit_check_character(body), f"虚构市第{number}号饭馆")
    return draft_of("FoodBusinessLicence", number=f"虚JY{number}", holders=(holder,), **changes)


@dataclass
class Officer:
    """Somebody who issues licences for the ISSUER."""

    office: Office
    visitor: Visitor

    def get(self, path: str) -> httpx.Response:
        return self.visitor.get(path.removeprefix(URL))

    def send(
        self,
        page: httpx.Response,
        path: str,
        texts: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        act: str = "",
    ) -> httpx.Response:
        """Send the form of a page with texts put in; returns what follows, redirects too."""
        fields = {**Sheet(page).fields, **texts, **({"act": act} if act else {})}
        parts: list[tuple[str, tuple[str | None, bytes]]] = [
            (name, (None, text.encode())) for name, text in fields.items()
        ]
        parts += [(name, (f"{name}.png", content)) for name, content in (files or {}).items()]
        answer = self.visitor.send("POST", path, files=parts, headers=ORIGIN)
        return self.get(answer.headers["location"].partition("#")[0]) if answer.status_code == 303 else answer

    def fill(self, draft: Draft, texts: Mapping[str, str] = NOTHING, act: str = "") -> httpx.Response:
        """Open the form of a new licence, fill it in with a draft and these texts, and send it."""
        path = f"{ISSUE}/{draft.type_key}"
        page = self.get(path)
        for rows in self._lacking(page, draft):
            page = self.send(page, path, {}, act=f"add:{rows}")
        filled = typed(draft)
        return self.send(page, path, {**filled.texts, **texts}, filled.pictures, act)

    def _lacking(self, page: httpx.Response, draft: Draft) -> list[str]:
        """Return the lists that need a row more, once for each row."""
        there = Sheet(page)
        rows = {
            found[0]
            for name in (*typed(draft).texts, *typed(draft).pictures)
            if (found := re.findall(r"^[^.]+\[\d+\](?=[.])", name))
        }
        known = {
            found[0] for name in (*there.fields, *there.files) if (found := re.findall(r"^[^.]+\[\d+\](?=[.])", name))
        }
        return sorted(each.partition("[")[0] for each in rows - known)

    def confirm(self, preview: httpx.Response) -> httpx.Response:
        """Seal what is shown."""
        return self.send(preview, preview.url.path, {})

    def issue(self, draft: Draft) -> str:
        """Issue a licence and return its identifier."""
        done = self.confirm(self.fill(draft))
        assert done.status_code == 200, done.text
        return identifier_of(done)


def identifier_of(done: httpx.Response) -> str:
    found = re.search(r'href="/console/licences/(1\.2\.156[^"]*)"', done.text)
    assert found is not None, done.text
    return found[1]
