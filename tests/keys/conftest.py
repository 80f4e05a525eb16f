"""One test for each suite; for keys in hardware what holds for keys in software; timestamp authorities, made once."""

from collections.abc import Iterator

import pytest

from keys.pkcs11_suites import TOKEN_SUITES
from keys.pkcs11_token import HardwareToken
from keys.suites import SUITES, PrivateKey
from tests.keys.authorities import AUTHORITIES, Authority
from tests.keys.softhsm import Hardware
from tests.keys.timestamp_authorities import TimestampAuthority


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


@pytest.fixture
def token(hardware: Hardware) -> Iterator[HardwareToken]:
    """Give a token, and log out at the end."""
    token = hardware.token()
    yield token
    token.close()


@pytest.fixture(scope="session")
def hardware_keys(hardware: Hardware) -> dict[str, PrivateKey]:
    """Give a key on the token for each suite that a token can compute."""
    token = hardware.token()
    return {name: token.private(token.make_private(f"contract/{name}", SUITES[name])) for name in TOKEN_SUITES}


@pytest.fixture(
    params=[*((name, "store") for name in SUITES), *((name, "pkcs11") for name in TOKEN_SUITES)], ids="-".join
)
def signer(request: pytest.FixtureRequest) -> PrivateKey:
    """Give a key of each suite in each place that can hold one."""
    name, place = request.param
    keys: dict[str, PrivateKey] = {
        "store": {each: one.key for each, one in AUTHORITIES.items()},
        "pkcs11": request.getfixturevalue("hardware_keys") if place == "pkcs11" else {},
    }[place]
    return keys[name]


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> TimestampAuthority:
    """Give the timestamp authority that is trusted."""
    return TimestampAuthority(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> TimestampAuthority:
    """Give one that bears the same names, and is not."""
    return TimestampAuthority(tmp_path_factory.mktemp("stranger"))
