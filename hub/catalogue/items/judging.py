"""Whether an item document may be published: judged as a whole, every fault with its place.

Decides by one list of rules, each a generator of findings. It must never let an item ask for what the law does not let it ask for, and never publish a
predicate by which one could search for a person. 优化营商环境条例 article 44 (proofs), 国办发〔2020〕42号 (commitments).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from hub.catalogue.codes import holds_citizen_number
from hub.catalogue.faults import Fault, Term, told
from hub.catalogue.items.item_document import (
    LEAST_BEFORE_LIMIT,
    LONGEST_DEFERRAL,
    ItemDocument,
    Material,
)
from hub.catalogue.items.natures import NATURES, SECTORS, Nature
from hub.catalogue.items.outline import misshapen
from hub.catalogue.items.refusals import (
    CommitmentExcludedError,
    DeferralExcludedError,
    ItemDocumentError,
    ItemPathClosedError,
    ItemPathUnknownError,
    ItemWithoutMaterialsError,
    ProofNotRetainedError,
)
from hub.catalogue.items.retained_proofs import retained_proofs
from hub.catalogue.items.sources import Sources, is_in_list, is_shared, kind_of, may_be_judged, may_be_shown
from hub.catalogue.requirements import OPERATORS, Requirement

MOST_OF_A_PATH: Final = 4
_REASONS_TOLD: Final = 20
_EXCLUDED: Final[Mapping[str, type[ItemDocumentError]]] = {
    "COMMITMENT": CommitmentExcludedError,
    "DEFERRAL": DeferralExcludedError,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: its class, a JSON pointer, and what is wrong in both languages; never a value of the document but names and paths."""

    error: type[ItemDocumentError]
    pointer: str
    reason: Term

    @property
    def fault(self) -> Fault:
        """Return it as faults of documents are told."""
        return Fault(self.pointer, self.pointer, self.reason)


Rule = Callable[[ItemDocument, Mapping[str, Any], Sources], Iterator[Finding]]


def parse(document: Any, sources: Sources) -> ItemDocument:
    """Return the item that a document describes.

    Raises:
        ItemDocumentError, or the subclass that fits the first fault: the message says all of them, and where.
    """
    judged = judge(document, sources)
    if isinstance(judged, ItemDocument):
        return judged
    key = str(document.get("key", "item document"))[:64] if isinstance(document, dict) else "item document"
    by_code: dict[str, list[Fault]] = {}
    for each in judged:
        by_code.setdefault(each.error.code, []).append(each.fault)
    raise judged[0].error(f"{key}: {'; '.join(f'{code} {told(faults)}' for code, faults in by_code.items())}")


def judge(document: Any, sources: Sources) -> ItemDocument | tuple[Finding, ...]:
    """Return the item that a document describes, or what is wrong with it, each fault at its place."""
    outline = (Finding(ItemDocumentError, each.pointer, each.reason) for each in misshapen(document))
    if found := tuple(islice(outline, _REASONS_TOLD)):
        return found
    item = ItemDocument.of(document)
    findings = (finding for rule in _RULES for finding in rule(item, document, sources))
    return tuple(islice(findings, _REASONS_TOLD)) or item


def _unknown(source: str) -> Term:
    return Term(f"{source} 不是本平台的证照类型或基础库", f"{source} is no licence type or register of this hub")


_SOMEBODY: Final = Term("含有个人的身份号码", "holds somebody's number")


