"""An item whose document says which changes concern it: the shipped one of the hygiene permit."""

from typing import Any

from hub.catalogue.items.item_document import shipped_item_documents
from hub.catalogue.licence_type import shipped_documents
from hub.composition import Hub

HYGIENE = "PublicPlaceHygieneLicence"


def published(hub: Hub, item: str) -> None:
    """Publish the hygiene permit's document for a service item."""
    types = {each["key"]: each for each in shipped_documents()}
    for key in ("ResidentIdentityCard", "PublicInstitutionCertificate", "SocialOrganisationCertificate"):
        hub.catalogue.publish(types[key])
    documents: dict[str, Any] = {each["key"]: each for each in shipped_item_documents()}
    hub.catalogue.documents.publish(item, documents[HYGIENE])
    hub.refresh()
