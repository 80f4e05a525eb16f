"""At the counter: a company shows its licence on a telephone, the clerk's scanner redeems the code, and a screenshot of it is worth nothing."""

from typing import Any, Final

from hub.demo.platform import DemoPlatform
from hub.demo.teller import Teller, name_of

OFFERED: Final = """query Offered($authority: String!, $item: String!) { holder { ... on HolderView {
  presentable(authority: $authority, serviceItem: $item) {
    authority { name { zh } } serviceItem { name { zh } }
    licences { licence { identifier type { key name { zh } } } fields { path title { zh } checkedOnly } }
  }
} ... on Problem { code } } }"""
SHOW: Final = """mutation Show($input: PresentationInput!) {
  presentLicences(input: $input) { ... on PresentationCode { text presentation { presentation expiresAt } } ... on Problem { code message } }
}"""
SCAN: Final = """mutation Scan($input: ScanInput!) { scan(input: $input) { ... on Scan {
  verdict { word colour } usedAt licences { fields { path title { zh } value } }
} ... on Problem { code message } } }"""
MINE: Final = """query Mine($id: ID!) { holder { ... on HolderView { presentation(id: $id) { ... on Presentation {
  state redeemedAt authority { name { zh } } disclosed { disclosed { path } }
} ... on Problem { code } } } ... on Problem { code } } }"""
CHOSEN: Final = ("name", "legalRepresentative")
CASE: Final = "DEMO-COUNTER-0001"


def show_at_the_counter(teller: Teller) -> None:
    """What may be shown is seen first; the code is redeemed once; its holder sees by whom."""
    case = teller.counter.client.purposes[0].input
    authority, item = teller.counter.client.authority, case["serviceItem"]
    holder = DemoPlatform.of(teller.city.folder).token(case["applicant"]["codeType"], case["applicant"]["code"])
    offered = teller.counter.ask(OFFERED, {"authority": authority, "item": item}, holder)["holder"]["presentable"]
    licence = next(each for each in offered["licences"] if each["licence"]["type"]["key"] == "BusinessLicence")
    titles = {each["path"]: each["title"]["zh"] for each in licence["fields"]}
    wish = {
        "authority": authority, "serviceItem": item,
        "licences": [{"identifier": licence["licence"]["identifier"], "fields": list(CHOSEN)}],
    }  # fmt: skip
    made: dict[str, Any] = teller.counter.ask(SHOW, {"input": wish}, holder)["presentLicences"]
    teller.say(
        "At a counter it shows its licence on a telephone: it is told who asks, for what, and chooses two fields",
        holds=set(CHOSEN) < set(titles) and "text" in made,
        authority=name_of(offered["authority"]), item=name_of(offered["serviceItem"]), may_be_shown="、".join(titles.values()),
        code=made.get("text"), good_until=made.get("presentation", {}).get("expiresAt"),
    )  # fmt: skip
    scan = {"input": {"code": made["text"], "case": {"serviceItem": item, "caseNumber": CASE}}}
    seen = teller.counter.ask(SCAN, scan)["scan"]
    shown = [each for licence in seen.get("licences", ()) for each in licence["fields"]]
    teller.say(
        "The counter's scanner redeems the code: a verdict, and the two fields",
        holds=seen.get("verdict", {}).get("colour") == "GREEN" and {each["path"] for each in shown} == set(CHOSEN),
        verdict=seen.get("verdict", {}).get("word"), **{each["title"]["zh"]: each["value"] for each in shown},
    )  # fmt: skip
    again = teller.counter.ask(SCAN, scan)["scan"]
    found = teller.counter.ask(MINE, {"id": made["presentation"]["presentation"]}, holder)["holder"]["presentation"]
    teller.say(
        "A screenshot shown again is refused, and its holder sees who redeemed the code",
        holds=again["verdict"]["word"] == "CODE_USED" and again["licences"] == [] and found["state"] == "REDEEMED",
        verdict=again["verdict"]["word"], used_at=again["usedAt"], redeemed_by=name_of(found.get("authority")),
    )  # fmt: skip
