"""Documents as files to keep."""

import re
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.responses import Response

from hub.web.pages import KEPT_NOWHERE
from hub.web.policy import HEADERS

_NAME: Final = re.compile(r"[^A-Za-z0-9._-]")


def json_file(document: Any, name: str) -> Response:
    """Answer with a document as a file of this name; what a name cannot hold is left out of it."""
    plain = quote(_NAME.sub("", name)[:100] or "document.json")
    headers = {**HEADERS, **KEPT_NOWHERE, "Content-Disposition": f'attachment; filename="{plain}"'}
    return Response(orjson.dumps(document, option=orjson.OPT_INDENT_2), 200, headers, "application/json")
