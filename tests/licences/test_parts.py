"""Parts: whose each disclosure is, and which rows keep it."""

import pytest

from hub.licences.draft import check
from hub.licences.parts import COMMON, divide, holder_parts, owners, schema_path, sealed_digest
from keys.sd_jwt import Sealed, seal
from keys.suites import suite
from tests.licences.drafts import TYPES, draft_of

KEY = suite("ES256").generate()
SEVERAL = [key for key in sorted(TYPES) if TYPES[key].several_holders and len(draft_of(key).holders) > 1]


def sealed(type_key: str) -> Sealed:
    document = draft_of(type_key).document()
    return seal({}, document, key=KEY, kid="k", header={}, atomic=TYPES[type_key].atomic)


@pytest.mark.parametrize("type_key", sorted(TYPES))
def test_every_disclosure_is_kept_once_and_pictures_by_themselves(type_key: str) -> None:
    draft, licence_type, found = draft_of(type_key), TYPES[type_key], sealed(type_key)
    rows = divide(found.disclosures, owners(draft, licence_type), licence_type.image_paths)
    assert sorted(one.encoded for kept in rows.values() for one in kept) == sorted(
        one.encoded for one in found.disclosures
    )
    for (_, path), kept in rows.items():
        pictures = [one for one in kept if schema_path(one.path) in licence_type.image_paths]
        assert len(pictures) == len(kept) == 1 if path else not pictures


@pytest.mark.parametrize("type_key", [key for key in sorted(TYPES) if len(draft_of(key).holders) == 1])
def test_a_sole_holder_has_one_part(type_key: str) -> None:
    draft = draft_of(type_key)
    assert holder_parts(draft) == (COMMON,)
    rows = divide(sealed(type_key).disclosures, owners(draft, TYPES[type_key]), frozenset())
    assert set(rows) == {(COMMON, "")}


@pytest.mark.parametrize("type_key", SEVERAL)
def test_what_names_one_of_several_holders_is_in_his_part(type_key: str) -> None:
    draft, licence_type = check(draft_of(type_key), TYPES[type_key]), TYPES[type_key]
    parts = holder_parts(draft)
    assert parts == tuple(range(1, len(draft.holders) + 1))
    document = draft.document()
    for (part, _), kept in divide(sealed(type_key).disclosures, owners(draft, licence_type), frozenset()).items():
        for one in kept:
            member = licence_type.per_person.get(str(one.path[0]))
            if member is None or len(one.path) == 1:
                assert part == COMMON
            else:
                element = document[str(one.path[0])][one.path[1]]
                assert element[member] == draft.holders[part - 1].code


def test_there_are_types_with_several_holders_to_try() -> None:
    assert {"HouseholdRegister", "MarriageCertificate", "RealEstateTitle"} <= set(SEVERAL)


def test_the_digest_is_that_of_the_sealed_bytes() -> None:
    assert sealed_digest("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
