"""The desk where staff look at client systems and change them: hub administrators, each change in their name.

Decides who may, in the unit of work of the change itself. The command line asks for no role: whoever runs it holds the key store. That an authority is
in the catalogue is for whoever calls to ask, for this noun does not know it.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlmodel import Session

from hub.access.clients import Clients, RegisteredClient
from hub.access.staff.caller import Staff
from hub.access.staff.roles import HUB_ADMINISTRATOR

PAGE: Final = 25
Current = Callable[[Session, Staff], Staff]


class ClientDesk:
    """What staff do about clients."""

    def __init__(self, clients: Clients, current: Current, changed: Callable[[], None]) -> None:
        """`current` returns a person as he is now; `changed` is called after a change."""
        self._clients = clients
        self._current = current
        self._changed = changed

    def add(self, staff: Staff, name: str, authority: str, scopes: Collection[str], jwk: Mapping[str, Any]) -> str:
        """Register a client and return its id.

        Raises:
            RoleMissingError, SessionInvalidError: he is no hub administrator (now); so all of these.
            InputInvalidError: a name, credit code, scope or key is not acceptable.
        """
        staff.require(HUB_ADMINISTRATOR)
        made = self._clients.add(name, authority, scopes, jwk, by=self._by(staff))
        self._changed()
        return made

    def set_active(self, staff: Staff, client_id: str, *, active: bool) -> None:
        """Let a client call, or end it at once; raises ClientUnknownError."""
        staff.require(HUB_ADMINISTRATOR)
        self._clients.set_active(client_id, active, self._by(staff))
        self._changed()

    def add_key(self, staff: Staff, client_id: str, jwk: Mapping[str, Any]) -> str:
        """Add a public key and return its kid; raises as Clients.add_key."""
        staff.require(HUB_ADMINISTRATOR)
        kid = self._clients.add_key(client_id, jwk, self._by(staff))
        self._changed()
        return kid

    def retire_key(self, staff: Staff, client_id: str, kid: str) -> None:
        """Retire a key: it authenticates nothing any more; raises as Clients.retire_key."""
        staff.require(HUB_ADMINISTRATOR)
        self._clients.retire_key(client_id, kid, self._by(staff))
        self._changed()

    def _by(self, staff: Staff) -> Callable[[Session], Mapping[str, str]]:
        def by(session: Session) -> Mapping[str, str]:
            acting = self._current(session, staff)
            acting.require(HUB_ADMINISTRATOR)
            return {"staff": acting.id}

        return by

    def clients(self, staff: Staff, authority: str | None, after: str = "") -> tuple[RegisteredClient, ...]:
        """Return up to PAGE clients by id, from behind one on, and one more where there are more; raises RoleMissingError."""
        staff.require(HUB_ADMINISTRATOR)
        return self._clients.page(authority, after, PAGE + 1)

    def client(self, staff: Staff, client_id: str) -> RegisteredClient:
        """Return a client; raises ClientUnknownError, RoleMissingError."""
        staff.require(HUB_ADMINISTRATOR)
        return self._clients.one(client_id)
