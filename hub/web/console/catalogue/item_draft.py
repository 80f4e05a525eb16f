"""A service item's document while it is edited: what a new one begins with, its general controls, and its materials that come, go and move.

Decides nothing about what may be published (`hub.catalogue.examining`). Requirements, form, concerns and exceptions are edited as JSON; what the
editor has no control for stays in the document untouched.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from hub.catalogue.code_types import HolderKind
from hub.catalogue.examining import read_document
from hub.catalogue.items.natures import Nature, Sector
from hub.catalogue.items.outline import APPLICANT
from hub.errors import InputInvalidError
from hub.web.console.catalogue.controls import LINES, NUMBER, OPTIONAL, SOME_LINES, Control, Typed, shown, take, ticked
from hub.web.console.catalogue.places import MISSING, Document, at, put, steps

MATERIALS: Final = "/materials"
APPLICANTS: Final = {f"applicant_{kind.lower()}": kind.value for kind in HolderKind}
GENERAL: Final = (
    Control("key", "/key"), Control("name_zh", "/name/zh"), Control("name_en", "/name/en"),
    Control("handled_zh", "/handledBy/zh"), Control("handled_en", "/handledBy/en"), Control("sector", "/sector"),
    Control("statutory", "/limits/statutory", NUMBER), Control("promised", "/limits/promised", NUMBER),
    Control("limit_note", "/limits/note", OPTIONAL), Control("result", "/result", OPTIONAL),
    Control("law", "/basis/0/law"), Control("article", "/basis/0/article", OPTIONAL), Control("grade", "/basis/0/grade"),
    Control("note", "/note"),
)  # fmt: skip
MATERIAL: Final = (
    Control("key", "/key"), Control("name_zh", "/name/zh"), Control("name_en", "/name/en"), Control("nature", "/nature"),
    Control("condition_zh", "/condition/zh", OPTIONAL), Control("condition_en", "/condition/en", OPTIONAL),
    Control("law", "/basis/0/law"), Control("article", "/basis/0/article", OPTIONAL), Control("grade", "/basis/0/grade"),
    Control("retained", "/retainedProof", OPTIONAL), Control("result_of", "/resultOf", SOME_LINES), Control("note", "/note", OPTIONAL),
)  # fmt: skip
REST: Final = ("departmentCheck", "commitment", "deferral", "excluded")
"""What a material may have beside its controls: edited as JSON."""
MOST_ALTERNATIVES: Final = 10


def fresh() -> Document:
    """Return what a new document begins with."""
    return {
        "key": "", "version": 1, "name": {"zh": "", "en": ""}, "handledBy": {"zh": "", "en": ""},
        "applicants": [HolderKind.ORGANISATION.value], "sector": Sector.ORDINARY.value, "limits": {"statutory": 20},
        "basis": [{"law": "", "grade": "local"}], "notFor": [], "requirements": {}, "materials": [], "form": [], "concerns": [],
        "note": "",
    }  # fmt: skip


def typed_of(document: Document) -> dict[str, str]:
    """Return what the general controls show."""
    given = document.get("applicants")
    boxes = {name: "yes" for name, kind in APPLICANTS.items() if isinstance(given, list) and kind in given}
    return {**shown(GENERAL, document), **boxes}


def take_general(document: Document, typed: Typed) -> None:
    """Put the general controls into the document."""
    take(GENERAL, typed, document)
    document["applicants"] = ticked(APPLICANTS, typed, document.get("applicants"))


# -- materials -------------------------------------------------------------------------------------------------------


def materials(document: Document) -> list[Any]:
    """Return the materials, whatever each of them is."""
    found = document.get("materials")
    return found if isinstance(found, list) else []


def material_at(document: Document, place: str) -> Document:
    """Return a material; raises InputInvalidError where there is none."""
    found = at(document, place)
    if not place.startswith(f"{MATERIALS}/") or not isinstance(found, dict):
        raise InputInvalidError("There is no such material any more; go on from the list of materials.")
    return found


def add(document: Document) -> str:
    """Add a material, the last; return its place."""
    listed = document["materials"] = materials(document)
    listed.append(
        {
            "key": "", "name": {"zh": "", "en": ""}, "nature": Nature.CERTIFICATE.value, "satisfiedBy": [],
            "basis": [{"law": "", "grade": "local"}],
        }
    )  # fmt: skip
    return f"{MATERIALS}/{len(listed) - 1}"


def remove(document: Document, place: str) -> None:
    """Take a material away."""
    material_at(document, place)
    del materials(document)[_order(place)]


def move(document: Document, place: str, by: int) -> None:
    """Move a material up (-1) or down (1)."""
    material_at(document, place)
    listed, here = materials(document), _order(place)
    there = min(max(here + by, 0), len(listed) - 1)
    listed[here], listed[there] = listed[there], listed[here]


def alternatives(material: Document) -> list[Any]:
    """Return what satisfies a material, whatever each of them is."""
    found = material.get("satisfiedBy")
    return found if isinstance(found, list) else []


def alternative_controls(material: Document) -> tuple[tuple[Control, ...], ...]:
    """Return the controls of each of a material's alternatives."""
    return tuple(_alternative(order) for order in range(min(len(alternatives(material)), MOST_ALTERNATIVES)))


