"""Where each licence stands in a status list: a random unused place (IETF Token Status List, sections 12.4 and 13.3).

Decides list and index. Indexes must never tell the order or the number of issues: they are random, and a list is left
for a new one when about half of it is used, so that an unused place is found at once. How much is used is estimated from a
sample: counting would read half a million rows again and again, and a counter would be a lock that all issues share. The
table's unique constraint decides when two processes draw the same.
"""

import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlmodel import Session

PLACES = 2**20
HALF = PLACES // 2

# How many places are given before the use is estimated again: other processes give some, too.
_TRUSTED = 4096
_CHUNK = 500  # of places drawn, or looked at for the estimate, which is then wrong by 2 % of the list

_NEWEST = text("SELECT max(status_list) FROM licence")
_TAKEN = text("SELECT status_index FROM licence WHERE status_list = :list AND status_index IN :indexes").bindparams(
    bindparam("indexes", expanding=True)
)


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """A place in a status list: the list's number, from 1, and the index, 0 to 2**20 - 1."""

    number: int
    index: int


class StatusPlaces:
    """Gives out places. One per process."""

    def __init__(
        self, random: Callable[[int], int] = secrets.randbelow, *, places: int = PLACES, half: int = HALF
    ) -> None:
        """`random(n)` gives an integer below n; a list of `places` with `half` of them used is left."""
        self._random = random
        self._places = places
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
                self._room = self._estimate_again(session)
            reserved = min(wanted, self._room)
            self._room -= reserved
            self._given += reserved
            return self._number, reserved

    def _estimate_again(self, session: Session) -> int:
        """Choose the list and return how many places may be given before the next estimate."""
        self._move_to(max(self._number, session.execute(_NEWEST).scalar_one() or 1))
        used = max(self._given, self._used(session))
        if used >= self._half:
            self._move_to(self._number + 1)
            used = 0
        return min(_TRUSTED, self._half - used)

    def _used(self, session: Session) -> int:
        """Estimate how many places of the present list are used; a small list is looked at whole."""
        sample = secrets.SystemRandom().sample(range(self._places), min(_CHUNK, self._places))
        return self._places * len(_taken(session, self._number, sample)) // len(sample)

    def _move_to(self, number: int) -> None:
        if number != self._number:
            self._number, self._given = number, 0

    def _draw(self, session: Session, number: int, count: int) -> set[StatusPlace]:
        """Return up to `count` random places where no licence stands."""
        drawn = {self._random(self._places) for _ in range(count)}
        return {StatusPlace(number, index) for index in drawn - _taken(session, number, drawn)}


def _taken(session: Session, number: int, indexes: Collection[int]) -> set[int]:
    return set(session.execute(_TAKEN, {"list": number, "indexes": list(indexes)}).scalars())