def _nobody(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    """A document is public: it names nobody."""
    del item, sources
    if holds_citizen_number(json.dumps(document, ensure_ascii=False), alone=True):
        yield Finding(ItemDocumentError, "/", _SOMEBODY)


def _materials(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del document, sources
    if not item.materials:
        yield Finding(
            ItemWithoutMaterialsError, "/materials", Term("请列出事项所需材料", "name what the item asks for")
        )
    for name, several in (
        ("materials", [one.key for one in item.materials]),
        ("form", [one.name for one in item.form]),
    ):
        for key, count in Counter(several).items():
            if count > 1:
                yield Finding(
                    ItemDocumentError, f"/{name}", Term(f"{key} 出现了 {count} 次", f"{key} stands there {count} times")
                )


def _requirements(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del document
    for name, one in item.requirements.items():
        yield from _requirement(f"/requirements/{name}", one, sources)
    for (source, path), count in Counter((one.source, one.path) for one in item.requirements.values()).items():
        if count > MOST_OF_A_PATH:
            zh = f"对 {source}.{path} 的核验条件有 {count} 个，会试出其值；至多 {MOST_OF_A_PATH} 个"
            en = f"{count} predicates on {source}.{path} would find its value out; {MOST_OF_A_PATH} at most"
            yield Finding(ItemPathClosedError, "/requirements", Term(zh, en))


def _requirement(pointer: str, one: Requirement, sources: Sources) -> Iterator[Finding]:
    operator, fault = OPERATORS[one.operator], _path_fault(pointer, one.source, one.path, sources)
    if fault:
        yield fault
        return
    source = sources[one.source]
    if not may_be_judged(source, one.path):
        en = f"{one.path} is not shared, no value to compare, or tells who somebody is"
        yield Finding(ItemPathClosedError, f"{pointer}/path", Term(f"{one.path} 不共享、不可比较，或会暴露身份", en))
    elif kind_of(source, one.path) not in operator.kinds or (operator.in_lists and not is_in_list(source, one.path)):
        yield Finding(
            ItemDocumentError,
            f"{pointer}/operator",
            Term(f"{one.operator} 不能比较 {one.path}", f"{one.operator} cannot compare {one.path}"),
        )
    elif not operator.accepts(one.value):
        yield Finding(
            ItemDocumentError,
            f"{pointer}/value",
            Term(f"不是 {one.operator} 可用的值", f"is none that {one.operator} takes"),
        )
    elif (
        operator.picks
        and (choices := source.by_path[one.path].choices)
        and not set(operator.picks(one.value)) <= set(choices)
    ):
        yield Finding(
            ItemDocumentError,
            f"{pointer}/value",
            Term(f"不在 {one.path} 的选项之内", f"is none of the choices of {one.path}"),
        )
    if holds_citizen_number(str(one.value)):
        yield Finding(ItemPathClosedError, f"{pointer}/value", _SOMEBODY)


def _path_fault(pointer: str, source: str, path: str, sources: Sources) -> Finding | None:
    if source not in sources:
        return Finding(ItemPathUnknownError, f"{pointer}/source", _unknown(source))
    if path not in sources[source].leaf_paths:
        return Finding(
            ItemPathUnknownError,
            f"{pointer}/path",
            Term(f"{source} 没有末级字段 {path}", f"{source} has no leaf path {path}"),
        )
    return None


def _alternatives(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del document
    for place, material in enumerate(item.materials):
        for order, one in enumerate(material.satisfied_by):
            pointer = f"/materials/{place}/satisfiedBy/{order}"
            if one.source not in sources:
                yield Finding(ItemPathUnknownError, f"{pointer}/source", _unknown(one.source))
            elif not is_shared(sources[one.source]):
                yield Finding(
                    ItemPathClosedError,
                    f"{pointer}/source",
                    Term(f"{one.source} 不予共享", f"{one.source} is not shared"),
                )
            for name in one.requirements:
                known = item.requirements.get(name)
                if known is None:
                    yield Finding(
                        ItemPathUnknownError,
                        f"{pointer}/requirements",
                        Term(f"事项没有名为 {name} 的核验条件", f"the item has no requirement {name}"),
                    )
                elif known.source != one.source:
                    yield Finding(
                        ItemDocumentError,
                        f"{pointer}/requirements",
                        Term(f"{name} 是对 {known.source} 的核验条件", f"{name} is a requirement on {known.source}"),
                    )


def _proofs(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del document, sources
    for place, material in enumerate(item.materials):
        number, pointer = material.retained_proof, f"/materials/{place}"
        if number is not None and number not in retained_proofs():
            yield Finding(
                ProofNotRetainedError,
                f"{pointer}/retainedProof",
                Term(f"清单中没有 {number}", f"the list has no {number}"),
            )
        elif number is None and material.nature is Nature.PROOF and material.department_check is None:
            yield Finding(
                ProofNotRetainedError,
                f"{pointer}/retainedProof",
                Term(
                    f"{material.key} 是证明，却未写明保留清单中的编号",
                    f"{material.key} is a proof, and names no number of the list",
                ),
            )


def _promises(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del sources
    for place, material in enumerate(item.materials):
        pointer = f"/materials/{place}"
        kept, named = NATURES[material.nature], document["materials"][place].get("excluded", ())
        reasons = [("COMMITMENT", kept.commitment), ("DEFERRAL", kept.deferral), ("COMMITMENT", SECTORS[item.sector])]
        reasons += [(each["act"], each["basis"]["law"]) for each in named]
        for act, reason in reasons:
            if reason and _offers(material, act):
                yield Finding(_EXCLUDED[act], f"{pointer}/{act.lower()}", Term(f"依规定不得适用（{reason}）", reason))
        most = min(LONGEST_DEFERRAL, item.limit - LEAST_BEFORE_LIMIT)
        if material.deferral and material.deferral.days > most:
            zh = f"容缺须在办理时限前 {LEAST_BEFORE_LIMIT} 个工作日结束，且不超过 {LONGEST_DEFERRAL} 个工作日"
            en = f"a deferral ends {LEAST_BEFORE_LIMIT} working days before the limit and within {LONGEST_DEFERRAL}"
            yield Finding(DeferralExcludedError, f"{pointer}/deferral/days", Term(zh, en))


def _offers(material: Material, act: str) -> bool:
    return {"COMMITMENT": material.commitment, "DEFERRAL": material.deferral}[act] is not None


def _results(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    """A result of the same case comes from other materials, and never in the end from itself."""
    del document, sources
    before = {material.key: material.result_of for material in item.materials}
    for place, material in enumerate(item.materials):
        for name in material.result_of:
            if name not in before:
                yield Finding(
                    ItemPathUnknownError,
                    f"/materials/{place}/resultOf",
                    Term(f"事项没有材料 {name}", f"the item has no material {name}"),
                )
        if _leads_to(material.key, material.result_of, before):
            yield Finding(
                ItemDocumentError,
                f"/materials/{place}/resultOf",
                Term(f"{material.key} 最终会由其自身产生", f"{material.key} would come about by itself"),
            )


def _leads_to(key: str, some: tuple[str, ...], before: Mapping[str, tuple[str, ...]]) -> bool:
    waiting, seen = list(some), set[str]()
    while waiting:
        name = waiting.pop()
        if name == key:
            return True
        if name not in seen:
            seen.add(name)
            waiting += before.get(name, ())
    return False


def _form(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del document
    for place, one in enumerate(item.form):
        for order, source in enumerate(one.sources):
            pointer = f"/form/{place}/from/{order}"
            if fault := _path_fault(pointer, source.source, source.path, sources):
                yield fault
            elif not may_be_shown(sources[source.source], source.path):
                yield Finding(
                    ItemPathClosedError,
                    f"{pointer}/path",
                    Term(f"{source.path} 不共享，或是一个组", f"{source.path} is not shared, or an object"),
                )


def _concerns(item: ItemDocument, document: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    del document
    for place, one in enumerate(item.concerns):
        if one.source not in sources:
            yield Finding(ItemPathUnknownError, f"/concerns/{place}/source", _unknown(one.source))
        known = item.requirements.get(one.requirement) if one.requirement else None
        if one.requirement and (known is None or known.source != one.source):
            yield Finding(
                ItemPathUnknownError,
                f"/concerns/{place}/requirement",
                Term(
                    f"{one.requirement} 不是对 {one.source} 的核验条件",
                    f"{one.requirement} is no requirement on {one.source}",
                ),
            )


_RULES: Final[tuple[Rule, ...]] = (
    _materials,
    _requirements,
    _alternatives,
    _proofs,
    _promises,
    _results,
    _form,
    _concerns,
    _nobody,
)