def _alternative(order: int) -> tuple[Control, ...]:
    place = f"/satisfiedBy/{order}"
    return (
        Control(f"source_{order}", f"{place}/source"), Control(f"of_{order}", f"{place}/of"),
        Control(f"requirements_{order}", f"{place}/requirements", LINES), Control(f"issued_by_{order}", f"{place}/issuedBy", SOME_LINES),
    )  # fmt: skip


def controls_of(material: Document) -> tuple[Control, ...]:
    """Return all controls of a material."""
    rest = tuple(Control("rest", f"/{name}") for name in REST)
    return (*MATERIAL, *(control for each in alternative_controls(material) for control in each), *rest)


def typed_material(material: Document) -> dict[str, str]:
    """Return what the controls of a material show."""
    every = (*MATERIAL, *(control for each in alternative_controls(material) for control in each))
    rest = {name: material[name] for name in REST if name in material}
    return {**shown(every, material), "rest": orjson.dumps(rest, option=orjson.OPT_INDENT_2).decode() if rest else ""}


def take_material(document: Document, place: str, typed: Typed) -> None:
    """Put the controls of a material into the document; raises InputInvalidError where its rest is no JSON object of those names."""
    material = material_at(document, place)
    take((*MATERIAL, *(control for each in alternative_controls(material) for control in each)), typed, material)
    if material.get("condition") == {}:
        del material["condition"]
    rest = read_document(typed.get("rest", "").strip() or "{}")
    if unknown := sorted(rest.keys() - set(REST)):
        raise InputInvalidError(f"Here stand only {', '.join(REST)}, not {', '.join(unknown)[:100]}.")
    for name in REST:
        put(material, f"/{name}", rest.get(name, MISSING))


def add_alternative(document: Document, place: str, source: str) -> None:
    """Add an alternative to a material."""
    material = material_at(document, place)
    material["satisfiedBy"] = [*alternatives(material), {"source": source, "of": APPLICANT, "requirements": []}]


def remove_alternative(document: Document, place: str, order: str) -> None:
    """Take an alternative of a material away."""
    material = material_at(document, place)
    material["satisfiedBy"] = [each for number, each in enumerate(alternatives(material)) if str(number) != order]


def _order(place: str) -> int:
    return int(steps(place)[-1])


def row(material: Any) -> Mapping[str, Any]:
    """Return what the list of materials shows of one, whatever it is."""
    texts = {name: found if isinstance(found := at(material, each), str) else "" for name, each in _SHOWN.items()}
    sources = [at(each, "/source") for each in alternatives(material)] if isinstance(material, dict) else []
    return {**texts, "sources": [each for each in sources if isinstance(each, str)]}


_SHOWN: Final = {"key": "/key", "zh": "/name/zh", "en": "/name/en", "nature": "/nature", "condition": "/condition/zh"}
