"""What is asked of licences in every way out, and how an answer about one is compared with what it must be.

`LEFT` is what left and must not, `TOLD` a refusal that tells something else than it must, `MISSED` what was granted and did not leave. Answers are read here:
values and withheld paths of GraphQL, the disclosures inside each SD-JWT, the claims a verifier gets.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type

from keys import sd_jwt
from schema.build import build
from tests.catalogue.examples import EXAMPLES
from tests.sharing.permissions.dimensions import TYPES
from tests.sharing.permissions.oracle import LEAVES, Expected, face_of, flat
from tests.sharing.permissions.scene import ISSUER, Scene, opened

KEYS: Final = tuple(EXAMPLES)
_ALIAS: Final = re.compile(r"_[0-9]+\Z")


# -- what is asked: every field of every type --------------------------------------------------------------------------------


@cache
def licence_fields(*keys: str) -> str:
    """Return a selection of all that a licence of these types can say, or of any. Fields whose shape differs between types get other names."""
    types = build({each.key: (each,) for each in TYPES}).schema.type_map
    shapes: dict[str, str] = {}
    inner = " ".join(f"... on {key} {{ {_fields(types[key], key, shapes)} }}" for key in keys or KEYS)
    return f"__typename ... on Licence {{ id identifier withheld {{ path reason }} proof {{ sdJwt record }} }} {inner}"


def _fields(type_: GraphQLNamedType, key: str, shapes: dict[str, str]) -> str:
    assert isinstance(type_, GraphQLObjectType)
    found = []
    for name in dict.fromkeys(leaf.partition(".")[0] for leaf in LEAVES[key]):
        shape = f"{_shape(type_.fields[name].type)}{_below(type_.fields[name].type)}"
        alias = "" if shapes.setdefault(name, shape) == shape else f"{name}_{KEYS.index(key)}: "
        found.append(f"{alias}{name}{_below(type_.fields[name].type)}")
    return " ".join(found)


def _shape(type_: Any) -> str:
    named = get_named_type(type_)
    if not isinstance(named, GraphQLObjectType):
        return str(type_)
    below = " ".join(f"{name} {_shape(each.type)}" for name, each in named.fields.items())
    return f"{str(type_).replace(named.name, '')} {below}"


def _below(type_: Any) -> str:
    named = get_named_type(type_)
    if not isinstance(named, GraphQLObjectType):
        return ""
    return f" {{ {' '.join(name + _below(each.type) for name, each in named.fields.items())} }}"


# -- what came ---------------------------------------------------------------------------------------------------------------


def differs(scene: Scene, type_key: str, wanted: Expected, found: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield where an answer about a licence differs from what it must be; None: there was no licence in the answer."""
    code = None if found is None else found.get("code", "DISCLOSED")
    if code != "DISCLOSED" or found is None:
        if code != (wanted.code if code else "NOTHING") and (code or wanted.disclosed):
            yield f"{'MISSED' if wanted.disclosed else 'TOLD'} {type_key}: {code} where it must be {wanted.code}"
        return
    if not wanted.disclosed:
        yield f"LEFT {type_key}: the licence, where it must be {wanted.code}"
    names = {leaf.partition(".")[0] for leaf in LEAVES[type_key]}
    values = {name: value for alias, value in found.items() if (name := _ALIAS.sub("", alias)) in names}
    shown = Counter(path for name, value in values.items() for path, _ in flat_of_answer(type_key, name, value))
    yield from compared(f"{type_key} values", Counter(path for path, _ in wanted.leaves.elements()), shown)
    yield from presented(scene, type_key, wanted, found["proof"]["sdJwt"])
    withheld = Counter((each["path"], each["reason"]) for each in found["withheld"])
    yield from compared(f"{type_key} withheld", Counter(wanted.withheld), withheld)


def presented(scene: Scene, type_key: str, wanted: Expected, presentation: str) -> Iterator[str]:
    """Yield where an SD-JWT differs: in what a verifier gets, and in the disclosures inside it."""
    key = scene.hub.seals.sealer(ISSUER).key.public
    names = face_of(type_key)
    claims = {name: value for name, value in sd_jwt.verify(presentation, key).claims.items() if name in names}
    left = Counter(each for name, value in claims.items() for each in flat(type_key, name, value))
    yield from compared(f"{type_key} claims", wanted.leaves, left)
    inside = Counter(repr(value) for value in opened(presentation))
    yield from (
        f"LEFT {type_key} disclosure: {text}" for text in inside - Counter(text for _, text in wanted.leaves.elements())
    )


def flat_of_answer(type_key: str, path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the leaves of a value in GraphQL; what is null, or holds nothing, says nothing."""
    if value is None:
        return
    if isinstance(value, list):
        for each in value:
            yield from flat_of_answer(type_key, path, each)
    elif path in LEAVES[type_key]:
        yield path, ""
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from flat_of_answer(type_key, f"{path}.{name}", inner)


def compared(what: str, wanted: Counter[Any], found: Counter[Any]) -> Iterator[str]:
    """Yield what is there beyond what is wanted, and what is not."""
    if more := found - wanted:
        yield f"LEFT {what}: {sorted(more)[:4]}"
    if less := wanted - found:
        yield f"MISSED {what}: {sorted(less)[:4]}"
