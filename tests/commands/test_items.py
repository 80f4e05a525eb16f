"""`licence-hub item`: what a department's administrator types, what it says back, and what it refuses."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.catalogue.items.item_document import shipped_item_documents
from hub.cli import app
from hub.database import Database
from hub.errors import HubError

BUREAU = "11990100MB0000001T"
ITEM = "11990100MB0000001T3000199901000"
Type = Callable[..., Result]


@pytest.fixture
def typed(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Give a way to type commands at a hub with the shipped types and one service item."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase of the tests")
    passphrase.chmod(0o600)
    monkeypatch.setenv("HUB_PUBLIC_URL", "https://hub.example.gov.cn")
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HUB_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HUB_PASSPHRASE_FILE", str(passphrase))
    Database(sqlite_url).migrate()

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, words)

    assert run("type", "publish").exit_code == 0
    names = ("--name-zh", "星河市审批局", "--name-en", "A bureau", "--division", "990100", "--level", "CITY")
    assert run("authority", "add", BUREAU, *names).exit_code == 0
    given = ("--name-zh", "食品经营许可", "--name-en", "Food", "--authority", BUREAU)
    assert "licence-hub item publish" in run("item", "add", ITEM, *given).output
    return run


def test_a_document_is_checked_published_shown_and_listed_and_a_bad_one_refused(typed: Type, tmp_path: Path) -> None:
    assert "may be published: 8 materials" in typed("item", "check", "FoodOperationLicence").output
    file = tmp_path / "bad.json"
    file.write_text(json.dumps({**shipped_item_documents()[0], "materials": []}), "utf-8")
    refused = typed("item", "publish", str(file), "--item", ITEM).exception
    assert isinstance(refused, HubError)
    assert (refused.code, "/materials" in refused.message) == ("ITEM_WITHOUT_MATERIALS", True)
    assert "none: licence-hub item publish" in typed("item", "list").output
    assert typed("item", "publish", "FoodOperationLicence", "--item", ITEM).exit_code == 0
    shown = typed("item", "show", ITEM).output
    assert "BusinessLicence" in shown
    assert "deferral" in shown
    written = tmp_path / "list.csv"
    assert typed("item", "exemptions", "--output", str(written)).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(written.read_text("utf-8-sig"))))
    assert {row["实施编码"] for row in rows} == {ITEM}
    assert "none yet" in typed("item", "overdue").output


def test_the_share_of_every_shipped_document_is_told() -> None:
    told = CliRunner().invoke(app, ["item", "shipped"], env={"COLUMNS": "200"}).output
    assert [each["key"] for each in shipped_item_documents() if each["key"] not in told] == []
    assert "%" in told


def test_the_fields_of_a_type_or_register_are_shown_by_the_paths_that_grants_name(typed: Type) -> None:
    shown = typed("type", "show", "RealEstateTitle").output
    assert "holders.codeType" in shown
    assert "坐落" in shown
    assert "NORMAL" not in typed("type", "show", "NaturalPerson").output
    grant = ("--item", ITEM, "--type", "BusinessLicence", "--basis", "条例", "--approver", "甲")
    refused = typed("grant", "add", "-a", BUREAU, *grant, "--path", "nothing").exception
    assert "licence-hub type show" in str(refused)
