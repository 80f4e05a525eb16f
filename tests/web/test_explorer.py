"""The explorer as it is served: on only where it is wanted, closed to other hosts, cached by its content, left out with a word."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from hub.app import create_app
from hub.composition import open_hub
from hub.errors import SettingsError
from hub.settings import read_settings
from hub.web.explorer.page import POLICY, ExplorerFiles, ExplorerPage
from tests.acceptance.small_hub import PASSPHRASE, settings

SCRIPT, STYLE = "explorer-AAAAAAAA.js", "explorer-BBBBBBBB.css"


def get(app: ASGIApp, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(asked())


def explorer(built: Path) -> Starlette:
    return Starlette(
        routes=[Route("/explorer", ExplorerPage(built)), Mount("/explorer/assets", ExplorerFiles(built))]
    )  # fmt: skip


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"script": SCRIPT, "style": STYLE}))
    (folder / SCRIPT).write_text("export {};")
    (tmp_path / "secret").write_text("not the explorer's")
    return folder


def test_the_page_begins_with_the_files_that_were_built(built: Path) -> None:
    page = get(explorer(built), "/explorer")
    assert page.status_code == 200
    assert f'src="explorer/assets/{SCRIPT}"' in page.text
    assert f'href="explorer/assets/{STYLE}"' in page.text
    assert page.headers["cache-control"] == "no-cache"


def test_a_browser_runs_only_the_hubs_own_scripts_and_speaks_to_this_hub_alone(built: Path) -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert {rules[name] for name in ("script-src", "worker-src", "connect-src")} == {"'self'"}
    assert rules["frame-ancestors"] == "'none'"
    for path in ("/explorer", f"/explorer/assets/{SCRIPT}"):
        headers = get(explorer(built), path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_files_are_kept_by_caches_and_known_by_their_tag(built: Path) -> None:
    first = get(explorer(built), f"/explorer/assets/{SCRIPT}")
    assert "immutable" in first.headers["cache-control"]
    assert "javascript" in first.headers["content-type"]
    again = get(explorer(built), f"/explorer/assets/{SCRIPT}", {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["nothing.js", "..%2Fsecret", "%2e%2e/secret", "....//secret"])
def test_nothing_but_the_explorers_files_is_served(built: Path, path: str) -> None:
    assert get(explorer(built), f"/explorer/assets/{path}").status_code == 404


def test_where_it_was_left_out_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    missing = explorer(tmp_path / "built")
    page = get(missing, "/explorer")
    assert page.status_code == 404
    assert "make pages" in page.text
    assert "<script" not in page.text
    assert get(missing, f"/explorer/assets/{SCRIPT}").status_code == 404


def test_it_is_off_unless_it_is_switched_on(sqlite_url: str, tmp_path: Path) -> None:
    hub = open_hub(settings(tmp_path, sqlite_url), PASSPHRASE)
    try:
        answer = get(create_app(hub), "/explorer")
        assert (answer.status_code, "make pages" in answer.text) == (404, False)
    finally:
        asyncio.run(hub.close())


@pytest.mark.parametrize("variables", [{}, {"HUB_EXPLORER": "off"}, {"HUB_EXPLORER": "on"}])
def test_the_switch_is_a_setting(variables: dict[str, str]) -> None:
    given = {"HUB_PUBLIC_URL": "https://hub.example.gov.cn", **variables}
    assert read_settings(given).explorer is (variables.get("HUB_EXPLORER") == "on")


@pytest.mark.parametrize("value", ["", "yes", "ON", "1"])
def test_the_switch_knows_two_words(value: str) -> None:
    with pytest.raises(SettingsError, match="HUB_EXPLORER"):
        read_settings({"HUB_PUBLIC_URL": "https://hub.example.gov.cn", "HUB_EXPLORER": value})
