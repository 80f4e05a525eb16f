"""How much one request, and one caller, may ask for: the figures that a deployment sets.

Decides which figures there are, their defaults and the bounds between which they are safe. What is refused because of them, and
how it reads, is in `hub.excess`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final

from hub.errors import SettingsError
from hub.paging import LARGEST_PAGE

PREFIX: Final = "HUB_LIMIT_"
LARGEST_LIST: Final = 100
_DIGITS: Final = 12
_KIB, _MIB = 1024, 1024 * 1024


def _most(default: int, least: int, most: int, unit: str) -> Any:
    return field(default=default, metadata={"least": least, "most": most, "unit": unit})


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures. Each but `introspection` is set by HUB_LIMIT_ and its name in capitals.

    A unit of cost is about what one plain field takes, some microseconds; `schema.weights` says what costs more.
    """

    body_bytes: int = _most(2 * _MIB, 64 * _KIB, 64 * _MIB, "bytes of a request's body")
    body_seconds: int = _most(60, 1, 600, "seconds for a body to arrive")
    upload_bytes: int = _most(1024 * _MIB, _MIB, 256 * 1024 * _MIB, "bytes of a file that is sent to be imported")
    response_bytes: int = _most(16 * _MIB, 64 * _KIB, 256 * _MIB, "bytes of an answer with data of licences")
    document_bytes: int = _most(64 * _KIB, _KIB, _MIB, "bytes of a document")
    tokens: int = _most(2_000, 100, 20_000, "tokens of a document")
    depth: int = _most(15, 5, 50, "levels of selection, with fragments written out")
    aliases: int = _most(100, 0, 1_000, "aliases of an operation, with fragments written out")
    root_fields: int = _most(20, 1, 100, "fields on the first level of an operation")
    operations: int = _most(20, 1, 100, "operations of a document")
    comparisons: int = _most(20_000, 1_000, 500_000, "units of graphql-core's work on fields of one name")
    list_length: int = _most(LARGEST_LIST, 1, LARGEST_LIST, "values of one list")
    page: int = _most(LARGEST_PAGE, 1, LARGEST_PAGE, "elements of a page")
    variables_bytes: int = _most(2_000_000, _KIB, 64 * _MIB, "bytes of the variables, as compact JSON")
    values: int = _most(20_000, 100, 1_000_000, "values of a request, counted through all lists and objects")
    nesting: int = _most(20, 5, 100, "levels of lists and objects in a request")
    cost: int = _most(25_000, 1_000, 1_000_000, "units of cost of an operation with its variables")
    budget: int = _most(3_000_000, 1_000, 1_000_000_000, "units of cost a minute, for each client")
    peer_budget: int = _most(300_000, 1_000, 1_000_000_000, "units of cost a minute, for each address without a token")
    seconds: int = _most(10, 1, 300, "seconds of work for an answer")
    requests: int = _most(64, 1, 10_000, "requests at a time, of each client")
    peer_requests: int = _most(256, 1, 10_000, "requests at a time, from each address")
    all_requests: int = _most(1_000, 1, 100_000, "requests at a time, in the whole process")
    introspection: bool = True

    def __post_init__(self) -> None:
        """Refuse unsafe values.

        Raises:
            SettingsError: a figure is out of its bounds, or two do not go together; the message names the variable.
        """
        for figure in figures():
            value, least, most = getattr(self, figure.name), figure.metadata["least"], figure.metadata["most"]
            if not least <= value <= most:
                unit = figure.metadata["unit"]
                raise SettingsError(f"{variable(figure.name)} must be from {least} to {most}: {unit}.")
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
)


@cache
def figures() -> tuple[Any, ...]:
    """Return the dataclass fields that are figures."""
    return tuple(each for each in fields(Limits) if each.metadata)


def unit(name: str) -> str:
    """Return what a figure counts."""
    return next(str(each.metadata["unit"]) for each in figures() if each.name == name)


def variable(name: str) -> str:
    """Return the name of the setting of a figure."""
    return f"{PREFIX}{name.upper()}"


DEFAULT_LIMITS: Final = Limits()


def read_limits(values: Mapping[str, str], *, introspection: bool) -> Limits:
    """Read the figures that are set.

    Raises:
        SettingsError: a value is no whole number or unsafe, or no figure has this name.
    """
    known = {variable(each.name): each.name for each in figures()}
    given = {name: text for name, text in values.items() if name.startswith(PREFIX)}
    if unknown := sorted(given.keys() - known.keys()):
        raise SettingsError(f"{', '.join(unknown)}: there is no such limit.")
    return Limits(**{known[name]: _whole(name, text) for name, text in given.items()}, introspection=introspection)


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise SettingsError(f"{name} must be a whole number.")
    return int(text)
