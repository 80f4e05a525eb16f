"""Verifying with the trust list alone: the command, and what the guide for integrators says; no hub answers, and none is set up."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli import app
from keys import strict_json, timestamp, timestamp_trust
from keys.errors import VerificationError
from keys.verification import StatusAnswer
from tests.keys.timestamp_authorities import TimestampAuthority
from tests.seals.publishing import Published
from tests.seals.sealing import DOCUMENT, FILE, SUITES_OF_FILES, WHY, made_outside, sealing_of, steal
from tests.seals.setting import MARKET, THREE, Setting

GUIDE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text("utf-8")
LIST, KEYS, SIGNATURE = "trust-list.jwt", "hub-keys.json", "letter.pdf.p7s"


@pytest.fixture
def published(sqlite_setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Give a hub of today, in whose folder somebody sits who has no settings of it."""
    monkeypatch.chdir(tmp_path)
    sqlite_setting.clock.instant = datetime.now(UTC) - timedelta(hours=2)
    return Published(sqlite_setting)


def sealed(published: Published, suite: str = "ES256") -> tuple[str, bytes]:
    """Seal the letter, and return under which seal."""
    es_id = published.setting.make(suite=suite).es_id
    der = sealing_of(published.setting).sign(THREE.applicant, es_id, DOCUMENT, WHY).der
    Path("letter.pdf").write_bytes(FILE)
    Path(SIGNATURE).write_bytes(der)
    return es_id, der


def fetched(published: Published) -> None:
    """Fetch list and keys, as curl does."""
    published.publishing.publish_due()
    Path(LIST).write_bytes(published.present().body)
    Path(KEYS).write_bytes(strict_json.dumps(published.publishing.jwks()))


def verify(*options: str) -> tuple[int, str]:
    """Run the command as somebody without a hub."""
    result = CliRunner().invoke(app, ["seal", "verify", "letter.pdf", SIGNATURE, *options])
    refused = f"{type(result.exception).__name__}: {result.exception}" if result.exception else ""
    return result.exit_code, result.output + refused


WITHOUT_HUB = ("--trust-list", LIST, "--trust-key", KEYS)


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_a_sealed_file_is_verified_without_a_hub(published: Published, suite: str) -> None:
    sealed(published, suite)
    fetched(published)
    code, told = verify(*WITHOUT_HUB)
    assert (code, "TOTAL_PASSED" in told) == (0, True), told
    assert "By trust list 1 of https://hub.example.gov.cn" in told
    assert f"credit_code: {MARKET}" in told
    Path("letter.pdf").write_bytes(FILE + b" ")
    code, told = verify(*WITHOUT_HUB)
    assert (code, "TOTAL_FAILED: HASH_FAILURE" in told) == (1, True)


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_the_command_tells_what_became_of_the_seal(published: Published, suite: str) -> None:
    es_id, _ = sealed(published, suite)
    setting = published.setting
    setting.clock.advance(hours=1)
    steal(setting, es_id)
    fetched(published)
    code, told = verify(*WITHOUT_HUB)
    assert (code, "INDETERMINATE: NO_POE" in told) == (1, True), told


def test_a_timestamp_helps_who_names_its_authority(
    published: Published, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = TimestampAuthority(tmp_path_factory.mktemp("clock"))
    setting, es_id = published.setting, sealed(published)[0]
    setting.clock.instant = datetime.now(UTC)

    def stamp(value: bytes) -> bytes:
        sent = timestamp.request(value)
        trusted = timestamp_trust.Authorities.load(authority.roots)
        return timestamp.check_reply(authority.reply(sent.der), sent, value, trusted, datetime.now(UTC)).token

    Path(SIGNATURE).write_bytes(made_outside(setting, sealing_of(setting), es_id, stamp))
    Path("roots.pem").write_bytes(authority.roots)
    setting.clock.advance(seconds=30)
    steal(setting, es_id)
    fetched(published)
    code, told = verify(*WITHOUT_HUB, "--timestamp-roots", "roots.pem")
    assert (code, "TOTAL_PASSED" in told) == (0, True), told
    code, told = verify(*WITHOUT_HUB)
    assert (code, "INDETERMINATE: GENERIC, NO_POE" in told) == (1, True), told


def test_files_that_are_not_what_they_must_be_are_refused(published: Published) -> None:
    sealed(published)
    fetched(published)
    Path("other.json").write_text('{"keys":[]}')
    Path("none.json").write_text('{"keys":7}')
    Path("empty").touch()
    for options, told in (
        (WITHOUT_HUB[:2], "InputInvalidError: Give --trust-list and --trust-key"),
        (WITHOUT_HUB[2:], "InputInvalidError: Give --trust-list and --trust-key"),
        (("--trust-list", KEYS, "--trust-key", KEYS), "FormatError"),
        (("--trust-list", LIST, "--trust-key", LIST), "FormatError"),
        (("--trust-list", LIST, "--trust-key", "other.json"), "UncheckableError: none of the published keys"),
        (("--trust-list", LIST, "--trust-key", "none.json"), "InputInvalidError: none.json is no JWK Set"),
        (("--trust-list", "empty", "--trust-key", KEYS), "InputInvalidError: empty is empty"),
        ((*WITHOUT_HUB, "--timestamp-roots", KEYS), "FormatError: not certificates in PEM"),
    ):
        code, output = verify(*options)
        assert (code, told in output) == (1, True), output


def test_a_list_that_is_over_verifies_nothing(published: Published) -> None:
    published.setting.clock.instant = datetime.now(UTC) - timedelta(days=8)
    sealed(published)
    fetched(published)
    code, told = verify(*WITHOUT_HUB)
    assert (code, "not of that moment; fetch it again" in told) == (1, True)


def test_what_the_guide_says_verifies(published: Published, tmp_path: Path) -> None:
    es_id, der = sealed(published)
    setting, now = published.setting, datetime.now(UTC)
    licence = setting.seal(setting.seals.sealer(MARKET))
    fetched(published)
    (block,) = [one for one in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "trust_list" in one]
    told: dict[str, Any] = {}
    exec(block, told)  # noqa: S102 - what integrators copy
    trusted = told["read_list"](tmp_path, 1)
    assert told["verify_licence"](licence, StatusAnswer("VALID", now), trusted).result == "TOTAL_PASSED"
    assert told["verify_licence"](licence, None, trusted).result == "INDETERMINATE"
    assert told["verify_file"](der, FILE, trusted, is_cms=True).result == "TOTAL_PASSED"
    assert told["status_of_seal"](es_id, now, trusted) == "ACTIVE"
    with pytest.raises(VerificationError):
        told["read_list"](tmp_path, 2)
    Path(LIST).write_bytes(Path(LIST).read_bytes()[:-4] + b"AAAA")
    with pytest.raises(VerificationError):
        told["read_list"](tmp_path, 0)
