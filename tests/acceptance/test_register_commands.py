"""`licence-hub register` as an administrator types it: rights, files in, figures out, and never a name or a code on the screen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.composition import open_hub
from hub.errors import HubError
from hub.settings import Settings
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, URL, furnish_little
from tests.identities.office import file_of, name_of, number_of, row_of

Command = Callable[..., Result]
WHERE = ("--register", "NaturalPerson", "--authority", ISSUER)
AS_OF = ("--as-of", "2025-11-26T08:00:00+08:00")


@pytest.fixture
def command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    hub = open_hub(Settings(URL, tmp_path, sqlite_url), PASSPHRASE)
    furnish_little(hub)
    hub.database.close()
    monkeypatch.chdir(tmp_path)
    environment = {
        "HUB_PUBLIC_URL": URL, "HUB_DATA": str(tmp_path), "HUB_DATABASE_URL": sqlite_url,
        "HUB_PASSPHRASE_FILE": str(passphrase), "COLUMNS": "200",
    }  # fmt: skip
    return lambda *arguments: CliRunner().invoke(app, arguments, env=environment)


def test_a_register_is_opened_to_its_source_fed_shown_and_closed(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(file_of([row_of(1), row_of(2), row_of(3, status="GONE")]))
    refused = command("register", "import", str(file), *WHERE, *AS_OF)
    assert isinstance(refused.exception, HubError)
    assert refused.exception.code == "AUTHORITY_MISMATCH"
    assert command("register", "allow", *WHERE).exit_code == 0
    taken = command("register", "import", str(file), *WHERE, *AS_OF)
    assert taken.exit_code == 3
    assert "added: 2" in taken.output
    assert "refused: 1" in taken.output
    job = taken.output.split("job: ")[1].split()[0]
    rejects = command("register", "rejects", job)
    assert rejects.output.splitlines()[0] == "row,field,reason"
    assert rejects.output.splitlines()[1].startswith('4,status,"状态须为以下之一')
    assert command("register", "rejects", job, "-o", "rejects.csv").exit_code == 0
    assert (tmp_path / "rejects.csv").read_text("utf-8").count("\n") == 2
    shown = command("register", "show")
    jobs = command("register", "jobs")
    assert "NaturalPerson" in shown.output
    assert "2025-11-26T00:00:00+00:00" in shown.output
    assert "FINISHED" in jobs.output
    again = command("register", "import", str(file), *WHERE, *AS_OF)
    assert isinstance(again.exception, HubError)
    assert again.exception.code == "REGISTER_IMPORTED"
    assert command("register", "end", *WHERE).exit_code == 0
    assert "False" in command("register", "show").output
    everything = "".join(each.output for each in (taken, rejects, shown, jobs, again))
    assert not [secret for place in (1, 2, 3) for secret in (name_of(place), number_of(place)) if secret in everything]


def test_a_time_without_its_offset_is_refused(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(file_of([row_of(1)]))
    for wrong in ("2025-11-26T08:00:00", "yesterday"):
        refused = command("register", "import", str(file), *WHERE, "--as-of", wrong)
        assert isinstance(refused.exception, HubError)
        assert refused.exception.code == "INPUT_INVALID"
