"""Where a department's build registers its trusted documents: one JSON object, with an access token and a fresh proof.

Decides only how the request reads and what the answer shows. Who may register, and whether a document is good, is decided
by hub.access alone.
"""

from dataclasses import asdict
from typing import Any, Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.access.documents import Registered
from hub.access.manifest import PREFIX, Manifest, read_documents, read_purposes
from hub.endpoints.callers import caller_of
from hub.endpoints.errors import NO_STORE, json, refusal
from hub.endpoints.services import EndpointServices
from hub.errors import DocumentsRefusedError, InputInvalidError

MEMBERS: Final = frozenset({"assertion", "client", "documents", "purposes"})


async def register(services: EndpointServices, request: Request) -> Response:
    """Register a manifest; the answer says what became of each document."""
    caller = caller_of(services, request)
    given = _object(await request.body(), request.headers.get("content-type", ""))
    manifest = Manifest(read_documents(given.get("documents")), read_purposes(given.get("purposes")))
    assertion, client = _text(given, "assertion"), _text(given, "client", required=False)
    try:
        done = await anyio.to_thread.run_sync(services.register, caller, assertion, manifest, client)
    except DocumentsRefusedError as error:
        reasons = [{name: value for name, value in asdict(each).items() if value is not None} for each in error.reasons]
        return json(
            refusal(error).status_code, {"code": error.code, "message": error.message, "reasons": reasons}, NO_STORE
        )
    return json(200, {"documents": [_shown(each) for each in done]}, NO_STORE)


def _shown(done: Registered) -> dict[str, Any]:
    names, items = list(done.operations), sorted(done.purposes)
    return {"documentId": PREFIX + done.hash, "operations": names, "purposes": items, "change": done.change}


def _object(body: bytes, media_type: str) -> dict[str, Any]:
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise InputInvalidError("Send the manifest as application/json.")
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputInvalidError("The body is not JSON in UTF-8.") from error
    if not isinstance(given, dict) or not given.keys() <= MEMBERS:
        raise InputInvalidError(f"Send one JSON object of {', '.join(sorted(MEMBERS))}.")
    return given


def _text(given: dict[str, Any], name: str, *, required: bool = True) -> Any:
    value = given.get(name)
    if not isinstance(value, str) and (required or value is not None):
        raise InputInvalidError(f"{name} must be a text.")
    return value
