"""Where each licence stands in a status list: a random unused place (IETF Token Status List, section 13).

Decides list and index. Indexes must never tell the order or the number of issues: they are random, and a list is left
for a new one when half of it is used, so that an unused place is found at once. The table's unique constraint decides
when two processes draw the same.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlmodel import Session

PLACES = 2**20
HALF = PLACES // 2

# How many places are given before used ones are counted again: other processes give some, too.
_TRUSTED = 4096
_CHUNK = 500

_NEWEST = text("SELECT max(status_list) FROM licence")
_USED = text("SELECT count(*) FROM licence WHERE status_list = :list")
_TAKEN = text("SELECT status_index FROM licence WHERE status_list = :list AND status_index IN :indexes").bindparams(
    bindparam("indexes", expanding=True)
)


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """A place in a status list: the list's number, from 1, and the index, 0 to 2**20 - 1."""

    number: int
    index: int


class StatusLists:
    """Gives out places. One per process."""

    def __init__(self, random: Callable[[int], int] = secrets.randbelow, *, half: int = HALF) -> None:
        """`random(n)` gives an integer below n; a list with `half` used places is left."""
        self._random = random
        self._half = half
        self._number = 1
        self._given = 0  # of the present list, by this process, stored or not
        self._room = 0
        self._guard = threading.Lock()

    def give(self, session: Session, count: int) -> list[StatusPlace]:
        """Return unused places, random and all different; they count as used once a licence stands there."""
        places: set[StatusPlace] = set()
        while len(places) < count:
            number, room = self._reserve(session, count - len(places))
            enough = len(places) + room
            while len(places) < enough:
                places |= self._draw(session, number, min(enough - len(places), _CHUNK)) - places
        return list(places)

    def _reserve(self, session: Session, wanted: int) -> tuple[int, int]:
        with self._guard:
            if self._room == 0:
                self._room = self._count_again(session)
            reserved = min(wanted, self._room)
            self._room -= reserved
            self._given += reserved
            return self._number, reserved

    def _count_again(self, session: Session) -> int:
        """Choose the list and return how many places may be given before the next count."""
        self._move_to(max(self._number, session.execute(_NEWEST).scalar_one() or 1))
        used = max(self._given, int(session.execute(_USED, {"list": self._number}).scalar_one()))
        if used >= self._half:
            self._move_to(self._number + 1)
            used = 0
        return min(_TRUSTED, self._half - used)

    def _move_to(self, number: int) -> None:
        if number != self._number:
            self._number, self._given = number, 0

    def _draw(self, session: Session, number: int, count: int) -> set[StatusPlace]:
        """Return up to `count` random places where no licence stands."""
        drawn = {self._random(PLACES) for _ in range(count)}
        taken = set(session.execute(_TAKEN, {"list": number, "indexes": list(drawn)}).scalars())
        return {StatusPlace(number, index) for index in drawn - taken}
