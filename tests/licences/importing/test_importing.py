"""An import: good rows become licences, bad ones rejects, one file is imported once, and a stop costs nothing."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import text

from hub.access.staff.acting import client_of
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import LICENCE_OFFICER
from hub.errors import (
    AuthorityMismatchError,
    ImportMapError,
    JobBusyError,
    JobCancelledError,
    PolicyChangedError,
    ScopeMissingError,
    UnavailableError,
)
from hub.jobs.service import JobState
from hub.licences.importing import intake
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.refusals import AlreadyImportedError, RejectsGoneError
from hub.licences.importing.register import KEPT, Application
from hub.seals.refusals import SealSuspendedError
from tests.access.staff.office import open_office
from tests.licences.drafts import company_draft, draft_of
from tests.licences.importing.hall import BUSINESS, COLUMNS, WORDS, Hall, companies, company_file, company_row, table_of
from tests.licences.world import MARKET, POLICE
from tests.seals.made import office_of, people
from tests.tabular.files import jsonl_of

TABLES = (
    "licence", "licence_part", "licence_event", "vault_key", "vault_index", "audit_record", "job", "import_job",
    "import_reject", "idempotent_reply",
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_ROWS", 4)


def expected(places: range | list[int]) -> list[str]:
    return sorted(company_draft(place).number for place in places)


def test_good_rows_become_licences_like_any_other(hall: Hall) -> None:
    progress = hall.take_in(companies(range(10)))
    assert (progress.state, progress.good, progress.bad) == (JobState.FINISHED, 10, 0)
    assert progress.read == progress.amount
    assert hall.numbers() == expected(range(10))
    entries = hall.world.entries("licence")
    assert [(one["operation"], one["client"], one["authority"]) for one in entries] == [
        ("issue", "import", MARKET)
    ] * 10
    started, finished = hall.world.entries("import")
    assert (started["operation"], finished["operation"]) == ("START", "FINISH")
    assert (finished["good"], finished["bad"], finished["job"]) == (10, 0, progress.id)
    with pytest.raises(Exception, match="live licence"):
        hall.world.licences.issue(hall.world.caller(), company_draft(3), "again-by-hand")


def test_bad_rows_are_kept_with_every_fault_and_stop_nobody(hall: Hall) -> None:
    rows = [company_row(place) for place in range(9)]
    rows[2] |= {"roleLabel": "法人代表", "establishedOn": "2021-02-30"}
    rows[7]["holders[0].code"] = "91990200MA0000007X"
    progress = hall.take_in(company_file(rows))
    assert (progress.good, progress.bad) == (7, 2)
    assert hall.numbers() == expected([0, 1, 3, 4, 5, 6, 8])
    header, first, second = table_of(hall.mendable(progress.id))
    assert header == [*COLUMNS, "[row]", "[field]", "[value]", "[reason]"]
    assert dict(zip(header, first, strict=True)).items() >= rows[2].items()
    assert first[-4] == "4"
    assert sorted(first[-2].split(" ; ")) == ["2021-02-30", "法人代表"]
    assert "holders[0].code" in second[-3]
    assert hall.tallies[-1].faults.total() == 3


def test_of_two_rows_with_one_number_the_earlier_stands(hall: Hall) -> None:
    hall.world.licences.issue(hall.world.caller(), company_draft(6), "there-before")
    # 1 again within the chunk, 2 again in a later one, 6 in the hub
    progress = hall.take_in(companies([0, 1, 1, 2, 3, 2, 6, 4]))
    assert (progress.good, progress.bad) == (5, 3)
    assert hall.numbers() == expected([0, 1, 2, 3, 4, 6])
    with hall.world.database.snapshot() as session:
        rejected = session.execute(text("SELECT number FROM import_reject ORDER BY number")).scalars().all()
    assert rejected == [4, 7, 8]


def test_a_type_without_a_scope_takes_equal_rows(hall: Hall) -> None:
    draft = draft_of("TaxPaymentCertificate")
    row = {
        "number": draft.number, "holders": [{"codeType": one.code_type, "code": one.code, "name": one.name} for one in draft.holders],
        "issuedOn": draft.issued_on.isoformat(), **draft.data,
    }  # fmt: skip
    file = jsonl_of([tuple(row.values())] * 3, tuple(row))
    plan = hall.plan(
        type_key="TaxPaymentCertificate", format="jsonl", mapping={"columns": {name: name for name in row}}
    )
    assert hall.take_in(file, plan).good == 3


def test_one_file_is_imported_once_unless_somebody_says_again(hall: Hall) -> None:
    file = companies(range(5))
    first = hall.take_in(file)
    with pytest.raises(AlreadyImportedError) as refused:
        hall.enrol(file)
    assert first.id in refused.value.message
    hall.advance(seconds=1)
    second = hall.take_in(file, again=True)
    assert second.id != first.id
    assert (second.good, second.bad) == (0, 5)
    assert hall.world.count("licence") == 5
    with pytest.raises(AlreadyImportedError) as refused:
        hall.enrol(file)
    assert second.id in refused.value.message


def test_another_map_type_or_authority_is_another_import(hall: Hall) -> None:
    file = companies(range(2))
    hall.take_in(file)
    others = [hall.plan(defaults={**WORDS, "$reason": "再次入库"}), hall.plan(type_key="FoodBusinessLicence")]
    ids = {hall.enrol(file, plan) for plan in others}
    with hall.world.database.transaction() as session:
        ids.add(hall.imports.register.enrol(session, Application(POLICE, "import", hall.plan(), b"\x00" * 32)))
    assert len(ids) == 3


def test_an_import_that_stopped_goes_on_behind_its_last_chunk(hall: Hall) -> None:
    file = companies(range(10))
    job = hall.enrol(file)

    def interrupt(progress: ImportProgress) -> None:
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hall.run(job, file, told=interrupt)
    assert hall.world.count("licence") == 4
    assert hall.imports.register.progress(job).state is JobState.WAITING
    assert hall.enrol(file) == job
    progress = hall.run(job, file)
    assert (progress.good, [one.done for one in hall.seen]) == (10, [4, 8, 10])
    assert hall.numbers() == expected(range(10))


def test_two_imports_of_one_file_at_a_time_are_one(hall: Hall) -> None:
    file = companies(range(10))
    job = hall.enrol(file)

    def intrude(progress: ImportProgress) -> None:
        if progress.done < 10:
            assert hall.enrol(file) == job
            with pytest.raises(JobBusyError, match="run by first") as busy:
                hall.run(job, file, worker="second")
            assert "30 s" in busy.value.message

    assert hall.run(job, file, worker="first", told=intrude).good == 10
    assert hall.numbers() == expected(range(10))


def test_a_changed_policy_has_what_is_on_its_way_sealed_anew(hall: Hall) -> None:
    file, old, new = companies(range(12)), hall.world.seals.sealer(MARKET).kid, []

    def change(progress: ImportProgress) -> None:
        if progress.done == 4:
            (seal,) = hall.world.seals.seals(MARKET)
            new.append(office_of(hall.world).changes.rotate(people(MARKET).maker, seal.es_id).kid)

    assert hall.run(hall.enrol(file), file, told=change).good == 12
    assert [one["kid"] for one in hall.world.entries("licence")] == [old] * 4 + new * 8


def test_who_may_not_issue_any_more_imports_nothing_more(hall: Hall) -> None:
    file = companies(range(12))
    job = hall.enrol(file)

    def suspend(progress: ImportProgress) -> None:
        if progress.done == 4:
            (seal,) = hall.world.seals.seals(MARKET)
            office_of(hall.world).changes.suspend(people(MARKET).approver, seal.es_id, "CERTIFICATE_HOLD")

    with pytest.raises(SealSuspendedError):
        hall.run(job, file, told=suspend)
    stopped = hall.imports.register.progress(job)
    assert (stopped.state, stopped.error, stopped.good) == (JobState.FAILED, "SEAL_SUSPENDED", 4)
    assert stopped.problem is not None
    assert "seal" in stopped.problem
    (seal,) = hall.world.seals.seals(MARKET)
    office_of(hall.world).changes.resume(people(MARKET).approver, seal.es_id, "UNSPECIFIED")
    finished = hall.run(hall.enrol(file), file)
    assert (finished.good, finished.error, finished.problem) == (12, None, None)


def test_a_client_that_is_ended_imports_nothing_more(hall: Hall) -> None:
    file, client = companies(range(12)), hall.add_client()
    with hall.world.database.transaction() as session:
        job = hall.imports.register.enrol(session, Application(MARKET, client, hall.plan(), b"\x01" * 32))

    def end(progress: ImportProgress) -> None:
        if progress.done == 4:
            hall.access.set_active(client, active=False)

    with pytest.raises(ScopeMissingError):
        hall.run(job, file, told=end)
    assert hall.world.count("licence") == 4


def test_an_officer_whose_role_is_withdrawn_imports_nothing_more(hall: Hall) -> None:
    world, file = hall.world, companies(range(12))
    office = open_office(world.database, world.store, world.clock)
    officer = office.hire("officer", (LICENCE_OFFICER, MARKET))
    boss, (held,) = office.boss.calls(), office.staff.members.of(officer.id).roles
    with world.database.transaction() as session:
        wanted = Application(MARKET, client_of(officer.id), hall.plan(), b"\x01" * 32)
        job = hall.imports.register.enrol(session, wanted)

    def withdraw(progress: ImportProgress) -> None:
        if progress.done == 4:
            office.staff.administration.withdraw_role(boss, held.id)

    with pytest.raises(RoleMissingError):
        hall.run(job, file, told=withdraw)
    assert world.count("licence") == 4
    assert {entry["client"] for entry in world.entries("licence")} == {client_of(officer.id)}


def test_an_authority_without_the_right_imports_nothing(hall: Hall) -> None:
    file = companies(range(3))
    with hall.world.database.transaction() as session:
        job = hall.imports.register.enrol(session, Application(POLICE, "import", hall.plan(), b"\x02" * 32))
    with pytest.raises(AuthorityMismatchError):
        hall.run(job, file)
    assert hall.world.count("licence") == 0


def test_a_policy_that_never_stands_still_leaves_the_import_waiting(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = companies(range(3))
    job = hall.enrol(file)
    moving = iter(range(1000, 2000))
    monkeypatch.setattr(hall.world.audit, "epoch", lambda _session: next(moving))
    with pytest.raises(PolicyChangedError):
        hall.run(job, file)
    stopped = hall.imports.register.progress(job)
    assert (stopped.state, stopped.done) == (JobState.WAITING, 0)
    monkeypatch.undo()
    assert hall.run(job, file).good == 3


def test_a_taken_status_place_is_given_up_for_another(hall: Hall) -> None:
    hall.take_in(companies(range(20, 23)))
    refused: list[str] = []

    @event.listens_for(hall.world.database.engine, "before_cursor_execute", retval=True)
    def _collide(
        _connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: Any
    ) -> tuple[str, Any]:
        if sql.startswith("INSERT INTO licence ") and not refused:
            refused.append(sql)
            taken = parameters[0]
            parameters = [taken, (*parameters[1][:14], *taken[14:16], parameters[1][16]), *parameters[2:]]
        return sql, parameters

    file = companies(range(6))
    assert hall.take_in(file).good == 6
    assert refused
    assert hall.numbers() == expected([*range(6), *range(20, 23)])


def test_a_dry_run_judges_everything_and_writes_nothing(hall: Hall) -> None:
    hall.world.licences.issue(hall.world.caller(), company_draft(6), "there-before")
    rows = [company_row(place) for place in (0, 1, 1, 2, 3, 2, 6, 4, 0)]
    rows[4]["roleLabel"] = "法人代表"
    file = company_file(rows)
    before = {table: hall.world.count(table) for table in TABLES}
    rehearsed, tally, refused = hall.rehearse(file)
    assert {table: hall.world.count(table) for table in TABLES} == before
    assert [one.number for one in refused] == [4, 6, 7, 8, 10]
    progress = hall.take_in(file)
    assert (progress.good, progress.bad) == (rehearsed.good, rehearsed.bad) == (4, 5)
    assert hall.tallies[-1].faults == tally.faults


def test_a_cancelled_import_ends_and_can_go_on(hall: Hall) -> None:
    file = companies(range(12))
    job = hall.enrol(file)

    def cancel(progress: ImportProgress) -> None:
        if progress.done == 8:
            hall.imports.register.cancel(job, "officer")

    with pytest.raises(JobCancelledError):
        hall.run(job, file, told=cancel)
    assert hall.imports.register.progress(job).state is JobState.CANCELLED
    assert hall.world.count("licence") == 8
    with pytest.raises(JobCancelledError):
        hall.run(job, file)
    assert hall.run(hall.enrol(file), file).good == 12
    assert [one["operation"] for one in hall.world.entries("import")] == ["START", "CANCEL", "FINISH"]


def test_a_map_that_does_not_fit_is_told_before_anything_is_kept(hall: Hall) -> None:
    with pytest.raises(ImportMapError, match="legalBasis"):
        hall.rehearse(companies(range(2)), hall.plan(defaults={}))
    with pytest.raises(ImportMapError):
        hall.rehearse(companies(range(2)), hall.plan(mapping={"columns": {"nowhere": "number"}}))
    job = hall.enrol(companies(range(2)), hall.plan(defaults={}))
    with pytest.raises(ImportMapError):
        hall.run(job, companies(range(2)))
    assert hall.imports.register.progress(job).error == "IMPORT_MAP_INVALID"


def test_rejects_go_when_their_time_is_over_and_the_file_is_still_known(hall: Hall) -> None:
    rows = [company_row(place) for place in range(3)]
    rows[1]["roleLabel"] = "法人代表"
    file = company_file(rows)
    progress = hall.take_in(file)
    hall.advance(days=KEPT.days - 1)
    hall.imports.forget_expired()
    assert b"[row]" in hall.mendable(progress.id)
    hall.advance(days=2)
    hall.imports.forget_expired()
    with pytest.raises(RejectsGoneError):
        hall.mendable(progress.id)
    assert hall.world.count("import_reject") == 0
    with pytest.raises(AlreadyImportedError):
        hall.enrol(file)
    assert hall.imports.register.progress(progress.id).bad == 1


def test_an_import_left_alone_for_too_long_goes_on_without_its_old_rejects(hall: Hall) -> None:
    rows = [company_row(place) for place in range(8)]
    rows[1]["roleLabel"] = rows[6]["roleLabel"] = "法人代表"
    file = company_file(rows)
    job = hall.enrol(file)

    def interrupt(progress: ImportProgress) -> None:
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hall.run(job, file, told=interrupt)
    hall.advance(days=KEPT.days + 1)
    hall.imports.forget_expired()
    with pytest.raises(RejectsGoneError):
        hall.run(job, file)
    assert hall.jobs.progress(job).error == "REJECTS_GONE"
    assert hall.run(hall.enrol(file), file).good == 6
    assert [row[-4] for row in table_of(hall.mendable(job))] == ["[row]", "8"]


def test_a_database_that_is_gone_leaves_the_import_waiting(hall: Hall) -> None:
    file = companies(range(12))
    job = hall.enrol(file)

    def drop(progress: ImportProgress) -> None:
        if progress.done == 4:
            with hall.world.database.transaction() as session:
                session.execute(text("ALTER TABLE licence_part RENAME TO mislaid"))

    with pytest.raises(UnavailableError):
        hall.run(job, file, told=drop)
    stopped = hall.imports.register.progress(job)
    assert (stopped.state, stopped.good) == (JobState.WAITING, 4)
    with hall.world.database.transaction() as session:
        session.execute(text("ALTER TABLE mislaid RENAME TO licence_part"))
    assert hall.run(job, file).good == 12
    assert hall.numbers() == expected(range(12))


def test_a_file_without_rows_is_an_import_of_none(hall: Hall) -> None:
    progress = hall.take_in(companies([]))
    assert (progress.state, progress.done) == (JobState.FINISHED, 0)


def test_the_imports_of_an_authority_are_listed_newest_first(hall: Hall) -> None:
    first = hall.take_in(companies([1]))
    hall.advance(seconds=1)
    second = hall.take_in(companies([2]))
    assert [one.id for one in hall.imports.register.all(MARKET)] == [second.id, first.id]
    assert hall.imports.register.all(POLICE) == []
    assert second.type_key == BUSINESS
