"""An identity platform's keys (JWK Set), fetched with bounds and kept for a while: of holders' tokens, and of the provider of staff.

Decides for how long keys are believed without asking again, and how often they are asked for at all: an unknown key makes one request
in RETRY_SECONDS, whoever sends it. Keys that were fetched outlive a platform that does not answer by a stated time; afterwards nothing is
believed. It must never make everybody wait for one answer: while one thread asks, others go on with good keys or are told to try again.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

from hub.access.published_tokens import UnknownKeyError
from hub.errors import UnavailableError
from hub.fetching import FetchError, Service
from keys import token_keys
from keys.errors import KeysError
from keys.token_keys import TokenKey

RETRY_SECONDS: Final = 30
MOST_BYTES: Final = 256 * 1024
SECONDS: Final = 5.0
_MEDIA_TYPES: Final = ("application/json", "application/jwk-set+json")
_Judged = TypeVar("_Judged")


class KeySource(Protocol):
    """Where keys are, for which algorithms, and for how long they are good."""

    @property
    def keys(self) -> str:
        """Return the file or the address of the JWK Set."""

    @property
    def keys_file(self) -> Path | None:
        """Return the file; None where it is fetched."""

    @property
    def algorithms(self) -> frozenset[str]:
        """Return the algorithms that are allowed."""

    @property
    def keys_seconds(self) -> int:
        """Return after how long they are fetched again."""

    @property
    def stale_seconds(self) -> int:
        """Return for how long they are good while no newer ones can be had."""


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """The keys of one fetch, by `kid`; `fetched_at` counts seconds of the process."""

    keys: Mapping[str, TokenKey] = field(repr=False)
    fetched_at: float


def source(platform: KeySource) -> Callable[[], bytes]:
    """Return what gets the JWK Set: from its file or its address; it raises FetchError or OSError."""
    file = platform.keys_file
    if file is None:
        return Service(platform.keys, _MEDIA_TYPES, MOST_BYTES, SECONDS).get

    def read() -> bytes:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)

    return read


class PublishedKeys:
    """Keeps the keys of one process, for all its threads."""

    def __init__(
        self, platform: KeySource, unavailable: type[UnavailableError], log: logging.Logger,
        fetch: Callable[[], bytes] | None = None, now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`unavailable` is what is raised where there are no good keys; `fetch` gets the JWK Set; `now` counts seconds and never jumps."""
        self._platform = platform
        self._fetch = fetch or source(platform)
        self._now = now
        self._log = log
        self._unavailable = unavailable
        self._held: KeySet | None = None
        self._tried_at = float("-inf")
        self._asking = threading.Lock()

    @property
    def fresh(self) -> KeySet | None:
        """The keys, if they need not be asked for again yet; never waits."""
        held = self._held
        return held if held is not None and self._age(held) < self._platform.keys_seconds else None

    def good(self) -> KeySet:
        """Return keys that may be believed; call it on a worker thread.

        Raises:
            UnavailableError: there are none, or they are too old and no newer ones can be had.
        """
        held = self.fresh
        if held is None:
            self._follow(wait=self._good_one() is None)
            held = self._good_one()
        if held is None:
            raise self._unavailable
        return held

    def judged(self, judge: Callable[[Mapping[str, TokenKey]], _Judged]) -> tuple[_Judged, KeySet]:
        """Return what is made of a token under good keys, and these keys: asked for once more where it names one that is not known.

        Raises:
            UnknownKeyError: it names none of the newer ones either.
            UnavailableError: there are no good keys, or somebody else is asking at this moment.
        """
        keys = self.good()
        try:
            return judge(keys.keys), keys
        except UnknownKeyError:
            keys = self._newer(keys)
        return judge(keys.keys), keys

    def fetched(self) -> KeySet:
        """Return the keys as they are published now, asked for whenever it was done before.

        Raises:
            FetchError, OSError, KeysError: they cannot be had, or are no JWK Set.
        """
        data = self._fetch()
        if len(data) > MOST_BYTES:
            raise FetchError(f"the JWK Set has more than {MOST_BYTES} bytes")
        return KeySet(token_keys.read_set(data, self._platform.algorithms), self._now())

    def _newer(self, known: KeySet) -> KeySet:
        """Return the keys as they are published now; the same if they were asked for lately."""
        if self._held is known and not self._follow(wait=False):
            raise self._unavailable
        return self._good_one() or known

    def _follow(self, *, wait: bool) -> bool:
        """Fetch the keys, unless it was tried lately; tell whether nobody else was doing so."""
        before = self._held
        if not self._asking.acquire(blocking=wait):
            return False
        try:
            if self._held is before and self._now() - self._tried_at >= RETRY_SECONDS:
                self._tried_at = self._now()
                self._held = self.fetched()
        except (FetchError, OSError, KeysError) as error:
            why = str(error) if isinstance(error, FetchError | KeysError) else type(error).__name__
            self._log.error("the identity platform's keys cannot be had: %s", why)
        finally:
            self._asking.release()
        return True

    def _good_one(self) -> KeySet | None:
        held = self._held
        return held if held is not None and self._age(held) < self._platform.stale_seconds else None

    def _age(self, held: KeySet) -> float:
        return self._now() - held.fetched_at
