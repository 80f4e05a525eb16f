"""`licence-hub import` as an administrator types it: files in, figures and exit codes out, rejects mended, one worker beside a server."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from hub.access.caller import ISSUE, Caller
from hub.cli import app, main
from hub.clock import SystemClock
from hub.commands import beside
from hub.composition import open_hub
from hub.database import Database
from hub.errors import HubError
from hub.jobs.service import Jobs
from hub.licences.importing import intake
from hub.licences.importing.importer import Importer
from hub.licences.importing.service import ImportRequest
from hub.settings import Settings
from keys.suites import suite
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, furnish_little
from tests.licences.importing.hall import company_file, company_row, table_of
from tests.licences.test_secrecy import encodings
from tests.tabular.files import csv_of

ROOT = Path(__file__).parents[2]
URL = "https://hub.example.gov.cn"
WORDS = ("--type", "BusinessLicence", "--authority", ISSUER, "--basis", "虚构条例", "--reason", "存量证照入库")
Command = Callable[..., Result]


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    hub = open_hub(Settings(URL, tmp_path, sqlite_url), PASSPHRASE)
    furnish_little(hub)
    hub.database.close()
    return {
        "HUB_PUBLIC_URL": URL, "HUB_DATA": str(tmp_path), "HUB_DATABASE_URL": sqlite_url,
        "HUB_PASSPHRASE_FILE": str(passphrase), "COLUMNS": "200",
    }  # fmt: skip


@pytest.fixture
def command(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env=environment)

    return run


@pytest.fixture
def rows() -> list[dict[str, str]]:
    made = [company_row(place) for place in range(100, 112)]
    made[3]["roleLabel"] = made[8]["roleLabel"] = "法人代表"
    return made


def count(environment: dict[str, str], table: str) -> int:
    database = Database(environment["HUB_DATABASE_URL"])
    try:
        with database.snapshot() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
    finally:
        database.close()


def test_a_file_is_rehearsed_imported_mended_and_imported_again(
    command: Command, environment: dict[str, str], rows: list[dict[str, str]]
) -> None:
    Path("companies.csv").write_bytes(company_file(rows))
    before = count(environment, "licence")
    rehearsed = command("import", "companies.csv", *WORDS, "--dry-run", "--rejects", "dry.enc")
    assert rehearsed.exit_code == 3
    assert "10 licences would be sealed and stored, 2 rows rejected." in rehearsed.output
    assert (count(environment, "licence"), count(environment, "job")) == (before, 0)
    done = command("import", "companies.csv", *WORDS, "--rejects", "bad.enc")
    assert done.exit_code == 3
    assert "10 licences sealed and stored, 2 rows rejected." in done.output
    assert "负责人称谓 Role label" in done.output
    assert "法人代表" not in done.output.replace("法定代表人", "")
    assert count(environment, "licence") == before + 10
    assert Path("bad.enc").stat().st_mode & 0o777 == 0o600
    assert not any(form in Path("bad.enc").read_bytes() for form in encodings(rows[3]["number"]))
    again = command("import", "companies.csv", *WORDS)
    assert getattr(again.exception, "code", "") == "ALREADY_IMPORTED"
    job = next(line.removeprefix("job: ") for line in done.output.splitlines() if line.startswith("job: "))
    assert job in command("import", "jobs").output
    for opened in (("import", "mend", "bad.enc"), ("import", "mend", "dry.enc"), ("import", "rejects", job)):
        assert command(*opened, "--output", "bad.csv").exit_code == 0
        assert Path("bad.csv").stat().st_mode & 0o777 == 0o600
        header, *rejected = table_of(Path("bad.csv").read_bytes())
        assert [row[0] for row in rejected] == [rows[3]["number"], rows[8]["number"]]
        Path("bad.csv").unlink()
    role = header.index("roleLabel")
    mended = [[*row[:role], "法定代表人", *row[role + 1 :]] for row in rejected]
    Path("mended.csv").write_bytes(csv_of(mended, header, "utf-8-sig"))
    last = command("import", "mended.csv", *WORDS)
    assert (last.exit_code, count(environment, "licence")) == (0, before + 12)


def test_a_file_that_exists_is_not_written_over(command: Command, rows: list[dict[str, str]]) -> None:
    Path("companies.csv").write_bytes(company_file(rows))
    Path("bad.enc").write_text("mine")
    refused = command("import", "companies.csv", *WORDS, "--rejects", "bad.enc")
    assert isinstance(refused.exception, HubError)
    assert Path("bad.enc").read_text() == "mine"


def test_a_folder_that_takes_no_file_is_told_and_the_rejects_stay(command: Command, rows: list[dict[str, str]]) -> None:
    Path("companies.csv").write_bytes(company_file(rows))
    done = command("import", "companies.csv", *WORDS)
    job = next(line.removeprefix("job: ") for line in done.output.splitlines() if line.startswith("job: "))
    refused = command("import", "rejects", job, "--output", "/proc/bad.csv")
    assert getattr(refused.exception, "code", "") == "FILE_UNWRITABLE"
    assert "cannot be written" in str(refused.exception)
    assert command("import", "rejects", job, "--output", "bad.csv").exit_code == 0
    assert sorted(each.name for each in Path().glob("bad*")) == ["bad.csv"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--map", "nowhere.json"), "INPUT_INVALID"),
        (("--map", "{not json"), "INPUT_INVALID"),
        (("--map", '{"columns": {"number": "number"}}'), "IMPORT_MAP_INVALID"),
        (("--encoding", "ebcdic"), "IMPORT_FILE_INVALID"),
        (("--format", "parquet"), "IMPORT_FILE_INVALID"),
        (("--type", "NoSuchType"), "TYPE_UNKNOWN"),
    ],
)
def test_what_cannot_be_imported_leaves_no_job(
    command: Command, environment: dict[str, str], rows: list[dict[str, str]], options: tuple[str, str], code: str
) -> None:
    Path("companies.csv").write_bytes(company_file(rows))
    refused = command("import", "companies.csv", *WORDS, *options)
    assert getattr(refused.exception, "code", "") == code
    assert count(environment, "job") == 0


def test_a_map_names_the_columns_of_any_file(command: Command, environment: dict[str, str]) -> None:
    row = company_row(120)
    columns = {f"第{place}列": path for place, path in enumerate(row)}
    Path("files.tsv").write_bytes(csv_of([tuple(row.values())], tuple(columns), delimiter="\t"))
    before = count(environment, "licence")
    mapping = '{"columns": ' + str(columns).replace("'", '"') + "}"
    assert command("import", *WORDS, "--map", mapping, "files.tsv").exit_code == 0
    assert count(environment, "licence") == before + 1


def test_ctrl_c_leaves_a_job_that_the_same_command_goes_on_with(
    command: Command, environment: dict[str, str], rows: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("companies.csv").write_bytes(company_file(rows))
    before = count(environment, "licence")
    monkeypatch.setattr(intake, "MOST_ROWS", 4)
    kept = Importer.run

    def interrupted(self: Importer, job_id: str, worker: str, told: object, **how: object) -> object:
        del told

        def stop(*_arguments: object) -> None:
            raise KeyboardInterrupt

        return kept(self, job_id, worker, stop, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Importer, "run", interrupted)
    stopped = command("import", "companies.csv", *WORDS)
    assert stopped.exit_code == 130
    assert "3 licences, 1 rejected rows" in stopped.output
    assert "run the same command again" in stopped.output
    assert count(environment, "licence") == before + 3
    monkeypatch.setattr(Importer, "run", kept)
    assert command("import", "companies.csv", *WORDS).exit_code == 3
    assert count(environment, "licence") == before + 10
    (job,) = {
        line.split("│")[1].strip() for line in command("import", "jobs").output.splitlines() if "FINISHED" in line
    }
    assert "Cancelled" in command("import", "cancel", job).output


def test_an_error_is_one_line_with_its_code(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    missing = tmp_path / "none.xls"
    missing.write_bytes(b"none")
    monkeypatch.setattr(sys, "argv", ["licence-hub", "import", str(missing), *WORDS])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "IMPORT_FILE_INVALID" in capsys.readouterr().out


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Give a worker as a server starts it, which was told the passphrase."""
    command = [sys.executable, "-m", "hub", "work", "--of-server"]
    env = {**os.environ, **environment, "HUB_PASSPHRASE_FILE": ""}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def told(worker: subprocess.Popen[bytes], passphrase: bytes) -> None:
    assert worker.stdin is not None
    worker.stdin.write(base64.b64encode(passphrase) + b"\n")
    worker.stdin.flush()


