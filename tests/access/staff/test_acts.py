"""Forms that are done once: of several who send one at a time, one does it, on each database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hub.access.staff.acts import Proof
from hub.access.staff.refusals import ActUnderwayError, ActUnknownError
from hub.audit.service import Entry
from hub.errors import IdempotencyMismatchError
from tests.access.staff.office import Office

KEY = "a_key_of_a_form_1"


def test_of_many_who_send_a_form_at_once_one_does_it_and_all_are_proved_the_same(office: Office) -> None:
    acts, boss = office.staff.acts, office.boss.calls()

    def begun(_: int) -> Proof | type[Exception] | None:
        try:
            return acts.begin(boss, KEY, "work")
        except ActUnderwayError:
            return ActUnderwayError

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(begun, range(6)))
    assert sorted(map(str, told)) == sorted(map(str, [None, *[ActUnderwayError] * 5]))
    with office.database.transaction() as session:
        kept = office.audit.append(session, Entry("tried", {}))
    proof = acts.finish(boss, KEY, "/console", ["0" * 32, kept])
    assert proof.records == (kept,)
    assert acts.begin(boss, KEY, "work") == acts.proof(boss, proof.id) == proof
    with pytest.raises(IdempotencyMismatchError):
        acts.begin(boss, KEY, "another")


def test_what_left_nothing_may_be_sent_again_and_what_is_old_is_forgotten(office: Office) -> None:
    acts, boss = office.staff.acts, office.boss.calls()
    assert acts.begin(boss, KEY, "work") is None
    acts.release(boss, KEY)
    assert acts.begin(boss, KEY, "work") is None
    proof = acts.finish(boss, KEY, "/console", [])
    office.clock.advance(days=31)
    office.staff.forget_expired()
    with pytest.raises(ActUnknownError):
        acts.proof(boss, proof.id)
    with office.database.snapshot() as session:
        assert session.execute(text("SELECT count(*) FROM staff_act")).scalar_one() == 0
