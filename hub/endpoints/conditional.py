"""Answers that a cache may compare: with an ETag, or 304 to who has it already (RFC 9110 section 13)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response


def answer(request: Request, body: bytes, media_type: str, tag: str, headers: Mapping[str, str]) -> Response:
    """Return the body, or that it has not changed; `tag` is the strong tag of exactly these bytes, in its quotes."""
    tagged = {**headers, "ETag": tag}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=tagged)
    return Response(body, headers=tagged, media_type=media_type)
