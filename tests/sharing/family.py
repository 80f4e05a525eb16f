"""A family whose relations stand on licences: a married couple, their newborn, a company and its representative."""

from typing import Any

from hub.catalogue.licence_type import shipped_documents
from hub.licences.draft import Holder
from tests.catalogue.examples import WIFE
from tests.licences.drafts import draft_of
from tests.sharing.world import ISSUER, World

MARRIAGE, DIVORCE, BIRTH = "MarriageCertificate", "DivorceCertificate", "BirthMedicalCertificate"
CARD, BUSINESS, DRIVING = "ResidentIdentityCard", "BusinessLicence", "DriverLicence"
HOUSEHOLD = "HouseholdRegister"
_PROVING = (MARRIAGE, DIVORCE, BIRTH, CARD)
Row = dict[str, str]


def with_family(world: World) -> World:
    """Publish the types that prove relations, and issue what the family and the company have."""
    documents = {document["key"]: document for document in shipped_documents()}
    for place, key in enumerate(_PROVING):
        world.catalogue.publish(documents[key])
        world.catalogue.set_type_code(key, f"{ISSUER}9{place:02d}", synthetic=True)
        world.catalogue.allow_issuing(ISSUER, key)
    world.sharing.refresh()
    for key in (MARRIAGE, BIRTH, BUSINESS):
        world.issued[key] = issue(world, key)
    world.issued[CARD] = issue(world, CARD)
    world.issued[DRIVING] = issue(world, DRIVING)
    world.issued["of the wife"] = issue(world, DRIVING, WIFE)
    return world


def holder(row: Row) -> Holder:
    """Return an example's person as a holder."""
    return Holder(row["codeType"], row["code"], row["name"])


def issue(world: World, key: str, *holders: Row, number: str | None = None, **changes: Any) -> str:
    """Issue the example of a type to others, or with changes, and return its identifier."""
    more = (
        {"holders": tuple(map(holder, holders)), "number": number or f"{key[:4].upper()}-{holders[0]['code']}"}
        if holders
        else {}
    )
    (identifier,) = world.issue(draft_of(key, **more, **changes))
    return identifier


def act(world: World, operation: str, identifier: str, revision: int = 1) -> None:
    """Change the status of a licence as its issuer."""
    caller = world.caller(ISSUER, {"licence:status"})
    key = f"{operation}-{identifier}"
    world.licences.act(caller, operation, identifier, revision, "依职权", "虚构条例", None, key)
