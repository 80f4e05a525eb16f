"""The list of the schema's changes: what was done, how it is judged, and that its hashes are those of the text that is served."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from graphql import build_schema, parse
from graphql.utilities import find_schema_changes

from hub.catalogue.face_fields import DISCLOSED_BASE_PATHS
from hub.catalogue.licence_type import load_shipped
from hub.catalogue.service import Act
from hub.errors import InputInvalidError
from schema import changes, live
from schema.build import export
from schema.live import LiveSchema
from tests.schema.states import LONG, TEXT, Happened, Shelf, licence_type, published, state_of

SHIPPED = {each.key: each for each in load_shipped()}
OBJECT = {
    **{key: TEXT[key] for key in ("title", "x-title-en", "description")},
    "type": "object",
    "additionalProperties": False,
}
FIRST = licence_type(kept=LONG, gone=LONG, owner={**OBJECT, "properties": {"name": LONG, "nick": LONG}})
SECOND = licence_type(version=2, kept=LONG, added=LONG, owner={**OBJECT, "properties": {"name": LONG}})
THIRD = replace(SECOND, version=3)
LIFE: list[Happened] = [
    (Act.PUBLISHED, SHIPPED["HouseholdRegister"]), (Act.PUBLISHED, FIRST), (Act.PUBLISHED, SHIPPED["BusinessLicence"]),
    (Act.PUBLISHED, SECOND), (Act.RETIRED, SHIPPED["HouseholdRegister"]), (Act.RETIRED, SECOND), (Act.PUBLISHED, THIRD),
    (Act.PUBLISHED, replace(FIRST, key="Query")),
]  # fmt: skip


def told(happened: Iterable[Happened]) -> tuple[Shelf, LiveSchema]:
    shelf = Shelf(state_of(happened))
    return shelf, LiveSchema(shelf.schema)


def entries(happened: Iterable[Happened]) -> list[dict[str, Any]]:
    """Return the list as it is told, oldest first."""
    found: list[dict[str, Any]] = told(happened)[1].changes()["entries"]
    return found[::-1]


def kinds(entry: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(each["kind"], each["criticality"]) for each in entry["changes"]}


def descriptions(entry: Mapping[str, Any], kind: str) -> list[str]:
    return [each["description"] for each in entry["changes"] if each["kind"] == kind]


def test_an_untouched_catalogue_has_a_schema_and_no_changes() -> None:
    _, live_schema = told([])
    assert live_schema.changes() == {"entries": [], "earlier": 0}
    assert "type Query" in live_schema.sdl().decode()


def test_a_new_type_is_safe_but_for_the_union() -> None:
    (entry,) = entries([(Act.PUBLISHED, FIRST)])
    assert (entry["at"], entry["leftOut"], entry["moreChanges"]) == ("2026-11-25T00:00:00Z", [], 0)
    assert entry["done"] == [{"act": "PUBLISHED", "type": "InventedLicence", "version": 1}]
    assert kinds(entry) == {("TYPE_ADDED", "SAFE"), ("TYPE_ADDED_TO_UNION", "DANGEROUS")}
    assert descriptions(entry, "TYPE_ADDED") == ["InventedLicence was added.", "InventedLicenceOwner was added."]


def test_a_new_version_adds_and_deprecates_and_breaks_nothing() -> None:
    entry = entries(LIFE)[3]
    assert descriptions(entry, "FIELD_ADDED") == ["Field InventedLicence.added was added."]
    gone, nick = descriptions(entry, "FIELD_DEPRECATED")
    assert ("InventedLicence.gone" in gone, "Version 1 is the last" in gone) == (True, True)
    assert "InventedLicenceOwner.nick" in nick
    assert {each["criticality"] for each in entry["changes"]} == {"SAFE"}


def test_retiring_deprecates_what_is_the_types_own_and_reviving_takes_it_back() -> None:
    household, _, revived = entries(LIFE)[4:7]
    own = {path for path in SHIPPED["HouseholdRegister"].by_path if path.split(".")[0] not in DISCLOSED_BASE_PATHS}
    assert len(descriptions(household, "FIELD_DEPRECATED")) == len(own)
    assert "已停用" in descriptions(household, "DESCRIPTION_CHANGED")[0]
    assert household["done"] == [{"act": "RETIRED", "type": "HouseholdRegister", "version": 1}]
    assert any("InventedLicence.kept is no longer" in each for each in descriptions(revived, "FIELD_UNDEPRECATED"))
    assert any("InventedLicence.gone" in each for each in descriptions(revived, "FIELD_DEPRECATED"))


def test_what_does_not_fit_is_told_as_left_out() -> None:
    *_, last = entries(LIFE)
    assert (last["changes"], last["sha256"]) == ([], entries(LIFE)[-2]["sha256"])
    assert "version 1 of Query" in last["leftOut"][0]


def test_every_hash_is_that_of_the_text_that_was_served_then() -> None:
    for place, entry in enumerate(entries(LIFE), start=1):
        _, then = told(LIFE[:place])
        assert entry["sha256"] == hashlib.sha256(then.sdl()).hexdigest()


def test_the_hash_of_all_shipped_types_is_that_of_the_text() -> None:
    live_schema = LiveSchema(Shelf(published({key: (one,) for key, one in SHIPPED.items()})).schema)
    newest = live_schema.changes()["entries"][0]
    assert newest["sha256"] == hashlib.sha256(live_schema.sdl()).hexdigest()
    assert live_schema.sdl().decode() == export(load_shipped())


def test_a_type_judged_alone_is_judged_as_in_the_whole_schema() -> None:
    for place, entry in enumerate(entries(LIFE), start=1):
        before, after = (told(LIFE[:end])[0].schema.current.schema for end in (place - 1, place))
        whole = {(each.type.name, each.description) for each in find_schema_changes(before, after)}
        alone = {(each["kind"], each["description"]) for each in entry["changes"]}
        assert {each for each in alone if "DEPRECATED" not in each[0]} == whole


def test_the_text_is_the_whole_schema() -> None:
    shelf, live_schema = told(LIFE)
    text = live_schema.sdl().decode()
    again = build_schema(text)
    assert (
        find_schema_changes(shelf.schema.current.schema, again),
        find_schema_changes(again, shelf.schema.current.schema),
    ) == ([], [])
    names = [each.name.value for each in parse(text).definitions]  # type: ignore[attr-defined]
    assert names == sorted(names)


def test_all_types_that_are_published_at_one_moment_are_one_entry() -> None:
    state = published({key: (one,) for key, one in SHIPPED.items()})
    at_once = replace(state, history=tuple(replace(each, at=state.history[0].at) for each in state.history))
    (entry,) = LiveSchema(Shelf(at_once).schema).changes()["entries"]
    assert len(entry["done"]) == 24
    assert len(descriptions(entry, "TYPE_ADDED_TO_UNION")) == 24


def test_since_a_text_that_somebody_has() -> None:
    _, live_schema = told(LIFE[:6])
    listed = live_schema.changes()["entries"]
    for place, entry in enumerate(listed[1:], start=1):
        assert live_schema.changes(entry["sha256"])["entries"] == listed[:place]
        assert live_schema.changes(entry["sha256"][:32])["entries"] == listed[:place]
    now = hashlib.sha256(live_schema.sdl()).hexdigest()
    assert live_schema.changes(now) == {"entries": [], "earlier": 0}
    untouched = hashlib.sha256(told([])[1].sdl()).hexdigest()
    assert live_schema.changes(untouched)["entries"] == listed
    with pytest.raises(InputInvalidError):
        live_schema.changes("0" * 64)


def test_a_type_that_was_retired_and_revived_leaves_no_change_to_whoever_has_the_text_from_before() -> None:
    _, live_schema = told(LIFE[:7])
    before = live_schema.changes()["entries"][2]["sha256"]
    assert live_schema.changes(before)["entries"] == []


def test_the_list_is_bounded_and_says_what_it_leaves_off() -> None:
    with patch.object(changes, "MOST_ENTRIES", 3), patch.object(live, "MOST_CHANGES", 2):
        _, live_schema = told(LIFE)
        listed = live_schema.changes()
        assert (len(listed["entries"]), listed["earlier"]) == (3, len(LIFE) - 3)
        assert [each["done"][0]["type"] for each in listed["entries"]] == [
            "Query",
            "InventedLicence",
            "InventedLicence",
        ]
        retired = listed["entries"][2]
        assert (len(retired["changes"]), retired["moreChanges"] > 0) == (2, True)
        oldest = live_schema.changes(retired["sha256"])
        assert (len(oldest["entries"]), oldest["earlier"]) == (2, 0)


def test_each_change_is_judged_once_and_the_list_is_kept_until_the_schema_changes() -> None:
    shelf = Shelf(state_of(LIFE[:4], 1))
    live_schema = LiveSchema(shelf.schema)
    with patch.object(changes, "find_schema_changes", wraps=find_schema_changes) as judge:
        live_schema.changes()
        live_schema.changes()
        assert judge.call_count == 4
        shelf.turn(state_of(LIFE[:5], 2))
        live_schema.changes()
        assert judge.call_count == 5
