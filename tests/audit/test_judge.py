"""The log as a client sees it that somebody else wrote: the one of golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hub.audit.log import TransparencyLog
from hub.audit.service import Audit
from hub.database import Database
from keys.log_tiles import WIDTH, TileName, tiles_between
from tests.audit.logs import append, named, signed

SOURCES = Path("/usr/share/gocode")
MODULE = SOURCES / "src/golang.org/x/mod/sumdb/tlog"
OLD, NEW = 259, 700


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the judge."""
    go = shutil.which("go")
    if go is None or not MODULE.is_dir():
        pytest.skip("no go with golang.org/x/mod is installed")
    built = tmp_path_factory.mktemp("judge") / "log_judge"
    env = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(SOURCES),
        "GOCACHE": str(built.parent / "cache"),
        "CGO_ENABLED": "0",
    }
    source = Path(__file__).with_name("log_judge.go")
    subprocess.run([go, "build", "-o", str(built), str(source)], env=env, check=True)
    return built


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """What is served is the same on both databases."""
    return Database(sqlite_url)


def test_another_client_believes_the_log(
    database: Database, audit: Audit, log: TransparencyLog, judge: Path, tmp_path: Path
) -> None:
    append(database, audit, *named(OLD, "old"))
    log.integrate()
    old = tmp_path / "old"
    old.write_text(log.published.checkpoint())
    append(database, audit, *named(NEW - OLD, "new"))
    log.integrate()
    served = _served(log, tmp_path / "served")
    told = subprocess.run(
        [judge, served, log.published.verifier_keys()[0], old], capture_output=True, text=True, check=False
    )
    assert (told.stdout, told.stderr) == (f"{OLD} {NEW}\n", "")
    tile = served / "tile" / "0" / "001"
    tile.write_bytes(bytes(len(tile.read_bytes())))
    assert (
        subprocess.run([judge, served, log.published.verifier_keys()[0], old], check=False, stderr=-3).returncode == 1
    )
    database.close()


def _served(log: TransparencyLog, folder: Path) -> Path:
    size = signed(log).size
    entries = [TileName(None, place, min(WIDTH, size - place * WIDTH)) for place in range(-(-size // WIDTH))]
    for name in (*tiles_between(0, size), *entries):
        file = folder / "tile" / name.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(log.published.tile(name.path).body)
    (folder / "checkpoint").write_text(log.published.checkpoint())
    return folder
