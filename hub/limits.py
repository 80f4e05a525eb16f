"""How much one request, and one caller, may ask for: the figures that a deployment sets.

Decides which figures there are, their defaults and the bounds between which they are safe. What is refused because of them, and
how it reads, is in `hub.excess`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub import bounds
from hub.bounds import bounded
from hub.errors import SettingsError
from hub.paging import LARGEST_PAGE

PREFIX: Final = "HUB_LIMIT_"
LARGEST_LIST: Final = 100
_KIB, _MIB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures. Each but `introspection` is set by HUB_LIMIT_ and its name in capitals.

    A unit of cost is about what one plain field takes, some microseconds; `schema.weights` says what costs more.
    """

    body_bytes: int = bounded(2 * _MIB, 64 * _KIB, 64 * _MIB, "bytes of a request's body")
    body_seconds: int = bounded(60, 1, 600, "seconds for a body to arrive")
    upload_bytes: int = bounded(1024 * _MIB, _MIB, 256 * 1024 * _MIB, "bytes of a file that is sent to be imported")
    response_bytes: int = bounded(16 * _MIB, 64 * _KIB, 256 * _MIB, "bytes of an answer with data of licences")
    document_bytes: int = bounded(64 * _KIB, _KIB, _MIB, "bytes of a document")
    tokens: int = bounded(2_000, 100, 20_000, "tokens of a document")
    depth: int = bounded(15, 5, 50, "levels of selection, with fragments written out")
    aliases: int = bounded(100, 0, 1_000, "aliases of an operation, with fragments written out")
    root_fields: int = bounded(20, 1, 100, "fields on the first level of an operation")
    operations: int = bounded(20, 1, 100, "operations of a document")
    comparisons: int = bounded(20_000, 1_000, 500_000, "units of graphql-core's work on fields of one name")
    list_length: int = bounded(LARGEST_LIST, 1, LARGEST_LIST, "values of one list")
    page: int = bounded(LARGEST_PAGE, 1, LARGEST_PAGE, "elements of a page")
    variables_bytes: int = bounded(2_000_000, _KIB, 64 * _MIB, "bytes of the variables, as compact JSON")
    values: int = bounded(20_000, 100, 1_000_000, "values of a request, counted through all lists and objects")
    nesting: int = bounded(20, 5, 100, "levels of lists and objects in a request")
    cost: int = bounded(30_000, 1_000, 1_000_000, "units of cost of an operation with its variables")
    budget: int = bounded(3_000_000, 1_000, 1_000_000_000, "units of cost a minute, for each client")
    peer_budget: int = bounded(
        300_000, 1_000, 1_000_000_000, "units of cost a minute, for each address without a token"
    )
    seconds: int = bounded(10, 1, 300, "seconds of work for an answer")
    requests: int = bounded(64, 1, 10_000, "requests at a time, of each client")
    peer_requests: int = bounded(256, 1, 10_000, "requests at a time, from each address")
    all_requests: int = bounded(1_000, 1, 100_000, "requests at a time, in the whole process")
    sockets: int = bounded(2_000, 1, 100_000, "WebSocket connections, in the whole process")
    client_sockets: int = bounded(100, 1, 100_000, "WebSocket connections of each client")
    subscriptions: int = bounded(20, 1, 1_000, "subscriptions of a WebSocket connection")
    socket_seconds: int = bounded(20, 1, 300, "seconds that a message waits for a reader")
    introspection: bool = True

    def __post_init__(self) -> None:
        """Refuse unsafe values.

        Raises:
            SettingsError: a figure is out of its bounds, or two do not go together; the message names the variable.
        """
        bounds.check(self, PREFIX)
        for smaller, larger in _ORDERED:
            if getattr(self, smaller) > getattr(self, larger):
                raise SettingsError(f"{variable(smaller)} must not be larger than {variable(larger)}.")


# What the first allows, the second must be able to let through.
_ORDERED: Final = (
    ("document_bytes", "body_bytes"),
    ("cost", "budget"),
    ("cost", "peer_budget"),
    ("requests", "all_requests"),
    ("peer_requests", "all_requests"),
    ("client_sockets", "sockets"),
)


def figures() -> tuple[Any, ...]:
    """Return the dataclass fields that are figures."""
    return bounds.figures(Limits)


def unit(name: str) -> str:
    """Return what a figure counts."""
    return next(str(each.metadata["says"]) for each in figures() if each.name == name)


def variable(name: str) -> str:
    """Return the name of the setting of a figure."""
    return bounds.variable(PREFIX, name)


DEFAULT_LIMITS: Final = Limits()


def read_limits(values: Mapping[str, str], *, introspection: bool) -> Limits:
    """Read the figures that are set.

    Raises:
        SettingsError: a value is no whole number or unsafe, or no figure has this name.
    """
    return Limits(**bounds.read(Limits, PREFIX, values), introspection=introspection)
