"""An item document: what one service item asks for, what satisfies it without paper, and on which legal basis.

Decides what a document means once it is found sound (`hub.catalogue.items.judging`). It must never hold what is not in its document: nothing is
filled in by a rule that a reader could not see there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, Self

import orjson

from hub.catalogue.code_types import HolderKind
from hub.catalogue.items.natures import Nature, Sector
from hub.catalogue.licence_type import Term
from hub.catalogue.requirements import Requirement

LEAST_BEFORE_LIMIT: Final = 2
LONGEST_DEFERRAL: Final = 20


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal basis; `grade` is how well it is established: strong (text read), good (published guide), weak (not confirmed), local."""

    law: str
    article: str | None
    grade: str

    @property
    def text(self) -> str:
        """Return it as it is cited."""
        return f"{self.law}{self.article or ''}"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a material: a licence or register entry of everybody in a role (`applicant`, or a party's), that meets all requirements named.

    `issued_by` are the credit codes of the only authorities that count; empty: any.
    """

    source: str
    of: str
    requirements: tuple[str, ...]
    issued_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment (告知承诺): the text that is committed to, and within how many working days it is checked."""

    text: Term
    check_within: int
    basis: Basis

    @property
    def digest(self) -> str:
        """Return SHA-256 of the text in both languages, hexadecimal: what was committed to, version by version."""
        return sha256(orjson.dumps([self.text.zh, self.text.en])).hexdigest()


@dataclass(frozen=True, slots=True)
class Deferral:
    """A deferral (容缺受理): the material may follow within so many working days."""

    days: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Check:
    """Where the department looks the fact up itself, outside this hub, instead of asking for paper."""

    at: Term
    basis: Basis


@dataclass(frozen=True, slots=True)
class Material:
    """One material. Without `condition` it is always asked for; `result_of` names the materials whose settling, in the same case, brings it about."""

    key: str
    name: Term
    nature: Nature
    condition: Term | None
    satisfied_by: tuple[Alternative, ...]
    department_check: Check | None
    result_of: tuple[str, ...]
    commitment: Commitment | None
    deferral: Deferral | None
    retained_proof: str | None
    basis: tuple[Basis, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class FormSource:
    """Where a form field's value may come from: a leaf path of a source, of everybody in a role."""

    source: str
    path: str
    of: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the item's form; `sources` in order of preference."""

    name: str
    label: Term
    sources: tuple[FormSource, ...]


@dataclass(frozen=True, slots=True)
class Concern:
    """Changes of a source that this item's department needs to know, all or those that meet a requirement."""

    source: str
    requirement: str | None


@dataclass(frozen=True, slots=True)
class ItemException:
    """What the item is not for, in words, and by which rule."""

    words: Term
    basis: Basis


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """One version of one item document. `statutory` and `promised` are limits in working days, 0 on the spot."""

    key: str
    version: int
    order: int | None
    name: Term
    example_codes: Mapping[str, str] = field(hash=False)
    handled_by: Term
    applicants: frozenset[HolderKind]
    sector: Sector
    statutory: int
    promised: int | None
    limit_note: str | None
    basis: tuple[Basis, ...]
    result: str | None
    not_for: tuple[ItemException, ...]
    requirements: Mapping[str, Requirement] = field(hash=False)
    materials: tuple[Material, ...]
    form: tuple[FormField, ...]
    concerns: tuple[Concern, ...]
    note: str

    @property
    def limit(self) -> int:
        """Return the limit that the department works to, in working days."""
        return self.statutory if self.promised is None else self.promised

    def material(self, key: str) -> Material | None:
        """Return a material by its key."""
        return next((each for each in self.materials if each.key == key), None)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Build from a document already found sound; use `hub.catalogue.items.judging.parse` for anything that comes from outside."""
        limits = document["limits"]
        return cls(
            key=document["key"],
            version=document["version"],
            order=document.get("order"),
            name=Term(**document["name"]),
            example_codes=MappingProxyType(dict(document.get("exampleCodes", {}))),
            handled_by=Term(**document["handledBy"]),
            applicants=frozenset(HolderKind(each) for each in document["applicants"]),
            sector=Sector(document["sector"]),
            statutory=limits["statutory"],
            promised=limits.get("promised"),
            limit_note=limits.get("note"),
            basis=_bases(document),
            result=document.get("result"),
            not_for=tuple(ItemException(Term(**each["words"]), _basis(each["basis"])) for each in document["notFor"]),
            requirements=_requirements(document["requirements"]),
            materials=tuple(_material(each) for each in document["materials"]),
            form=tuple(_form_field(each) for each in document["form"]),
            concerns=tuple(Concern(each["source"], each.get("requirement")) for each in document["concerns"]),
            note=document["note"],
        )


def _basis(given: Mapping[str, Any]) -> Basis:
    return Basis(given["law"], given.get("article"), given["grade"])


def _bases(document: Mapping[str, Any]) -> tuple[Basis, ...]:
    return tuple(_basis(each) for each in document["basis"])


def _requirements(given: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Requirement]:
    return MappingProxyType(
        {name: Requirement(**{**each, "name": name, "words": Term(**each["words"])}) for name, each in given.items()}
    )


def _material(given: Mapping[str, Any]) -> Material:
    commitment, deferral, check = given.get("commitment"), given.get("deferral"), given.get("departmentCheck")
    return Material(
        key=given["key"],
        name=Term(**given["name"]),
        nature=Nature(given["nature"]),
        condition=Term(**given["condition"]) if "condition" in given else None,
        satisfied_by=tuple(_alternative(each) for each in given["satisfiedBy"]),
        department_check=Check(Term(**check["at"]), _basis(check["basis"])) if check else None,
        result_of=tuple(given.get("resultOf", ())),
        commitment=_commitment(commitment) if commitment else None,
        deferral=Deferral(deferral["days"], _basis(deferral["basis"])) if deferral else None,
        retained_proof=given.get("retainedProof"),
        basis=_bases(given),
        note=given.get("note"),
    )


def _alternative(given: Mapping[str, Any]) -> Alternative:
    issuers = frozenset(given.get("issuedBy", ()))
    return Alternative(given["source"], given["of"], tuple(given["requirements"]), issuers)


def _commitment(given: Mapping[str, Any]) -> Commitment:
    return Commitment(Term(**given["text"]), given["checkWithin"], _basis(given["basis"]))


def _form_field(given: Mapping[str, Any]) -> FormField:
    sources = tuple(FormSource(each["source"], each["path"], each["of"]) for each in given["from"])
    return FormField(given["name"], Term(**given["label"]), sources)


@cache
def shipped_item_documents() -> tuple[Mapping[str, Any], ...]:
    """Return the item documents that come with the hub, in catalogue order; treat them as read-only."""
    folder = resources.files("hub.catalogue.items") / "documents"
    documents = [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    return tuple(sorted(documents, key=lambda document: document["order"]))
