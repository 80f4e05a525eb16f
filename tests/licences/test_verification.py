"""Verification of presentations from anywhere: what nobody has vouched for reaches no look-up that others share."""

import asyncio
import threading
from typing import Any, cast

import pytest

from hub.licences import verification as verifying
from hub.licences.finding import Finder, StoredLicence
from hub.licences.verification import Verification
from keys import base64url, strict_json
from keys.report import Report, Result
from keys.verification import verify_presentation
from tests.licences.world import CALENDAR, World


class Counting:
    """A finder that finds nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def by_identifier(self, identifier: str) -> StoredLicence | None:
        self.asked.append(identifier)
        return None


def unsigned(identifier: object) -> str:
    head, body = {"alg": "ES256", "typ": "dc+sd-jwt"}, {"licence_identifier": identifier}
    return ".".join(base64url.encode(strict_json.dumps(part)) for part in (head, body)) + ".AA~"


@pytest.mark.parametrize("identifier", ["\x00", "x" * 100_000, "", 5, None, ["1.2.156.3005.2"]])
def test_what_is_no_identifier_is_not_looked_up(world: World, identifier: object) -> None:
    finder = Counting()
    verification = Verification(world.seals, cast("Finder", finder), world.clock, CALENDAR)
    assert asyncio.run(verification.verify(unsigned(identifier))).result is not Result.TOTAL_PASSED
    assert finder.asked == []


def test_a_presentation_is_examined_beside_the_event_loop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def examined(*facts: Any) -> Report:
        threads.append(threading.current_thread())
        return verify_presentation(*facts)

    monkeypatch.setattr(verifying, "verify_presentation", examined)
    verification = Verification(world.seals, cast("Finder", Counting()), world.clock, CALENDAR)
    assert asyncio.run(verification.verify(unsigned(None))).result is not Result.TOTAL_PASSED
    assert threads
    assert threading.main_thread() not in threads
