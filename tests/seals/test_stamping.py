"""Files sealed with a timestamp of a real authority on this machine, and everything that authority can do wrong."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import SEAL_APPLICANT, SEAL_MAKER
from hub.errors import HubError, TimestampUnavailableError
from hub.seals.file_forms import FORMS
from hub.seals.files import FileSealing
from hub.seals.refusals import PreparedInvalidError, SealSuspendedError, SealValueInvalidError, TimestampInvalidError
from hub.seals.stamping import Stamping
from keys import cms_reading, timestamp
from keys.report import Result
from keys.ses_signature import parse_signature
from keys.timestamp_trust import Authorities
from tests.keys import timestamp_authorities
from tests.keys.timestamp_authorities import OTHER_POLICY
from tests.seals.answering import service, told
from tests.seals.made import person
from tests.seals.sealing import (
    ANOTHER,
    DOCUMENT,
    FILE,
    SUITES_OF_FILES,
    WHY,
    failed,
    made_outside,
    sealing_of,
    steal,
    uses,
)
from tests.seals.setting import MARKET, THREE, Setting

Reply = Callable[[bytes], bytes]
TOKENS = {
    "CMS": lambda der: cms_reading.read(der).timestamp, "SES_Signature": lambda der: parse_signature(der).timestamp,
}  # fmt: skip


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Need one engine: what is recorded of uses is tested on both beside this."""
    return sqlite_url


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> timestamp_authorities.TimestampAuthority:
    return timestamp_authorities.TimestampAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> timestamp_authorities.TimestampAuthority:
    return timestamp_authorities.TimestampAuthority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def today(setting: Setting) -> Setting:
    """Let it be now: the authority stamps at no other time."""
    setting.clock.instant = datetime.now(UTC)
    return setting


@dataclass
class Stamped:
    """Who seals files with timestamps, and the queries that the authority got."""

    sealing: FileSealing
    stamping: Stamping
    asked: list[bytes]


