"""Where staff sign in and out: `POST /sessions` with login name, password and code, `DELETE /sessions` with the session token.

Decides only how the request reads and what the answer shows. Secrets come in the body alone, and go out once. Who gets in is decided by
hub.access.staff.
"""

from typing import Any, Final

import orjson
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.sessions import Way
from hub.endpoints.errors import NO_STORE, json
from hub.endpoints.services import EndpointServices
from hub.errors import InputInvalidError

MEMBERS: Final = frozenset({"login", "password", "code"})
LARGEST: Final = 4096
# Threads of their own: however many stand in line to be stretched, everybody else's work finds one.
AT_ONCE: Final = 4
_PLACES: Final = RunVar[CapacityLimiter]("places of those who sign in")


async def sign_in(services: EndpointServices, request: Request) -> Response:
    """Begin a session; the answer is the only one that ever shows its token."""
    if request.url.query:
        raise InputInvalidError("Send nothing in the address.")
    given = _read(await request.body(), request.headers.get("content-type", ""))
    peer = None if request.client is None else (request.client.host, request.client.port)
    names = (given["login"], given["password"], given.get("code", ""))
    signed = await run_sync(services.staff.sign_in, *names, Way.API, peer, limiter=_places())
    shown = {
        "session": signed.session.id,
        "token": signed.session.token,
        "endsAt": signed.session.ends_at.isoformat(),
        "mustChangePassword": signed.must_change,
        "enrolment": signed.enrolment,
    }
    return json(201, shown, NO_STORE)


async def sign_out(services: EndpointServices, request: Request) -> Response:
    """End the session whose token comes."""
    staff = await run_sync(services.staff.caller, request.headers.get("authorization"))
    request.state.client_id = staff.id  # for the access log
    await run_sync(services.staff.sign_out, staff)
    return Response(status_code=204, headers=NO_STORE)


def _places() -> CapacityLimiter:
    """Return the places of this event loop."""
    try:
        return _PLACES.get()
    except LookupError:
        _PLACES.set(made := CapacityLimiter(AT_ONCE))
        return made


def _read(body: bytes, media_type: str) -> dict[str, Any]:
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise InputInvalidError("Send login, password and code as application/json.")
    try:
        given = orjson.loads(body) if len(body) <= LARGEST else None
    except orjson.JSONDecodeError as error:
        raise InputInvalidError("The body is not JSON in UTF-8.") from error
    if not isinstance(given, dict) or not {"login", "password"} <= given.keys() <= MEMBERS:
        raise InputInvalidError("Send one JSON object of login, password and, from your authenticator, code.")
    if not all(isinstance(value, str) for value in given.values()):
        raise InputInvalidError("login, password and code are texts.")
    return given
