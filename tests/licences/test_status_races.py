"""Publishers that are killed, and many at once beside officers who change licences: nothing is lost, nothing comes twice."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.licences.service import Issued
from hub.licences.status import Status, status_value
from hub.licences.status_places import StatusPlaces
from tests.licences.drafts import company_draft
from tests.licences.listing import Listing, act, another_process, issue, open_listing
from tests.licences.world import MARKET, World

ROOT = Path(__file__).parents[2]
TABLES = ("status_list", "status_publication", "status_change", "status_pending")


@pytest.fixture
def listing(world: World) -> Listing:
    return open_listing(world)


@pytest.mark.parametrize("statement", ["INSERT INTO status_publication", "UPDATE status_list", "COMMIT"])
def test_a_publisher_killed_in_the_middle_leaves_the_list_as_it_was(
    listing: Listing, tmp_path: Path, statement: str
) -> None:
    issued = issue(listing.world, 1)
    listing.publish()
    revoked = act(listing.world, "revoke", issued)
    before, rows = listing.served(), {table: listing.world.count(table) for table in TABLES}
    module, pipe = "tests.licences.killed_publisher", subprocess.PIPE
    command = [sys.executable, "-m", module, listing.world.database.url, str(tmp_path / "keys"), statement]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
    assert listing.served() == before
    assert {table: listing.world.count(table) for table in TABLES} == rows
    # Not by publish_due: PostgreSQL may take a moment to notice that whoever was alone with the list is gone.
    assert listing.lists._publisher.publish(1)
    assert listing.value(revoked) == 1


@pytest.fixture
def publishers(listing: Listing, tmp_path: Path) -> Iterator[list[Listing]]:
    """Give three more processes on the hub."""
    found = [another_process(listing, tmp_path / "keys") for _ in range(3)]
    yield found
    for one in found:
        one.world.database.close()


def test_many_publishers_beside_many_changes_lose_nothing_and_publish_nothing_twice(
    listing: Listing, publishers: list[Listing]
) -> None:
    listing.world.licences._places = StatusPlaces(half=4)  # so that there are several lists
    drafts = [company_draft(place) for place in range(12)]
    issued = listing.world.licences.issue_many(MARKET, "import", drafts)
    done, failures = threading.Event(), []

    def publish(one: Listing) -> None:
        while not done.is_set():
            try:
                one.publish()
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)
                return

    threads = [threading.Thread(target=publish, args=(one,)) for one in publishers]
    for thread in threads:
        thread.start()
    changed = [_changed(listing, one, place) for place, one in enumerate(issued)]
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    listing.publish()
    stored = [listing.world.stored(one.identifier).status for one in changed]
    assert [listing.value(one) for one in changed] == [status_value(status) for status in stored]
    _check_history(listing)


def _changed(listing: Listing, issued: Issued, place: int) -> Issued:
    for operation in (("suspend", "resume", "suspend"), ("transferOut", "cancelTransfer"), ("revoke",), ())[place % 4]:
        issued = act(listing.world, operation, issued)
    return issued


def _check_history(listing: Listing) -> None:
    """Every list's publications are numbered without a gap; what they changed adds up to what is served."""
    assert listing.rows("SELECT count(*) FROM status_pending") == [(0,)]
    for number, publication in listing.rows("SELECT number, publication FROM status_list"):
        numbers = listing.rows(f"SELECT number FROM status_publication WHERE status_list = {number} ORDER BY number")
        assert [one for (one,) in numbers] == list(range(1, publication + 1))
        assert listing.past(listing.now, number) == listing.shown(number)


def test_every_status_has_a_value_of_two_bits() -> None:
    assert {status_value(status) for status in Status} == {0, 1, 2, 3}
