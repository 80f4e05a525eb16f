"""Publishing item documents: for one service item, version after version, on record; and the exemption list that follows."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import text

from hub.audit import state
from hub.catalogue.items.exemption_list import COLUMNS, Way, exemptions, table
from hub.catalogue.items.item_document import shipped_item_documents
from hub.catalogue.items.refusals import ItemDocumentError, ItemNotPublishedError
from hub.catalogue.service import Catalogue
from hub.clock import Calendar
from hub.database import Database
from hub.errors import ItemUnknownError
from tests.catalogue.items.conftest import BUREAU, ITEM
from tests.catalogue.items.described import commitment, deferral, material, small

FOOD = next(each for each in shipped_item_documents() if each["key"] == "FoodOperationLicence")
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))


def _records(database: Database, kind: str = "catalogue") -> list[dict[str, Any]]:
    with database.snapshot() as session:
        rows = session.execute(
            text("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence"), {"kind": kind}
        )
        return [json.loads(bytes(body)) for (body,) in rows]


def test_a_published_document_is_seen_by_every_process_and_on_record(
    catalogue: Catalogue, make: Callable[[], Catalogue], database: Database
) -> None:
    other = make()
    before = _epoch(database)
    catalogue.documents.publish(ITEM, FOOD)
    assert _epoch(database) == before + 1
    other.refresh()
    assert other.documents.of(ITEM) == catalogue.documents.of(ITEM)
    told = _records(database)[-1]
    assert (told["operation"], told["item"], told["document"], told["version"]) == (
        "PUBLISH_ITEM", ITEM, "FoodOperationLicence", 1,
    )  # fmt: skip


def test_a_change_behind_the_hubs_back_is_not_what_was_told(catalogue: Catalogue, database: Database) -> None:
    catalogue.documents.publish(ITEM, FOOD)
    told = [row for record in _records(database, state.KIND) for row in record["rows"] if row[0] == "item_document"]
    with database.transaction() as session:
        session.execute(text("UPDATE item_document SET document = replace(document, 'CERTIFICATE', 'PROOF')"))
    with database.snapshot() as session:
        now = [row for rows in state.everything(session) for row in rows if row[0] == "item_document"]
    assert [row[1] for row in told] == [row[1] for row in now] == [f"{ITEM}/1"]
    assert told[0][2] != now[0][2]


def test_a_version_is_published_once_and_stays(catalogue: Catalogue, database: Database) -> None:
    catalogue.documents.publish(ITEM, FOOD)
    count = len(_records(database))
    catalogue.documents.publish(ITEM, FOOD)
    assert len(_records(database)) == count
    with pytest.raises(ItemDocumentError, match="never changes"):
        catalogue.documents.publish(ITEM, {**FOOD, "note": "another"})
    with pytest.raises(ItemDocumentError, match="next version to publish is 2"):
        catalogue.documents.publish(ITEM, {**FOOD, "version": 3})
    catalogue.documents.publish(ITEM, {**FOOD, "version": 2, "note": "another"})
    assert [each.version for each in catalogue.documents.published(ITEM)] == [1, 2]
    assert catalogue.documents.of(ITEM).note == "another"


def test_a_service_item_keeps_its_documents_key(catalogue: Catalogue) -> None:
    catalogue.documents.publish(ITEM, FOOD)
    with pytest.raises(ItemDocumentError, match="/key"):
        catalogue.documents.publish(ITEM, small(version=2))


def test_nothing_is_published_for_no_item_and_nothing_found_without_a_document(catalogue: Catalogue) -> None:
    with pytest.raises(ItemUnknownError):
        catalogue.documents.publish("NOITEM", FOOD)
    with pytest.raises(ItemUnknownError):
        catalogue.documents.of("NOITEM")
    with pytest.raises(ItemNotPublishedError):
        catalogue.documents.of(ITEM)


def test_one_document_serves_the_items_of_many_departments(catalogue: Catalogue) -> None:
    catalogue.add_item("OTHER", "食品经营许可（区）", "The same, of a district", BUREAU)
    for item in (ITEM, "OTHER"):
        catalogue.documents.publish(item, FOOD)
    assert [each.item for each in catalogue.documents.newest()] == [ITEM, "OTHER"]


def test_all_shipped_documents_are_published(catalogue: Catalogue) -> None:
    catalogue.publish_shipped()
    for place, document in enumerate(shipped_item_documents()):
        catalogue.add_item(f"ITEM{place}", document["name"]["zh"], document["name"]["en"], BUREAU)
        catalogue.documents.publish(f"ITEM{place}", document)
    rows = exemptions(catalogue.current)
    assert {row.item for row in rows} <= {f"ITEM{place}" for place in range(len(shipped_item_documents()))}
    assert {row.way for row in rows} == set(Way)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


# -- the exemption list ----------------------------------------------------------------------------------------------


def _table(catalogue: Catalogue) -> list[dict[str, str]]:
    read = table(exemptions(catalogue.current), CALENDAR).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(read)))


def test_the_list_names_ways_and_not_what_only_paper_satisfies(catalogue: Catalogue) -> None:
    catalogue.documents.publish(ITEM, FOOD)
    rows = _table(catalogue)
    assert tuple(rows[0]) == tuple(COLUMNS)
    assert "食品经营许可证申请书" not in {row["材料名称"] for row in rows}
    licence = next(row for row in rows if row["证照类型"] == "营业执照")
    assert (licence["免提交方式"], licence["持有人"], licence["共享属性"]) == ("电子证照", "申请人", "无条件共享")
    assert licence["出具（数源）部门"] == "国家市场监督管理总局"
    assert {row["生效日"] for row in rows} == {"2026-11-26"}


def test_a_material_with_several_ways_has_a_row_for_each(catalogue: Catalogue) -> None:
    several = material(commitment=commitment(), deferral=deferral())
    catalogue.documents.publish(ITEM, small(materials=[several]))
    assert [row.way for row in exemptions(catalogue.current)] == [Way.LICENCE, Way.COMMITMENT, Way.DEFERRAL]


def test_no_cell_begins_as_a_formula_would(catalogue: Catalogue) -> None:
    names = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "  =cmd", "＠x")
    several = [material(key=f"m{place}", name={"zh": f"{name}材料", "en": "x"}) for place, name in enumerate(names)]
    catalogue.documents.publish(ITEM, small(materials=several))
    assert [row["材料名称"] for row in _table(catalogue)] == [f"'{name}材料" for name in names]


def test_effective_days_are_those_of_the_hubs_zone(catalogue: Catalogue, clock: Any) -> None:
    clock.instant = datetime(2026, 11, 26, 17, tzinfo=UTC)  # the 27th in Shanghai
    catalogue.documents.publish(ITEM, FOOD)
    assert {row["生效日"] for row in _table(catalogue)} == {"2026-11-27"}


def _epoch(database: Database) -> int:
    with database.snapshot() as session:
        return int(session.execute(text("SELECT value FROM policy_epoch")).scalar_one())
