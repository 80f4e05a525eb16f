"""The registers (基础库) of natural persons and organisations, as the catalogue names them: fields, sharing class, states.

Decides which registers there are and what each holds; beside licence types they are the sources that grants, requirements and forms may
name. It must never hold an entry: `hub.identities` keeps those. Numbers are those of GB 11643 and GB 32100. No licence type may
have a register's key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from hub.catalogue.code_types import CITIZEN_NUMBER, CREDIT_CODE
from hub.catalogue.face_fields import Field, Sensitivity
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import Term
from hub.catalogue.type_document import SharingClass


class Source(Protocol):
    """What a grant, a requirement or a field of a form may name: a licence type or a register."""

    @property
    def key(self) -> str:
        """Return what it is called."""
        ...

    @property
    def name(self) -> Term:
        """Return its names."""
        ...

    @property
    def sharing_class(self) -> SharingClass:
        """Return how it is shared."""
        ...

    @property
    def leaf_paths(self) -> tuple[str, ...]:
        """Return the finest paths that may be named."""
        ...

    @property
    def by_path(self) -> Mapping[str, Field]:
        """Return its fields by path."""
        ...

    def title(self, path: str, language: str) -> str:
        """Return what it calls a field."""
        ...


@dataclass(frozen=True, slots=True)
class Register:
    """A register: key, names, the holder code type of those who stand in it, the path of their code, fields in order.

    `names` are what choices of a field ("status") are called in Chinese, by path and choice.
    """

    key: str
    name: Term
    code_type: str
    code_path: str
    sharing_class: SharingClass
    fields: tuple[Field, ...] = field(repr=False)
    names: Mapping[str, Mapping[str, str]] = field(hash=False, repr=False)
    leaf_paths: tuple[str, ...] = field(init=False, repr=False)
    by_path: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every read asks."""
        object.__setattr__(self, "leaf_paths", tuple(each.path for each in self.fields))
        object.__setattr__(self, "by_path", MappingProxyType({each.path: each for each in self.fields}))

    def title(self, path: str, language: str) -> str:
        """Return what the register calls a field; `language` as in Term.text; unknown: KeyError."""
        return Term(self.by_path[path].title_zh, self.by_path[path].title_en).text(language)


NATURAL_PERSON: Final = "NaturalPerson"
ORGANISATION: Final = "Organisation"
NAME_PATH: Final = "name"
STATUS_PATH: Final = "status"

_PERSON_STATES: Final = {"NORMAL": "正常", "DECEASED": "死亡", "CANCELLED": "注销"}
_ORGANISATION_STATES: Final = {
    "ACTIVE": "存续", "REVOKED": "吊销", "CANCELLED": "注销", "WITHDRAWN": "撤销", "MOVED_OUT": "迁出",
}  # fmt: skip
_KINDS: Final = {
    "ENTERPRISE": "企业", "SELF_EMPLOYED": "个体工商户", "COOPERATIVE": "农民专业合作社", "PUBLIC_INSTITUTION": "事业单位",
    "SOCIAL_ORGANISATION": "社会组织", "GOVERNMENT_BODY": "机关", "OTHER": "其他",
}  # fmt: skip


def _field(
    path: str, zh: str, en: str, sensitivity: Sensitivity, *, required: bool = False, choices: Mapping[str, str] | None = None
) -> Field:  # fmt: skip
    return Field(path, zh, en, en, Kind.STRING, sensitivity, required=required, choices=tuple(choices or ()))


_ROWS: Final = (
    Register(
        NATURAL_PERSON, Term("自然人基础信息", "Natural person"), CITIZEN_NUMBER, "number", SharingClass.CONDITIONAL,
        (
            _field("number", "公民身份号码", "Citizen number", Sensitivity.SENSITIVE, required=True),
            _field("name", "姓名", "Name", Sensitivity.PERSONAL, required=True),
            _field("status", "状态", "Status", Sensitivity.PERSONAL, required=True, choices=_PERSON_STATES),
        ),
        MappingProxyType({"status": _PERSON_STATES}),
    ),
    Register(
        ORGANISATION, Term("法人和其他组织基础信息", "Organisation"), CREDIT_CODE, "creditCode", SharingClass.UNCONDITIONAL,
        (
            _field("creditCode", "统一社会信用代码", "Credit code", Sensitivity.PUBLIC, required=True),
            _field("name", "名称", "Name", Sensitivity.PUBLIC, required=True),
            _field("kind", "机构类型", "Kind", Sensitivity.PUBLIC, required=True, choices=_KINDS),
            _field("status", "登记状态", "Status", Sensitivity.PUBLIC, required=True, choices=_ORGANISATION_STATES),
            _field("legalRepresentative", "法定代表人", "Legal representative", Sensitivity.PERSONAL),
            _field("address", "住所", "Address", Sensitivity.INTERNAL),
            _field("scope", "经营（业务）范围", "Scope", Sensitivity.PUBLIC),
        ),
        MappingProxyType({"kind": _KINDS, "status": _ORGANISATION_STATES}),
    ),
)  # fmt: skip
REGISTERS: Final[Mapping[str, Register]] = MappingProxyType({row.key: row for row in _ROWS})
