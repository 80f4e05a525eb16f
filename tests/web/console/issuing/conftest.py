"""Officers of an authority that may issue several types."""

import pytest

from tests.acceptance.small_hub import ISSUER
from tests.web.console.issuing.officer import TYPE_KEYS, Officer, allow
from tests.web.console.office import Office


@pytest.fixture(scope="module")
def desk(office: Office) -> Office:
    """Give the office, whose issuer issues more types."""
    allow(office.hub, ISSUER, TYPE_KEYS)
    return office


@pytest.fixture
def officer(desk: Office) -> Officer:
    return Officer(desk, desk.visitor("LICENCE_OFFICER"))
