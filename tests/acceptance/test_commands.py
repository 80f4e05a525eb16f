"""`licence-hub` as an administrator types it: what it did can be seen, what it refused says what to do."""

import asyncio
import hashlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.composition import open_hub
from hub.database import Database
from hub.settings import Settings
from keys.suites import suite
from tests.acceptance.typed import typed

AUTHORITY, ITEM = "11990100MB0000001T", "11990100MB0000001T3000199904000"
Hub = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase of the tests")
    passphrase.chmod(0o600)
    env = {
        **os.environ,
        "COLUMNS": "200",
        "HUB_PUBLIC_URL": "https://hub.example.gov.cn",
        "HUB_DATA": str(tmp_path / "data"),
        "HUB_PASSPHRASE_FILE": str(passphrase),
    }

    def run(*arguments: str, answers: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        return typed(arguments, {**env, **changes}, answers)

    return run


def done(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def value(output: str, name: str) -> str:
    return next(line.removeprefix(f"{name}: ") for line in output.splitlines() if line.startswith(f"{name}: "))


def editions(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT kind, edition FROM vault_edition").fetchall())


@pytest.mark.soak  # some twenty commands, each a process of its own
def test_an_administrators_day(hub: Hub, tmp_path: Path) -> None:
    done(hub("migrate"))
    assert "24" in done(hub("type", "publish"))
    done(
        hub(
            "authority",
            "add",
            AUTHORITY,
            "--name-zh",
            "虚构市监局",
            "--name-en",
            "Bureau",
            "--division",
            "990100",
            "--level",
            "CITY",
        )
    )
    done(hub("item", "add", ITEM, "--name-zh", "事项", "--name-en", "Item", "--authority", AUTHORITY))
    key = tmp_path / "client.jwk"
    key.write_text(json.dumps(suite("ES256").generate().public.to_jwk()))
    made = done(hub("client", "add", "系统", "--authority", AUTHORITY, "--key", str(key), "--scope", "licence:read"))
    client_id = value(made, "client_id")
    done(hub("client", "suspend", client_id))
    assert "False" in done(hub("client", "list"))
    wanted = "--item", ITEM, "--type", "BusinessLicence", "--path", "name", "--basis", "条例", "--approver", "主管"
    granted = done(hub("grant", "add", "--authority", AUTHORITY, *wanted))
    done(hub("grant", "suspend", value(granted, "grant")))
    database = tmp_path / "data" / "hub.db"
    first = editions(database)
    done(hub("keys", "rotate", "wrapping"))
    done(hub("keys", "rotate", "index"))
    assert editions(database).keys() == first.keys()
    assert min(editions(database).values()) > max(first.values())


def _client(folder: Path) -> str:
    """Make the hub of these commands with a catalogue and one client; return the client's id."""
    settings = Settings("https://hub.example.gov.cn", folder / "data", f"sqlite:///{folder}/data/hub.db")
    Database(settings.database_url).migrate()
    made = open_hub(settings, b"a passphrase of the tests")
    made.catalogue.publish_shipped()
    made.catalogue.add_authority(AUTHORITY, "虚构市监局", "Bureau", "990100", "CITY")
    made.catalogue.add_item(ITEM, "事项", "Item", AUTHORITY)
    client_id = made.access.add_client("系统", AUTHORITY, ["licence:read"], suite("ES256").generate().public.to_jwk())
    asyncio.run(made.close())
    return client_id


@pytest.mark.soak  # some twenty commands, each a process of its own
def test_trusted_documents_are_added_listed_checked_and_retired(hub: Hub, tmp_path: Path) -> None:
    client, database = _client(tmp_path), tmp_path / "data" / "hub.db"
    types, items = (
        "query Types { licenceTypes { edges { node { key } } } }",
        "query Items { serviceItems { edges { node { code } } } }",
    )
    manifest, plain, sidecar = (
        tmp_path / "persisted-documents.json",
        tmp_path / "items.graphql",
        tmp_path / "items.json",
    )
    identifier = hashlib.sha256(types.encode()).hexdigest()
    manifest.write_text(json.dumps({identifier: types}))
    plain.write_text(items)
    sidecar.write_text(json.dumps({"Types": [ITEM]}))
    undeclared = hub("client", "documents", "add", client, str(manifest), str(plain), "--purposes", str(sidecar))
    assert (undeclared.returncode, undeclared.stdout.count("PURPOSE_NOT_DECLARED")) == (1, 1)
    assert "DOCUMENTS_REFUSED" in undeclared.stdout
    done(hub("client", "documents", "add", client, str(manifest), "--purposes", str(sidecar)))
    added = done(hub("client", "documents", "add", client, str(manifest), str(plain), "--purpose", ITEM))
    assert f"sha256:{identifier} unchanged: Types" in added
    assert "registered: Items" in added
    assert "Checked: 2; refused by the schema of today: 0." in done(hub("client", "documents", "check", client))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE trusted_document SET text = '{ gone }' WHERE hash != ?", [identifier])
    broken = hub("client", "documents", "check")
    assert (broken.returncode, "DOCUMENT_INVALID" in broken.stdout) == (1, True)
    done(hub("client", "documents", "retire", client, f"sha256:{identifier}"))
    listed = done(hub("client", "documents", "list", client))
    assert {word for word in ("runs", "refused", "retired") if word in listed} == {"refused", "retired"}
    plain.write_bytes(b"\xff")
    assert "not UTF-8" in hub("client", "documents", "add", client, str(plain)).stdout


def test_erasing_somebody_of_whom_nothing_is_kept_says_so(hub: Hub) -> None:
    done(hub("migrate"))
    assert "Nothing is kept" in done(hub("erase", "--code-type", "001", answers=f"{AUTHORITY}\ny\n"))


@pytest.mark.parametrize(
    ("arguments", "changes", "code", "told"),
    [
        (("type", "list"), {}, "SETTINGS_INVALID", "licence-hub migrate"),
        (("type", "list"), {"HUB_PUBLIC_URL": "http://hub.example.gov.cn"}, "SETTINGS_INVALID", "https"),
        (("migrate",), {"HUB_DATABASE_URL": "mysql://x"}, "SETTINGS_INVALID", "HUB_DATABASE_URL"),
        (
            ("migrate",),
            {"HUB_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"},
            "DATABASE_UNAVAILABLE",
            "Try again",
        ),
        (("ask", "nowhere"), {}, "SETTINGS_INVALID", "make demo"),
    ],
)
def test_what_is_refused_says_what_to_do(
    hub: Hub, arguments: tuple[str, ...], changes: dict[str, str], code: str, told: str
) -> None:
    refused = hub(*arguments, **changes)
    assert refused.returncode == 1
    assert code in refused.stdout
    assert told in refused.stdout
    assert "Traceback" not in refused.stderr


def test_a_type_that_graphql_cannot_take_is_published_and_said_to_be_left_out(hub: Hub, tmp_path: Path) -> None:
    done(hub("migrate"))
    (tmp_path / "type.json").write_text(json.dumps({**shipped_documents()[0], "key": "Problem"}), encoding="utf-8")
    told = done(hub("type", "publish", str(tmp_path / "type.json")))
    assert "Published: 1" in told
    assert "GraphQL leaves out version 1 of Problem" in told


def test_a_missing_key_store_is_not_replaced_by_an_empty_one(hub: Hub, tmp_path: Path) -> None:
    done(hub("migrate"))
    done(hub("type", "publish"))
    (tmp_path / "data" / "keys").rename(tmp_path / "elsewhere")
    refused = hub("type", "list")
    assert refused.returncode == 1
    assert "restore it" in refused.stdout
