"""A licence type: one entry of the catalogue (证照目录), read from its document and judged as a whole.

Decides what a type means: its names, who may hold it, how long it holds, which fields its face has. It must never invent a
code: a `typeCode` or definer's code that is not confirmed is null. GB/T 36902 (catalogue), GB/T 36903 (shared base
fields, which every type has and no face schema repeats).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import islice
from types import MappingProxyType
from typing import Any, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from hub.catalogue.code_types import HolderKind
from hub.catalogue.codes import check_credit_code, check_type_code
from hub.catalogue.face_fields import (
    BASE_LABELS,
    DISCLOSED_BASE_PATHS,
    Field,
    Label,
    Sensitivity,
    base_fields,
    grantable_paths,
    schema_fields,
)
from hub.catalogue.face_kinds import Kind
from hub.catalogue.face_rules import Rule, compiled
from hub.catalogue.face_schema import broken_rules
from hub.catalogue.faults import Fault, Term, pointer, told
from hub.catalogue.type_document import Category, QrHolder, SharingClass, ValidityKind, misshapen
from hub.errors import CodeError, LicenceTypeError

__all__ = [
    "HOLDER_SCOPE",
    "NUMBER_SCOPE",
    "Category",
    "Definer",
    "LicenceType",
    "QrHolder",
    "SharingClass",
    "Source",
    "Term",
    "Validity",
    "ValidityKind",
    "compatible",
    "field_faults",
    "field_pointer",
    "judge",
    "last_version_with",
    "load_shipped",
    "parse",
    "shipped_documents",
]

HOLDER_SCOPE, NUMBER_SCOPE = "holder", "number"
_REASONS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Definer:
    """The body that defines the type (证照定义机构); a null credit code is one that is not confirmed."""

    name: Term
    credit_code: str | None


@dataclass(frozen=True, slots=True)
class Validity:
    """How long licences of the type hold; `years` only beside YEARS."""

    kind: ValidityKind
    years: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the fields come from, in our own words, and how well that is established."""

    law: str
    note: str
    grade: str


@dataclass(frozen=True, slots=True)
class LicenceType:
    """One version of one licence type.

    `uniqueness` is the scope that may hold one live licence: "holder", "number" or field paths together; empty means no
    limit. `holder_consent` is whether departments read it with the consent of its holder only, `qr_holder` what printed codes say of him. `schema` is the face schema as published (do not change it), `obeyed_by` tells whether face data keeps all of it.
    `fields` are the disclosed base fields, then the face's own, in document order. `leaf_paths` are the finest paths a
    grant may name, `unshared` those that the type forbids to share, `per_person` maps a list to the member that holds the person's code inside each element.
    """

    key: str
    version: int
    order: int | None
    name: Term
    category: Category
    definer: Definer
    type_code: str | None
    holder_kinds: frozenset[HolderKind]
    several_holders: bool
    sharing_class: SharingClass
    holder_consent: bool
    qr_holder: QrHolder
    validity: Validity
    uniqueness: tuple[str, ...]
    labels: Mapping[str, Label] = field(hash=False)
    schema: Mapping[str, Any] = field(hash=False, repr=False)
    source: Source
    fields: tuple[Field, ...] = field(repr=False)
    leaf_paths: tuple[str, ...] = field(init=False, repr=False)
    by_path: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    per_person: Mapping[str, str] = field(init=False, repr=False, compare=False)
    atomic: frozenset[str] = field(init=False, repr=False)
    image_paths: frozenset[str] = field(init=False, repr=False)
    unshared: frozenset[str] = field(init=False, repr=False, compare=False)
    obeyed_by: Rule = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every read of a licence asks."""
        by_path = {each.path: each for each in self.fields}
        leaf_paths = grantable_paths(self.fields)
        never = self.sharing_class is SharingClass.NOT_SHARED
        per_person = {each.path: each.per_person for each in self.fields if each.per_person}
        derived = {
            "leaf_paths": leaf_paths,
            "by_path": MappingProxyType(by_path),
            "per_person": MappingProxyType(per_person),
            "atomic": frozenset(each.path for each in self.fields if each.atomic),
            "image_paths": frozenset(each.path for each in self.fields if each.kind is Kind.IMAGE),
            "unshared": frozenset(path for path in leaf_paths if never or by_path[path].not_shared),
            "obeyed_by": compiled(self.schema),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def title(self, path: str, language: str) -> str:
        """Return what the face calls a field, a base field included; `language` as in Term.text; unknown: KeyError."""
        if label := self.labels.get(path):
            return Term(label.zh, label.en).text(language)
        return Term(self.by_path[path].title_zh, self.by_path[path].title_en).text(language)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Build a type from a document already found sound; use `parse` for anything that comes from outside."""
        labels = _labels(document["labels"])
        schema = document["schema"]
        definer = document["definer"]
        return cls(
            key=document["key"],
            version=document["version"],
            order=document.get("order"),
            name=Term(**document["name"]),
            category=Category(document["category"]),
            definer=Definer(Term(**definer["name"]), definer["creditCode"]),
            type_code=document["typeCode"],
            holder_kinds=frozenset(HolderKind(kind) for kind in document["holderKinds"]),
            several_holders=document["severalHolders"],
            sharing_class=SharingClass(document["sharingClass"]),
            holder_consent=document.get("holderConsent", False),
            qr_holder=QrHolder(document.get("qrHolder", QrHolder.MASKED)),
            validity=Validity(ValidityKind(document["validity"]["kind"]), document["validity"].get("years")),
            uniqueness=tuple(document["uniqueness"]),
            labels=labels,
            schema=schema,
            source=Source(**document["source"]),
            fields=(*base_fields(labels), *schema_fields(schema)),
        )


