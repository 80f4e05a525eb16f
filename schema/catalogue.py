"""The public part: licence types with their fields, authorities and service items. Nothing here is personal data."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

import strawberry

from hub.catalogue.face_fields import Field
from hub.catalogue.licence_type import LicenceType, last_version_with
from hub.catalogue.service import Catalogue
from hub.errors import InputError, NotFoundError, TypeCodeMissingError
from schema.context import Context, Info
from schema.enums import Category, FieldKind, HolderKind, Sensitivity, SharingClass, ValidityKind
from schema.fields import resolved
from schema.items import ItemDocument
from schema.problems import BilingualText
from schema.relay import Node, public_id

AUTHORITY, ITEM, TYPE = "authority", "item", "type"


@strawberry.type(description="机构 · A government body, known by its credit code.")
class Authority(Node):
    """A government body."""

    code: str = strawberry.field(description="统一社会信用代码 · Its 18-character credit code (GB 32100).")
    name: BilingualText = strawberry.field(description="名称 · Its name.")
    division: str = strawberry.field(description="行政区划代码 · Its division code (GB/T 2260).")
    level: str = strawberry.field(description="层级 · Its administrative level.")

    @classmethod
    def of(cls, row: Any) -> Self:
        """Show an authority of the catalogue."""
        name = BilingualText(zh=row.name_zh, en=row.name_en)
        return cls(id=public_id(AUTHORITY, row.code), code=row.code, name=name, division=row.division, level=row.level)


@strawberry.type(description="政务服务事项 · What an applicant applies for; every read is bound to one.")
class ServiceItem(Node):
    """A service item."""

    code: str = strawberry.field(description="事项编码 · The item's code.")
    name: BilingualText = strawberry.field(description="事项名称 · Its name.")
    authority_code: strawberry.Private[str]

    @resolved("实施机构 · The authority that handles it.")
    def authority(self, info: Info) -> Authority:
        """Look the authority up."""
        return Authority.of(info.context.catalogue.authority(self.authority_code))

    @resolved("事项要素 · What it asks for, in the newest version; null while nothing is published for it.")
    def document(self, info: Info) -> ItemDocument | None:
        """Look its document up."""
        versions = info.context.catalogue.current.documents.get(self.code)
        return ItemDocument.of(versions[-1]) if versions else None

    @classmethod
    def of(cls, row: Any) -> Self:
        """Show a service item of the catalogue."""
        name = BilingualText(zh=row.name_zh, en=row.name_en)
        return cls(id=public_id(ITEM, row.code), code=row.code, name=name, authority_code=row.authority)


@strawberry.type(description="照面字段 · One field of a licence face.")
class FaceField:
    """One field of a licence face."""

    path: str = strawberry.field(description="字段路径 · Dotted path, as grants name it, such as members.religion.")
    title: BilingualText = strawberry.field(description="字段名称 · What the face calls it.")
    description: str = strawberry.field(description="说明 · What it means.")
    kind: FieldKind = strawberry.field(description="字段类型 · What it holds.")
    item_kind: FieldKind | None = strawberry.field(description="列表元素类型 · What each element of a LIST holds.")
    sensitivity: Sensitivity = strawberry.field(description="敏感程度 · How much harm a leak does.")
    required: bool = strawberry.field(description="必填 · Whether it must be there.")
    not_shared: bool = strawberry.field(description="不予共享 · Whether it is never shared.")
    per_person: bool = strawberry.field(description="分人字段 · Whether each entry belongs to one person.")
    choices: list[str] = strawberry.field(description="取值范围 · The only texts allowed; empty means any.")
    unit: str | None = strawberry.field(description="单位 · The unit of a number.")
    last_version: int | None = strawberry.field(
        description="末次版本 · The last version that has it; null while the newest has it."
    )

    @classmethod
    def of(cls, field: Field, versions: Sequence[LicenceType]) -> Self:
        """Show a field of a licence type, which has these versions."""
        return cls(
            path=field.path,
            title=BilingualText(zh=field.title_zh, en=field.title_en),
            description=field.description,
            kind=FieldKind(field.kind),
            item_kind=FieldKind(field.item_kind) if field.item_kind else None,
            sensitivity=Sensitivity(field.sensitivity),
            required=field.required,
            not_shared=field.not_shared,
            per_person=field.per_person is not None,
            choices=list(field.choices),
            unit=field.unit,
            last_version=last_version_with(field.path, versions),
        )


@strawberry.type(description="证照类型 · One version of one licence type of the catalogue.")
class LicenceTypeInfo(Node):
    """What the catalogue says of a licence type."""

    definition: strawberry.Private[LicenceType]
    key: str = strawberry.field(description="类型键 · The type's key; also the name of its GraphQL type.")
    version: int = strawberry.field(description="类型版本 · The version of the definition.")
    name: BilingualText = strawberry.field(description="证照名称 · Its name.")
    category: Category = strawberry.field(description="证照类别 · What kind of certificate it is.")
    definer: BilingualText = strawberry.field(description="证照定义机构 · The body that defines it.")
    holder_kinds: list[HolderKind] = strawberry.field(description="持证主体类别 · Who may hold it.")
    several_holders: bool = strawberry.field(description="多主体 · Whether one licence may have several holders.")
    sharing_class: SharingClass = strawberry.field(description="共享属性 · How freely it is shared.")
    holder_consent: bool = strawberry.field(
        description="须经持证主体授权 · Whether departments read it with its holder's consent only, or by official duty."
    )
    validity: ValidityKind = strawberry.field(description="有效期方式 · How long it holds.")
    validity_years: int | None = strawberry.field(description="有效年限 · The most years it holds, with YEARS.")

    @resolved("已停用 · Whether no more licences of the type are issued; those that exist stay readable.")
    def retired(self, info: Info) -> bool:
        """Look up whether it is retired."""
        return self.key in info.context.catalogue.current.retired

    @resolved("照面字段 · Its disclosed fields, in the order of the face.")
    def fields(self, info: Info) -> list[FaceField]:
        """List the fields."""
        versions = info.context.catalogue.current.types[self.key]
        return [FaceField.of(field, versions) for field in self.definition.fields]

    @resolved("证照类型代码 · The 21-character code (GB/T 36904) here; null until it is set.")
    def type_code(self, info: Info) -> str | None:
        """Look the code up."""
        return _type_code(info.context, self.key)

    @classmethod
    def of(cls, one: LicenceType) -> Self:
        """Show a licence type."""
        return cls(
            id=public_id(TYPE, one.key, one.version),
            definition=one,
            key=one.key,
            version=one.version,
            name=BilingualText.of(one.name),
            category=Category(one.category),
            definer=BilingualText.of(one.definer.name),
            holder_kinds=[kind for kind in HolderKind if kind.value in one.holder_kinds],
            several_holders=one.several_holders,
            sharing_class=SharingClass(one.sharing_class),
            holder_consent=one.holder_consent,
            validity=ValidityKind(one.validity.kind),
            validity_years=one.validity.years,
        )


def _type_code(context: Context, key: str) -> str | None:
    try:
        code: str = context.catalogue.type_code(key)
    except TypeCodeMissingError:
        return None
    return code


# What a public id finds; Node's own ids (hub.sharing.node) have no colon.
_FOUND: Mapping[str, Callable[..., Node]] = MappingProxyType(
    {
        AUTHORITY: lambda catalogue, code: Authority.of(catalogue.authority(code)),
        ITEM: lambda catalogue, code: ServiceItem.of(catalogue.item(code)),
        TYPE: lambda catalogue, key, version: LicenceTypeInfo.of(catalogue.type_at(key, int(version))),
    }
)


def public_node(catalogue: Catalogue, node_id: str) -> Node | None:
    """Return the public thing of an id; None when the id is no public one.

    Raises:
        NotFoundError: there is no such thing.
    """
    kind, *names = node_id.split(":")
    if not names:
        return None
    try:
        found = _FOUND[kind](catalogue, *names)
    except (KeyError, TypeError, ValueError, InputError):  # no such kind, not so many names, no number, none such
        raise NotFoundError from None
    if found.id != node_id:  # a version spelt otherwise
        raise NotFoundError
    return found
