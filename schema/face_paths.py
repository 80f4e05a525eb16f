"""The paths of a licence type's face, kept with its GraphQL type: what a grant may name, and so what a selection can ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLObjectType

from hub.catalogue.licence_type import LicenceType

PATHS: Final = "face_paths"
"""Under this name an object type of a licence type holds its FacePaths among its extensions."""


@dataclass(frozen=True, slots=True)
class FacePaths:
    """Paths of a licence type over all its versions: `leaves` are the finest a grant may name, `branches` lie above them."""

    leaves: frozenset[str]
    branches: frozenset[str]

    @classmethod
    def of(cls, versions: Iterable[LicenceType]) -> "FacePaths":
        """Collect the paths of a type's versions."""
        leaves = frozenset(path for one in versions for path in one.leaf_paths)
        parts = [path.split(".") for path in leaves]
        return cls(leaves, frozenset(".".join(path[:end]) for path in parts for end in range(1, len(path))))


def face_paths(named: object) -> FacePaths | None:
    """Return the paths of a licence's object type; None for any other type."""
    return named.extensions.get(PATHS) if isinstance(named, GraphQLObjectType) else None