def _labels(given: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Label]:
    """Return a label for every base field: the type's own where it has one, else the shared one."""
    return MappingProxyType({path: _label(shared, given.get(path, {})) for path, shared in BASE_LABELS.items()})


def _label(shared: Label, given: Mapping[str, Any]) -> Label:
    return replace(
        shared,
        zh=given.get("zh", shared.zh),
        en=given.get("en", shared.en),
        sensitivity=Sensitivity(given["sensitivity"]) if "sensitivity" in given else shared.sensitivity,
        pinyin=(*shared.pinyin, *given.get("pinyin", ())),
    )


def parse(document: Any) -> LicenceType:
    """Return the licence type that a document defines; raises LicenceTypeError, which says what to mend and where."""
    judged = judge(document)
    if isinstance(judged, LicenceType):
        return judged
    key = document.get("key", "licence type") if isinstance(document, Mapping) else "licence type"
    raise LicenceTypeError(f"{str(key)[:64]}: {told(judged)}")


def judge(document: Any) -> "LicenceType | tuple[Fault, ...]":
    """Return the licence type that a document defines, or what is wrong with it, each fault at its place."""
    if found := _some(misshapen(document)) or field_faults(document["schema"]):
        return found
    licence_type = LicenceType.of(document)
    return _some(_contradictions(licence_type, document["labels"])) or licence_type


