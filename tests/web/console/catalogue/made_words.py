"""Ids of words of the catalogue's pages that are put together; see tests/web/made_words.py."""

from collections.abc import Iterator, Mapping

from hub.catalogue.code_types import HolderKind
from hub.catalogue.face_fields import BASE_LABELS, Sensitivity
from hub.catalogue.items.natures import Nature, Sector
from hub.catalogue.service import Act, Level
from hub.catalogue.type_document import GRADES, Category, QrHolder, SharingClass, ValidityKind
from hub.web.console.catalogue import item_draft, type_draft
from hub.web.console.catalogue.bindings import BINDINGS
from hub.web.console.catalogue.shapes import SHAPES

_ACTS = frozenset(row.name for row in BINDINGS)
_PUBLISHED = frozenset(("publish", "publish_item"))


def _controls() -> Iterator[str]:
    """Yield the names of controls whose label is put together."""
    for shape in SHAPES.values():
        yield from (each.name for each in shape.every)
    general = (*type_draft.GENERAL, *item_draft.GENERAL, *item_draft.MATERIAL)
    yield from (each.name for each in general if each.name != "holder_kinds")
    yield "name"
    for row in BINDINGS:
        yield from (each.name for each in row.asks)


MADE: Mapping[str, frozenset[str]] = {
    "{}.section": frozenset(("catalogue",)),
    **{f"catalogue.{{}}.{part}": _ACTS for part in ("title", "lead")},
    "{}.done": frozenset(f"catalogue.{name}" for name in _ACTS | _PUBLISHED),
    "catalogue.category.{}": frozenset(Category),
    "catalogue.holder.{}": frozenset(HolderKind),
    "catalogue.sharing.{}": frozenset(SharingClass),
    "catalogue.validity.{}": frozenset(ValidityKind),
    "catalogue.qr.{}": frozenset(QrHolder),
    "catalogue.grade.{}": frozenset(GRADES),
    "catalogue.sensitivity.{}": frozenset(Sensitivity),
    "catalogue.level.{}": frozenset(Level),
    "catalogue.change.{}": frozenset(Act),
    "catalogue.nature.{}": frozenset(Nature),
    "catalogue.sector.{}": frozenset(Sector),
    "catalogue.label.{}": frozenset(BASE_LABELS),
    "catalogue.shape.{}": frozenset(SHAPES),
    "catalogue.field.{}": frozenset(_controls()),
    "catalogue.hint.{}": frozenset(
        (
            "sensitivity", "choices", "pattern", "pinyin", "longest", "unit", "per_person", "code.code", "add_authority.code",
            "add_item.code",
        )
    ),
    "problem.{}": frozenset(("LICENCE_TYPE_INVALID", "AUTHORITY_UNKNOWN", "TYPE_UNKNOWN", "ITEM_DOCUMENT_INVALID")),
}  # fmt: skip
