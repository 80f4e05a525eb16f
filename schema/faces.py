"""GraphQL types made from licence types: one object type a licence type, uniting the fields of all its versions.

Decides how kinds of face fields are named in GraphQL. Every face field is nullable, because what is not granted is null. It
must never let a licence type replace a type or a field of the fixed schema: such a catalogue entry is refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    GraphQLScalarType,
    GraphQLString,
)

from hub.catalogue.face_fields import DISCLOSED_BASE_PATHS, Field, Sensitivity
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType, last_version_with
from hub.errors import LicenceTypeError
from schema.face_paths import PATHS, FacePaths
from schema.resolving import Reading
from schema.weights import MOST

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


def names_of(versions: Sequence[LicenceType]) -> tuple[str, ...]:
    """Return the names of the GraphQL types that a licence type makes: its key, and one for each object inside."""
    key, fields = versions[-1].key, _united(versions)
    inner = (path for path, field in fields.items() if Kind.OBJECT in {field.kind, field.item_kind})
    return (key, *(_name(key, path) for path in inner))


def check(versions: Sequence[LicenceType], taken: frozenset[str], shared: frozenset[str]) -> None:
    """Return when a licence type fits beside the names of types that are taken and of fields that every licence has.

    Raises:
        LicenceTypeError: it does not; the message begins with the type's key.
    """
    key, names = versions[-1].key, names_of(versions)
    if clashes := sorted({name for name in names if name in taken or names.count(name) > 1}):
        raise LicenceTypeError(f"{key}: GraphQL has a type {', '.join(clashes)} already; choose another name.")
    if clashes := sorted(shared & _united(versions).keys()):
        raise LicenceTypeError(f"{key}: {', '.join(clashes)} is a field that every licence has; rename it.")


class Faces:
    """Makes the object types of one generation."""

    def __init__(
        self, interfaces: Sequence[GraphQLInterfaceType], scalars: Mapping[str, Any], taken: Iterable[str]
    ) -> None:
        """`interfaces` begins with Licence; `scalars` are the schema's types by name; `taken` are names not to be used."""
        self._interfaces = tuple(interfaces)
        kinds = {kind: scalars[name] for kind, name in _OF_THE_SCHEMA.items()}
        self._scalars: Mapping[Kind, GraphQLScalarType] = {**_STANDARD, **kinds}
        self._taken = frozenset(taken)

    def licence(self, versions: Sequence[LicenceType], *, retired: bool) -> GraphQLObjectType:
        """Return the object type of a licence type, given all its versions, newest last; raises as `check` does."""
        newest, interface = versions[-1], self._interfaces[0]
        check(versions, self._taken, frozenset(interface.fields))
        self._taken |= frozenset(names_of(versions))
        shared = {name: _titled(field, newest, name) for name, field in interface.fields.items()}
        own = _Face(versions, self._scalars, retired=retired).fields("", value)
        return GraphQLObjectType(
            newest.key,
            fields=shared | own,
            interfaces=self._interfaces,
            description=_type_description(newest, retired=retired),
            extensions={PATHS: FacePaths.of(versions)},
        )


class _Face:
    """Makes the fields of one licence type and the types of the objects inside."""

    def __init__(
        self, versions: Sequence[LicenceType], scalars: Mapping[Kind, GraphQLScalarType], *, retired: bool
    ) -> None:
        self._versions = versions
        self._scalars = scalars
        self._retired = retired
        self._united = _united(versions)

    def fields(self, above: str, read: Callable[[str], Reading]) -> dict[str, GraphQLField]:
        """Return the fields right below a path that ends with a dot, or of the face itself; `read` reads one by its name."""
        below = {path.removeprefix(above): field for path, field in self._united.items() if path.startswith(above)}
        return {name: self._field(field, read(name)) for name, field in below.items() if "." not in name}

    def _field(self, field: Field, resolve: Any) -> GraphQLField:
        kind = field.item_kind if field.kind is Kind.LIST else field.kind
        named = self._object(field) if kind is Kind.OBJECT else self._scalars[kind or Kind.STRING]
        made = GraphQLList(GraphQLNonNull(named)) if field.kind is Kind.LIST else named
        return GraphQLField(
            made, resolve=resolve, description=_told(field), deprecation_reason=self._ended(field.path),
            extensions={MOST: field.most} if field.most else {},
        )  # fmt: skip

    def _object(self, field: Field) -> GraphQLObjectType:
        name = _name(self._versions[-1].key, field.path)
        return GraphQLObjectType(name, fields=self.fields(f"{field.path}.", member), description=_told(field))

    def _ended(self, path: str) -> str | None:
        """Return why a field is deprecated; None while licences with it may be issued."""
        if self._retired:
            return "证照类型已停用 · The licence type is retired: no more licences are issued."
        last = last_version_with(path, self._versions)
        return None if last is None else f"版本 {last} 之后不再有此字段 · Version {last} is the last that has it."


def _name(key: str, path: str) -> str:
    return key + "".join(f"{step[0].upper()}{step[1:]}" for step in path.split("."))


def value(name: str) -> Reading:
    """Read what was disclosed under a name; what was not is not there."""
    return Reading(lambda answer: answer.disclosed.values.get(name), name, _values)


def _values(names: Sequence[str]) -> Callable[[Any], Iterable[Any]]:
    return lambda answer: map(answer.disclosed.values.get, names)


def member(name: str) -> Reading:
    """Read what stands under a name in an object inside; what was not disclosed is not there."""
    return Reading(lambda row: row.get(name), name, _members)


def _members(names: Sequence[str]) -> Callable[[Any], Iterable[Any]]:
    return lambda row: map(row.get, names)


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


def _type_description(newest: LicenceType, *, retired: bool) -> str:
    lines = ["已停用 · Retired: no more licences are issued; those that exist stay readable."] if retired else []
    lines += [
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