def field_faults(schema: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return what is wrong with the face schema of a document, whatever the rest of it is."""
    return _not_a_schema(schema) or _some(broken_rules(schema))


def _some(faults: Iterator[Fault]) -> tuple[Fault, ...]:
    return tuple(islice(faults, _REASONS_TOLD))


def _not_a_schema(schema: Mapping[str, Any]) -> tuple[Fault, ...]:
    return _faults_of_schema(json.dumps(schema))


@lru_cache(maxsize=64)  # the check costs as much as the rest of a document, and a schema is judged again and again
def _faults_of_schema(text: str) -> tuple[Fault, ...]:
    try:
        Draft202012Validator.check_schema(json.loads(text))
    except SchemaError as error:
        place = pointer(*error.absolute_path, above="/schema")
        reason = f"is not JSON Schema 2020-12: {error.message[:300]}"
        return (Fault(place, place, Term(f"不是 JSON Schema 2020-12（{error.message[:300]}）", reason)),)
    return ()


def _at(place: str, zh: str, en: str) -> Fault:
    return Fault(place, place, Term(zh, en))


def _contradictions(licence_type: LicenceType, labels: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _wrong_codes(licence_type)
    if licence_type.holder_consent and licence_type.sharing_class is not SharingClass.CONDITIONAL:
        yield _at(
            "/holderConsent",
            "这是共享的条件；共享属性须为有条件共享",
            "a condition of sharing; the type must be CONDITIONAL",
        )
    for path in licence_type.uniqueness:
        if path not in {HOLDER_SCOPE, NUMBER_SCOPE} and not _identifies(licence_type, path):
            zh = f"{path} 须为 holder、number，或列表之外的必填单值字段"
            yield _at("/uniqueness", zh, f"{path} must be holder, number or a required value outside lists")
    for path, label in labels.items():
        if "sensitivity" in label and path not in DISCLOSED_BASE_PATHS - {"holders"}:
            yield _at(
                f"/labels/{path}", "不要写敏感级别：此项或为明文，或取决于其组成部分",
                "leave `sensitivity` out; this is either in the clear or follows from its parts",
            )  # fmt: skip


def _identifies(licence_type: LicenceType, path: str) -> bool:
    """Tell whether a field is always there, once, as a plain value: only then can it bound what is unique."""
    parts = path.split(".")
    way = [licence_type.by_path.get(".".join(parts[: end + 1])) for end in range(len(parts))]
    if not all(step and step.required and step.kind is not Kind.LIST for step in way):
        return False
    return path in licence_type.leaf_paths and path not in licence_type.image_paths | DISCLOSED_BASE_PATHS


def _wrong_codes(licence_type: LicenceType) -> Iterator[Fault]:
    definer, code = licence_type.definer.credit_code, licence_type.type_code
    given = (("/definer/creditCode", definer, check_credit_code), ("/typeCode", code, check_type_code))
    wrong = [fault for place, each, check in given if each is not None and (fault := _wrong_code(place, each, check))]
    yield from wrong
    if not wrong and code is not None and not code.startswith(definer or " "):
        yield _at(
            "/typeCode", "须以定义机构的统一社会信用代码开头；未经确认时留空",
            "must begin with the definer's credit code; null when it is not confirmed",
        )  # fmt: skip


def _wrong_code(place: str, code: str, check: Callable[[str], object]) -> Fault | None:
    try:
        check(code)
    except CodeError as error:
        return _at(place, "代码有误：请核对长度、字符和校验码", error.message)
    return None


def compatible(older: LicenceType, newer: LicenceType) -> tuple[Fault, ...]:
    """Return why `newer` may not be published after `older`; empty when it may. Fields may come and go, never change kind."""
    faults = []
    if newer.key != older.key:
        zh = f"关键字由 {older.key} 变为 {newer.key}；请作为另一个类型发布"
        faults.append(
            _at("/key", zh, f"the key changes from {older.key} to {newer.key}; publish it as a type of its own")
        )
    if newer.version <= older.version:
        faults.append(_at("/version", f"版本号须大于 {older.version}", f"the version must be above {older.version}"))
    if older.type_code is not None and newer.type_code != older.type_code:
        zh = "已设的证照类型代码不得更改：以它签发的每个电子证照标识都含有它"
        faults.append(
            _at("/typeCode", zh, "a type code that is set stays, for it is part of every identifier issued under it")
        )
    for path, before in older.by_path.items():
        now = newer.by_path.get(path)
        if now and (now.kind, now.item_kind) != (before.kind, before.item_kind):
            zh = f"种类由 {before.kind} 变为 {now.kind}；请给新字段另取名称"
            en = f"changes from {before.kind} to {now.kind}; give the new field a new name"
            faults.append(Fault(field_pointer(newer.schema, path), path, Term(zh, en)))
    return tuple(faults)


def field_pointer(schema: Mapping[str, Any], path: str) -> str:
    """Return the pointer, in a type's document, of the field at a path of its face; "/schema" as far as it has none."""
    found = "/schema"
    for name in path.split("."):
        if "items" in schema:
            schema, found = schema["items"], f"{found}/items"
        if name not in schema.get("properties", {}):
            return found
        schema, found = schema["properties"][name], pointer("properties", name, above=found)
    return found


def last_version_with(path: str, versions: Sequence[LicenceType]) -> int | None:
    """Return the last version that has a field, of all versions newest last; None while the newest has it."""
    if path in versions[-1].by_path:
        return None
    return max((one.version for one in versions if path in one.by_path), default=None)


@cache
def shipped_documents() -> tuple[Mapping[str, Any], ...]:
    """Return the documents of the types that come with the hub, in catalogue order; treat them as read-only."""
    folder = resources.files("hub.catalogue") / "types"
    documents = [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    return tuple(sorted(documents, key=lambda document: document["order"]))


@cache
def load_shipped() -> tuple[LicenceType, ...]:
    """Return the licence types that come with the hub, in catalogue order."""
    return tuple(parse(document) for document in shipped_documents())
