"""What item documents may speak of: licence types in their newest version, and registers.

Decides which paths may be shown or judged at all. It must never open a path that is not shared, nor, for predicates, free text that belongs to a person: a
yes or no about a name, number or address would be a way to search for it.
"""

from collections.abc import Mapping
from typing import Final

from hub.catalogue.face_fields import DISCLOSED_BASE_PATHS, Sensitivity
from hub.catalogue.face_kinds import Kind
from hub.catalogue.generation import Generation
from hub.catalogue.licence_type import Term
from hub.catalogue.registers import REGISTERS, Source
from hub.catalogue.type_document import SharingClass

_TELLING: Final = DISCLOSED_BASE_PATHS - {"issuedOn"} | {each.code_path for each in REGISTERS.values()} | {"name"}
_PERSONS: Final = frozenset({Sensitivity.PERSONAL, Sensitivity.SENSITIVE})

Sources = Mapping[str, Source]


def sources_of(generation: Generation) -> Sources:
    """Return every source that a state of the catalogue has, by key."""
    return {**{key: versions[-1] for key, versions in generation.types.items()}, **REGISTERS}


def name_of(generation: Generation, key: str) -> Term:
    """Return what a source is called, retired types too."""
    return generation.types[key][-1].name if key in generation.types else REGISTERS[key].name


def is_shared(source: Source) -> bool:
    """Tell whether anything of a source is shared."""
    return source.sharing_class is not SharingClass.NOT_SHARED


def may_be_shown(source: Source, path: str) -> bool:
    """Tell whether a form may be filled from a leaf path: it is shared, and no object, which no field of a form can show."""
    return is_shared(source) and not source.by_path[path].not_shared and kind_of(source, path) is not Kind.OBJECT


def may_be_judged(source: Source, path: str) -> bool:
    """Tell whether a predicate may speak of a leaf path."""
    field, kind = source.by_path[path], kind_of(source, path)
    is_free_text = kind is Kind.STRING and not field.choices
    is_telling = path in _TELLING or (is_free_text and field.sensitivity in _PERSONS)
    return may_be_shown(source, path) and kind is not Kind.IMAGE and not is_telling


def kind_of(source: Source, path: str) -> Kind:
    """Return what one value at a leaf path is; of a list what its elements are."""
    field = source.by_path[path]
    return field.item_kind or field.kind


def is_in_list(source: Source, path: str) -> bool:
    """Tell whether a leaf path is a list, or lies inside one."""
    steps = path.split(".")
    above = (".".join(steps[:end]) for end in range(1, len(steps) + 1))
    return any(source.by_path[each].kind is Kind.LIST for each in above if each in source.by_path)
