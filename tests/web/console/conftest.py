"""An office for the tests of one module."""

import pytest

from tests.web.console.office import Office, furnish_office
from tests.web.visitor import Building


@pytest.fixture(scope="module")
def office(house: Building) -> Office:
    return Office(house, furnish_office(house.hub))
