"""`licence-hub dispute list`, as people type it: what is disputed and by when it is answered, and nothing of what was said."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.cli import app
from hub.composition import Hub, open_hub
from hub.settings import read_settings
from hub.sharing.forms.desk import Value
from hub.sharing.forms.disputes import Words
from hub.sharing.purpose import Person, Purpose
from hub.sharing.reading import LicenceKey
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, PASSPHRASE, READER, URL, furnish, grant

RIGHT = "虚构市晨光糕点有限公司"


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Open a hub with a licence, whose calendar of working days knows this year and the next."""
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    years = [_year(date.today().year + more) for more in (0, 1)]  # noqa: DTZ011 - commands run on the machine's clock
    (tmp_path / "years.json").write_text(json.dumps(years))
    given = {
        "PUBLIC_URL": URL, "DATA": tmp_path, "DATABASE_URL": sqlite_url, "PASSPHRASE_FILE": tmp_path / "passphrase",
        "WORKING_DAYS": tmp_path / "years.json",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"HUB_{name}", str(value))
    opened = open_hub(read_settings(), PASSPHRASE)
    furnish(opened, whole=False)
    grant(opened)
    opened.refresh()
    return opened


def _year(year: int) -> dict[str, object]:
    day = f"{year}-01-01"
    return {
        "year": year,
        "source": "invented",
        "makeUpDays": [],
        "holidays": [{"name": "元旦", "from": day, "through": day}],
    }


def _listed(*options: str) -> str:
    result = CliRunner().invoke(app, ["dispute", "list", *options])
    assert result.exit_code == 0, result.output
    return result.output


async def _filed(hub: Hub) -> str:
    caller, pending = Caller("desk", READER, frozenset({"licence:read"}), hub.epoch()), Pending(epoch=hub.epoch())
    company = COMPANY.holders[0]
    purpose = Purpose(ITEM, "CASE-1", Person(company["codeType"], company["code"]), (), "虚构条例")
    case = await hub.sharing.open_case(caller, purpose, pending)
    read = await case.licence(LicenceKey("BusinessLicence"), None, pending)
    await hub.recorder.commit(pending)
    await hub.reader.close()
    value = Value(read.entry.id, "name", hub.sharing.case_id(case))
    return hub.sharing.forms.desk.file(caller, value, Words(RIGHT, "名称有误"), "dispute-1").id


def test_disputes_are_listed_without_what_was_said(hub: Hub) -> None:
    assert _listed() == "Disputes: none yet.\n"
    filed = asyncio.run(_filed(hub))
    table = _listed("--authority", ISSUER)
    assert filed in table
    assert RIGHT not in table
    (row,) = json.loads(_listed("--json", "--state", "OPEN"))
    assert (row["id"], row["type"], row["path"], row["by"], row["overdue"]) == (
        filed,
        "BusinessLicence",
        "name",
        READER,
        False,
    )
    assert json.loads(_listed("--json", "--overdue")) == json.loads(_listed("--json", "-a", READER)) == []
    hub.database.close()
