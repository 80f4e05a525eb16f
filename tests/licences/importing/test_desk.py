"""The import desk: files and imports of one authority as lists, what a dry run leaves, and refused rows that are let go, on each database."""

import pytest

from hub.access.caller import SCOPES, Caller
from hub.errors import StateError
from hub.licences.importing.refusals import RejectsGoneError, UploadError
from hub.licences.importing.service import ImportRequest
from hub.paging import Window
from tests.licences.importing.hall import BUSINESS, WORDS, Hall, companies, company_file, company_row
from tests.licences.world import MARKET


def officer(hall: Hall, authority: str = MARKET) -> Caller:
    with hall.world.database.snapshot() as session:
        epoch = hall.world.audit.epoch(session)
    return Caller(hall.add_client(authority), authority, frozenset(SCOPES), epoch)


def sent(hall: Hall, caller: Caller, file: bytes) -> str:
    taking = hall.imports.uploads.begin(caller, "csv")
    hall.imports.uploads.keep(taking, file)
    return hall.imports.uploads.end(taking).id


def current(hall: Hall, caller: Caller) -> Caller:
    with hall.world.database.snapshot() as session:
        return Caller(caller.client_id, caller.authority, caller.scopes, hall.world.audit.epoch(session))


def test_a_dry_run_leaves_its_file_and_the_import_takes_it(hall: Hall) -> None:
    caller = current(hall, officer(hall))
    upload = sent(hall, caller, companies([1, 2]))
    tried = hall.imports.begin(caller, ImportRequest(upload, BUSINESS, defaults=WORDS, dry_run=True), "try-it-out-1")
    assert hall.imports.run(tried.id, "test", workers=0).good == 2
    assert [each.id for each in hall.imports.desk.files(caller)] == [upload]
    begun = hall.imports.carry_out(caller, tried.id, "carry-it-out")
    assert (begun.dry_run, hall.imports.run(begun.id, "test", workers=0).good) == (False, 2)
    assert hall.imports.desk.files(caller) == []
    with pytest.raises(UploadError):
        hall.imports.desk.open(caller, upload, BUSINESS)


def test_imports_are_listed_the_newest_first_page_by_page_and_of_one_authority(hall: Hall) -> None:
    caller, jobs = current(hall, officer(hall)), []
    for place in range(3):
        jobs.append(hall.enrol(companies([place + 10])))
        hall.advance(seconds=1)
    desk = hall.imports.desk
    first = desk.page(caller, Window(first=2))
    assert ([each.id for each in first.items], first.has_next) == (jobs[:0:-1], True)
    second = desk.page(caller, Window(first=2, after=first.cursors[-1]))
    assert ([each.id for each in second.items], second.has_next, second.has_previous) == (jobs[:1], False, True)
    back = desk.page(caller, Window(last=2, before=second.cursors[0]))
    assert back.items == first.items
    other = Caller("other", "11990200MB00000023", frozenset(SCOPES), 1)
    assert desk.page(other, Window(first=2)).items == ()


def test_refused_rows_wait_until_somebody_lets_them_go(hall: Hall) -> None:
    caller = current(hall, officer(hall))
    job = hall.enrol(company_file([company_row(20, establishedOn="someday")]))
    with pytest.raises(StateError):
        hall.imports.desk.settle(caller, job)
    hall.run(job, company_file([company_row(20, establishedOn="someday")]))
    assert [each.id for each in hall.imports.desk.to_mend(caller, 5)] == [job]
    hall.imports.desk.settle(caller, job)
    assert hall.imports.desk.to_mend(caller, 5) == []
    with pytest.raises(RejectsGoneError):
        hall.imports.take_rejects(caller, job)
    hall.imports.forget_expired()
    assert hall.imports.register.progress(job).kept_until == 0
