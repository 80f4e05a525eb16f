"""Which disclosures of a licence leave, by their paths: those of paths that may, and the parents they need.

Decides by paths alone and never sees what they say. Licences of a type mostly have the same paths, so what was picked once is kept for the next one:
names of fields and positions in lists, and nothing that leads to a licence or a person.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from hub.licences.parts import schema_path
from keys.sd_jwt import Path, select

MOST_PATHS: Final = 64
"""Of a licence that is remembered; longer ones are seldom, and each has its own length."""
_MOST_KEPT: Final = 512

Shape = tuple[tuple[tuple[Path, ...], frozenset[str]], ...]
"""Of each opened part the paths of its disclosures, and which of them, as the type names them, may leave."""


class Picked(NamedTuple):
    """Where what leaves stands among the disclosures of all parts, its paths, and what the type calls those that may leave."""

    places: tuple[int, ...]
    paths: tuple[Path, ...]
    names: frozenset[str]


@lru_cache(maxsize=_MOST_KEPT)
def pick(shape: Shape) -> Picked:
    """Return what leaves of a licence."""
    let_out = {path for paths, let in shape for path in paths if schema_path(path) in let}
    every = enumerate(path for paths, _ in shape for path in paths)
    chosen = select([(path, place) for place, path in every], let_out.__contains__)
    names = frozenset(map(schema_path, let_out))
    return Picked(tuple(place for _, place in chosen), tuple(path for path, _ in chosen), names)
