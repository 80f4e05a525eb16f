"""`licence-hub verify` without a hub: whatever somebody was handed, by a trust list and a status list; the verdict first, the exit code for programs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.clock import SystemClock
from hub.commands.verdict_words import REASONS, STYLES
from hub.counters import qr_code
from hub.counters.verdict import Colour, Why, Word
from keys import base32, qr_text
from keys.errors import VerificationError
from tests.counters.pictures import image, pdf
from tests.vectors.qr_tokens.generate import VECTORS

KEPT: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
CODES = {code["name"]: code["text"] for code in KEPT["codes"]}
GOOD = CODES["good, SM2-SM3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the lists and keys that somebody fetched, and the code in every form."""
    folder = tmp_path_factory.mktemp("handed")
    (folder / "jwks.json").write_text(json.dumps({"keys": KEPT["keys"]}))
    (folder / "trust-list.jwt").write_text(KEPT["trust_list"])
    (folder / "1.jwt").write_text(KEPT["status_list"]["jwt"] + "\n")
    (folder / "1.cwt").write_bytes(base32.decode(KEPT["status_list"]["cwt"]))
    code = qr_code.of_text(GOOD)
    (folder / "code.png").write_bytes(code.png())
    (folder / "code.pdf").write_bytes(pdf(image(code)))
    (folder / "code.txt").write_text(f"{GOOD}\r\n")
    (folder / "token.cose").write_bytes(qr_text.read(GOOD).token)
    (folder / "empty.png").write_bytes(qr_code.of_text("HELLO").png()[:60])
    return folder


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the moment of the vectors, and let no hub be set."""
    monkeypatch.setattr(SystemClock, "now", lambda _self: datetime.fromtimestamp(KEPT["at"], UTC))
    monkeypatch.delenv("HUB_PUBLIC_URL", raising=False)


def run(folder: Path, what: str, *more: str, status: str = "1.jwt", typed: str | None = None) -> Result:
    options = ["--trust-list", str(folder / "trust-list.jwt"), "--trust-key", str(folder / "jwks.json")]
    options += ["--status-list", str(folder / status)] if status else []
    return CliRunner().invoke(app, ["verify", what, *options, *more], input=typed)


@pytest.mark.parametrize("name", ["code.png", "code.pdf", "code.txt", "token.cose"])
def test_a_file_with_the_code_in_whatever_form(folder: Path, name: str) -> None:
    done = run(folder, str(folder / name))
    assert (done.exit_code, done.output.splitlines()[0].split()[0]) == (0, "VALID")


@pytest.mark.parametrize(
    "text", [GOOD, GOOD.lower(), GOOD.partition("#")[2], f" {GOOD} "], ids=["address", "lower", "token", "blanks"]
)
def test_a_text_as_a_scanner_types_it(folder: Path, text: str) -> None:
    assert run(folder, text).exit_code == 0
    assert run(folder, "-", typed=text).exit_code == 0


def test_the_verdict_comes_first_then_the_licence_then_every_check(folder: Path) -> None:
    lines = run(folder, GOOD, status="1.cwt").output
    assert lines.startswith(" VALID  Genuine, and the licence is valid now.")
    places = [lines.index(part) for part in ("星河市公安局", "not who carries it", "SIGNATURE", "by a status list")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("revoked licence", 1, "REVOKED"), ("changed signature", 1, "NOT_GENUINE"), ("licence that expired", 1, "EXPIRED"),
        ("another hub", 3, "OTHER_HUB"), ("under a stolen key", 3, "CANNOT_CONFIRM"), ("kid of nobody", 3, "CANNOT_CONFIRM"),
        ("of a list that is not here", 3, "CANNOT_CONFIRM"),
    ],
)  # fmt: skip
def test_the_exit_code_says_what_it_is_worth(folder: Path, name: str, code: int, word: str) -> None:
    done = run(folder, CODES[name], "--json")
    assert (done.exit_code, json.loads(done.output)["word"], json.loads(done.output)["online"]) == (code, word, False)


def test_without_a_status_list_nothing_is_confirmed(folder: Path) -> None:
    done = run(folder, GOOD, status="")
    assert (done.exit_code, "CANNOT_CONFIRM" in done.output) == (3, True)


@pytest.mark.parametrize(
    ("what", "reason"), [("empty.png", Why.UNREADABLE), ("jwks.json", Word.NOT_A_CODE), ("https://qr.alipay.com/fkx0", Word.NOT_A_CODE)]
)  # fmt: skip
def test_what_is_no_code_is_said_to_be_none(folder: Path, what: str, reason: str) -> None:
    done = run(folder, str(folder / what) if "://" not in what else what, "--json")
    assert (done.exit_code, json.loads(done.output)["reason"]) == (3, reason)


def test_a_file_that_is_not_there_is_not_taken_for_a_code(folder: Path) -> None:
    done = run(folder, "licence.png")
    assert (done.exit_code, type(done.exception).__name__) == (1, "InputInvalidError")


@pytest.mark.parametrize(
    "given", [["--trust-list", "trust-list.jwt"], ["--trust-key", "jwks.json"], []], ids=["list", "key", "nothing"]
)
def test_half_of_what_is_needed_is_refused_with_what_to_do(folder: Path, given: list[str]) -> None:
    options = [str(folder / each) if not each.startswith("--") else each for each in given]
    done = CliRunner().invoke(app, ["verify", GOOD, *options])
    assert done.exit_code == 1
    assert "--trust-list" in str(done.exception)


def test_a_trust_list_that_is_over_leaves_a_doubt_and_a_forged_one_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(SystemClock, "now", lambda _self: datetime.fromtimestamp(KEPT["at"] + 90 * 86_400, UTC))
        done = run(folder, GOOD, "--json")
    assert (done.exit_code, json.loads(done.output)["reason"]) == (3, Why.STALE)
    done = CliRunner().invoke(
        app, ["verify", GOOD, "--trust-list", str(folder / "1.jwt"), "--trust-key", str(folder / "jwks.json")]
    )
    assert done.exit_code == 1
    assert isinstance(done.exception, VerificationError)


def test_a_forged_status_list_is_refused(folder: Path) -> None:
    (folder / "forged.jwt").write_text(KEPT["status_list"]["jwt"][:-4] + "AAAA")
    assert run(folder, GOOD, status="forged.jwt").exit_code == 1


def test_every_word_and_reason_has_a_sentence_and_every_colour_a_style() -> None:
    assert REASONS.keys() == {*Word, *Why}
    assert STYLES.keys() == set(Colour)
