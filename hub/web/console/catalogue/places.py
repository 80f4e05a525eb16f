"""Places in a JSON document: read and written by pointers (RFC 6901), whatever shape the document has.

Decides nothing. Documents come from people's files: a place that a document does not have is missing, never an error of the hub.
"""

from typing import Any, Final

MISSING: Final = object()
Document = dict[str, Any]


def steps(pointer: str) -> list[str]:
    """Return the steps of a pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def at(document: Any, pointer: str) -> Any:
    """Return what stands at a place; MISSING where there is nothing."""
    for step in steps(pointer):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return MISSING
    return document


def parts(pointer: str) -> tuple[str, str]:
    """Return the place above a place, and the last step to it."""
    above, _, _ = pointer.rpartition("/")
    return above, (steps(pointer) or [""])[-1]


def put(document: Document, pointer: str, value: Any) -> None:
    """Put a value at a place, making the objects on the way where there are none; MISSING takes it away."""
    *way, last = steps(pointer)
    place: Any = document
    for step in way:
        inner = place.get(step) if isinstance(place, dict) else at(place, f"/{step}")
        if not isinstance(inner, dict | list):
            if not isinstance(place, dict) or value is MISSING:
                return
            inner = place[step] = {}
        place = inner
    if not isinstance(place, dict):
        return
    if value is MISSING:
        place.pop(last, None)
    else:
        place[last] = value


def is_within(pointer: str, place: str) -> bool:
    """Tell whether a pointer leads to a place or into it."""
    return pointer == place or pointer.startswith(f"{place}/")
