"""A process that seals licences anew and stops in the middle of its second step, at the statement it was told, until it is killed.

Run as `python -m tests.licences.killed_resealer URL KEYS JOB STATEMENT`; it writes one line when it stands there.
"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from hub.licences import resealing_batch
from tests.licences.killed_issuer import stand_still
from tests.licences.theft import resealing_of
from tests.licences.world import World, open_world

STEP = 10
COMMIT = "COMMIT"


def stop_at(world: World, statement: str) -> None:
    """Stop after the statement was executed in the second step, or right before that step's commit."""
    met = [0]

    @event.listens_for(world.database.engine, "after_cursor_execute")
    def _executed(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        met[0] += sql.startswith("UPDATE licence SET" if statement == COMMIT else statement)
        if met[0] == 2 and statement != COMMIT:
            stand_still()

    @event.listens_for(world.database.engine, "commit")
    def _committing(_connection: Any) -> None:
        if met[0] == 2 and statement == COMMIT:
            stand_still()


if __name__ == "__main__":
    url, keys, job, wanted = sys.argv[1:]
    resealing_batch.BATCH = STEP  # type: ignore[misc]  # steps as small as the test
    opened = open_world(url, Path(keys))
    opened.clock.advance(days=2)
    stop_at(opened, wanted)
    resealing_of(opened).run(job, "to be killed")
