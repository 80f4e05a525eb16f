"""The schema in use at its well-known address: bytes, tags, links, and questions that make no sense."""

import hashlib
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from hub.endpoints.live_schema import CHANGES, SDL
from hub.endpoints.services import EndpointServices
from hub.errors import InputInvalidError
from tests.endpoints.machine import (
    Machine,
    NoImports,
    NoLog,
    NoOfflinePack,
    NoRenditions,
    NoSealLists,
    NoStaff,
    nothing,
)

TEXT = 'type Query {\n  """证照 · Licences."""\n  licences: Int\n}\n'
TAG = hashlib.sha256(TEXT.encode()).hexdigest()


class Told:
    """A schema that was made up; it notes what it was asked, and where."""

    def __init__(self) -> None:
        self.since: list[str | None] = []
        self.threads: set[threading.Thread] = set()

    def sdl(self) -> bytes:
        self.threads.add(threading.current_thread())
        return TEXT.encode()

    def changes(self, since: str | None) -> Mapping[str, Any]:
        self.threads.add(threading.current_thread())
        self.since.append(since)
        if since == "0" * 64:
            raise InputInvalidError("No state in the list has this hash.")
        return {"entries": [], "earlier": 0}


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def machine(told: Told) -> Machine:
    none: Any = None
    return Machine(
        EndpointServices(
            none,
            none,
            none,
            none,
            none,
            register=nothing,
            live_schema=told,
            imports=NoImports(),
            staff=NoStaff(),
            seal_lists=NoSealLists(),
            log=NoLog(),
            cosign=len,
            exemption_list=bytes,
            offline_pack=NoOfflinePack(),
            renditions=NoRenditions(),
        )
    )


def test_the_sdl_is_text_under_a_tag_and_asked_again_each_time(machine: Machine, told: Told) -> None:
    answer = machine.get(SDL)
    assert (answer.status_code, answer.text) == (200, TEXT)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["etag"] == f'"{TAG[:32]}"', "so that a copy on disk can be compared by sha256sum"
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["link"] == f'<{CHANGES}>; rel="version-history"'
    known = machine.get(SDL, {"if-none-match": answer.headers["etag"]})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", answer.headers["etag"])
    assert machine.request("HEAD", SDL).headers["etag"] == answer.headers["etag"]
    assert threading.main_thread() not in told.threads


def test_the_changes_are_json_under_a_tag(machine: Machine, told: Told) -> None:
    answer = machine.get(CHANGES)
    assert answer.json() == {"entries": [], "earlier": 0}
    assert answer.headers["link"] == f'<{SDL}>; rel="latest-version"'
    assert machine.get(CHANGES, {"if-none-match": answer.headers["etag"]}).status_code == 304
    assert machine.get(f"{CHANGES}?since={TAG}").status_code == 200
    assert machine.get(f"{CHANGES}?since={TAG[:32]}").status_code == 200
    assert told.since == [None, None, TAG, TAG[:32]]
    assert threading.main_thread() not in told.threads


@pytest.mark.parametrize(
    "query", ["since=", "since=x", f"since={TAG.upper()}", f"since={TAG[:31]}", f"since={TAG}0", f"since={TAG}&since={TAG}",
              f"since={TAG}&x=1", "x=1", f"since=%22{TAG}%22", f"since={'0' * 64}"],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_without_an_echo(machine: Machine, query: str) -> None:
    answer = machine.get(f"{CHANGES}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INPUT_INVALID")
    assert TAG[:31] not in answer.text
