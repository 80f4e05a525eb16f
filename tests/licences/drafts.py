"""Drafts of licences of all 24 shipped types, made of the catalogue's examples; invented people and places."""

from dataclasses import replace
from datetime import date
from typing import Any

from hub.catalogue.codes import credit_check_character
from hub.catalogue.licence_type import LicenceType, load_shipped
from hub.licences.draft import Draft, Holder
from tests.catalogue.examples import EXAMPLES

ISSUED_ON = date(2026, 1, 5)
TYPES: dict[str, LicenceType] = {each.key: each for each in load_shipped()}


def draft_of(type_key: str, /, **changes: Any) -> Draft:
    """Return the example of a type as a draft, with changes."""
    example = EXAMPLES[type_key]
    draft = Draft(
        type_key=type_key,
        number=example.number,
        holders=tuple(Holder(one["codeType"], one["code"], one["name"]) for one in example.holders),
        issued_on=ISSUED_ON,
        valid_from=example.valid_from or ISSUED_ON,
        valid_until=example.valid_until,
        data=example.data,
        legal_basis="虚构省电子证照管理办法第十条",
        reason="申请人依法申请，材料齐全",
    )
    return replace(draft, **changes)


def company_draft(place: int, type_key: str = "BusinessLicence", /, **changes: Any) -> Draft:
    """Return a business licence of the place-th invented company; every place has its own code and number."""
    code = credit_code(place)
    draft = draft_of(type_key, number=code, holders=(Holder("001", code, f"虚构市第{place}号公司"),))
    return replace(draft, **changes)


def credit_code(place: int) -> str:
    """Return the credit code of the place-th invented company in region 99, which does not exist."""
    body = f"91990200MA{place:07d}"
    return body + credit_check_character(body)
