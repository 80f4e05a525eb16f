"""One test for each suite."""

import pytest

from keys.suites import SUITES, PrivateKey
from tests.keys.authorities import AUTHORITIES, Authority


@pytest.fixture(params=sorted(SUITES))
def suite_name(request: pytest.FixtureRequest) -> str:
    """Give each suite's name in turn."""
    return str(request.param)


@pytest.fixture
def authority(suite_name: str) -> Authority:
    """Give an authority that seals under the suite."""
    return AUTHORITIES[suite_name]


@pytest.fixture
def key(authority: Authority) -> PrivateKey:
    """Give a key of the suite."""
    return authority.key


@pytest.fixture
def es256() -> Authority:
    """Give an authority that seals under ES256."""
    return AUTHORITIES["ES256"]
