"""Licence before permit (先照后证): a company's scope is changed, and the department whose permit it needs hears of it by itself."""

import secrets
import time
from typing import Any, Final

from hub.demo.teller import Teller

END: Final = "query End($item: String!) { changesEnd(item: $item) }"
CHANGES: Final = """query Changes($item: String!, $after: String!) { changes(item: $item, after: $after, first: 5) {
  cursor changes { kind at identifier licence { ... on BusinessLicence { number name businessScope registeredCapital withheld { path reason } } } }
} }"""
OWN: Final = """query Own($identifier: String!) { issuedLicence(identifier: $identifier) { ... on BusinessLicence {
  revision number validFrom validUntil issuedOn holders { codeType code name }
  name enterpriseType legalRepresentative registeredCapital establishedOn address
} ... on Problem { code message } } }"""
CHANGE: Final = """mutation Change($input: EditionInput!) { changeLicence(input: $input) { ... on Licence { identifier } ... on Problem { code message } } }"""
SCOPE: Final = "许可项目：餐饮服务；食品销售。一般项目：日用品销售。"
FACE: Final = ("name", "enterpriseType", "legalRepresentative", "registeredCapital", "establishedOn", "address")
SECONDS: Final = 20


def hear_of_permits(teller: Teller) -> None:
    """The registrar changes a company's scope; the district market bureau, whose permit it needs now, follows the changes."""
    item = teller.counter.client.purposes[0].input["serviceItem"]
    after = teller.counter.ask(END, {"item": item})["changesEnd"]
    company = next(each for each in teller.city.organisations[1:] if each.trade == "餐饮")
    changed = _change(teller, teller.city.licence("BusinessLicence", company.code).identifier)
    heard = _wait(teller, item, after)
    licence = heard.get("licence", {})
    withheld = {each["path"]: each["reason"] for each in licence.get("withheld", ())}
    teller.say(
        "A company's scope is changed: the bureau whose permit it needs hears of it without asking, and only what it may know",
        holds=heard.get("identifier") == changed and licence["businessScope"] == SCOPE and licence["registeredCapital"] is None,
        what=heard.get("kind"), company=licence.get("name"), scope=licence.get("businessScope"), withheld=withheld,
    )  # fmt: skip


def _change(teller: Teller, identifier: str) -> str:
    own: dict[str, Any] = teller.issuer.ask(OWN, {"identifier": identifier})["issuedLicence"]
    data = {name: own[name] for name in FACE if own[name] is not None} | {"businessScope": SCOPE}
    draft = {
        "type": "BusinessLicence", "number": own["number"], "holders": own["holders"], "issuedOn": own["issuedOn"],
        "validFrom": own["validFrom"], "validUntil": own["validUntil"], "data": data,
        "legalBasis": "《市场主体登记管理条例》第二十四条", "reason": "演示：经营范围变更",
    }  # fmt: skip
    edition = {
        "identifier": identifier,
        "revision": own["revision"],
        "draft": draft,
        "idempotencyKey": secrets.token_hex(16),
    }
    changed: dict[str, Any] = teller.issuer.ask(CHANGE, {"input": edition})["changeLicence"]
    return str(changed.get("identifier", changed))


def _wait(teller: Teller, item: str, after: str) -> dict[str, Any]:
    """Return the first change behind a cursor; the log takes it in within a second."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        page = teller.counter.ask(CHANGES, {"item": item, "after": after})["changes"]
        if page["changes"]:
            first: dict[str, Any] = page["changes"][0]
            return first
        time.sleep(0.2)
    return {}