def uploaded(environment: dict[str, str], rows: int) -> str:
    """Keep an upload of companies and ask for its import, as a client does; return the job's id."""
    hub = open_hub(Settings(URL, Path(environment["HUB_DATA"]), environment["HUB_DATABASE_URL"]), PASSPHRASE)
    try:
        client = hub.access.add_client("系统", ISSUER, (ISSUE.name,), suite("ES256").generate().public.to_jwk())
        hub.refresh()
        caller = Caller(client, ISSUER, frozenset({ISSUE.name}), hub.epoch())
        taking = hub.imports.uploads.begin(caller, "csv")
        hub.imports.uploads.keep(taking, company_file([company_row(place) for place in range(100, 100 + rows)]))
        wanted = {"$legalBasis": "虚构条例", "$reason": "存量证照入库"}
        request = ImportRequest(hub.imports.uploads.end(taking).id, "BusinessLicence", defaults=wanted)
        return hub.imports.begin(caller, request, "import-of-a-client").id
    finally:
        hub.database.close()


def state(environment: dict[str, str], job: str) -> str:
    database = Database(environment["HUB_DATABASE_URL"])
    try:
        return Jobs(database, SystemClock()).progress(job).state
    finally:
        database.close()


def test_a_server_starts_a_worker_when_a_job_waits(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(beside, "_PAUSE", 0.01)
    monkeypatch.setattr(beside, "_AGAIN", 0.01)
    job = uploaded(environment, 3)
    asked: list[str] = []

    def waits() -> bool:
        asked.append(state(environment, job))
        return asked[-1] == "WAITING"

    with beside.working(PASSPHRASE, waits, lambda: False):
        while state(environment, job) != "FINISHED":
            assert len(asked) < 20, "worker after worker ended, and the job still waits"
    assert "WAITING" in asked


def test_a_servers_worker_does_what_waits_and_ends(
    environment: dict[str, str], worker: subprocess.Popen[bytes]
) -> None:
    job, before = uploaded(environment, 3), count(environment, "licence")
    told(worker, PASSPHRASE)
    assert worker.wait(60) == 0
    assert (state(environment, job), count(environment, "licence")) == ("FINISHED", before + 3)


@pytest.mark.soak
def test_a_servers_worker_ends_with_its_server(environment: dict[str, str], worker: subprocess.Popen[bytes]) -> None:
    job = uploaded(environment, 4000)
    told(worker, PASSPHRASE)
    while state(environment, job) == "WAITING":
        assert worker.poll() is None
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(60) == 0
    assert state(environment, job) != "FINISHED"


@pytest.mark.soak
def test_a_servers_worker_opens_nothing_without_the_passphrase(worker: subprocess.Popen[bytes]) -> None:
    told(worker, b"another one")
    assert worker.wait(60) == 1
