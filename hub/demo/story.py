"""The story, told with real requests over HTTP: what is shown here happened between a client and this hub; papers alone are counted in documents."""

from typing import Any

import httpx
from rich.console import Console

from hub.catalogue.items.item_document import ItemDocument, shipped_item_documents
from hub.catalogue.items.share import Share
from hub.demo.build import City
from hub.demo.department import Department, verify_offline
from hub.demo.people import Person
from hub.demo.permits import hear_of_permits
from hub.demo.platform import DemoPlatform
from hub.demo.printing import print_a_licence
from hub.demo.restaurant import open_restaurant
from hub.demo.showing import show_at_the_counter
from hub.demo.teller import Teller, name_of

PLANNED = 0.7
CARD = """query Card($case: CaseInput!, $number: String!) {
  case(input: $case) { ... on Case {
    licence(type: "ResidentIdentityCard", number: $number) { ... on ResidentIdentityCard { number holders { name } } ... on Problem { code } }
  } ... on Problem { code } }
}"""
SEEN = """{ holder { ... on HolderView { accesses(first: 1, own: false) { edges { node {
  record at outcome caseNumber authority { name { zh } } serviceItem { name { zh } } type { name { zh } } disclosed { title { zh } }
} } } } ... on Problem { code } } }"""


def tell(city: City, url: str, screen: Console) -> dict[str, str]:
    """Tell the story; return the statuses it left behind, by licence identifier.

    Raises:
        StoryError: a step is not true.
    """
    reader, issuer, counter = departments = [Department(client, city.folder, url) for client in city.clients]
    teller = Teller(city, reader, issuer, counter, screen)
    try:
        sign_in(teller)
        presentation = read_and_verify(teller)
        refusals(teller)
        holder_looks(teller, url)
        open_restaurant(teller)
        show_at_the_counter(teller)
        print_a_licence(teller)
        hear_of_permits(teller)
        count_papers(teller)
        suspend_and_resume(teller)
        return revoke(teller, presentation)
    finally:
        for each in departments:
            each.close()


def purposes(teller: Teller, *, refused: bool) -> list[dict[str, Any]]:
    """Return the inputs of the reading client's purposes."""
    return [purpose.input for purpose in teller.city.clients[0].purposes if purpose.refused is refused]


def sign_in(teller: Teller) -> None:
    """Both clients fetch tokens; a used assertion is refused."""
    assertion = teller.reader.assertion()
    answer = teller.reader.sign_in(assertion)
    teller.say(
        "A department's system signs in with its own key (private_key_jwt)",
        holds=answer.is_success,
        scope=answer.json().get("scope"),
    )
    again = teller.reader.sign_in(assertion)
    teller.say(
        "The same assertion again is refused",
        holds=again.status_code == httpx.codes.UNAUTHORIZED,
        answer=again.json().get("error_description"),
    )
    teller.issuer.sign_in()
    teller.counter.sign_in()


def read_and_verify(teller: Teller) -> str:
    """A licence is read field by field, and its presentation verified without the hub."""
    case = purposes(teller, refused=False)[0]
    licence = teller.read(case, case["applicant"]["code"])
    teller.say(
        "In its case it reads the applicant's business licence: the granted fields",
        holds=licence.get("status") == "VALID" and bool(licence.get("name")),
        name=licence.get("name"), representative=licence.get("legalRepresentative"), identifier=licence.get("identifier"),
    )  # fmt: skip
    withheld = {entry["path"]: entry["reason"] for entry in licence["withheld"]}
    teller.say(
        "The field it was not granted stays in the hub",
        holds=licence["registeredCapital"] is None and withheld.get("registeredCapital") == "NOT_GRANTED",
        withheld=withheld,
    )
    proof = licence["proof"]
    reader = teller.reader
    report = verify_offline(
        proof["sdJwt"], proof["receipt"], reader.issuer_metadata(proof["sdJwt"]), reader.hub_keys(), reader.roots()
    )
    checks = ", ".join(f"{check.name} {check.outcome}" for check in report.checks)
    teller.say(
        "The presentation verifies offline: seal by its chain, status by receipt",
        holds=report.result == "TOTAL_PASSED",
        checks=checks,
    )
    return str(proof["sdJwt"])


def refusals(teller: Teller) -> None:
    """What the hub refuses: a case without a grant, a case of somebody else, another person's licence."""
    case, other = purposes(teller, refused=False)[:2]
    refused = teller.read(purposes(teller, refused=True)[0], other["applicant"]["code"])
    teller.say(
        "A case for which nothing was granted is refused",
        holds=refused.get("code") == "NOT_GRANTED",
        problem=refused.get("message"),
    )
    reopened = teller.read({**case, "applicant": other["applicant"]}, other["applicant"]["code"])
    teller.say(
        "The same case for another applicant is refused",
        holds=reopened.get("code") == "CASE_MISMATCH",
        problem=reopened.get("message"),
    )
    stranger = teller.read(case, other["applicant"]["code"])
    teller.say(
        "Another company's licence is not found in this case",
        holds=stranger.get("code") == "NOT_FOUND",
        problem=stranger.get("message"),
    )


