"""GraphQL types made from licence types: one object type a licence type, uniting the fields of all its versions.

Decides how kinds of face fields are named in GraphQL. Every face field is nullable, because what is not granted is null. It
must never let a licence type replace a type or a field of the fixed schema: such a catalogue entry is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLString,
)

from hub.catalogue.face_fields import DISCLOSED_BASE_PATHS, Field, Sensitivity
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType
from hub.errors import LicenceTypeError

_PATHS = "face_paths"
_STANDARD: Mapping[Kind, GraphQLScalarType] = MappingProxyType(
    {Kind.STRING: GraphQLString, Kind.INTEGER: GraphQLInt, Kind.BOOLEAN: GraphQLBoolean}
)
_OF_THE_SCHEMA: Mapping[Kind, str] = MappingProxyType(
    {Kind.DATE: "Date", Kind.DATE_TIME: "DateTime", Kind.DECIMAL: "Decimal", Kind.IMAGE: "Image"}
)
_SENSITIVITIES: Mapping[Sensitivity, str] = MappingProxyType(
    {
        Sensitivity.PUBLIC: "公开 · public",
        Sensitivity.INTERNAL: "内部 · internal",
        Sensitivity.PERSONAL: "个人信息 · personal information",
        Sensitivity.SENSITIVE: "敏感个人信息 · sensitive personal information",
    }
)


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
    return named.extensions.get(_PATHS) if isinstance(named, GraphQLObjectType) else None


class Faces:
    """Makes the object types of one generation."""

    def __init__(
        self, interfaces: Sequence[GraphQLInterfaceType], scalars: Mapping[str, Any], taken: Iterable[str]
    ) -> None:
        """`interfaces` begins with Licence; `scalars` are the schema's types by name; `taken` are names not to be used."""
        self._interfaces = tuple(interfaces)
        kinds = {kind: scalars[name] for kind, name in _OF_THE_SCHEMA.items()}
        self._scalars: Mapping[Kind, GraphQLScalarType] = {**_STANDARD, **kinds}
        self._taken = set(taken)

    def licence(self, versions: Sequence[LicenceType]) -> GraphQLObjectType:
        """Return the object type of a licence type, given all its versions, newest last; LicenceTypeError on a clash."""
        newest = versions[-1]
        fields = _united(versions)
        self._take(newest.key)
        return GraphQLObjectType(
            newest.key,
            fields=self._top(newest, fields),
            interfaces=self._interfaces,
            description=_type_description(newest),
            extensions={_PATHS: FacePaths.of(versions)},
        )

    def _top(self, newest: LicenceType, fields: Mapping[str, Field]) -> dict[str, GraphQLField]:
        shared = {name: _titled(field, newest, name) for name, field in self._interfaces[0].fields.items()}
        own = dict(self._fields(newest.key, fields, "", _face_value))
        if clashes := sorted(shared.keys() & own.keys()):
            raise LicenceTypeError(f"{newest.key}: {', '.join(clashes)} is a field that every licence has; rename it.")
        return shared | own

    def _fields(
        self, owner: str, fields: Mapping[str, Field], above: str, resolve: Any = None
    ) -> Iterator[tuple[str, GraphQLField]]:
        for path, field in fields.items():
            name = path.removeprefix(above)
            if path.startswith(above) and "." not in name:
                yield (
                    name,
                    GraphQLField(self._type(owner, name, field, fields), resolve=resolve, description=_told(field)),
                )

    def _type(self, owner: str, name: str, field: Field, fields: Mapping[str, Field]) -> GraphQLOutputType:
        if field.kind is Kind.LIST:
            return GraphQLList(GraphQLNonNull(self._value(owner, name, field, field.item_kind, fields)))
        return self._value(owner, name, field, field.kind, fields)

    def _value(
        self, owner: str, name: str, field: Field, kind: Kind | None, fields: Mapping[str, Field]
    ) -> GraphQLScalarType | GraphQLObjectType:
        if kind is not Kind.OBJECT:
            return self._scalars[kind or Kind.STRING]
        named = f"{owner}{name[0].upper()}{name[1:]}"
        self._take(named)
        inner = dict(self._fields(named, fields, f"{field.path}."))
        return GraphQLObjectType(named, fields=inner, description=_told(field))

    def _take(self, name: str) -> None:
        if name in self._taken:
            raise LicenceTypeError(f"{name}: GraphQL has a type of this name already; choose another.")
        self._taken.add(name)


def _face_value(answer: Any, info: GraphQLResolveInfo[Any]) -> Any:
    """Give a field of the face; what was not disclosed is not there."""
    return answer.values.get(info.field_name)


def _united(versions: Sequence[LicenceType]) -> Mapping[str, Field]:
    """Return the face's own fields by path, as the newest version that has them describes them."""
    fields: dict[str, Field] = {}
    for one in reversed(versions):
        for path, field in one.by_path.items():
            known = fields.setdefault(path, field)
            if (known.kind, known.item_kind) != (field.kind, field.item_kind):
                raise LicenceTypeError(f"{one.key}: {path} changes its kind between versions; give it a new name.")
    return {path: field for path, field in fields.items() if path not in DISCLOSED_BASE_PATHS}


def _titled(field: GraphQLField, newest: LicenceType, name: str) -> GraphQLField:
    """Return a shared field, described with what this type's face calls it."""
    kwargs = field.to_kwargs()
    if name in newest.labels:
        label = newest.labels[name]
        kwargs["description"] = f"{label.zh} · {label.en}. {field.description}"
    return GraphQLField(**kwargs)


def _type_description(newest: LicenceType) -> str:
    lines = [
        f"{newest.name.zh} · {newest.name.en}.",
        f"证照定义机构 · Defined by {newest.definer.name.zh} · {newest.definer.name.en}.",
    ]
    return "\n".join((*lines, f"依据 · Basis: {newest.source.law}"))


def _told(field: Field) -> str:
    """Return a face field's description in both languages: titles, meaning, unit, choices and who may be shown it."""
    parts = [f"{field.title_zh} · {field.title_en}. {field.description}"]
    parts += [f"单位 · Unit: {field.unit}."] if field.unit else []
    parts += [f"取值 · One of: {'、'.join(field.choices)}."] if field.choices else []
    parts += [f"敏感程度 · Sensitivity: {_SENSITIVITIES[field.sensitivity]}."]
    parts += ["不予共享 · Never shared."] if field.not_shared else []
    parts += ["仅限本人 · Only one's own entry."] if field.per_person else []
    return "\n".join(parts)
