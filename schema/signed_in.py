"""Who sends a request: a client system by its access token, a member of staff by his session, a holder by a token of the identity platform.

Decides which of the three a header can mean, and whose allowance the request takes from. It must never let one stand for another: each is
known to its own service, and a token that none of them knows is refused. Tokens: RFC 6750, header only.
"""

from typing import Final, NamedTuple

from anyio.to_thread import run_sync

from hub.access.allowances import Allowance, Allowances, Peer
from hub.access.caller import Caller
from hub.access.holders.caller import HolderCaller
from hub.access.holders.service import HolderAccess
from hub.access.staff.acting import client_of
from hub.access.staff.caller import Staff
from hub.access.staff.sessions import is_session
from hub.audit.service import Pending
from hub.errors import PolicyChangedError, TokenInvalidError
from schema.context import Services
from schema.requests import Incoming

HOLDER = "holder"  # what the access log calls every one of them


class SignedIn(NamedTuple):
    """Who sends a request; nobody, if all are None."""

    caller: Caller | None = None
    staff: Staff | None = None
    holder: HolderCaller | None = None

    def allowance(self, allowances: Allowances, peer: Peer) -> Allowance:
        """Return what the request takes from."""
        if self.caller:
            return allowances.of_client(self.caller.client_id)
        if self.staff:
            return allowances.of_client(client_of(self.staff.id))
        return allowances.of_holder(self.holder.name) if self.holder else allowances.of_peer(peer)


NOBODY: Final = SignedIn()


async def signed_in(services: Services, request: Incoming, pending: Pending) -> SignedIn:
    """Tell who sends a request.

    Raises:
        AccessError, UnavailableError: the header is not that of anybody, or it cannot be checked now.
        PolicyChangedError: the policy changed meanwhile; make the answer again.
    """
    given = request.headers.get(b"authorization")
    if given is None:
        return NOBODY
    header = given.decode("latin-1")
    if is_session(header):
        return SignedIn(staff=await _staff(services, request, header, pending))
    try:
        caller = services.access.caller(header)
    except TokenInvalidError:
        holders = services.holders
        if holders is None or not holders.bears(header):
            raise
        return SignedIn(holder=await _holder(holders, request, header))
    request.state["client_id"], request.state["authority"] = caller.client_id, caller.authority  # for the access log
    if caller.epoch != pending.epoch:
        raise _stale(pending)
    return SignedIn(caller)


async def _staff(services: Services, request: Incoming, header: str, pending: Pending) -> Staff:
    staff = await run_sync(services.accounts.caller, header)
    request.state["client_id"] = staff.id  # for the access log
    if staff.epoch != pending.epoch:
        raise _stale(pending)
    return staff


async def _holder(holders: HolderAccess, request: Incoming, header: str) -> HolderCaller:
    request.state["client_id"] = HOLDER  # for the access log
    if remembered := holders.remembered(header):
        return remembered
    return await run_sync(holders.caller, header)


def _stale(pending: Pending) -> PolicyChangedError:
    pending.stale = True
    return PolicyChangedError()