def holder_looks(teller: Teller, url: str) -> None:
    """A holder signs in with the identity platform's token and sees who read what of his; somebody else sees nothing of it."""
    case, city = purposes(teller, refused=False)[0], teller.city
    teller.reader.ask(CARD, {"case": case, "number": city.holder.number})
    mine = seen_by(url, city, city.holder)
    read = mine[0] if mine else {}
    teller.say(
        "A person signs in with the identity platform and sees who read his identity card, for which case",
        holds=read.get("caseNumber") == case["caseNumber"] and read.get("outcome") == "DISCLOSED",
        authority=name_of(read.get("authority")), item=name_of(read.get("serviceItem")), case=read.get("caseNumber"),
        licence=name_of(read.get("type")), fields="、".join(name_of({"name": each["title"]}) for each in read.get("disclosed", ())),
    )  # fmt: skip
    stranger = next(each.representative for each in city.organisations if each.representative != city.holder)
    theirs = {each["record"] for each in seen_by(url, city, stranger)}
    teller.say("Another person does not see that read", holds=read.get("record") not in theirs, shown=len(theirs))


def seen_by(url: str, city: City, person: Person) -> list[dict[str, Any]]:
    """Return the newest read of what is a person's, as he sees it."""
    token = DemoPlatform.of(city.folder).token("111", person.number)
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{url}/graphql", json={"query": SEEN}, headers=headers, timeout=30, trust_env=False).json()
    return [edge["node"] for edge in answer["data"]["holder"]["accesses"]["edges"]]


def count_papers(teller: Teller) -> None:
    """Of the materials of the shipped items, how many nobody hands in who has the licences; city plans ask for 70 %."""
    documents = [ItemDocument.of(each) for each in shipped_item_documents()]
    share = Share.of(documents)
    teller.say(
        f"Over {len(documents)} real service items, who has the licences hands in {1 - share.issued_exempt:.0%} of what authorities issue",
        holds=share.issued_exempt >= PLANNED,
        **{each.name.zh: f"{Share.of([each]).issued_exempt:.0%}" for each in documents},
        exempt_of_what_authorities_issue=f"{share.issued_exempt:.0%}（电子证照 {share.issued_by_licence / share.issued:.0%}，其余由部门核验）",
        exempt_of_all_materials=f"{share.exempt:.0%}（申请表、图纸、声明、合同由申请人自己制作）",
    )


def suspend_and_resume(teller: Teller) -> None:
    """The issuer suspends a licence, the reader sees it at once, the issuer resumes it."""
    case = purposes(teller, refused=False)[1]
    number = case["applicant"]["code"]
    licence = teller.city.licence("BusinessLicence", number)
    suspended = teller.act("suspendLicence", licence.identifier, "演示：暂扣")
    seen = teller.read(case, number)
    teller.say(
        "The issuer suspends a licence, and the reader sees it",
        holds=suspended.get("status") == seen.get("status") == "SUSPENDED",
        status=seen.get("status"),
    )
    resumed = teller.act("resumeLicence", licence.identifier, "演示：发还")
    seen = teller.read(case, number)
    teller.say(
        "The issuer resumes it", holds=resumed.get("status") == seen.get("status") == "VALID", status=seen.get("status")
    )


def revoke(teller: Teller, presentation: str) -> dict[str, str]:
    """A licence is revoked; the presentation shown before tells it now. The ready query's own licence stays valid."""
    case = purposes(teller, refused=False)[1]
    before = teller.read(case, case["applicant"]["code"])["proof"]["sdJwt"]
    licence = teller.city.licence("BusinessLicence", case["applicant"]["code"])
    revoked = teller.act("revokeLicence", licence.identifier, "演示：吊销")
    report = teller.status(before)
    row = next(check for check in report["checks"] if check["outcome"] == "FAILED")
    teller.say(
        "The issuer revokes it; the presentation handed out before is seen revoked",
        holds=revoked.get("status") == "REVOKED" and report["result"] == "TOTAL_FAILED",
        check=f"{row['name']} {row['outcome']} {row['subIndication']}: {row['detail']}",
    )
    still = teller.status(presentation)
    teller.say("The first licence still verifies", holds=still["result"] == "TOTAL_PASSED", result=still["result"])
    return {licence.identifier: "REVOKED"}
