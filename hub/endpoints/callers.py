"""Who calls a machine endpoint: the bearer of an access token, under the policy that the guard began with."""

from starlette.requests import Request

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.endpoints.services import EndpointServices
from hub.errors import PolicyChangedError


def caller_of(services: EndpointServices, request: Request) -> Caller:
    """Return the caller of a request; register the endpoint behind the disclosure guard.

    Raises:
        TokenInvalidError, TokenExpiredError: there is no caller.
        PolicyChangedError: the policy changed meanwhile; the guard runs the request again.
    """
    pending: Pending = request.state.pending
    try:
        caller = services.access.caller(request.headers.get("authorization"))
    except PolicyChangedError:
        pending.stale = True
        raise
    if caller.epoch != pending.epoch:
        pending.stale = True
        raise PolicyChangedError
    request.state.client_id = caller.client_id  # for the access log
    return caller
