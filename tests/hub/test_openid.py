"""Settings of signing in: local alone, or a whole provider."""

from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.openid import ClientProof, Endpoints, ResponseMode, SignInBy
from hub.settings import Settings, read_settings

URL = "https://hub.example.gov.cn"
ISSUER = "https://id.example.gov.cn"
GIVEN = {"HUB_SIGN_IN": "both", "HUB_OIDC_ISSUER": ISSUER, "HUB_OIDC_CLIENT_ID": "licence-hub"}
ENDPOINTS = {
    "HUB_OIDC_AUTHORIZATION_ENDPOINT": f"{ISSUER}/auth", "HUB_OIDC_TOKEN_ENDPOINT": f"{ISSUER}/token", "HUB_OIDC_JWKS": f"{ISSUER}/keys",
}  # fmt: skip


def settings(**changes: str) -> Settings:
    return read_settings({"HUB_PUBLIC_URL": URL, **GIVEN, **changes})


def test_without_a_word_there_are_local_accounts_alone() -> None:
    rules = read_settings({"HUB_PUBLIC_URL": URL}).sign_in
    assert (rules.by, rules.provider, rules.local, rules.allows_locally("anybody")) == (
        SignInBy.LOCAL,
        None,
        True,
        True,
    )


def test_a_provider_needs_a_name_and_the_hubs_name_there() -> None:
    provider = settings().sign_in.provider
    assert provider is not None
    assert (provider.issuer, provider.client_id, provider.proof) == (ISSUER, "licence-hub", ClientProof.PRIVATE_KEY_JWT)
    assert (provider.endpoints, provider.response_mode, provider.acr, provider.max_age) == (
        None,
        ResponseMode.QUERY,
        (),
        None,
    )


def test_everything_can_be_said() -> None:
    rules = settings(
        **ENDPOINTS, HUB_SIGN_IN="provider", HUB_SIGN_IN_BREAK_GLASS="boss second.boss", HUB_OIDC_END_SESSION_ENDPOINT=f"{ISSUER}/end",
        HUB_OIDC_NAME="虚构省统一身份认证平台", HUB_OIDC_AUTHENTICATION="client_secret_basic", HUB_OIDC_SECRET_FILE="secret",
        HUB_OIDC_ALGORITHMS="PS256 SM2-SM3", HUB_OIDC_ACR="high middle", HUB_OIDC_AMR="pwd otp", HUB_OIDC_RESPONSE_MODE="form_post",
        HUB_OIDC_CLOCK_SECONDS="5", HUB_OIDC_MAX_AGE_SECONDS="600",
    ).sign_in  # fmt: skip
    provider = rules.provider
    assert provider is not None
    assert provider.endpoints == Endpoints(f"{ISSUER}/auth", f"{ISSUER}/token", f"{ISSUER}/keys", f"{ISSUER}/end")
    assert (provider.acr, provider.amr, provider.max_age) == (("high", "middle"), frozenset({"pwd", "otp"}), 600)
    assert (rules.allows_locally("boss"), rules.allows_locally("clerk"), rules.local) == (True, False, True)
    told = rules.told()
    assert told["provider"]["secret_file"] == "secret"
    assert told["break_glass"] == ["boss", "second.boss"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"HUB_SIGN_IN": "local"}, "HUB_SIGN_IN"),
        ({"HUB_SIGN_IN": "sso"}, "HUB_SIGN_IN"),
        ({"HUB_OIDC_ISSUER": ""}, "HUB_OIDC_ISSUER"),
        ({"HUB_OIDC_CLIENT_ID": ""}, "HUB_OIDC_CLIENT_ID"),
        ({"HUB_OIDC_ISSUER": "http://id.example.gov.cn"}, "HUB_OIDC_ISSUER"),
        ({"HUB_OIDC_ISSUER": URL}, "HUB_OIDC_ISSUER"),
        ({"HUB_OIDC_CLIENT_ID": "licence hub"}, "HUB_OIDC_CLIENT_ID"),
        ({"HUB_OIDC_CLIENT_SECRET": "x"}, "HUB_OIDC_CLIENT_SECRET"),
        ({"HUB_OIDC_SECRET_FILE": "secret"}, "HUB_OIDC_SECRET_FILE"),
        ({"HUB_OIDC_AUTHENTICATION": "client_secret_basic"}, "HUB_OIDC_SECRET_FILE"),
        ({"HUB_OIDC_AUTHENTICATION": "client_secret_post"}, "HUB_OIDC_AUTHENTICATION"),
        (
            {"HUB_OIDC_AUTHENTICATION": "client_secret_basic", "HUB_OIDC_SECRET_FILE": "s", "HUB_OIDC_KEY_FILE": "k"},
            "HUB_OIDC_KEY_FILE",
        ),
        ({"HUB_OIDC_ALGORITHMS": "none"}, "HUB_OIDC_ALGORITHMS"),
        ({"HUB_OIDC_ALGORITHMS": "HS256 ES256"}, "HUB_OIDC_ALGORITHMS"),
        ({"HUB_OIDC_TOKEN_ENDPOINT": f"{ISSUER}/token"}, "HUB_OIDC_JWKS"),
        ({"HUB_OIDC_END_SESSION_ENDPOINT": f"{ISSUER}/end"}, "HUB_OIDC_JWKS"),
        ({**ENDPOINTS, "HUB_OIDC_TOKEN_ENDPOINT": "http://id.example.gov.cn/token"}, "HUB_OIDC_TOKEN_ENDPOINT"),
        ({"HUB_OIDC_RESPONSE_MODE": "fragment"}, "HUB_OIDC_RESPONSE_MODE"),
        ({"HUB_OIDC_CLOCK_SECONDS": "121"}, "HUB_OIDC_CLOCK_SECONDS"),
        ({"HUB_OIDC_NAME": "x" * 513}, "HUB_OIDC_NAME"),
        ({"HUB_SIGN_IN_BREAK_GLASS": "boss"}, "HUB_SIGN_IN_BREAK_GLASS"),
    ],
)
def test_what_is_unsafe_or_half_is_refused_by_the_name_of_the_setting(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        settings(**changes)


def test_a_provider_alone_without_break_glass_lets_nobody_in_locally() -> None:
    assert not settings(HUB_SIGN_IN="provider").sign_in.local


def test_a_secret_is_told_by_the_name_of_its_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("a very secret word")
    made = settings(HUB_OIDC_AUTHENTICATION="client_secret_basic", HUB_OIDC_SECRET_FILE=str(file))
    assert "a very secret word" not in str(made.told())
