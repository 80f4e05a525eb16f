"""The guides keep up with the code: every setting is described, every command and query in them exists."""

import re
import shlex
from pathlib import Path

import pytest
from graphql import parse, validate
from typer.main import get_command

from hub import openid, platform, thresholds
from hub.catalogue.licence_type import load_shipped
from hub.cli import app
from hub.commands.importing import FileFirst
from hub.limits import figures, variable
from hub.settings import read_settings
from schema.build import build

ROOT = Path(__file__).parents[2]
GUIDES = ("administrators.md", "integrators.md", "catalogue.md", "importing.md")


def _guide(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def _settings() -> set[str]:
    limits = {variable(each.name) for each in figures()}
    limits |= {thresholds.variable(each.name) for each in thresholds.figures()} | {thresholds.WORKING_HOURS}
    named = re.findall(r'"(HUB_[A-Z_]+)"', (ROOT / "hub" / "settings.py").read_text("utf-8"))
    return limits | platform.NAMES | openid.NAMES | set(named)


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `(HUB_[A-Z_]+)` \|", _guide("administrators.md"), re.MULTILINE))
    assert described == _settings()


def test_the_defaults_are_those_of_the_code() -> None:
    settings = read_settings({"HUB_PUBLIC_URL": "https://hub.example.gov.cn"})
    guide = _guide("administrators.md")
    assert f"| `HUB_TIME_ZONE` | `{settings.zone}` |" in guide
    assert f"| `HUB_TOKEN_SECONDS` | `{settings.token_seconds}` |" in guide
    assert f"| `HUB_STATUS_LIST_SECONDS` | `{settings.status_list_seconds}` |" in guide
    assert f"| `HUB_SESSION_IDLE_SECONDS` | `{settings.session_idle_seconds}` |" in guide
    assert f"| `HUB_SESSION_SECONDS` | `{settings.session_seconds}` |" in guide
    assert f"| `HUB_TRUST_LIST_LIFE_SECONDS` | `{settings.trust_list_life_seconds}` |" in guide
    assert f"| `HUB_STATUS_LIST_LIFE_SECONDS` | `{settings.status_list_life_seconds}` |" in guide
    told = platform.Platform("issuer", "audience", "jwks.json")
    assert f"| `HUB_HOLDER_CODE_TYPE_CLAIM` | `{told.code_type_claim}` |" in guide
    assert f"| `HUB_HOLDER_CODE_CLAIM` | `{told.code_claim}` |" in guide
    assert f"| `HUB_HOLDER_CLOCK_SECONDS` | `{told.clock_seconds}` |" in guide
    assert f"| `HUB_HOLDER_LONGEST_SECONDS` | `{told.longest_seconds}` |" in guide
    assert f"| `HUB_HOLDER_JWKS_SECONDS` | `{told.keys_seconds}` |" in guide
    assert f"| `HUB_HOLDER_JWKS_STALE_SECONDS` | `{told.stale_seconds}` |" in guide
    assert f"| `HUB_HOLDER_ALGORITHMS` | `{' '.join(sorted(told.algorithms))}` |" in guide
    assert f"| `HUB_MATCHES_A_DAY` | `{settings.matches_a_day}` |" in guide
    assert f"| `HUB_EMBARGO_DAYS` | `{settings.embargo_days}` |" in guide
    assert f"| `HUB_DATA` | `{settings.data.name}` |" in guide
    for each in figures():
        row = f"| `{variable(each.name)}` | `{each.default}` | {each.metadata['least']} to {each.metadata['most']} |"
        assert f"{row} {each.metadata['says']} |" in guide
    for each in thresholds.figures():
        bounds = f"{each.metadata['least']} to {each.metadata['most']}"
        assert (
            f"| `{thresholds.variable(each.name)}` | `{each.default}` | {bounds} | {each.metadata['says']} |" in guide
        )
    assert f"| `{thresholds.WORKING_HOURS}` | `{settings.thresholds.working_hours}` |" in guide


def _commands(text: str) -> list[list[str]]:
    joined = text.replace("\\\n", " ")
    written = re.findall(r"(?:^|`|&& )licence-hub ([a-z][^`\n#]*)", joined, re.MULTILINE)
    return [shlex.split(command.split("&&")[0]) for command in written]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_exists_with_the_options_that_are_given(guide: str) -> None:
    for words in _commands(_guide(guide)):
        command = get_command(app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
        if isinstance(command, FileFirst):
            command = command.commands[command.first]
        assert not hasattr(command, "commands"), words
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options


def test_every_query_of_the_guides_is_valid() -> None:
    schema = build({one.key: (one,) for one in load_shipped()}).schema
    guides = [_guide(name) for name in ("integrators.md", "importing.md")]
    queries = [query for guide in guides for query in re.findall(r"```graphql\n(.*?)```", guide, re.DOTALL)]
    assert len(queries) > 1
    assert [error.message for query in queries for error in validate(schema, parse(query))] == []
