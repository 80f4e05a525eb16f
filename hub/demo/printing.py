"""On paper: a licence becomes a PDF under its seal, and whoever holds the sheet can ask the public page what it is worth."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from hub.demo.teller import Teller

RENDER: Final = """mutation Render($input: RenditionInput!) { makeRendition(input: $input) {
  ... on Rendition { url signed } ... on Problem { code message }
} }"""
CODE: Final = """query Code($identifier: String!) { issuedLicence(identifier: $identifier) {
  ... on BusinessLicence { qr { text } } ... on Problem { code message }
} }"""
SHEET: Final = "business-licence.pdf"
JSON: Final = {"Accept": "application/json"}


def print_a_licence(teller: Teller) -> None:
    """A sheet, its verdict, and that of a code somebody altered."""
    company = teller.city.organisations[0]
    identifier = teller.city.licence("BusinessLicence", company.code).identifier
    made = teller.issuer.ask(RENDER, {"input": {"original": identifier}})["makeRendition"]
    file = teller.city.folder / SHEET
    with httpx.Client(base_url=teller.city.url, timeout=30, trust_env=False) as anybody:
        file.write_bytes(anybody.get(urlsplit(made["url"]).path).raise_for_status().content)
        seen = _look(anybody, file)
        text: str = teller.issuer.ask(CODE, {"identifier": identifier})["issuedLicence"]["qr"]["text"]
        other = f"{text[:-9]}{'B' if text[-9] == 'A' else 'A'}{text[-8:]}"
        altered = anybody.post("/V/", json={"code": other}, headers=JSON).json()
    teller.say(
        "The licence is printed: whoever holds the sheet shows it to the public page, and learns what it is worth",
        holds=seen["word"] == "VALID" and seen["licence"]["identifier"] == identifier and made["signed"],
        sheet=file, verdict=seen["word"], holder=seen["licence"]["holder"], look_yourself=text,
    )  # fmt: skip
    teller.say(
        "A code in which one letter was altered is found out",
        holds=altered["word"] == "NOT_GENUINE",
        verdict=altered["word"],
    )


def _look(anybody: httpx.Client, file: Path) -> dict[str, Any]:
    answer = anybody.post("/V/", files={"picture": (file.name, file.read_bytes(), "application/pdf")}, headers=JSON)
    said: dict[str, Any] = answer.raise_for_status().json()
    return said
