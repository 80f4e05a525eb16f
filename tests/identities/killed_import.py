"""A process that feeds a file into a register, and stands still at a statement until it is killed.

Run as `python -m tests.identities.killed_import URL KEYS FILE STATEMENT TURN LATER`; it writes one line when it stands at the TURN-th time
that the statement was executed (COMMIT: right before a commit; AFTER: right after a chunk that is durable), LATER seconds after the tests'
hub began.
"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from hub.identities.importing import run
from tests.identities.office import Office, open_office

ROWS_A_CHUNK = 60


def main() -> None:
    """Import until told to stand still."""
    url, keys, file, statement, turn, later = sys.argv[1:]
    office = open_office(url, Path(keys), make=False)
    office.clock.advance(seconds=int(later))
    content = Path(file).read_bytes()
    job = office.enrol(content)
    run.MOST_ROWS = ROWS_A_CHUNK  # type: ignore[misc]  # more chunks of a small file
    left = [int(turn)]

    def count(*_arguments: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            print("in the middle", flush=True)  # noqa: T201
            sys.stdin.read()

    office.run(job, content, _watched(office, statement, count))


def _watched(office: Office, statement: str, count: Any) -> Any:
    engine = office.database.engine
    if statement == "AFTER":
        return count
    if statement == "COMMIT":
        event.listen(engine, "commit", count)
    else:

        @event.listens_for(engine, "after_cursor_execute")
        def _executed(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
            if sql.startswith(statement):
                count()

    return lambda _progress: None


if __name__ == "__main__":
    main()
