"""`licence-hub init`, `sign-in`, `sign-out` and `staff`, as people type them; secrets are typed and never arguments."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from hub.access.staff import authenticator, service
from hub.access.staff.passwords import Passwords
from hub.access.staff.sessions import Way
from hub.cli import app
from hub.clock import SystemClock
from hub.commands import session_file
from hub.composition import open_hub
from hub.errors import HubError
from hub.settings import read_settings
from keys.store import KeyStore
from tests.access.staff.office import CHEAP

URL = "https://hub.example.gov.cn"
AUTHORITY = "11990100MB0000001T"
PASSWORD, OTHER = "correct horse battery", "seven old trams sing"


@dataclass
class Terminal:
    """A machine at which people type; the secrets that the hub gives out are known beforehand, for a command is typed to at once."""

    instant: datetime = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    secrets: int = 0

    def new_secret(self) -> bytes:
        """Give out the next secret, as the hub does."""
        self.secrets += 1
        return _secret(self.secrets - 1)

    def code(self, person: int = 0) -> str:
        """Return a fresh code: half a minute goes by."""
        self.instant += timedelta(seconds=30)
        return code(_secret(person), int(self.instant.timestamp()))

    def done(self, *arguments: str, typed: tuple[str, ...] = ()) -> str:
        """Run a command and return what it printed."""
        result = CliRunner().invoke(app, arguments, input="".join(f"{one}\n" for one in typed))
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def refused(self, *arguments: str, typed: tuple[str, ...] = ()) -> str:
        """Run a command that is refused, and return the code of the refusal."""
        result = CliRunner().invoke(app, arguments, input="".join(f"{one}\n" for one in typed))
        assert isinstance(result.exception, HubError), (result.output, result.exception)
        return result.exception.code


def _secret(place: int) -> bytes:
    return hashlib.sha256(bytes([place])).digest()[: authenticator.SECRET_BYTES]


def code(secret: bytes, seconds: int) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(seconds).decode()  # noqa: S303 - as people's devices do


def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set up a hub's machine; what the services do is tested on both engines, so most commands need one."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase of the tests")
    passphrase.chmod(0o600)
    made = {
        "HUB_PUBLIC_URL": URL, "HUB_DATA": str(tmp_path / "data"), "HUB_DATABASE_URL": database_url,
        "HUB_PASSPHRASE_FILE": str(passphrase), "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "200",
    }  # fmt: skip
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "data").mkdir()
    KeyStore.create(tmp_path / "data" / "keys", b"a passphrase of the tests", cost=CHEAP)  # each command opens it
    return made


@pytest.fixture
def terminal(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    settings(sqlite_url, tmp_path, monkeypatch)
    terminal = Terminal()
    monkeypatch.setattr(authenticator, "new_secret", terminal.new_secret)
    monkeypatch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))
    monkeypatch.setattr(SystemClock, "now", lambda _self: terminal.instant)
    return terminal


def founded(terminal: Terminal) -> None:
    """Found the hub, and sign its first administrator in; he mistypes his code at first, and that is no matter."""
    shown = terminal.done("init", typed=("boss", "虚构人甲", PASSWORD, PASSWORD, "12345x", terminal.code()))
    assert "otpauth://totp/" in shown
    assert "▀" in shown  # the QR code
    assert PASSWORD not in shown
    assert "kept in" in terminal.done("sign-in", "boss", typed=(PASSWORD, terminal.code()))


def test_an_administrator_hires_somebody_who_works_and_is_let_go(terminal: Terminal) -> None:
    founded(terminal)
    assert terminal.refused("init") == "ALREADY_EXISTS"
    assert (
        terminal.refused("init", "--recover", "--login", "nobody") == "STAFF_UNKNOWN"
    )  # before a password is asked for
    added = terminal.done("staff", "add", "clerk", "--name", "虚构人乙")
    temporary = re.search(r"temporary password: (\S+)", added)
    assert temporary is not None
    terminal.done("staff", "role", "add", "clerk", "AUDITOR")
    listed = terminal.done("staff", "list")
    assert [
        word
        for word in ("clerk", "虚构人乙", "temporary password", "AUDITOR", "HUB_ADMINISTRATOR")
        if word not in listed
    ] == []
    mine = session_file.place(URL).read_text()
    person = terminal.secrets  # the next one
    typed = (temporary[1], "", OTHER, OTHER, "12345x", terminal.code(person))
    assert "otpauth://totp/" in terminal.done("sign-in", "clerk", typed=typed)
    assert terminal.refused("staff", "list") == "ROLE_MISSING"
    assert "COMMAND" in terminal.done("staff", "sessions")
    terminal.done("staff", "password", typed=(OTHER, PASSWORD, PASSWORD, terminal.code(person)))
    session_file.keep(URL, mine)  # the administrator is at the machine again
    terminal.done("staff", "role", "remove", "clerk", "AUDITOR")
    assert terminal.refused("staff", "role", "remove", "clerk", "AUDITOR") == "STAFF_UNKNOWN"
    terminal.done("staff", "disable", "clerk")
    assert terminal.refused("sign-in", "clerk", typed=(PASSWORD, terminal.code(person))) == "SIGN_IN_FAILED"
    terminal.done("staff", "enable", "clerk")
    assert "temporary password:" in terminal.done("staff", "reset", "clerk")
    assert terminal.refused("staff", "reset", "boss") == "OWN_ACCOUNT"
    assert terminal.refused("staff", "disable", "boss") == "LAST_ADMINISTRATOR"
    assert terminal.refused("staff", "disable", "nobody") == "STAFF_UNKNOWN"
    assert terminal.refused("staff", "erase", "clerk", typed=("y",)) == "STAFF_ACTIVE"
    terminal.done("staff", "disable", "clerk")
    assert CliRunner().invoke(app, ["staff", "erase", "clerk"], input="n\n").exit_code == 1
    assert "clerk" in terminal.done("staff", "list")
    assert "Erased" in terminal.done("staff", "erase", "clerk", typed=("y",))
    listed = terminal.done("staff", "list")
    assert ("erased" in listed, "clerk" in listed, "虚构人乙" in listed) == (True, False, False)
    terminal.done("staff", "add", "clerk", "--name", "虚构人丙")
    assert (
        terminal.refused("staff", "role", "add", "clerk", "LICENCE_OFFICER", "--authority", AUTHORITY)
        == "AUTHORITY_UNKNOWN"
    )
    terminal.done("sign-out")
    assert terminal.refused("staff", "list") == "SESSION_INVALID"


def test_the_session_lies_in_a_file_of_the_persons_own(terminal: Terminal, tmp_path: Path) -> None:
    founded(terminal)
    file = session_file.place(URL)
    assert file.is_relative_to(tmp_path / "state")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    file.chmod(0o640)
    assert terminal.refused("staff", "sessions") == "SESSION_INVALID"
    file.chmod(0o600)
    terminal.instant += timedelta(minutes=15)
    assert terminal.refused("staff", "sessions") == "SESSION_EXPIRED"
    opened = tmp_path / "password"
    opened.write_text(PASSWORD)
    opened.chmod(0o604)
    assert terminal.refused("sign-in", "boss", "--password-file", str(opened)) == "SETTINGS_INVALID"
    opened.chmod(0o600)
    terminal.done("sign-in", "boss", "--password-file", str(opened), typed=(terminal.code(),))


def _accounts(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        count = int(connection.execute(text("SELECT count(*) FROM staff_account")).scalar_one())
    engine.dispose()
    return count


def test_a_kill_while_a_hub_is_founded_leaves_nothing_and_it_is_done_again(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = settings(postgresql_url, tmp_path, monkeypatch)
    command = [
        sys.executable,
        "-m",
        "hub",
        "init",
        "--login",
        "boss",
        "--name",
        "虚构人甲",
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": {**os.environ, **environment}}
    file = Path(environment["HUB_PASSPHRASE_FILE"]).with_name("password")
    file.write_text(PASSWORD)
    file.chmod(0o600)
    for killed in (True, False):
        with subprocess.Popen([*command, "--password-file", str(file)], **pipes) as process:  # type: ignore[call-overload]
            shown = next(line for line in process.stdout if line.startswith("otpauth:"))
            if killed:
                process.kill()
                process.wait()
                assert _accounts(environment["HUB_DATABASE_URL"]) == 0
                continue
            found = re.search(r"secret=([A-Z2-7]+)", shown)
            assert found is not None
            secret = base64.b32decode(found[1])
            now = SystemClock().now()
            rest, _ = process.communicate(f"{code(secret, int(now.timestamp()))}\n")
            assert process.returncode == 0, rest
    assert _accounts(environment["HUB_DATABASE_URL"]) == 1
    hub = open_hub(read_settings(), b"a passphrase of the tests")
    try:
        later = code(secret, int(now.timestamp()) + 30)
        assert not hub.staff.sign_in("boss", PASSWORD, later, Way.COMMAND).must_change
    finally:
        hub.database.close()
