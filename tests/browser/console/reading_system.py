"""The reading department's system beside the console: it asks the serving hub by private_key_jwt and GraphQL, as departments do.

The register of natural persons is shared on conditions by the ISSUER, who feeds it; the READER has a grant for business licences and none for it.
"""

from pathlib import Path
from typing import Any

from hub.access.caller import Caller
from hub.catalogue.registers import NATURAL_PERSON
from hub.composition import Hub
from hub.demo.clients import DemoClient
from hub.demo.department import Department
from keys.suites import suite
from tests.acceptance.small_hub import ISSUER, ITEM, READER
from tests.browser.console_hub import ConsoleHub, Furnishing
from tests.catalogue.examples import HUSBAND
from tests.sharing.registers import FEEDER, of_person

STEWARDS = (("SHARING_STEWARD", READER), ("SHARING_STEWARD", ISSUER))
KEY, CLIENT = "client.pem", "client"
QUERY = """query Read($case: CaseInput!) {
  case(input: $case) {
    ... on Case { person { ... on NaturalPerson { name status } ... on Problem { code } } }
    ... on Problem { code }
  }
}"""
CASE = {
    "serviceItem": ITEM, "caseNumber": "CASE-1", "legalBasis": "虚构条例",
    "applicant": {"codeType": HUSBAND["codeType"], "code": HUSBAND["code"]},
}  # fmt: skip


def furnishing(folder: Path) -> Furnishing:
    """Return what lets the issuer feed a person's entry, and registers the system, whose key stays in the folder."""

    async def furnish(hub: Hub) -> None:
        hub.catalogue.allow_feeding(ISSUER, NATURAL_PERSON)
        hub.refresh()
        hub.identities.feed(Caller("source", ISSUER, FEEDER, hub.epoch()), NATURAL_PERSON, [of_person(HUSBAND)])
        key = suite("ES256").generate()
        (folder / KEY).write_bytes(key.to_pkcs8(None))
        jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
        client = hub.access.add_client("卫生许可系统", READER, ["licence:read"], jwk)
        (folder / CLIENT).write_text(f"{client} {key.public.thumbprint()}")

    return furnish


def system(console: ConsoleHub) -> Department:
    """Return the system, signed in."""
    client, kid = (console.folder / CLIENT).read_text("utf-8").split()
    made = Department(DemoClient(client, kid, READER, (), KEY, ()), console.folder, console.url)
    made.sign_in()
    return made


def read(department: Department) -> dict[str, Any]:
    """Read the person's entry in the case: what is answered, or the problem in its place."""
    found: dict[str, Any] = department.ask(QUERY, {"case": CASE})["case"]["person"]
    return found
