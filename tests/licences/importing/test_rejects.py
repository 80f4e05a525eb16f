"""Rejects: what people mend, what lies on disk, and that neither tells anything to who may not know."""

import hashlib
import io
import json
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import DamagedError
from hub.licences.importing.importer import open_planned
from hub.licences.importing.mended import ADDED, safe, unsafe
from hub.licences.importing.refusals import AlreadyImportedError, RejectsGoneError
from hub.licences.importing.register import KEPT
from hub.licences.importing.rejects import json_of, text_of
from hub.tabular.rows import RawRow, Spoilt
from hub.vault.rotation import Rotation
from tests.licences.drafts import company_draft
from tests.licences.importing.hall import COLUMNS, WORDS, Hall, company_file, company_row, open_hall, table_of
from tests.licences.importing.test_importing import expected
from tests.licences.test_secrecy import encodings, everything, secrets_of
from tests.tabular.files import csv_of, jsonl_of


def spoiled() -> list[dict[str, str]]:
    rows = [company_row(place) for place in range(6)]
    rows[1]["roleLabel"] = "法人代表"
    rows[4] |= {"address": '=HYPERLINK("x")', "establishedOn": "2021-13-01"}
    return rows


def mended(file: bytes) -> bytes:
    """Correct the cells of a file of rejects, as a person would in a spreadsheet; the added columns stay."""
    header, *rows = table_of(file)
    place = {name: number for number, name in enumerate(header)}
    for row in rows:
        row[place["roleLabel"]], row[place["establishedOn"]] = "法定代表人", "2021-04-06"
    return csv_of(rows, header, "utf-8-sig")


def test_rejects_are_mended_and_fed_again_as_they_are(hall: Hall) -> None:
    first = hall.take_in(company_file(spoiled()))
    assert (first.good, first.bad) == (4, 2)
    rejects = hall.mendable(first.id)
    assert "'=HYPERLINK" in rejects.decode()
    second = hall.take_in(mended(rejects))
    assert (second.good, second.bad) == (2, 0)
    assert hall.numbers() == expected(range(6))
    assert [one["operation"] for one in hall.world.entries("import")].count("REJECTS") == 1


def test_rejects_fed_again_unmended_are_rejected_again_in_full(hall: Hall) -> None:
    first = hall.take_in(company_file(spoiled()))
    second = hall.take_in(hall.mendable(first.id))
    assert (second.good, second.bad) == (0, 2)
    before, after = (table_of(hall.mendable(one.id)) for one in (first, second))
    assert [row[: len(COLUMNS)] for row in after] == [row[: len(COLUMNS)] for row in before]
    assert [row[-2:] for row in after] == [row[-2:] for row in before]


def test_rejects_of_json_lines_are_json_lines(sqlite_hall: Hall) -> None:
    rows = [{**row, "registeredCapital": "500万元"} for row in spoiled()]
    file = jsonl_of([tuple(row.values()) for row in rows], tuple(rows[0]))
    plan = sqlite_hall.plan(format="jsonl")
    job = sqlite_hall.take_in(file, plan)
    lines = [json.loads(line) for line in sqlite_hall.mendable(job.id).splitlines()]
    assert [{name: line[name] for name in rows[0]} for line in lines] == [rows[1], rows[4]]
    assert [line["[row]"] for line in lines] == ["2", "5"]
    for line in lines:
        line |= {"roleLabel": "法定代表人", "establishedOn": "2021-04-06"}
    again = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    assert sqlite_hall.take_in(again, plan).good == 2


def test_a_row_that_cannot_be_read_is_kept_with_what_stood_there(sqlite_hall: Hall) -> None:
    file = company_file([company_row(1), company_row(2)]) + b"one,two\r\n"
    job = sqlite_hall.take_in(file)
    (_, row) = table_of(sqlite_hall.mendable(job.id))
    assert row[:-4] == [""] * len(COLUMNS)
    assert row[-2] == "one,two"


def test_a_sealed_file_opens_unchanged_while_its_key_lives(hall: Hall) -> None:
    job = hall.take_in(company_file(spoiled()))
    sealed = b"".join(hall.imports.sealed_file(job.id))
    secrets = secrets_of(company_draft(1)) | {'=HYPERLINK("x")', "法人代表", "长安里1号"}
    assert [secret for secret in secrets if any(form in sealed for form in encodings(secret))] == []
    lines = sealed.splitlines(keepends=True)
    assert b"".join(hall.imports.mend(iter(lines))) == hall.mendable(job.id)
    wrong = [lines[0].replace(b'"key":"', b'"key":"0'), lines[0][:-20] + b'"}\n', b"{}\n", b"\xff\n", b""]
    for head in wrong:
        with pytest.raises(DamagedError):
            list(hall.imports.mend(iter([head, *lines[1:]])))
    with pytest.raises(DamagedError):
        list(hall.imports.mend(iter([lines[0], lines[1].replace(b'"row":3', b'"row":4')])))
    with pytest.raises(DamagedError):
        list(hall.imports.mend(iter([lines[0], b"no line\n"])))
    hall.advance(days=KEPT.days + 1)
    hall.imports.forget_expired()
    with pytest.raises(RejectsGoneError):
        list(hall.imports.mend(iter(lines)))


