"""What is shown of values that are as they usually are: all of an object read at once, without looking at where it stands.

Decides nothing by itself: whatever is not usual (null where none may be, an error in place of a value, no list, a value to await) is raised as any
error, and the values are completed again place by place, which words it. That is no harm, for whatever is read may be read again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from graphql import Undefined
from graphql.pyutils import is_awaitable

from schema.resolving import Reading, read_together

_LISTS: Final = frozenset({list, tuple})
_there: Final = set[type]()  # of what was met in lists: types whose values are not awaited


class UnusualError(Exception):
    """A value that has to be looked at more closely; nobody is told of it."""


class Usual(NamedTuple):
    """How usual values of a type are shown: those of the types `as_they_are`, and others by `show`, which raises what it likes if they are not."""

    as_they_are: frozenset[type]
    show: Callable[[Any], Any]


def items(inner: Usual) -> Callable[[Any], list[Any]]:
    """Return what shows a list."""
    as_they_are, show = inner

    def usual(values: Any) -> list[Any]:
        if type(values) not in _LISTS or not (_there.issuperset(map(type, values)) or _are_there(values)):
            raise UnusualError
        return [each if type(each) in as_they_are else show(each) for each in values]

    return usual


def _are_there(values: Iterable[Any]) -> bool:
    if any(is_awaitable(each) for each in values):
        return False
    _there.update(map(type, values))
    return True


def members(
    blank: Mapping[str, str | None], read: Mapping[str, tuple[Reading, Usual]], is_type_of: Callable[..., Any] | None
) -> Callable[[Any], dict[str, Any]]:
    """Return what shows an object: the keys and values of `blank`, in which it puts what is `read`, fields that are read alike together."""
    alike: dict[Any, list[str]] = {}
    for key, (reading, _) in read.items():
        alike.setdefault(reading.together or key, []).append(key)
    alone = [(key, read[key][0].of) for key, *others in alike.values() if not others]
    groups = [(keys, read_together([read[key][0] for key in keys])) for keys in alike.values() if len(keys) > 1]
    places = [(key, *usual) for key, (_, usual) in read.items()]

    def usual(source: Any) -> dict[str, Any]:
        if source is None or source is Undefined or isinstance(source, Exception):
            raise UnusualError
        if is_type_of and not is_type_of(source, None):
            raise UnusualError
        shown: dict[str, Any] = {**blank}
        for key, of in alone:
            shown[key] = of(source)
        for keys, values_of in groups:
            shown.update(zip(keys, values_of(source)))  # noqa: B905 - as many as there are keys
        for key, as_they_are, show in places:
            if type(value := shown[key]) not in as_they_are:
                shown[key] = show(value)
        return shown

    return usual
