"""`licence-hub keys token` as an administrator types it: what the token says, and what to do when it does not open."""

import os
from pathlib import Path
from subprocess import CompletedProcess

from tests.acceptance.typed import typed
from tests.keys.softhsm import PIN, SEALS, Hardware


def _token(tmp_path: Path, settings: dict[str, str], pin: str = PIN) -> CompletedProcess[str]:
    file = tmp_path / "pin"
    file.write_text(pin, "utf-8")
    file.chmod(0o600)
    env = {**os.environ, "HUB_PUBLIC_URL": "https://hub.example.gov.cn", "HUB_DATA": str(tmp_path / "data"), **settings}
    return typed(("keys", "token"), env)


def test_the_token_is_looked_at_before_it_is_relied_on(tmp_path: Path, hardware: Hardware) -> None:
    settings = {
        "HUB_PKCS11_MODULE": str(hardware.module),
        "HUB_PKCS11_TOKEN": SEALS,
        "HUB_PKCS11_PIN_FILE": str(tmp_path / "pin"),
    }
    told = _token(tmp_path, settings)
    assert told.returncode == 0, told.stdout
    assert f"token: {SEALS}\n" in told.stdout
    assert "suites: ES256, Ed25519\n" in told.stdout
    wrong = _token(tmp_path, settings, "a wrong PIN 0815")
    assert (wrong.returncode, wrong.stdout.split()[0]) == (1, "WRONG_PIN")
    assert "0815" not in wrong.stdout + wrong.stderr
    bare = _token(tmp_path, {})
    assert (bare.returncode, bare.stdout.split()[0]) == (1, "SETTINGS_INVALID")