def test_a_dry_runs_sealed_file_needs_no_row_of_the_database(hall: Hall) -> None:
    before = hall.world.count("vault_key")
    key, _ = hall.world.vault.make_key()
    plan, file = hall.plan(), company_file(spoiled())
    progress, _, kept = hall.rehearse(file, plan, key)
    assert (progress.good, progress.bad) == (4, 2)
    order = hall.order(plan, file, key)
    lines = [hall.imports.files.header(order, key, kept=False), *map(hall.imports.files.dry_line, kept)]
    assert hall.world.count("vault_key") == before
    rows = table_of(b"".join(hall.imports.mend(iter(lines))))
    assert [row[0] for row in rows[1:]] == [company_draft(place).number for place in (1, 4)]


def test_a_sealed_file_opens_in_no_other_hub(
    sqlite_hall: Hall, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("stranger")
    stranger = open_hall(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}", folder / "keys")
    job, key = sqlite_hall.take_in(company_file(spoiled())), sqlite_hall.world.vault.make_key()[0]
    _, _, kept = sqlite_hall.rehearse(company_file(spoiled()), key=key)
    files = sqlite_hall.imports.files
    dry = [files.header(sqlite_hall.order(sqlite_hall.plan(), company_file(spoiled()), key), key, kept=False)]
    for lines in ([*sqlite_hall.imports.sealed_file(job.id)], [*dry, *map(files.dry_line, kept)]):
        with pytest.raises(DamagedError):
            list(stranger.imports.mend(iter(lines)))
    stranger.world.database.close()


def test_a_dry_runs_sealed_file_opens_until_the_key_is_rotated(sqlite_hall: Hall) -> None:
    world, key = sqlite_hall.world, sqlite_hall.world.vault.make_key()[0]
    file = company_file(spoiled())
    header = sqlite_hall.imports.files.header(sqlite_hall.order(sqlite_hall.plan(), file, key), key, kept=False)
    rotation = Rotation(world.database, world.vault, sqlite_hall.jobs, world.clock, changed=world.audit.advance_epoch)
    rotation.rotate_wrapping("worker")
    with pytest.raises(RejectsGoneError):
        list(sqlite_hall.imports.mend(iter([header])))


def test_rejects_open_after_every_rotation(hall: Hall) -> None:
    world, file = hall.world, company_file(spoiled())
    job = hall.take_in(file)
    rotation = Rotation(world.database, world.vault, hall.jobs, world.clock, changed=world.audit.advance_epoch)
    rotation.rotate_wrapping("worker")
    rotation.rotate_index("worker")
    assert len(table_of(hall.mendable(job.id))) == 3
    with pytest.raises(AlreadyImportedError):
        hall.enrol(file)


def test_nothing_of_a_file_lies_in_the_database_in_the_clear(hall: Hall) -> None:
    rows = spoiled()
    rows[2]["legalRepresentative"] = "诸葛若川"
    file = company_file(rows)
    plan = hall.plan(defaults={**WORDS, "$reason": "欧阳明澈申请迁移其全部证照"})
    job = hall.enrol(file, plan)
    hall.run(job, file)
    upload = hall.imports.uploads.begin(hall.world.caller(), "csv")
    hall.imports.uploads.keep(upload, file)
    hall.imports.uploads.end(upload)
    content = everything(hall.world)
    assert job.encode() in content
    secrets = {
        value
        for row in rows
        for name, value in row.items()
        if name in {"number", "holders[0].name", "legalRepresentative"}
    }
    secrets |= {"法人代表", "欧阳明澈申请迁移其全部证照", "=HYPERLINK", *COLUMNS[1:3]}
    assert len(secrets) > 12
    assert [secret for secret in secrets if any(form in content for form in encodings(secret))] == []
    digest = hashlib.sha256(file).digest()
    assert digest not in content
    assert digest.hex().encode() not in content


@given(st.text())
def test_what_was_made_safe_comes_back_as_it_was(cell: str) -> None:
    assert unsafe(safe(cell)) == cell
    assert safe(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_a_file_without_the_added_columns_is_not_touched(sqlite_hall: Hall) -> None:
    file = csv_of([("'=1", "x")], ("number", ADDED[0]))
    (row,) = open_planned(sqlite_hall.plan(), io.BytesIO(file)).rows()
    assert isinstance(row, RawRow)
    assert dict(row.cells) == {"number": "'=1", ADDED[0]: "x"}


@pytest.mark.parametrize(
    ("cell", "shown", "written"),
    [
        ("文本", "文本", '"文本"'),
        (12, "12", "12"),
        (10**30, "1" + "0" * 30, "1" + "0" * 30),
        (Decimal("12.500"), "12.500", "12.500"),
        (True, "true", "true"),
        (None, "", "null"),
        (date(2026, 1, 5), "2026-01-05", '"2026-01-05"'),
        (datetime(2026, 1, 5, 8, 30), "2026-01-05T08:30:00", '"2026-01-05T08:30:00"'),  # noqa: DTZ001 - a workbook's time
        (b"\x00\x01", "AAE=", '"AAE="'),
        ([1, {"a": Decimal("0.10")}], '[1,{"a":0.10}]', '[1,{"a":0.10}]'),
        (Spoilt("MERGED", "残"), "残", '"残"'),
    ],
)
def test_cells_keep_every_digit(cell: object, shown: str, written: str) -> None:
    assert text_of(cell) == shown
    assert json_of(cell) == written
