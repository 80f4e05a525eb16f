"""Settings of the identity platform: none, or whole and safe."""

import pytest

from hub.errors import SettingsError
from hub.platform import NAMES, Platform
from hub.settings import read_settings
from hub.variables import USUAL_ALGORITHMS

URL = "https://hub.example.gov.cn"
GIVEN = {
    "HUB_HOLDER_ISSUER": "https://id.example.gov.cn",
    "HUB_HOLDER_AUDIENCE": "licence-hub",
    "HUB_HOLDER_JWKS": "https://id.example.gov.cn/jwks.json",
}


def read(**changes: str) -> Platform | None:
    return read_settings(
        {"HUB_PUBLIC_URL": URL, **GIVEN, **{f"HUB_HOLDER_{name}": text for name, text in changes.items()}}
    ).platform


def test_without_settings_no_holder_signs_in() -> None:
    assert read_settings({"HUB_PUBLIC_URL": URL}).platform is None
    assert read_settings({"HUB_PUBLIC_URL": URL, **dict.fromkeys(NAMES, "")}).platform is None


def test_three_settings_are_enough_and_the_rest_has_safe_defaults() -> None:
    issuer, audience, keys = GIVEN.values()
    assert read() == Platform(issuer, audience, keys)
    assert Platform(issuer, audience, keys).algorithms == USUAL_ALGORITHMS


def test_each_can_be_set() -> None:
    found = read(
        JWKS="/etc/hub/jwks.json", ALGORITHMS="SM2-SM3 ES256", CODE_TYPE_CLAIM="idType", CODE_CLAIM="idNumber",
        CLOCK_SECONDS="0", LONGEST_SECONDS="60", JWKS_SECONDS="60", JWKS_STALE_SECONDS="60",
    )  # fmt: skip
    assert found
    assert str(found.keys_file) == "/etc/hub/jwks.json"
    assert (found.algorithms, found.code_type_claim, found.code_claim) == (
        frozenset({"SM2-SM3", "ES256"}), "idType", "idNumber",
    )  # fmt: skip
    assert (found.clock_seconds, found.longest_seconds, found.keys_seconds, found.stale_seconds) == (0, 60, 60, 60)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ISSUER", ""), ("AUDIENCE", ""), ("JWKS", ""), ("ISSUER", URL), ("ISSUER", "two words"), ("AUDIENCE", "x" * 513),
        ("JWKS", "http://id.example.gov.cn/jwks.json"), ("JWKS", "https://user@id.example.gov.cn"), ("JWKS", "ftp://127.0.0.1/x"),
        ("ALGORITHMS", "none"), ("ALGORITHMS", "ES256 HS256"), ("ALGORITHMS", "  "), ("CLOCK_SECONDS", "121"),
        ("CLOCK_SECONDS", "-1"), ("LONGEST_SECONDS", "59"), ("JWKS_SECONDS", "x"), ("JWKS_STALE_SECONDS", "3599"),
        ("CODE_CLAIM", "holder_code_type"), ("PLATFORM", "x"),
    ],
)  # fmt: skip
def test_unsafe_values_are_refused_and_not_repeated(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match="HUB_HOLDER_") as refused:
        read(**{name: text})
    assert len(text) < 4 or text in {URL, "none", "holder_code_type"} or text not in str(refused.value)


@pytest.mark.parametrize("days", ["0", "1827", "x", "-1"])
def test_an_embargo_has_a_bound(days: str) -> None:
    with pytest.raises(SettingsError, match="HUB_EMBARGO_DAYS"):
        read_settings({"HUB_PUBLIC_URL": URL, "HUB_EMBARGO_DAYS": days})
