"""A process that issues many licences and stops in the middle, at the statement it was told, until it is killed.

Run as `python -m tests.licences.killed_issuer URL KEYS STATEMENT`; it writes one line when it stands there.
"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from hub import writing
from tests.licences.drafts import company_draft
from tests.licences.world import MARKET, World, open_world

COUNT = 20


def stand_still(*_arguments: Any) -> None:
    """Tell the parent and wait for the kill."""
    print("in the middle", flush=True)  # noqa: T201
    sys.stdin.read()


def stop_at(world: World, statement: str) -> None:
    """Stop after the statement was executed, or right before the commit."""
    if statement == "COMMIT":
        event.listen(world.database.engine, "commit", stand_still)
        return

    @event.listens_for(world.database.engine, "after_cursor_execute")
    def _executed(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if sql.startswith(statement):
            stand_still()

    copy = writing._copy

    def copied(session: Session, place: writing.Target, rows: Any) -> None:
        """PostgreSQL takes many rows by COPY, which only the driver sees."""
        copy(session, place, rows)
        if f"INSERT INTO {place}".startswith(statement):
            stand_still()

    writing._copy = copied


if __name__ == "__main__":
    url, keys, wanted = sys.argv[1:]
    world = open_world(url, Path(keys))
    stop_at(world, wanted)
    world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(COUNT)])
