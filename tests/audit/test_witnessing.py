"""Witnesses: each countersigns only what continues the last he has seen, and the log carries his countersignature on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.audit.following import Follower
from hub.audit.log import TransparencyLog
from hub.audit.refusals import (
    CosignatureError,
    LogBehindError,
    LogBrokenError,
    LogForkedError,
    LogTileUnknownError,
    WitnessError,
)
from hub.audit.service import Audit
from hub.audit.witnessing import Witness
from hub.clock import SetClock
from hub.database import Database
from keys import checkpoint
from keys.signed_note import Signature
from keys.store import KeyStore
from tests.audit.logs import ORIGIN, URL, MakeLog, append, named, verifiers
from tests.audit.test_continuity import put_back

NAME = "witness.example.org/one"


def follow(log: TransparencyLog, fetch: Callable[[str], bytes] | None = None) -> Follower:
    """Return who follows a log, through `fetch` if somebody stands between."""

    def serve(path: str) -> bytes:
        if path == "checkpoint":
            return log.published.checkpoint().encode()
        return log.published.tile(path.removeprefix("tile/")).body

    return Follower(fetch or serve, verifiers(log))


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """A witness never sees which database it is."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def witness(tmp_path: Path, clock: SetClock) -> Witness:
    return Witness(tmp_path / "witness", NAME, clock)


@pytest.fixture
def watched(
    database: Database, audit: Audit, store: KeyStore, clock: SetClock, tmp_path: Path, witness: Witness
) -> TransparencyLog:
    """Give the log of a hub whose settings name the witness."""
    log = TransparencyLog(
        database, audit, store, clock,
        public_url=URL, checkpoint_file=tmp_path / "kept" / "checkpoint", witnesses=[witness.verifier],
    )  # fmt: skip
    log.prepare()
    return log


def test_a_witness_countersigns_a_log_that_grows(
    database: Database, audit: Audit, watched: TransparencyLog, witness: Witness, tmp_path: Path, clock: SetClock
) -> None:
    sizes = []
    for count in (0, 3, 250, 0, 300):
        append(database, audit, *named(count, f"c{count}-"))
        watched.integrate()
        seen = witness.look(follow(watched))
        sizes.append((seen.before, seen.size))
        signed = checkpoint.read(seen.note, verifiers(watched), [witness.verifier])
        assert signed.signatures == (Signature(ORIGIN), Signature(NAME, int(clock.now().timestamp())))
    assert sizes == [(0, 0), (0, 3), (3, 253), (253, 253), (253, 553)]
    again = Witness(tmp_path / "witness", NAME, clock)
    assert again.verifier == witness.verifier
    assert again.look(follow(watched)).before == 553


def test_the_log_carries_a_countersignature_as_long_as_it_is_of_its_newest_checkpoint(
    database: Database, audit: Audit, watched: TransparencyLog, witness: Witness
) -> None:
    assert watched.published.witnessed() is None
    append(database, audit, "one")
    watched.integrate()
    seen = witness.look(follow(watched))
    assert watched.cosignatures.take(seen.note) == 1
    assert watched.published.checkpoint() == watched.published.witnessed() == seen.note
    assert witness.look(follow(watched)).note == seen.note  # what others added is passed over
    append(database, audit, "two")
    watched.integrate()
    assert NAME not in watched.published.checkpoint()
    assert watched.published.witnessed() == seen.note
    newer = witness.look(follow(watched)).note
    watched.cosignatures.take(newer)
    watched.cosignatures.take(seen.note)  # an older one changes nothing
    assert watched.published.checkpoint() == watched.published.witnessed() == newer


def test_a_countersignature_of_a_stranger_or_of_another_log_is_refused(
    database: Database, audit: Audit, watched: TransparencyLog, log: TransparencyLog, witness: Witness, tmp_path: Path, clock: SetClock
) -> None:  # fmt: skip
    append(database, audit, "one")
    watched.integrate()
    stranger = Witness(tmp_path / "stranger", NAME, clock)
    seen = witness.look(follow(watched))
    for note in (
        stranger.look(follow(watched)).note,
        watched.published.checkpoint(),
        "",
        seen.note.replace(ORIGIN, "x/log"),
    ):
        with pytest.raises(CosignatureError):
            watched.cosignatures.take(note)
    with pytest.raises(CosignatureError):
        log.cosignatures.take(seen.note)  # its settings name no witness


