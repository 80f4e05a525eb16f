"""The roster: who may call under one policy epoch, with which trusted documents, and the callers accepted lately.

One immutable set of clients and their documents and one bounded memory of tokens live and die together: when a client or grant changes, a
new roster takes the place of the old one by a single assignment, so that a caller accepted under old rules can never be
remembered under new ones. Tokens themselves are not kept, only their digests.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from hub.access.caller import ActiveClient, Caller
from hub.access.shelf import EMPTY, Shelf
from hub.access.tokens import TokenFacts
from hub.errors import PolicyChangedError, TokenExpiredError, TokenInvalidError

REMEMBERED: Final = 4096


class Roster:
    """The clients that may call, as of one epoch, and their trusted documents."""

    def __init__(
        self, epoch: int, clients: Mapping[str, ActiveClient], limit: int = REMEMBERED, *, shelf: Shelf = EMPTY
    ) -> None:
        """`limit` bounds how many callers are remembered; the one unused for longest is forgotten first."""
        self.epoch = epoch
        self.shelf = shelf
        self._clients = clients
        self._limit = limit
        self._accepted: OrderedDict[bytes, tuple[Caller, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._accepted)

    def remembered(self, digest: bytes, now: int) -> Caller | None:
        """Return the caller of a token seen before.

        Raises:
            TokenExpiredError: the token has expired since.
        """
        with self._lock:
            found = self._accepted.get(digest)
            if found is None:
                return None
            if now >= found[1]:
                del self._accepted[digest]
                raise TokenExpiredError
            self._accepted.move_to_end(digest)
            return found[0]

    def accept(self, digest: bytes, token: TokenFacts) -> Caller:
        """Return, and remember until its token expires, the caller of a good token.

        Raises:
            PolicyChangedError: the token was issued under a newer policy than this roster's; read the policy again.
            TokenInvalidError: its client is not, or no longer, active.
        """
        if token.policy_epoch > self.epoch:
            raise PolicyChangedError
        client = self._clients.get(token.client_id)
        if client is None:
            raise TokenInvalidError
        caller = Caller(client.client_id, client.authority, token.scopes & client.scopes, self.epoch)
        with self._lock:
            self._accepted[digest] = (caller, token.expires_at)
            if len(self._accepted) > self._limit:
                self._accepted.popitem(last=False)
        return caller

    def standing(self, client_id: str) -> Caller:
        """Return an active client as a caller, with all scopes it has; raises TokenInvalidError."""
        client = self._clients.get(client_id)
        if client is None:
            raise TokenInvalidError("The client is not active.")
        return Caller(client.client_id, client.authority, client.scopes, self.epoch)
