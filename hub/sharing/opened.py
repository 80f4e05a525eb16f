"""What was opened of a licence, and what of that may leave.

Decides by paths which disclosures are chosen; who asks says what is allowed (`hub.sharing.disclosure`, which alone opens and hands out). A row that does
not belong to its sealed licence is damage, and nothing of it is chosen.
"""

from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any, Final, NamedTuple

import orjson

from hub.errors import DamagedError
from hub.sharing.basis import Reach
from hub.sharing.picking import MOST_PATHS, Shape, pick
from keys.errors import KeysError
from keys.sd_jwt import nested_values


class Opened(NamedTuple):
    """The disclosures of an opened part, beside each other: their paths as lists, and they themselves as they are handed out."""

    paths: tuple[list[str | int], ...] = ()
    encoded: tuple[str, ...] = ()

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Opened(paths={self.paths!r})"

    def joined(self, other: "Opened") -> "Opened":
        """Return both, one after the other."""
        return Opened(self.paths + other.paths, self.encoded + other.encoded)


NOTHING_OPENED: Final = Opened()


class Chosen(NamedTuple):
    """What may leave of what was opened: as it is handed out, as the type names it, and what it says."""

    encoded: Sequence[str]
    names: frozenset[str]
    values: Mapping[str, Any]

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Chosen(names={self.names!r})"


def unpacked(plaintext: bytes, digest: str) -> Opened:
    """Return a row's disclosures, if it belongs to the sealed licence of this digest; raises DamagedError."""
    try:
        content = orjson.loads(plaintext)
        bound, listed = content["sealed"], content["disclosures"]
        paths, encoded = zip(*listed, strict=True) if listed else ((), ())
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedError from error
    if not compare_digest(str(bound), digest):
        raise DamagedError
    return Opened(paths, encoded)


def chosen_of(offered: Mapping[int, Opened], allowed: Reach) -> Chosen:
    """Return which of what was opened may leave, and what it says; raises DamagedError."""
    shape: Shape = ()
    every: tuple[str, ...] = ()
    for part, opened in offered.items():
        shape += ((orjson.dumps(opened.paths), allowed[part]),)
        every += opened.encoded
    try:
        picked = pick(shape) if len(every) <= MOST_PATHS else pick.__wrapped__(shape)
        encoded = picked.take(every)
        return Chosen(encoded, picked.names, nested_values(picked.nesting, encoded))
    except KeysError as error:
        raise DamagedError from error
