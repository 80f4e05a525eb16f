"""`licence-hub holder` as an administrator types it, and the token that the demonstration prints for its holder."""

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.demo.platform import DemoPlatform, believed
from tests.access.holders.issuing import AUDIENCE, ISSUER, PERSON, Issuing, claims, rsa_jwk

ISSUING = Issuing()


def check(folder: Path, *arguments: str, keys: bytes | None = None, token: str = "") -> Result:
    """Run check-platform on keys in a file."""
    (folder / "jwks.json").write_bytes(ISSUING.jwks(rsa_jwk()) if keys is None else keys)
    settings = {
        "HUB_PUBLIC_URL": "https://hub.example.gov.cn", "HUB_HOLDER_ISSUER": ISSUER, "HUB_HOLDER_AUDIENCE": AUDIENCE,
        "HUB_HOLDER_JWKS": str(folder / "jwks.json"), "COLUMNS": "200",
    }  # fmt: skip
    return CliRunner().invoke(app, ["holder", "check-platform", *arguments], input=token, env=settings)


def test_what_the_platform_publishes_is_told_and_a_token_tried(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert done.exit_code == 0
    assert f"issuer: {ISSUER}\naudience: {AUDIENCE}\nkeys: 2\n" in done.output
    assert "  platform-1: ES256\n" in done.output
    assert "  rsa: PS256, RS256\n" in done.output
    tried = check(tmp_path, "--token", "-", token=ISSUING.token(claims(time.time())) + "\n")
    assert "token: good until " in tried.output
    assert "for a code of type 111" in tried.output
    assert PERSON["holder_code"] not in tried.output


@pytest.mark.parametrize(
    ("keys", "token", "code"),
    [
        (b"{}", "", "HOLDER_KEYS_UNAVAILABLE"),
        (None, ISSUING.token(claims(time.time(), aud="another")), "HOLDER_TOKEN_INVALID"),
        (None, ISSUING.token(claims(time.time() - 4000)), "HOLDER_TOKEN_EXPIRED"),
        (None, ISSUING.token(claims(time.time()), kid="unknown"), "HOLDER_TOKEN_INVALID"),
        (None, "x" * 9000, "HOLDER_TOKEN_INVALID"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, keys: bytes | None, token: str, code: str) -> None:
    done = check(tmp_path, "--token", "-", keys=keys, token=token)
    assert getattr(done.exception, "code", None) == code
    assert PERSON["holder_code"] not in f"{done.output}{done.exception}"


def test_without_a_platform_there_is_nothing_to_check() -> None:
    done = CliRunner().invoke(app, ["holder", "check-platform"], env={"HUB_PUBLIC_URL": "https://hub.example.gov.cn"})
    assert getattr(done.exception, "code", None) == "SETTINGS_INVALID"


def test_the_demonstrations_platform_is_believed_by_its_hub(tmp_path: Path) -> None:
    DemoPlatform.make(tmp_path)
    told = believed(tmp_path)
    settings = {
        "HUB_PUBLIC_URL": "http://127.0.0.1:8000", "HUB_HOLDER_ISSUER": told.issuer, "HUB_HOLDER_AUDIENCE": told.audience,
        "HUB_HOLDER_JWKS": told.keys, "COLUMNS": "200",
    }  # fmt: skip
    token = DemoPlatform.of(tmp_path).token("111", PERSON["holder_code"])
    done = CliRunner().invoke(app, ["holder", "check-platform", "--token", "-"], input=token, env=settings)
    assert "token: good until" in done.output
