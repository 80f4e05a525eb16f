"""Which disclosures of a licence leave, by their paths: those of paths that may, and the parents they need.

Decides by paths alone and never sees what they say. Licences of a type mostly have the same paths, so what was picked once is kept for the next one:
names of fields and positions in lists, and nothing that leads to a licence or a person.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

import orjson

from hub.licences.parts import schema_path
from keys.sd_jwt import Nesting, nesting, select

MOST_PATHS: Final = 64
"""Of a licence that is remembered; longer ones are seldom, and each has its own length."""
_MOST_KEPT: Final = 512

Shape = tuple[tuple[bytes, frozenset[str]], ...]
"""Of each opened part the paths of its disclosures, as JSON, and which of them, as the type names them, may leave."""


class Picked(NamedTuple):
    """What takes those that leave out of the disclosures of all parts, how they stand in each other, and what the type calls those that may leave."""

    take: Callable[[Sequence[str]], Sequence[str]]
    nesting: Nesting
    names: frozenset[str]


@lru_cache(maxsize=_MOST_KEPT)
def pick(shape: Shape) -> Picked:
    """Return what leaves of a licence; raises KeysError when one comes without its parent."""
    parts = [([tuple(path) for path in orjson.loads(paths)], let) for paths, let in shape]
    let_out = {path for paths, let in parts for path in paths if schema_path(path) in let}
    every = enumerate(path for paths, _ in parts for path in paths)
    chosen = select([(path, place) for place, path in every], let_out.__contains__)
    names = frozenset(map(schema_path, let_out))
    return Picked(_taking([place for _, place in chosen]), nesting([path for path, _ in chosen]), names)


def _taking(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda every: [every[place] for place in places]