@contextmanager
def stamped(
    setting: Setting,
    real: timestamp_authorities.TimestampAuthority,
    reply: Reply | None = None,
    policy: str | None = None,
) -> Iterator[Stamped]:
    """Seal with an authority that replies as it should, or as a test says."""
    asked: list[bytes] = []

    def answer(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        asked.append(query)
        told(handler, (reply or real.reply)(query))

    with service(answer) as port:
        stamping = Stamping(setting.clock, Authorities.load(real.roots), f"http://127.0.0.1:{port}/", policy)
        yield Stamped(sealing_of(setting, stamping), stamping, asked)


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_a_signature_bears_a_timestamp_that_openssl_and_everybody_can_check(
    today: Setting, real: timestamp_authorities.TimestampAuthority, suite: str, tmp_path: Path
) -> None:
    es_id = today.make(suite=suite).es_id
    with stamped(today, real, policy=OTHER_POLICY) as made:
        sealed = made.sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    assert len(made.asked) == 1
    report = made.sealing.verify(sealed.der, DOCUMENT)
    assert report.result is Result.TOTAL_PASSED, failed(report)
    (row,) = (each.detail for each in report.checks if each.name == "TIMESTAMP")
    assert report.claims is not None
    assert row == f"stamped at {report.claims['stamped_at']} by Clock"
    (use,) = uses(today)
    assert use["stamped_at"] == report.claims["stamped_at"]
    # A hub that knows no roots of authorities does not believe it, and does not pass over it.
    assert failed(sealing_of(today).verify(sealed.der, DOCUMENT)) == {"TIMESTAMP": "GENERIC"}
    form = FORMS[suite]
    token = TOKENS[form.name](sealed.der)
    assert token is not None
    for name, data in (("value", form.value(sealed.der)), ("token", token), ("authority", real.roots)):
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "value", "-CAfile", "authority"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert b"Verification: OK" in done.stdout + done.stderr
    shown = subprocess.run(
        [*["openssl", "ts", "-reply", "-token_in", "-in", "token", "-text"]],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert f"Policy OID: {OTHER_POLICY}".encode() in shown.stdout


def test_openssl_verifies_a_file_that_was_sealed_with_a_timestamp(
    today: Setting, real: timestamp_authorities.TimestampAuthority, tmp_path: Path
) -> None:
    es_id = today.make().es_id
    with stamped(today, real) as made:
        der = made.sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY).der
    for name, data in (("file", FILE), ("file.p7s", der), ("root", today.seals.roots()[0].to_pem())):
        (tmp_path / name).write_bytes(data)
    verifying = (
        "openssl cms -verify -cades -purpose any -binary -inform DER -in file.p7s -content file -CAfile root -out out"
    )
    done = subprocess.run(verifying.split(), cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, b"CAdES Verification successful" in done.stderr) == (0, True), done.stderr
    (tmp_path / "file").write_bytes(FILE + b".")
    assert subprocess.run(verifying.split(), cwd=tmp_path, capture_output=True, check=False).returncode != 0


def other_data(real: timestamp_authorities.TimestampAuthority, query: bytes) -> bytes:
    del query
    return real.reply(timestamp.request(b"another value").der)


REFUSAL = bytes.fromhex("30053003020102")  # status 2: rejection

WRONG: dict[str, tuple[Callable[[timestamp_authorities.TimestampAuthority, bytes], bytes], type[HubError]]] = {
    "other data": (other_data, TimestampInvalidError),
    "no reply": (lambda _, query: query, TimestampInvalidError),
    "cut off": (lambda real, query: real.reply(query)[:-1], TimestampInvalidError),
    "refused": (lambda *_: REFUSAL, TimestampUnavailableError),
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_answer_that_proves_nothing_lets_nothing_out(
    today: Setting, real: timestamp_authorities.TimestampAuthority, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    es_id = today.make().es_id
    reply, refusal = WRONG[kind]
    with stamped(today, real, partial(reply, real)) as made, pytest.raises(refusal):
        made.sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    assert len(made.asked) == 1
    assert uses(today) == []
    assert "is refused" in caplog.text


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_a_strangers_or_an_older_timestamp_lets_nothing_out(
    today: Setting,
    real: timestamp_authorities.TimestampAuthority,
    stranger: timestamp_authorities.TimestampAuthority,
    suite: str,
) -> None:
    es_id = today.make(suite=suite).es_id
    prepared = made_value = b""
    with stamped(today, real) as good:
        prepared = good.sealing.prepare(es_id, DOCUMENT)
        made_value = today.seals.sealer_of(es_id).key.sign_der(prepared)
        sent = timestamp.request(made_value)
        kept = real.reply(sent.der)
    for reply in (stranger.reply, lambda _: kept):
        with stamped(today, real, reply) as made, pytest.raises(TimestampInvalidError):
            made.sealing.complete(THREE.applicant, es_id, prepared, made_value, DOCUMENT, WHY)
    assert uses(today) == []


@pytest.mark.parametrize("hours", [-2, 2])
def test_an_authority_whose_clock_is_wrong_lets_nothing_out(
    today: Setting, real: timestamp_authorities.TimestampAuthority, hours: int
) -> None:
    today.clock.advance(hours=-3)
    es_id = today.make().es_id
    today.clock.advance(hours=3 + hours)
    with stamped(today, real) as made, pytest.raises(TimestampInvalidError):
        made.sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    assert uses(today) == []


def test_where_nobody_answers_nothing_leaves_and_nothing_is_on_record(
    today: Setting, real: timestamp_authorities.TimestampAuthority
) -> None:
    es_id = today.make().es_id
    with stamped(today, real) as made:
        pass
    for _ in range(2):
        with pytest.raises(TimestampUnavailableError):
            made.sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    assert uses(today) == []
    with stamped(today, real) as made:
        made.sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    assert len(uses(today)) == 1


def test_an_authority_is_asked_only_for_what_will_be_handed_out(
    today: Setting, real: timestamp_authorities.TimestampAuthority
) -> None:
    es_id = today.make().es_id
    maker = person("x", [SEAL_MAKER], MARKET)
    with stamped(today, real) as made:
        prepared = made.sealing.prepare(es_id, DOCUMENT)
        value = today.seals.sealer_of(es_id).key.sign_der(prepared)
        for refusal, staff, signed, document in (
            (RoleMissingError, maker, value, DOCUMENT), (SealValueInvalidError, THREE.applicant, b"", DOCUMENT),
            (PreparedInvalidError, THREE.applicant, value, ANOTHER),
        ):  # fmt: skip
            with pytest.raises(refusal):
                made.sealing.complete(staff, es_id, prepared, signed, document, WHY)
    assert made.asked == []


def test_what_is_ended_while_the_authority_is_asked_counts(
    today: Setting, real: timestamp_authorities.TimestampAuthority
) -> None:
    es_id, roles = today.make().es_id, [SEAL_APPLICANT]

    def stopping(query: bytes) -> bytes:
        today.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD")
        return real.reply(query)

    def withdrawing(query: bytes) -> bytes:
        roles.clear()
        return real.reply(query)

    for reply, refusal in ((withdrawing, RoleMissingError), (stopping, SealSuspendedError)):
        roles[:] = [SEAL_APPLICANT]
        with stamped(today, real, reply) as made:
            sealing = sealing_of(today, made.stamping, lambda *_: person("applicant", roles, MARKET))
            with pytest.raises(refusal):
                sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
        assert len(made.asked) == 1
    assert uses(today) == []


@pytest.mark.parametrize(("minutes", "found"), [(30, Result.TOTAL_PASSED), (-30, Result.INDETERMINATE)])
@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_after_a_theft_only_a_timestamp_from_before_it_helps(
    today: Setting, real: timestamp_authorities.TimestampAuthority, suite: str, minutes: int, found: Result
) -> None:
    """Somebody has the key and signs without the hub, whose records say nothing of it; the authority stamps now."""
    now = today.clock.instant
    today.clock.instant = now - timedelta(hours=2)
    es_id = today.make(suite=suite).es_id

    def stamp(value: bytes) -> bytes:
        today.clock.instant = now
        got = made.stamping.stamp(value)
        assert got is not None
        return got.token

    with stamped(today, real) as made:
        bare, proven = made_outside(today, made.sealing, es_id), made_outside(today, made.sealing, es_id, stamp)
    for der in (bare, proven):
        assert made.sealing.verify(der, DOCUMENT).result is Result.TOTAL_PASSED
    today.clock.instant = now + timedelta(minutes=minutes)
    steal(today, es_id)
    today.clock.instant = now + timedelta(hours=1)
    assert made.sealing.verify(proven, DOCUMENT).result is found
    report = made.sealing.verify(bare, DOCUMENT)
    assert (report.result, set(failed(report).values())) == (Result.INDETERMINATE, {"NO_POE"})
