"""Forms that browsers send: read strictly, and taken only from pages of this hub.

Decides whether a form is the work of the person whose browser sends it. Two proofs are asked for: where it comes from (Origin, RFC 6454;
Sec-Fetch-Site of Fetch Metadata), as far as the browser says it, and a token that only a page of this browser can hold: HMAC-SHA256 under the
secret of the cookie, which a script elsewhere never learns. A token is of one session, or of one visit of the sign-in page.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request

from hub.access.staff.refusals import FormRefusedError
from hub.errors import InputInvalidError

FIELD: Final = "form_token"
HEADER: Final = "x-form-token"
"""Scripts send the token in this header, with JSON for a body."""
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_MOST_FIELDS: Final = 100
_SAME_SITE: Final = frozenset({"same-origin", "none"})


def token_for(secret: str) -> str:
    """Return the token of the forms that a browser with this secret is shown."""
    made = hmac.digest(secret.encode(), b"licence-hub form", hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


async def read(request: Request) -> Mapping[str, str]:
    """Return the fields of a form.

    Raises:
        InputInvalidError: it is no form, has too many fields, or one twice.
    """
    return MappingProxyType({name: value for name, value in (await _parts(request)).items() if isinstance(value, str)})


async def files(request: Request) -> Mapping[str, bytes]:
    """Return the files of a form that hold something; raises as `read`."""
    parts = {name: value for name, value in (await _parts(request)).items() if isinstance(value, UploadFile)}
    return {name: content for name, file in parts.items() if (content := await file.read())}


async def _parts(request: Request) -> Mapping[str, str | UploadFile]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        raise InputInvalidError("Send a form.")
    try:
        form = await request.form(max_files=1, max_fields=_MOST_FIELDS)
    except Exception as error:  # the parser's own classes differ by the kind of form
        raise InputInvalidError("The form cannot be read.") from error
    parts = dict(form.multi_items())
    if len(parts) != len(form.multi_items()):
        raise InputInvalidError("A field comes twice.")
    return parts


async def check(request: Request, secret: str | None, origin: str) -> None:
    """Refuse a form, or a script's request, that was not made by a page of `origin` in the browser that holds the secret.

    Raises:
        FormRefusedError: it comes from elsewhere, or its token is missing or another's.
    """
    headers = request.headers
    if headers.get("origin", origin) != origin or headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise FormRefusedError
    given = headers.get(HEADER)
    if given is None:
        given = (await read(request)).get(FIELD, "")
    if secret is None or not hmac.compare_digest(given.encode(), token_for(secret).encode()):
        raise FormRefusedError
