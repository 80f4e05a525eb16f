"""The token endpoint: RFC 6749 section 4.4 over HTTP, with its answers (5.1) and refusals (5.2).

Reads the form strictly: one media type, no parameter twice, nothing in the address. What is granted is decided by
hub.access alone.
"""

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

import anyio
from starlette.requests import Request
from starlette.responses import Response

from hub import answering, errors
from hub.access.token_request import GrantTypeError
from hub.endpoints.errors import NO_STORE, json
from hub.endpoints.services import EndpointServices
from hub.errors import ClientAuthenticationError, HubError, InputInvalidError

FORM: Final = re.compile(r"application/x-www-form-urlencoded(?: *; *charset=\"?utf-8\"?)?", re.IGNORECASE)
LARGEST_FORM: Final = 64 * 1024
_ENCODED: Final = re.compile(rb"(?:[A-Za-z0-9*._+&=~!$'(),;:@/?-]|%[0-9A-Fa-f]{2})*")
_MOST_PARAMETERS: Final = 32

# RFC 6749 section 5.2; the nearest class wins. temporarily_unavailable is borrowed from section 4.1.2.1.
REFUSALS: Final[Mapping[type[HubError], tuple[int, str]]] = MappingProxyType(
    {
        HubError: (500, "server_error"),
        errors.InputError: (400, "invalid_request"),
        GrantTypeError: (400, "unsupported_grant_type"),
        errors.ScopeMissingError: (400, "invalid_scope"),
        ClientAuthenticationError: (401, "invalid_client"),
        errors.UnavailableError: (503, "temporarily_unavailable"),
        errors.PolicyChangedError: (503, "temporarily_unavailable"),
    }
)


async def token(services: EndpointServices, request: Request) -> Response:
    """Answer a token request."""
    try:
        form = await _form(request)
        granted = await anyio.to_thread.run_sync(services.access.grant, form)
    except HubError as error:
        return _refused(error)
    request.scope.setdefault("state", {})["client_id"] = granted.client_id
    return json(200, dict(granted.reply), {**NO_STORE, "Pragma": "no-cache"})


def _refused(error: HubError) -> Response:
    answering.note(error.code)
    status, name = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    headers = {**NO_STORE, "Pragma": "no-cache"}
    if status == 401:  # noqa: PLR2004 - RFC 9110 section 15.5.2 asks for a challenge
        headers["WWW-Authenticate"] = 'private_key_jwt realm="licence-hub"'
    return json(status, {"error": name, "error_description": error.message}, headers)


async def _form(request: Request) -> dict[str, str]:
    if "authorization" in request.headers:
        raise ClientAuthenticationError("Send no Authorization header; authenticate by private_key_jwt in the form.")
    if request.scope["query_string"]:
        raise InputInvalidError("Send the parameters in the body, not in the address.")
    if not FORM.fullmatch(request.headers.get("content-type", "")):
        raise InputInvalidError("Send the body as application/x-www-form-urlencoded.")
    return read_form(await _body(request))


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise InputInvalidError(f"The body is larger than {LARGEST_FORM} bytes.")
    return body


def read_form(body: bytes) -> dict[str, str]:
    """Read a form; parameters without a value count as left out (RFC 6749 section 3.2).

    Raises:
        InputInvalidError: not well-formed, not UTF-8, or a parameter comes twice.
    """
    if not _ENCODED.fullmatch(body):
        raise InputInvalidError("The form is not well encoded.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        ) if body else []  # fmt: skip
    except ValueError as error:
        raise InputInvalidError("The form is not well formed, or has too many parameters.") from error
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise InputInvalidError("A parameter comes twice.")
    return {name: value for name, value in pairs if value}
