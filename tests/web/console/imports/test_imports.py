"""Imports by pages: sent, mapped, tried, imported and mended by an officer of the authority, and by nobody else."""

import io
import json
import re
import zipfile
from collections.abc import Iterable

import httpx
import pytest

from hub.licences.importing.uploads import CHUNK
from tests.acceptance.small_hub import ISSUER, URL
from tests.licences.importing.hall import companies, company_file, company_row
from tests.web.console.office import OTHER, Office
from tests.web.visitor import Visitor, fields, text

FOR = f"{ISSUER}.BusinessLicence"
WORDS = {"basis": "虚构条例", "reason": "存量证照入库"}
SAME = {"origin": URL, "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def desk(office: Office) -> Visitor:
    return office.visitor("LICENCE_OFFICER")


def send(visitor: Visitor, file: bytes, name: str = "companies.csv", **given: str) -> httpx.Response:
    token = fields(visitor.get("/console/imports/new")).hidden["form_token"]
    form = {"form_token": token, "for": FOR, **given}
    return visitor.send("POST", "/console/imports/send", data=form, files={"file": (name, file)}, headers=SAME)


def try_out(visitor: Visitor, path: str, **given: str) -> httpx.Response:
    """Send the page of the map with what is chosen beforehand, and with what a person changes."""
    page = visitor.get(path)
    chosen = {
        name: (re.search(r'value="([^"]+)" selected', part) or ["", ""])[1]
        for name, part in re.findall(r'<select id="(column\.\d+)"(.*?)</select>', page.text, re.DOTALL)
    }
    return visitor.post(path, {**fields(page).hidden, **chosen, **WORDS, **given}, headers=SAME)


def tried(office: Office, visitor: Visitor, file: bytes, **given: str) -> str:
    """Send a file, try it and let a worker judge it; return the path of its page."""
    led = try_out(visitor, send(visitor, file).headers["location"], **given)
    assert led.status_code == 303, text(led)
    return work(office, led.headers["location"])


def work(office: Office, path: str) -> str:
    office.hub.imports.run(path.rpartition("/")[2], "test", workers=0)
    return path


def imported(office: Office, visitor: Visitor, path: str) -> str:
    """Import what was tried; return the path of the import's page, worked off."""
    proof = visitor.fill(path, f"{path}/run")
    assert proof.status_code == 303, text(proof)
    page = visitor.get(proof.headers["location"])
    assert "The import has begun" in page.text
    assert re.search(r'<div class="code">[0-9a-f]{32}</div>', page.text)
    onward = re.search(r'href="(/console/imports/[0-9a-f]{32})"', page.text)
    assert onward
    return work(office, onward[1])


def rows(page: httpx.Response) -> Iterable[str]:
    return re.findall(r"<tr>(.*?)</tr>", page.text, re.DOTALL)


def test_a_file_is_sent_mapped_tried_and_imported(office: Office, desk: Visitor) -> None:
    path = send(desk, companies(range(20, 24))).headers["location"]
    page = desk.get(path)
    assert 'value="number" selected' in page.text
    assert "虚构市第20号公司" not in page.text
    trial = work(office, try_out(desk, path).headers["location"])
    assert "All rows are good: 4" in desk.get(trial).text
    done = imported(office, desk, trial)
    assert "All rows are sealed and stored: 4" in desk.get(done).text
    listed = text(desk.get("/console/imports"))
    assert "Business licence" in listed
    assert "Trial" in listed
    assert "Nothing was imported yet" not in listed


def test_bad_rows_are_told_taken_mended_and_imported(office: Office, desk: Visitor) -> None:
    good, bad = company_row(30), company_row(31, establishedOn="someday", number="1")
    trial = tried(office, desk, company_file([good, bad]))
    assert "Rows with faults: 1" in desk.get(trial).text
    page = desk.get(f"{trial}/rows")
    assert "Established on" in text(page)
    assert "someday" not in text(page)
    first = imported(office, desk, trial)
    assert "Import with rows to mend" in text(desk.get("/console"))
    taken = desk.get(f"{first}/rejects")
    assert taken.headers["content-disposition"].startswith("attachment")
    assert "someday" in taken.content.decode()
    mended = (
        taken.content.decode("utf-8-sig")
        .replace("someday", "2021-04-06")
        .replace("\r\n1,", f"\r\n{company_row(31)['number']},")
    )
    second = imported(office, desk, tried(office, desk, mended.encode("utf-8-sig")))
    assert "All rows are sealed and stored: 1" in desk.get(second).text
    settled = desk.fill(f"{first}/settle")
    assert "The faulty rows are destroyed" in desk.get(settled.headers["location"]).text
    assert "Import with rows to mend" not in text(desk.get("/console"))
    assert desk.get(f"{first}/rejects").status_code == 410


def test_a_mended_file_is_mapped_as_the_first_was(office: Office, desk: Visitor) -> None:
    """Its columns had names that tell nothing, and the act's own words were typed once."""
    file = company_file([company_row(33, establishedOn="someday")]).replace(b"businessScope", b"mystery")
    trial = tried(office, desk, file, **{"column.11": "businessScope"})
    onward = re.search(r'href="(/console/imports/new\?[^"]+)"', desk.get(trial).text)
    assert onward
    form = fields(desk.get(onward[1].replace("&amp;", "&"))).hidden
    mended = desk.get(f"{trial}/rejects").content.replace(b"someday", b"2021-04-06")
    path = send(desk, mended, **form).headers["location"]
    page = desk.get(path)
    assert ('value="businessScope" selected' in page.text, 'value="虚构条例"' in page.text) == (True, True)
    again = try_out(desk, path)
    assert "All rows are good: 1" in desk.get(work(office, again.headers["location"])).text


@pytest.mark.parametrize(
    ("name", "file", "told"),
    [
        ("companies.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "does not begin as csv does"),
        ("companies.xlsx", b"number,name\n1,2\n", "does not begin as xlsx does"),
        ("companies.csv", b"", "empty"),
        ("companies.doc", b"number\n1\n", "does not tell its format"),
        ("companies.csv", b"number,number\n1,2\n", "same name"),
        ("companies.parquet", b"PAR1 and nothing else", "cannot be imported"),
        ("", b"", "Choose a file"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_of_it_is_kept(
    office: Office, desk: Visitor, name: str, file: bytes, told: str
) -> None:
    waiting = len(office.hub.imports.uploads.waiting(ISSUER))
    refused = send(desk, file, name)
    assert refused.status_code == 400
    assert told in text(refused)
    assert f'<option value="{FOR}" selected>' in refused.text
    assert len(office.hub.imports.uploads.waiting(ISSUER)) == waiting


def test_a_workbook_that_unpacks_to_far_more_than_it_is_worth_is_refused(office: Office, desk: Visitor) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", b"<x/>")
        bomb.writestr("xl/workbook.xml", b" " * (80 * 1024 * 1024))
    before = office.hub.imports.uploads.waiting(ISSUER)
    assert send(desk, packed.getvalue(), "companies.xlsx").status_code == 400
    assert office.hub.imports.uploads.waiting(ISSUER) == before


def test_a_file_larger_than_the_hub_takes_is_refused_before_it_is_whole(
    office: Office, desk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.hub.imports.uploads, "largest", CHUNK + 10)
    before = office.hub.imports.uploads.waiting(ISSUER)
    refused = send(desk, b"number,name\n" + b"x" * (2 * CHUNK + 100_000))
    assert refused.status_code == 413
    assert "too large" in text(refused)
    assert office.hub.imports.uploads.waiting(ISSUER) == before


def test_several_chunks_arrive_whole(office: Office, desk: Visitor) -> None:
    file = company_file([company_row(40, businessScope="x" * 200)] * (CHUNK // 300))
    before = office.hub.imports.uploads.waiting(ISSUER)
    path = send(desk, file).headers["location"]
    (kept,) = set(office.hub.imports.uploads.waiting(ISSUER)).difference(before)
    assert kept.size == len(file) > CHUNK
    assert office.hub.imports.uploads.open(kept.id).read() == file
    gone = desk.fill("/console/imports", f"{path.rpartition('/')[0]}/discard")
    assert gone.status_code == 303
    assert office.hub.imports.uploads.waiting(ISSUER) == before


def test_a_column_is_never_left_out_in_silence(desk: Visitor) -> None:
    file = company_file([company_row(50)]).replace(b"businessScope", b"mystery")
    path = send(desk, file).headers["location"]
    refused = try_out(desk, path)
    assert refused.status_code == 400
    assert "Choose what column 11 fills" in text(refused)
    assert try_out(desk, path, **{"column.11": "nowhere"}).status_code == 400
    assert try_out(desk, path, **{"column.11": "businessScope", "column.8": "-"}).status_code == 303


def test_the_same_file_is_imported_twice_only_by_somebody_who_says_so(office: Office, desk: Visitor) -> None:
    file = companies([60])
    first, trial = tried(office, desk, file), tried(office, desk, file)
    imported(office, desk, first)
    refused = desk.fill(trial, f"{trial}/run")
    assert refused.status_code == 409
    assert "imported before" in text(refused)
    assert 'name="again"' in refused.text
    assert desk.fill(trial, f"{trial}/run", again="yes").status_code == 303


def test_an_import_is_cancelled_and_the_script_is_told_figures(desk: Visitor) -> None:
    path = try_out(desk, send(desk, companies([70, 71])).headers["location"]).headers["location"]
    page = desk.get(path)
    assert "import_progress" in page.text
    assert '<meta http-equiv="refresh"' in page.text
    figures = json.loads(desk.get(path, headers={"accept": "application/json"}).text)
    assert (figures["ended"], figures["percent"]) == (False, 0)
    assert desk.fill(f"{path}/cancel").status_code == 303
    page = desk.get(path)
    assert "Cancelled" in text(page)
    assert "import_progress" not in page.text


def test_nobody_else_reaches_a_file_or_an_import(office: Office, desk: Visitor) -> None:
    file = send(desk, companies([80])).headers["location"]
    job = try_out(desk, file).headers["location"]
    other = office.visitor("LICENCE_OFFICER", OTHER)
    for path in (file, job, f"{job}/rows", f"{job}/rejects", f"{job}/cancel"):
        assert other.get(path).status_code == 404, path
    token = fields(other.get("/console/imports")).hidden["form_token"]
    for path in (file, f"{job}/run", f"{job}/cancel", f"{file.rpartition('/')[0]}/discard"):
        assert other.post(path, {"form_token": token}, headers=SAME).status_code == 404, path
    assert send(other, companies([81])).status_code == 400  # for an authority that is not his
    assert job not in other.get("/console/imports").text


def test_a_form_with_a_file_is_taken_from_a_page_of_the_session_alone(desk: Visitor) -> None:
    for forged in ({"form_token": "x"}, {}):
        given = {"for": FOR, **forged}
        answer = desk.send(
            "POST", "/console/imports/send", data=given, files={"file": ("a.csv", b"a\n1\n")}, headers=SAME
        )
        assert (answer.status_code, "FORM_REFUSED" in answer.text) == (403, True)
    elsewhere = {**SAME, "origin": "https://elsewhere.example"}
    token = fields(desk.get("/console/imports/new")).hidden["form_token"]
    answer = desk.send(
        "POST",
        "/console/imports/send",
        data={"form_token": token, "for": FOR},
        files={"file": ("a.csv", b"a\n1\n")},
        headers=elsewhere,
    )
    assert answer.status_code == 403
