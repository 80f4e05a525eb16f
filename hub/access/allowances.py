"""What a caller may still ask for: units of work in a minute, and requests at a time.

Decides when a caller must wait. Clients, staff and holders have an allowance each; whoever shows no token shares that of the address he calls from, which
is neither logged nor kept longer than the allowance. It must never know what is asked for. Allowances live in memory, in each
process by itself: a hub of several processes allows as many times as much. A token bucket holds a minute's worth.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_network
from typing import Final

from hub.excess import BudgetExhaustedError, TooManyAtOnceError
from hub.limits import Limits

MOST_KEPT: Final = 10_000
MINUTE: Final = 60
_SITE: Final = 64  # the bits of an IPv6 address that name whose it is; the others he chooses himself
Monotonic = Callable[[], float]
Peer = tuple[str, int] | None


class Allowance:
    """One caller's; a request runs inside `with`."""

    __slots__ = ("_at", "_budget", "_figure", "_left", "_now", "_requests", "_running")

    def __init__(self, budget: int, requests: int, figure: str, now: Monotonic) -> None:
        """Begin full: `budget` units a minute, `requests` at a time; `figure` tells the limits of peers by their name."""
        self._budget = budget
        self._requests = requests
        self._figure = figure
        self._now = now
        self._left = float(budget)
        self._at = now()
        self._running = 0

    def spend(self, units: int) -> None:
        """Take units of work; more than a minute's worth counts as that.

        Raises:
            BudgetExhaustedError: they are not there; it says in how many seconds they will be. Nothing is taken.
        """
        now, units = self._now(), min(units, self._budget)
        self._left = min(self._budget, self._left + (now - self._at) * self._budget / MINUTE)
        self._at = now
        if units > self._left:
            wait = math.ceil((units - self._left) * MINUTE / self._budget)
            raise BudgetExhaustedError(self._budget, units, figure=f"{self._figure}budget", wait=wait)
        self._left -= units

    def begin(self) -> None:
        """Let one more request run, until `end`.

        Raises:
            TooManyAtOnceError: as many as may run already.
        """
        if self._running >= self._requests:
            raise TooManyAtOnceError(self._requests, figure=f"{self._figure}requests")
        self._running += 1

    def end(self) -> None:
        """Let the request end."""
        self._running -= 1

    def __enter__(self) -> None:
        """Begin."""
        self.begin()

    def __exit__(self, *_: object) -> None:
        """End."""
        self.end()


class Allowances:
    """Those of all callers of one process, and of its event loop alone."""

    def __init__(self, limits: Limits, now: Monotonic = time.monotonic) -> None:
        """Allow what `limits` says; `now` counts seconds."""
        self._limits = limits
        self._now = now
        self._kept: OrderedDict[str, Allowance] = OrderedDict()
        self.everybody = Allowance(limits.budget, limits.all_requests, "all_", now)

    def __len__(self) -> int:
        return len(self._kept)

    def admit(self, peer: Peer) -> Allowance:
        """Let one more request run in the process, and from its address, whose allowance is returned; `leave` ends it.

        Raises:
            TooManyAtOnceError: as many as may run already.
        """
        self.everybody.begin()
        mine = self.of_peer(peer)
        try:
            mine.begin()
        except TooManyAtOnceError:
            self.everybody.end()
            raise
        return mine

    def leave(self, mine: Allowance) -> None:
        """Let a request end that was admitted."""
        self.everybody.end()
        mine.end()

    def of_client(self, client_id: str) -> Allowance:
        """Return a client's."""
        name = f"client {client_id}"
        if (found := self._kept.get(name)) is None:
            return self._made(name, self._limits.budget, self._limits.requests, "")
        self._kept.move_to_end(name)
        return found

    def of_holder(self, name: str) -> Allowance:
        """Return a holder's; it is as large as that of an address."""
        return self._of_small(f"holder {name}")

    def of_peer(self, peer: Peer) -> Allowance:
        """Return that of the address a request comes from."""
        return self._of_small(site_of(peer) if peer is None or ":" in peer[0] else peer[0])

    def _of_small(self, name: str) -> Allowance:
        if (found := self._kept.get(name)) is None:
            return self._made(name, self._limits.peer_budget, self._limits.peer_requests, "peer_")
        self._kept.move_to_end(name)
        return found

    def _made(self, name: str, budget: int, requests: int, figure: str) -> Allowance:
        made = self._kept[name] = Allowance(budget, requests, figure, self._now)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return made


def site_of(peer: Peer) -> str:
    """Return what addresses of one owner have in common; all callers without an address are one."""
    if peer is None or ":" not in peer[0]:
        return peer[0] if peer else ""
    try:
        address = IPv6Address(peer[0].partition("%")[0])
    except ValueError:
        return peer[0]
    return str(address.ipv4_mapped or ip_network((address, _SITE), strict=False))
