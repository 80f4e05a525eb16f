"""Who folds: a serving process only what is little, unless no worker comes; and a worker is asked for once in a while."""

import pytest

from hub.supervision import pace
from hub.supervision.pace import Pace
from tests.supervision.watched import Watched, access


def test_a_serving_process_folds_little_and_leaves_much_to_a_worker_for_a_while(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "LITTLE", 3)
    now = [1000.0]
    own = Pace(watched.folding, lambda: now[0])
    watched.append(*(access() for _ in range(3)))
    watched.log.integrate()
    assert not own.wants_worker()
    assert own.keep_up() == 3
    watched.append(*(access() for _ in range(4)))
    watched.log.integrate()
    assert own.keep_up() == 0
    assert own.wants_worker()
    assert not own.wants_worker()  # one was asked for
    now[0] += pace.BETWEEN_WORKERS
    assert own.wants_worker()
    now[0] += pace.LATE
    assert own.keep_up() == 4  # none came
    assert own.keep_up() == 0
    assert not own.wants_worker()
