"""Rotation of the vault's keys: look-ups work at every moment, a kill at any step loses nothing, old secrets go last."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select, text

from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.errors import DamagedError, JobBusyError, NotFoundError
from hub.jobs.service import Jobs, JobState, Progress
from hub.vault import purposes
from hub.vault.editions import INDEX, WRAPPING
from hub.vault.model import VaultEdition, VaultIndex, VaultKey
from hub.vault.purposes import FACE
from hub.vault.refusals import StillNeededError
from hub.vault.rotation import Rotation
from hub.vault.service import DataKey, Vault

HOLDERS = purposes.holder("BusinessLicence")
PEOPLE = 10
AT = 1_777_881_600_000_000


class KilledError(BaseException):
    """Ends a worker as a kill does: nothing is caught, no lease is given back."""


def _person(number: int) -> str:
    return purposes.person("999", f"MADE-UP-{number}")


def _add(database: Database, vault: Vault, number: int) -> tuple[DataKey, bytes]:
    with database.transaction() as session:
        key = vault.new_key(session)
        session.add_all(vault.index_rows(HOLDERS, _person(number), key, f"licence:{number}"))
    return key, vault.seal(FACE, key, f"licence-{number}", b"face data")


class Department:
    """Another process that reads as requests do: under an epoch, and again under the new one when it has changed."""

    def __init__(self, database: Database, audit: Audit, vault: Vault) -> None:
        self.database, self.audit, self.vault = database, audit, vault
        self.epoch, self.repeated = self._epoch(), 0

    def places(self, number: int) -> set[str]:
        while True:
            with self.database.snapshot() as session:
                found = {row.place for row in self.vault.find(session, [HOLDERS], _person(number))}
            if self._epoch() == self.epoch:
                return found
            self.epoch, self.repeated = self._epoch(), self.repeated + 1
            self.vault.refresh()

    def _epoch(self) -> int:
        with self.database.snapshot() as session:
            return self.audit.epoch(session)


@pytest.fixture
def sealed(database: Database, vault: Vault) -> dict[int, tuple[DataKey, bytes]]:
    return {number: _add(database, vault, number) for number in range(PEOPLE)}


@pytest.fixture
def department(database: Database, audit: Audit, make_vault: Callable[[], Vault]) -> Department:
    return Department(database, audit, make_vault())


def _editions(database: Database, kind: str) -> list[int]:
    with database.snapshot() as session:
        return sorted(session.exec(select(VaultEdition.edition).where(VaultEdition.kind == kind)))


def _secrets(folder: Path) -> int:
    return len(list((folder / "vault").iterdir()))


def _readable(database: Database, vault: Vault, sealed: dict[int, tuple[DataKey, bytes]]) -> None:
    with database.snapshot() as session:
        for number, (key, ciphertext) in sealed.items():
            loaded = vault.load_key(session, key.id)
            assert vault.open(FACE, loaded, f"licence-{number}", ciphertext) == b"face data"


def _run(rotation: Rotation, kind: str, told: Callable[[Progress], None] = lambda _progress: None) -> Progress:
    return rotation.rotate_index("worker", told) if kind == INDEX else rotation.rotate_wrapping("worker", told)


def test_a_new_wrapping_key_opens_all_that_was_sealed(
    database: Database,
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    vault: Vault,
    folder: Path,
) -> None:
    with database.snapshot() as session:
        before = {row.id: row.wrapped for row in session.exec(select(VaultKey))}
    old = _editions(database, WRAPPING)
    done = make_rotation().rotate_wrapping("worker", lambda _progress: _readable(database, vault, sealed))
    assert (done.state, done.done, done.total) == (JobState.FINISHED, PEOPLE, PEOPLE)
    (new,) = _editions(database, WRAPPING)
    assert new not in old
    with database.snapshot() as session:
        after = session.exec(select(VaultKey)).all()
    assert {row.edition for row in after} == {new}
    assert all(row.wrapped != before[row.id] for row in after)
    assert _secrets(folder) == 2


def test_indexes_are_found_after_every_batch_by_every_process(
    database: Database,
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
) -> None:
    steps: list[Progress] = []

    def look_up(progress: Progress) -> None:
        steps.append(progress)
        assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]

    (old,) = _editions(database, INDEX)
    done = make_rotation().rotate_index("worker", look_up)
    assert (done.state, done.done, done.total) == (JobState.FINISHED, PEOPLE, PEOPLE)
    assert len(steps) > 2 * PEOPLE / 3
    assert department.repeated == 3  # at the beginning, before old rows went, at the end
    (new,) = _editions(database, INDEX)
    with database.snapshot() as session:
        rows = session.exec(select(VaultIndex)).all()
    assert {row.edition for row in rows} == {new} != {old}
    assert len(rows) == PEOPLE


@pytest.mark.parametrize("kind", [WRAPPING, INDEX])
def test_a_kill_after_any_step_loses_nothing(
    database: Database,
    clock: SetClock,
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
    kind: str,
    folder: Path,
) -> None:
    def killed(_progress: Progress) -> None:
        raise KilledError

    jobs, steps = Jobs(database, clock), 0
    while steps == 0 or jobs.unfinished(f"ROTATE_{kind.upper()}"):
        with pytest.raises(KilledError):
            _run(make_rotation(), kind, killed)
        steps += 1
        if jobs.unfinished(f"ROTATE_{kind.upper()}"):
            with pytest.raises(JobBusyError):
                _run(make_rotation(), kind)
        clock.advance(seconds=31)
        assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]
        _readable(database, department.vault, sealed)
    assert steps > PEOPLE / 3
    assert len(_editions(database, kind)) == 1
    assert _secrets(folder) == 2


@pytest.mark.parametrize("kind", [WRAPPING, INDEX])
@pytest.mark.parametrize("fatal", [1, 2, 3])
def test_a_kill_within_a_step_that_changes_the_policy_undoes_it(
    database: Database,
    clock: SetClock,
    audit: Audit,
    make_vault: Callable[[], Vault],
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
    kind: str,
    fatal: int,
    folder: Path,
) -> None:
    calls = count(1)

    def changed(session: Session) -> None:
        audit.advance_epoch(session)
        if next(calls) == fatal:
            raise KilledError

    doomed = Rotation(database, make_vault(), Jobs(database, clock), clock, changed=changed, batch=3)
    try:
        _run(doomed, kind)
    except KilledError:
        clock.advance(seconds=31)
        assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]
        _readable(database, department.vault, sealed)
        _run(make_rotation(), kind)
    assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]
    _readable(database, department.vault, sealed)
    assert len(_editions(database, kind)) == 1
    assert _secrets(folder) == 2


@pytest.mark.parametrize("kind", [WRAPPING, INDEX])
def test_what_a_process_writes_under_the_old_edition_meanwhile_moves_too(
    database: Database,
    make_vault: Callable[[], Vault],
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
    kind: str,
) -> None:
    stale, numbers = make_vault(), count(PEOPLE)
    refused = 0

    def write_late(_progress: Progress) -> None:
        nonlocal refused
        number = next(numbers)
        try:
            sealed[number] = _add(database, stale, number)
        except IntegrityError:  # the old edition has ended: nothing can be written that nobody could read
            refused += 1

    rotation = make_rotation()
    told: list[Progress] = []

    def write_at_times(progress: Progress) -> None:
        told.append(progress)
        if len(told) % 3 == 1:  # slower than the rotation, else it would never end
            write_late(progress)

    _run(rotation, kind, write_at_times)
    write_late(told[-1])
    assert refused >= 1
    assert len(sealed) > PEOPLE + 1
    assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]
    _readable(database, department.vault, sealed)


def test_two_rotations_follow_one_another(
    database: Database,
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
) -> None:
    for kind in (INDEX, WRAPPING, INDEX, WRAPPING):
        before = _editions(database, kind)
        _run(make_rotation(), kind)
        assert _editions(database, kind) > before
    assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]
    _readable(database, department.vault, sealed)


def test_persons_erased_during_a_rotation_stay_erased(
    database: Database,
    make_vault: Callable[[], Vault],
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
) -> None:
    erased = iter(range(PEOPLE - 1))
    vault = make_vault()

    def erase_one(_progress: Progress) -> None:
        number = next(erased, None)
        if number is not None:
            with database.transaction() as session:
                vault.destroy(session, [sealed[number][0].id], AT)

    for kind in (WRAPPING, INDEX):
        _run(make_rotation(), kind, erase_one)
    vault.refresh()
    with database.snapshot() as session:
        assert [row.place for row in session.exec(select(VaultIndex))] == [f"licence:{PEOPLE - 1}"]
        for number in range(PEOPLE - 1):
            with pytest.raises(NotFoundError):
                vault.load_key(session, sealed[number][0].id)


def test_an_index_left_behind_by_an_erased_key_is_not_carried_over(
    database: Database, make_rotation: Callable[[], Rotation], sealed: dict[int, tuple[DataKey, bytes]]
) -> None:
    with database.transaction() as session:  # as a restored backup of one table would leave it
        session.execute(text("UPDATE vault_key SET wrapped = NULL WHERE id = :id"), {"id": sealed[0][0].id})
    make_rotation().rotate_index("worker")
    with database.snapshot() as session:
        places = {row.place for row in session.exec(select(VaultIndex))}
    assert places == {f"licence:{number}" for number in range(1, PEOPLE)}


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        (WRAPPING, "UPDATE vault_key SET wrapped = :damage WHERE id = :id"),
        (INDEX, "UPDATE vault_index SET input = :damage WHERE key_id = :id"),
    ],
)
def test_damage_stops_a_rotation_and_it_goes_on_once_mended(
    database: Database,
    clock: SetClock,
    make_rotation: Callable[[], Rotation],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
    kind: str,
    statement: str,
) -> None:
    key_id = sealed[4][0].id
    mended = {
        WRAPPING: (
            "SELECT wrapped FROM vault_key WHERE id = :id",
            "UPDATE vault_key SET wrapped = :whole WHERE id = :id",
        ),
        INDEX: (
            "SELECT input FROM vault_index WHERE key_id = :id",
            "UPDATE vault_index SET input = :whole WHERE key_id = :id",
        ),
    }[kind]
    with database.transaction() as session:
        whole = session.execute(text(mended[0]), {"id": key_id}).scalar_one()
        session.execute(text(statement), {"id": key_id, "damage": b"\x00" * 60})
    with pytest.raises(DamagedError):
        _run(make_rotation(), kind)
    (job,) = Jobs(database, clock).unfinished(f"ROTATE_{kind.upper()}")
    assert (job.state, job.error) == (JobState.FAILED, "STORED_DATA_DAMAGED")
    with database.transaction() as session:
        session.execute(text(mended[1]), {"id": key_id, "whole": whole})
    assert _run(make_rotation(), kind).id == job.id
    assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]
    _readable(database, department.vault, sealed)


def test_an_index_edition_stays_while_something_else_needs_it(
    database: Database,
    clock: SetClock,
    audit: Audit,
    make_vault: Callable[[], Vault],
    sealed: dict[int, tuple[DataKey, bytes]],
    department: Department,
) -> None:
    asked: list[int] = []

    def needed(_session: Session, begun_at: int) -> bool:
        asked.append(begun_at)
        return len(asked) == 1

    old = department.vault.index(HOLDERS, _person(0))
    rotation = Rotation(
        database, make_vault(), Jobs(database, clock), clock, changed=audit.advance_epoch, needed=needed, batch=3
    )
    begun = clock.now()
    with pytest.raises(StillNeededError):
        rotation.rotate_index("worker")
    department.vault.refresh()
    assert old in department.vault.candidates(HOLDERS, _person(0))
    assert len(_editions(database, INDEX)) == 2
    clock.advance(days=7)
    rotation.rotate_index("worker")
    department.vault.refresh()
    assert old not in department.vault.candidates(HOLDERS, _person(0))
    assert asked == [int(begun.timestamp()) * 1_000_000] * 2
    assert [department.places(number) for number in sealed] == [{f"licence:{number}"} for number in sealed]


def test_an_empty_vault_rotates(database: Database, make_rotation: Callable[[], Rotation]) -> None:
    for kind in (WRAPPING, INDEX):
        before = _editions(database, kind)
        assert _run(make_rotation(), kind).done == 0
        assert _editions(database, kind) > before
