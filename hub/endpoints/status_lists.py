"""Status lists over HTTP (Token Status List, sections 8 and 9.3): for everybody, cacheable, in the form that is asked for.

Decides how a list is asked for and how long a cache may keep it. Lists of the past are for clients with a token, and no
cache's: with them anybody could watch how a licence he was once shown fares (section 12.7).
"""

import hashlib
import re
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints import conditional
from hub.endpoints.errors import refusal, told
from hub.endpoints.services import EndpointServices
from hub.errors import AccessError, InputInvalidError, StatusListUnknownError
from hub.licences.status_lists import FORMS, MAX_AGE

PUBLIC: Final = {
    "Cache-Control": f"public, max-age={MAX_AGE}, must-revalidate",
    "Access-Control-Allow-Origin": "*",  # verifiers in browsers (section 8.1); nothing here depends on who asks
    "X-Content-Type-Options": "nosniff",
}
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_MOMENT: Final = re.compile(r"[0-9]{1,11}")
_CHALLENGE: Final = 'Bearer realm="licence-hub"'


async def aggregation(services: EndpointServices, request: Request) -> Response:
    """Publish the addresses of all lists."""
    body = orjson.dumps({"status_lists": await services.status_lists.uris()})
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return conditional.answer(request, body, "application/json", tag, PUBLIC)


async def status_list(services: EndpointServices, request: Request) -> Response:
    """Publish a list, or give a past one to a client."""
    form = accepted(request.headers.get("accept") or "*/*")
    if form is None:
        return told(406, "NOT_ACCEPTABLE", f"Accept one of {', '.join(FORMS)}.")
    number = request.path_params["number"]
    if not _NUMBER.fullmatch(number):
        raise StatusListUnknownError
    if "time" in request.query_params:
        return await _past(services, request, int(number), form)
    found = (await services.status_lists.present(int(number)))[form]
    return conditional.answer(request, found.body, form, found.tag, {**PUBLIC, "Vary": "Accept"})


async def _past(services: EndpointServices, request: Request, number: int, form: str) -> Response:
    try:
        caller = services.access.caller(request.headers.get("authorization"))
    except AccessError as error:
        refused = refusal(error)
        refused.headers["WWW-Authenticate"] = _CHALLENGE
        return refused
    request.scope.setdefault("state", {})["client_id"] = caller.client_id  # for the access log
    moments = request.query_params.getlist("time")
    if len(moments) != 1 or not _MOMENT.fullmatch(moments[0]):
        raise InputInvalidError("Give `time` once, in whole seconds since 1970.")
    found = await services.status_lists.past(number, int(moments[0]))
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept, Authorization"}
    return Response(found[form], headers=headers, media_type=form)


def accepted(header: str) -> str | None:
    """Return the form that an Accept header prefers (RFC 9110 section 12.5.1), the first of equals; None: neither."""
    offers = dict(_offer(part) for part in header.split(","))
    weights = {form: _weight(offers, form) for form in FORMS}
    best = max(FORMS, key=lambda form: weights[form])
    return best if weights[best] > 0 else None


def _offer(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    quality = next((each.removeprefix("q=") for each in parameters if each.startswith("q=")), "1")
    return name, float(quality) if re.fullmatch(r"[01](?:\.[0-9]{0,3})?", quality) else 0.0


def _weight(offers: dict[str, float], form: str) -> float:
    """The most specific range that fits decides."""
    return next((offers[name] for name in (form, "application/*", "*/*") if name in offers), 0.0)
