"""The exemption list (材料免提交清单): which materials of which items need not be handed in, in which way, and on which basis. Public.

Decides which rows there are: one for each way that stands in place of a paper; a material that only paper satisfies is not on the list. Its table is
safe to open in a spreadsheet: no cell begins as a formula would. Columns: no public form was found, these are ours (docs/formats.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from hub.catalogue.generation import Generation, PublishedItem
from hub.catalogue.items.item_document import Alternative, ItemDocument, Material
from hub.catalogue.items.sources import sources_of
from hub.catalogue.items.words import role
from hub.catalogue.licence_type import SharingClass, Term
from hub.clock import Calendar
from hub.tabular import written


class Way(StrEnum):
    """In which way a material is not handed in."""

    LICENCE = "LICENCE"
    DEPARTMENT_CHECK = "DEPARTMENT_CHECK"
    RESULT_OF_CASE = "RESULT_OF_CASE"
    COMMITMENT = "COMMITMENT"
    DEFERRAL = "DEFERRAL"


WAYS: Final[Mapping[Way, Term]] = {
    Way.LICENCE: Term("电子证照", "Electronic licence"),
    Way.DEPARTMENT_CHECK: Term("部门核验", "Check by the department"),
    Way.RESULT_OF_CASE: Term("前序环节结果", "Result of the same case"),
    Way.COMMITMENT: Term("告知承诺", "Commitment"),
    Way.DEFERRAL: Term("容缺后补", "Deferral"),
}
_PAPER: Final = Term("提交纸质或电子材料", "Hand it in on paper or as a file")
_ALWAYS: Final = Term("全部情形", "Always")
_SHARING: Final[Mapping[SharingClass, str]] = {
    SharingClass.UNCONDITIONAL: "无条件共享",
    SharingClass.CONDITIONAL: "有条件共享",
    SharingClass.NOT_SHARED: "不予共享",
}


@dataclass(frozen=True, slots=True)
class Exemption:
    """One row. `source` is the licence type's key and `source_name` its name, `whose` the role, `checks` the requirements in words; else None or empty."""

    number: int
    item: str
    item_name: Term
    material: str
    material_name: Term
    situation: Term
    required: bool
    way: Way
    source: str | None
    source_name: Term | None
    whose: Term | None
    checks: tuple[Term, ...]
    provider: Term
    sharing: SharingClass | None
    basis: str
    fallback: Term
    published_at: datetime
    version: int


def exemptions(generation: Generation) -> tuple[Exemption, ...]:
    """Return the rows, by item, in the order of the documents."""
    newest = (versions[-1] for versions in generation.documents.values())
    rows = (row for published in newest for row in _of_item(generation, published))
    return tuple(row(number) for number, row in enumerate(rows, start=1))


Numbered = Callable[[int], Exemption]


def _of_item(generation: Generation, published: PublishedItem) -> Iterator[Numbered]:
    for material in published.document.materials:
        for one in material.satisfied_by:
            yield _licence_row(generation, published, material, one)
        yield from _other_rows(published, material)


def _licence_row(generation: Generation, published: PublishedItem, material: Material, one: Alternative) -> Numbered:
    source = sources_of(generation)[one.source]
    provider = generation.types[one.source][-1].definer.name if one.source in generation.types else source.name
    checks = tuple(published.document.requirements[name].words for name in one.requirements)
    return _row(
        published, material, Way.LICENCE, provider, material.basis[0].text,
        source=one.source, source_name=source.name, whose=role(one.of), checks=checks,
        sharing=source.sharing_class,
    )  # fmt: skip


def _other_rows(published: PublishedItem, material: Material) -> Iterator[Numbered]:
    handled_by, check = published.document.handled_by, material.department_check
    if check:
        yield _row(published, material, Way.DEPARTMENT_CHECK, check.at, check.basis.text)
    if material.result_of:
        yield _row(published, material, Way.RESULT_OF_CASE, handled_by, material.basis[0].text)
    if material.commitment:
        yield _row(published, material, Way.COMMITMENT, handled_by, material.commitment.basis.text)
    if material.deferral:
        yield _row(published, material, Way.DEFERRAL, handled_by, material.deferral.basis.text)


def _row(
    published: PublishedItem, material: Material, way: Way, provider: Term, basis: str, *, source: str | None = None,
    source_name: Term | None = None, whose: Term | None = None, checks: tuple[Term, ...] = (), sharing: SharingClass | None = None,
) -> Numbered:  # fmt: skip
    document: ItemDocument = published.document
    return lambda number: Exemption(
        number=number, item=published.item, item_name=document.name, material=material.key, material_name=material.name,
        situation=material.condition or _ALWAYS, required=material.condition is None, way=way, source=source,
        source_name=source_name, whose=whose, checks=checks, provider=provider, sharing=sharing, basis=basis,
        fallback=_PAPER, published_at=published.published_at, version=published.version,
    )  # fmt: skip


# -- the table -------------------------------------------------------------------------------------------------------

Cell = Callable[[Exemption, Calendar], str]
COLUMNS: Final[Mapping[str, Cell]] = {
    "序号": lambda row, _: str(row.number),
    "事项名称": lambda row, _: row.item_name.zh,
    "实施编码": lambda row, _: row.item,
    "情形": lambda row, _: row.situation.zh,
    "材料名称": lambda row, _: row.material_name.zh,
    "必要性": lambda row, _: "必要" if row.required else "非必要",
    "免提交方式": lambda row, _: WAYS[row.way].zh,
    "证照类型": lambda row, _: row.source_name.zh if row.source_name else "",
    "持有人": lambda row, _: row.whose.zh if row.whose else "",
    "核验条件": lambda row, _: "；".join(each.zh for each in row.checks),
    "出具（数源）部门": lambda row, _: row.provider.zh,
    "共享属性": lambda row, _: _SHARING[row.sharing] if row.sharing else "",
    "依据": lambda row, _: row.basis,
    "兜底方式": lambda row, _: row.fallback.zh,
    "生效日": lambda row, calendar: calendar.day(row.published_at).isoformat(),
    "版本": lambda row, _: str(row.version),
}


def table(rows: Sequence[Exemption], calendar: Calendar) -> bytes:
    """Return the rows as CSV, with a header; effective days are those of the hub's time zone."""
    return written.table(COLUMNS, ([cell(row, calendar) for cell in COLUMNS.values()] for row in rows))
