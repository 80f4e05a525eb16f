"""What a grant may name: fields of a licence type or a register, and roles of declared parties.

Decides which names stand for which leaves. It must never accept what may not be shared: types and fields of the class NOT_SHARED, and
paths that it does not have.
"""

from collections.abc import Iterable

from hub.catalogue.licence_type import SharingClass
from hub.catalogue.registers import Source
from hub.errors import InputInvalidError
from hub.sharing.purpose import ROLE


def expand(source: Source, paths: Iterable[str]) -> frozenset[str]:
    """Return the leaves that paths stand for: a path of an object or a list ("holders") stands for all its leaves.

    Raises:
        InputInvalidError: the type or a field is not shared, or the type has no such path.
    """
    if source.sharing_class is SharingClass.NOT_SHARED:
        raise InputInvalidError("Licences of this type are not shared; no grant can be made.")
    leaves = named_leaves(source, paths)
    if any(source.by_path[leaf].not_shared for leaf in leaves):
        raise InputInvalidError("A path names a field that is not shared; name the other fields one by one.")
    return leaves


def named_leaves(source: Source, paths: Iterable[str]) -> frozenset[str]:
    """Return the leaves that paths stand for, shared or not; raises InputInvalidError when there is no such path."""
    return frozenset(leaf for path in paths for leaf in _leaves(source, path))


def _leaves(source: Source, path: str) -> tuple[str, ...]:
    leaves = tuple(leaf for leaf in source.leaf_paths if leaf == path or leaf.startswith(f"{path}."))
    if not leaves:
        raise InputInvalidError(
            "The licence type or register does not have one of the paths; "
            "`licence-hub type show KEY` lists them, and `licenceType` in GraphQL."
        )
    return leaves


def checked_roles(roles: Iterable[str]) -> frozenset[str]:
    """Return roles of declared parties; raises InputInvalidError for what is no word."""
    found = frozenset(roles)
    if not all(ROLE.fullmatch(role) for role in found):
        raise InputInvalidError("A role is a word of up to 32 letters, digits, dashes or underlines, such as spouse.")
    return found
