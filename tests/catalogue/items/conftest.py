"""A catalogue with some shipped types and one service item, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.service import Catalogue
from hub.clock import SetClock

BUREAU = "11990100MB0000001T"
TYPES = frozenset(
    {"BusinessLicence", "DriverLicence", "PublicInstitutionCertificate", "ResidentIdentityCard", "SocialOrganisationCertificate"}
)  # fmt: skip
ITEM = "11990100MB0000001T3000199901000"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 26, 8, tzinfo=UTC))


@pytest.fixture
def catalogue(make: Callable[[], Catalogue]) -> Catalogue:
    catalogue = make()
    for document in shipped_documents():
        if document["key"] in TYPES:
            catalogue.publish(document)
    catalogue.add_authority(BUREAU, "星河市市场监督管理局", "Xinghe Market Regulation Bureau", "990100", "CITY")
    catalogue.add_item(ITEM, "食品经营许可", "Food operation licence", BUREAU)
    return catalogue