def test_a_witness_refuses_a_log_that_was_put_back_or_went_on_differently(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog, witness: Witness, tmp_path: Path
) -> None:
    append(database, audit, *named(3))
    log.integrate()
    with put_back(database):
        append(database, audit, *named(300, "late"))
        log.integrate()
        late = witness.look(follow(log)).note
    with pytest.raises(LogBehindError):
        witness.look(follow(log))
    (tmp_path / "kept" / "checkpoint").unlink()
    append(database, audit, *named(299, "other"))
    forked = make_log()
    forked.integrate()
    append(database, audit, "last")
    forked.integrate()  # as many leaves again, others
    with pytest.raises(LogForkedError, match="two different trees of 303"):
        witness.look(follow(forked))
    append(database, audit, "more")
    forked.integrate()
    with pytest.raises(LogForkedError, match="first 303 leaves"):
        witness.look(follow(forked))
    assert (tmp_path / "witness" / "checkpoint").read_text() in late


def test_a_hub_that_is_handed_another_past_of_its_own_refuses_it(
    database: Database, audit: Audit, watched: TransparencyLog, witness: Witness, make_log: MakeLog, tmp_path: Path
) -> None:
    with put_back(database):
        append(database, audit, *named(3))
        watched.integrate()
        note = witness.look(follow(watched)).note
    fresh = make_log()
    fresh.cosignatures = watched.cosignatures
    with pytest.raises(LogBehindError):
        fresh.cosignatures.take(note)
    append(database, audit, *named(4, "other"))
    (tmp_path / "kept" / "checkpoint").unlink()
    fresh.integrate()
    with pytest.raises(LogForkedError):
        fresh.cosignatures.take(note)


@pytest.mark.parametrize("spoil", [
    lambda path, body: body[:-32] if "tile" in path else body, lambda path, body: body + bytes(32) if "tile" in path else body,
    lambda path, body: bytes(len(body)) if "tile" in path else body, lambda path, body: body[: len(body) * (path == "checkpoint")],
    lambda path, body: body.replace(b"300", b"301") if path == "checkpoint" else body, lambda _path, _body: b"\xff",
])  # fmt: skip
def test_what_stands_between_witness_and_log_deceives_nobody(
    database: Database, audit: Audit, log: TransparencyLog, witness: Witness, tmp_path: Path,
    spoil: Callable[[str, bytes], bytes],
) -> None:  # fmt: skip
    append(database, audit, *named(300))
    log.integrate()
    honest = follow(log)
    with pytest.raises(LogBrokenError):
        witness.look(follow(log, lambda path: spoil(path, honest.fetch(path))))
    assert not (tmp_path / "witness" / "checkpoint").exists()
    assert witness.look(honest).size == 300


def test_a_witness_whose_memory_is_damaged_countersigns_nothing(
    log: TransparencyLog, witness: Witness, tmp_path: Path
) -> None:
    witness.look(follow(log))
    (tmp_path / "witness" / "checkpoint").write_text("")
    with pytest.raises(WitnessError):
        witness.look(follow(log))


@pytest.mark.parametrize(
    "path", ["0/000", "0/000.p/4", "0/001.p/1", "1/000.p/1", "entries/000.p/4", "x", "0/000.p/0", "0/0", "../x"]
)
def test_there_is_no_tile_beyond_the_checkpoint_and_no_other_spelling(
    database: Database, audit: Audit, log: TransparencyLog, path: str
) -> None:
    append(database, audit, *named(3))
    log.integrate()
    with pytest.raises(LogTileUnknownError):
        log.published.tile(path)


def test_tiles_that_are_gone_are_told(database: Database, audit: Audit, log: TransparencyLog) -> None:
    append(database, audit, *named(3))
    log.integrate()
    with database.transaction() as session:
        session.execute(text("DELETE FROM log_tile"))
        session.execute(text("DELETE FROM log_leaf WHERE place = 1"))
    for path in ("0/000.p/3", "entries/000.p/3"):
        with pytest.raises(LogBrokenError):
            log.published.tile(path)
