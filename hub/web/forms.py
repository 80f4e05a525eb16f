"""Forms that browsers send: read strictly, and taken only from pages of this hub.

Decides whether a form is the work of the person whose browser sends it. Two proofs are asked for: where it comes from (Origin, RFC 6454;
Sec-Fetch-Site of Fetch Metadata), as far as the browser says it, and a token that only a page of this browser can hold: HMAC-SHA256 under the
secret of the cookie, which a script elsewhere never learns. A token is of one session, or of one visit of the sign-in page.
"""

import base64
import hashlib
import hmac
import sys
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartParser
from starlette.requests import Request

from hub.access.staff.refusals import FormRefusedError
from hub.errors import InputInvalidError

FIELD: Final = "form_token"
HEADER: Final = "x-form-token"
"""Scripts send the token in this header, with JSON for a body."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many fields and files a form has at most; how large it is at most is the guard's."""

    fields: int
    files: int


ANYBODYS: Final = Bounds(fields=100, files=1)
STAFFS: Final = Bounds(fields=5_000, files=20)
"""Those of staff, who fill whole licences in: a list of 500 entries is one form."""
_SAME_SITE: Final = frozenset({"same-origin", "none"})


def token_for(secret: str) -> str:
    """Return the token of the forms that a browser with this secret is shown."""
    made = hmac.digest(secret.encode(), b"licence-hub form", hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Form:
    """What a browser sent: texts and files by the names of their fields; a file that nobody chose is none."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]


class _InMemory(MultiPartParser):
    """Reads files without a disk: the guard has bounded them, and nothing of them is to stay anywhere."""

    spool_max_size = sys.maxsize


PARSERS: Final[Mapping[str, Callable[..., FormParser | MultiPartParser]]] = MappingProxyType(
    {
        "application/x-www-form-urlencoded": lambda headers, stream, bounds: FormParser(
            headers, stream, max_fields=bounds.fields
        ),
        "multipart/form-data": lambda headers, stream, bounds: _InMemory(
            headers, stream, max_fields=bounds.fields, max_files=bounds.files
        ),
    }
)


async def read(request: Request, bounds: Bounds = ANYBODYS) -> Form:
    """Return the form of a request, read once: whoever reads it first says how much it may hold.

    Raises:
        InputInvalidError: it is no form, has too many fields, or one twice.
    """
    state = request.scope.setdefault("state", {})
    if "form" not in state:
        state["form"] = await _read(request, bounds)
    form: Form = state["form"]
    return form


async def _read(request: Request, bounds: Bounds) -> Form:
    parser = PARSERS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if parser is None:
        raise InputInvalidError("Send a form.")
    try:
        async with aclosing(request.stream()) as stream:
            data = await parser(request.headers, stream, bounds).parse()
    except Exception as error:  # the parsers raise each their own
        raise InputInvalidError("The form cannot be read.") from error
    try:
        return await _taken(data)
    finally:
        await data.close()


async def _taken(data: FormData) -> Form:
    parts = data.multi_items()
    if len({name for name, _ in parts}) != len(parts):
        raise InputInvalidError("A field comes twice.")
    texts = {name: value for name, value in parts if isinstance(value, str)}
    files = {name: await value.read() for name, value in parts if isinstance(value, UploadFile)}
    return Form(texts, {name: content for name, content in files.items() if content})


async def check(request: Request, secret: str | None, origin: str, bounds: Bounds = ANYBODYS) -> None:
    """Refuse a form, or a script's request, that was not made by a page of `origin` in the browser that holds the secret.

    Raises:
        FormRefusedError: it comes from elsewhere, or its token is missing or another's.
    """
    require_origin(request, origin)
    given = request.headers.get(HEADER)
    if given is None:
        given = (await read(request, bounds)).fields.get(FIELD, "")
    require_token(given, None if secret is None else token_for(secret))


def require_token(given: str, token: str | None) -> None:
    """Refuse what does not carry this token; raises FormRefusedError."""
    if token is None or not hmac.compare_digest(given.encode(), token.encode()):
        raise FormRefusedError


def require_origin(request: Request, origin: str) -> None:
    """Refuse what a page of another origin sends, as far as the browser says so; raises FormRefusedError."""
    headers = request.headers
    if headers.get("origin", origin) != origin or headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise FormRefusedError
