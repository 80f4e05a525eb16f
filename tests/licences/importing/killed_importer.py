"""A process that imports a file with a sealing process, and stands still at a statement until it is killed.

Run as `python -m tests.licences.importing.killed_importer URL KEYS FILE STATEMENT TURN LATER`; it writes one line when it stands at
the TURN-th time that the statement was executed (COMMIT: right before a commit; AFTER: right after a stored chunk), LATER
seconds after the hub of the tests began.
"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from hub.licences.importing import intake
from hub.licences.importing.progress import ImportProgress
from tests.licences.importing.hall import Hall, open_hall

ROWS_A_CHUNK = 60


def main() -> None:
    """Import until told to stand still."""
    url, keys, file, statement, turn, later = sys.argv[1:]
    hall = open_hall(url, Path(keys))
    hall.advance(seconds=int(later))
    content = Path(file).read_bytes()
    job = hall.enrol(content)
    intake.MOST_ROWS = ROWS_A_CHUNK  # type: ignore[misc]  # more chunks of a small file
    left = [int(turn)]

    def count(*_arguments: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            print("in the middle", flush=True)  # noqa: T201
            sys.stdin.read()

    hall.run(job, content, worker="killed", told=_watched(hall, statement, count), workers=1)


def _watched(hall: Hall, statement: str, count: Any) -> Any:
    engine = hall.world.database.engine
    if statement == "AFTER":
        return count
    if statement == "COMMIT":
        event.listen(engine, "commit", count)
    else:

        @event.listens_for(engine, "after_cursor_execute")
        def _executed(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
            if sql.startswith(statement):
                count()

    def told(_progress: ImportProgress) -> None:
        """Nothing is told."""

    return told


if __name__ == "__main__":
    main()
