"""Files that sources' own systems send: fed by a worker, watched by nobody else, stopped with their client."""

from dataclasses import replace
from typing import Any

import pytest

from hub.access.caller import Caller
from hub.errors import AuthorityMismatchError, ImportMapError, NotFoundError, ScopeMissingError
from hub.identities.importing import run
from hub.identities.importing.service import FROM_UPLOAD
from hub.identities.refusals import RegisterImportedError
from hub.jobs.service import JobState
from hub.licences.importing.refusals import UploadError
from hub.paging import Window
from tests.access.department import Department
from tests.identities.office import MARKET, POLICE, Office, file_of, row_of


def system(office: Office, authority: str = POLICE, *scopes: str) -> Caller:
    """Return a registered client system of an authority."""
    department = Department(office.clock, f"feeder-{authority[-4:]}")
    office.access.add_client(
        "A system", authority, list(scopes or ("register:feed",)), department.jwk, department.client_id
    )
    caller = office.caller(authority)
    return Caller(department.client_id, authority, frozenset(scopes or ("register:feed",)), caller.epoch)


def sent(office: Office, caller: Caller, file: bytes) -> str:
    """Return the upload of a file."""
    taking = office.uploads.begin(caller, "csv")
    office.uploads.keep(taking, file)
    return office.uploads.end(taking).id


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_ROWS", 7)


@pytest.mark.usefixtures("small_chunks")
def test_an_upload_is_fed_by_whichever_worker_is_free_and_gone_then(office: Office) -> None:
    caller = system(office)
    file = file_of([*map(row_of, range(20)), row_of(20, status="GONE"), row_of(21, name="")])
    upload = sent(office, caller, file)
    job = office.imports.begin(caller, upload, office.wanted())
    assert office.imports.begin(caller, upload, office.wanted()).id == job.id
    assert office.jobs.takeable(FROM_UPLOAD) == (job.id,)
    done = office.imports.run_upload(job.id, "worker")
    assert (done.state, done.outcomes) == (JobState.FINISHED, {"ADDED": 20, "REFUSED": 2})
    page = office.imports.rejected(caller, job.id, Window(1))
    assert [one.number for one in page.items] == [22]
    (last,) = office.imports.rejected(caller, job.id, Window(5, after=page.cursors[0])).items
    assert (last.number, [each.pointer for each in last.faults]) == (23, ["/name"])
    with pytest.raises(UploadError):
        office.imports.run_upload(job.id, "worker")
    again = sent(office, caller, file)
    with pytest.raises(RegisterImportedError):
        office.imports.begin(caller, again, office.wanted())
    assert {each["client"] for each in office.records("register")} == {caller.client_id}


def test_only_a_source_asks_and_only_for_its_own(office: Office) -> None:
    system(office), system(office, MARKET)
    caller, other = (replace(office.caller(code), client_id=f"feeder-{code[-4:]}") for code in (POLICE, MARKET))
    upload = sent(office, caller, file_of([row_of(1)]))
    refused: list[tuple[type[Exception], Caller, dict[str, Any]]] = [
        (AuthorityMismatchError, other, {"authority": MARKET}),
        (AuthorityMismatchError, other, {}),
        (UploadError, other, {"authority": MARKET, "register": "Organisation"}),
        (ScopeMissingError, Caller("x", POLICE, frozenset({"licence:issue"}), caller.epoch), {}),
    ]
    for error, who, changes in refused:
        with pytest.raises(error):
            office.imports.begin(who, upload, office.wanted(**changes))
    with pytest.raises(ScopeMissingError):
        office.uploads.begin(Caller("x", POLICE, frozenset({"licence:read"}), caller.epoch), "csv")
    job = office.imports.begin(caller, upload, office.wanted())
    for act in (office.imports.of, office.imports.cancel):
        with pytest.raises(NotFoundError):
            act(other, job.id)
        with pytest.raises(NotFoundError):
            act(caller, "0" * 32)
    assert office.imports.cancel(caller, job.id).state is JobState.CANCELLED


def test_what_is_wrong_with_the_file_or_its_sender_stops_the_job_and_is_told(office: Office) -> None:
    caller = system(office)
    wrong = office.imports.begin(caller, sent(office, caller, b"a,b\n1,2\n"), office.wanted())
    with pytest.raises(ImportMapError):
        office.imports.run_upload(wrong.id, "worker")
    stopped = office.imports.of(caller, wrong.id)
    assert (stopped.state, stopped.error) == (JobState.FAILED, "IMPORT_MAP_INVALID")
    job = office.imports.begin(caller, sent(office, caller, file_of([row_of(1)])), office.wanted())
    office.access.set_active(caller.client_id, active=False)
    with pytest.raises(ScopeMissingError):
        office.imports.run_upload(job.id, "worker")
    assert office.count("register_entry") == 0
