"""GraphQL over HTTP: what a request must look like, and which form its answer has.

Decides that only. It must never echo what was sent, and never take personal data from a URL: what may be asked over GET is
decided by `schema.queries.OPEN`. GraphQL over HTTP specification, with its appendix on persisted documents; media types by
RFC 9110, section 12.5.1.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from starlette.datastructures import QueryParams
from starlette.types import Scope
from typing_extensions import override

from hub.access.allowances import Peer
from hub.limits import Limits
from schema import values

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
FORMS: Final = (JSON, GRAPHQL)
_TEXTS: Final = ("query", "documentId", "operationName")
_MAPS: Final = ("variables", "extensions")
_DOCUMENT_ID: Final = re.compile(r"sha256:([0-9a-f]{64})")
# Apollo's clients know this code: they send texts from then on. What a request sends is never remembered as trusted.
_NO_AUTOMATIC: Final = (
    "Automatic persisted queries are off for good; register documents with your build and name them by `documentId`."
)


class MalformedError(Exception):
    """The request is not one of GraphQL over HTTP. The message names the mistake, never a value."""

    def __init__(self, message: str, code: str = "REQUEST_MALFORMED", status: int = 400) -> None:
        self.message = message
        self.code = code
        self.status = status
        super().__init__(message)


class Incoming(NamedTuple):
    """One request as it came: its headers by their names in lower case, of several of one name the first, and what the access log is told."""

    method: str
    headers: Mapping[bytes, bytes]
    parameters: bytes
    body: bytes
    peer: Peer
    state: dict[str, Any]

    @override
    def __repr__(self) -> str:
        return f"Incoming({self.method})"

    @classmethod
    def of(cls, scope: Scope, body: bytes) -> "Incoming":
        """Return the request of a scope, whose body was read."""
        headers = dict(reversed(scope["headers"]))
        return cls(scope["method"], headers, scope["query_string"], body, scope.get("client"), scope["state"])


class Asked(NamedTuple):
    """The parameters of one request: either a text, or the hash of a trusted document (then `query` is empty)."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None = None
    document: str | None = None

    @override
    def __repr__(self) -> str:
        return f"Asked({self.operation}, {self.document})"


@lru_cache(64)
def answer_form(accept: bytes | None) -> str:
    """Return the media type of the answer: the one the client likes best; raises MalformedError (406) for others.

    The most specific range counts (RFC 9110, section 12.5.1); of two that are liked as much, the one named first.
    """
    offers = dict(_weighed(each) for each in (accept or b"*/*").decode("latin-1").split(","))
    weights = {form: _weight(offers, form) for form in FORMS}
    best = max((*(name for name in offers if name in FORMS), *FORMS), key=weights.__getitem__)
    if not weights[best]:
        raise MalformedError(f"Accept {GRAPHQL} or {JSON}.", "NOT_ACCEPTABLE", 406)
    return best


def _weight(offers: Mapping[str, float], form: str) -> float:
    return next((offers[each] for each in (form, "application/*", "*/*") if each in offers), 0.0)


def _weighed(offer: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in offer.split(";"))
    weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
    try:
        weight = float(weights[0]) if weights else 1.0
    except ValueError:
        weight = 0.0
    return name, weight if 0 <= weight <= 1 else 0.0


def asked(request: Incoming, limits: Limits) -> Asked:
    """Return what a request asks; raises MalformedError, or a LimitError when it holds too much."""
    if request.method != "POST":
        return _of_url(request.parameters, limits)
    if not _is_json(request.headers.get(b"content-type", b"")):
        raise MalformedError(f"Send {JSON} in UTF-8.", "CONTENT_TYPE_UNSUPPORTED", 415)
    wanted = checked(_decoded(request.body, limits))
    values.require_small(wanted.variables, request.body, limits)
    return wanted


def _of_url(parameters: bytes, limits: Limits) -> Asked:
    given = QueryParams(parameters)
    if len(given.multi_items()) > len(given):
        raise MalformedError("Give each parameter once.")
    maps = {name: _decoded(given[name].encode("utf-8", "surrogatepass"), limits) for name in _MAPS if given.get(name)}
    return checked({**{name: given.get(name) for name in _TEXTS}, **maps})


@lru_cache(64)
def _is_json(content_type: bytes) -> bool:
    media_type, *parameters = (part.strip().lower() for part in content_type.decode("latin-1").split(";"))
    return media_type == JSON and not any(each.startswith("charset=") and "utf-8" not in each for each in parameters)


def _decoded(text: bytes, limits: Limits) -> Any:
    try:
        return values.read(text, limits)
    except values.NotJsonError:
        raise MalformedError("The request is not JSON.") from None
    except values.RepeatedKeyError:
        raise MalformedError("An object of the request names a key twice; send each once.", "KEY_REPEATED") from None


def checked(given: Any) -> Asked:
    """Return what a JSON value asks; raises MalformedError."""
    if not isinstance(given, dict):
        raise MalformedError("Send one JSON object; several operations at once are not taken.")
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if variables is not None and not isinstance(variables, dict):
        raise MalformedError("`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise MalformedError("`operationName` must be a text.")
    if (extensions := given.get("extensions")) is not None:
        _check_extensions(extensions)
    if (identifier := given.get("documentId")) is not None:
        return Asked("", variables or {}, name or None, _hash(identifier, query))
    if not isinstance(query, str) or not query:
        raise MalformedError("`query` must be the text of a GraphQL document, or `documentId` name a trusted one.")
    return Asked(query, variables or {}, name or None)


def _check_extensions(extensions: Any) -> None:
    if not isinstance(extensions, dict):
        raise MalformedError("`extensions` must be an object.")
    if "persistedQuery" in extensions:
        raise MalformedError(_NO_AUTOMATIC, "PERSISTED_QUERY_NOT_SUPPORTED")


def _hash(identifier: Any, query: Any) -> str:
    if query is not None:
        raise MalformedError("Send `query` or `documentId`, not both.", "DOCUMENT_ID_INVALID")
    found = _DOCUMENT_ID.fullmatch(identifier) if isinstance(identifier, str) else None
    if found is None:
        raise MalformedError("`documentId` is sha256: and 64 hex digits in lower case.", "DOCUMENT_ID_INVALID")
    return found[1]
