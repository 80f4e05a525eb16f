"""A worker of its own process, to be killed: it runs a job, says on a pipe where it stands, and waits there for ever.

Arguments: database URL, job id, number of the step to stop at, and "within" that step or "after" its commit.
"""

import sys

from sqlmodel import Session, text

from hub.clock import SystemClock
from hub.database import Database
from hub.jobs.service import Jobs, Progress, Step

ITEMS = 20
PER_STEP = 3


def process(session: Session, cursor: str) -> Step:
    """Process the next three items."""
    first = int(cursor or 0)
    last = min(first + PER_STEP, ITEMS)
    for item in range(first, last):
        session.execute(text("INSERT INTO processed (item) VALUES (:item)"), {"item": item})
    return Step(str(last), last - first, finished=last == ITEMS, total=ITEMS)


def main() -> None:
    """Run until told to stop."""
    url, job_id, number, moment = sys.argv[1:]
    steps: list[str] = []

    def work(session: Session, cursor: str) -> Step:
        step = process(session, cursor)
        steps.append(cursor)
        if moment == "within" and len(steps) == int(number):
            wait_to_be_killed()
        return step

    def told(_progress: Progress) -> None:
        if moment == "after" and len(steps) == int(number):
            wait_to_be_killed()

    Jobs(Database(url), SystemClock()).run(job_id, "killed", work, told)


def wait_to_be_killed() -> None:
    """Say so and read a pipe that nobody writes to."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
