"""The example of docs/catalogue.md is a licence type as it stands, and the page names what the code understands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hub.catalogue import face_data
from hub.catalogue.codes import check_credit_code, check_type_code
from hub.catalogue.face_fields import BASE_LABELS
from hub.catalogue.face_kinds import FORMATS, MEDIA_TYPES
from hub.catalogue.face_schema import SUPPORTED
from hub.catalogue.licence_type import Category, LicenceType, SharingClass, ValidityKind, compatible, parse
from hub.catalogue.type_document import DOCUMENT_SCHEMA, GRADES
from hub.errors import FaceDataError, LicenceTypeError
from schema.build import build

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text("utf-8")
KEEPER = {"code": "990000199001010017", "trainedOn": "2026-01-31"}
FACE = {"premises": {"address": "虚构路 1 号", "area": "120.5"}, "capacity": 20, "keepers": [KEEPER]}


def _document() -> dict[str, Any]:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    return dict(json.loads(block))


@pytest.fixture
def example() -> LicenceType:
    return parse(_document())


def test_the_example_means_what_the_page_says(example: LicenceType) -> None:
    assert example.uniqueness == ("holder", "premises.address")
    assert example.per_person == {"holders": "code", "keepers": "code"}
    assert example.by_path["keepers.healthNote"].not_shared
    assert {"premises.address", "premises.area", "capacity", "keepers.trainedOn"} <= set(example.leaf_paths)


def test_the_example_takes_face_data_and_refuses_a_broken_one(example: LicenceType) -> None:
    face_data.validate(example, FACE)
    with pytest.raises(FaceDataError) as refused:
        face_data.validate(example, {**FACE, "capacity": 0})
    assert [violation.pointer for violation in refused.value.violations] == ["/capacity"]


def test_the_example_gets_a_graphql_type(example: LicenceType) -> None:
    types = build({example.key: (example,)}).schema.type_map
    assert {"PetBoardingPermit", "PetBoardingPermitPremises", "PetBoardingPermitKeepers"} <= types.keys()


def test_a_next_version_may_add_a_field_and_may_not_change_a_kind(example: LicenceType) -> None:
    document = _document() | {"version": 2}
    assert compatible(example, parse(document)) == ()
    capacity = document["schema"]["properties"]["capacity"]
    document["schema"]["properties"]["capacity"] = {
        "type": "string", "maxLength": 9, **{k: v for k, v in capacity.items() if k[0] in "tdx" and k != "type"}
    }  # fmt: skip
    (reason,) = compatible(example, parse(document))
    assert "capacity: changes from INTEGER to STRING" in reason.text


def test_an_unknown_member_or_keyword_is_refused() -> None:
    for broken in ({"colour": "red"}, {"schema": {**_document()["schema"], "oneOf": []}}):
        with pytest.raises(LicenceTypeError):
            parse({**_document(), **broken})


def test_the_codes_of_the_commands_are_well_formed() -> None:
    type_code, authority = re.findall(r"PetBoardingPermit (?:--authority )?([0-9A-Z]{18,21})", PAGE)
    check_type_code(type_code)
    check_credit_code(authority)


def test_the_page_names_every_member_keyword_and_choice() -> None:
    members = set(DOCUMENT_SCHEMA["properties"]) | set(BASE_LABELS)
    keywords = set[str]().union(*SUPPORTED.values()) - {"type"}
    choices = {*Category, *SharingClass, *ValidityKind, *FORMATS, *MEDIA_TYPES, *GRADES}
    words = {str(word) for word in (*members, *keywords, *choices)}
    assert sorted(word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", PAGE)) == []
