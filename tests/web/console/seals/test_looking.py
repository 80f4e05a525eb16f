"""Looking at seals: what lists and pages show, filtered and page by page, and what they say of uses and of the trust list."""

import pytest

from keys.digests import Digests
from tests.acceptance.small_hub import ISSUER
from tests.seals.made import make_seal
from tests.web.console.office import OTHER, Office
from tests.web.visitor import text


@pytest.fixture(scope="module")
def es_id(office: Office) -> str:
    return office.hub.seals.seals(ISSUER)[0].es_id


def test_lists_are_filtered_by_status_and_authority_and_shown_page_by_page(
    office: Office, es_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_seal(office.hub, ISSUER, "备案专用章(98)")
    whole = office.visitor("SEAL_APPROVER", None)
    everything = whole.get("/console/seals").text
    other = office.hub.seals.seals(OTHER)[0].es_id
    assert es_id in everything
    assert other in everything
    theirs = whole.get("/console/seals", params={"authority": OTHER}).text
    assert (other in theirs, es_id in theirs) == (True, False)
    assert "No seal is like that" in text(whole.get("/console/seals", params={"status": "REVOKED"}))
    for wrong in ({"status": "LOST"}, {"after": "x"}, {"before": "eyJ9"}):
        assert whole.get("/console/seals", params=wrong).status_code == 400
    monkeypatch.setattr("hub.web.console.seals.shown._A_PAGE", 2)
    first = whole.get("/console/seals")
    (after,) = (each for each in first.text.split('"') if "after=" in each)
    second = whole.get(after.replace("&amp;", "&"))
    assert second.status_code == 200
    assert 'rel="prev"' in second.text
    (before,) = (each for each in second.text.split('"') if "before=" in each)
    assert es_id in whole.get(before.replace("&amp;", "&")).text
    rows = whole.get("/console/seals/applications", params={"status": "MADE"})
    assert 'rel="next"' in rows.text


def test_a_seal_shows_keys_uses_with_records_and_its_entry_in_the_trust_list(office: Office, es_id: str) -> None:
    hub = office.hub
    officer = office.staff("LICENCE_OFFICER")
    hub.file_sealing.sign(officer, es_id, Digests({"sha-256": b"\x01" * 32}), "盖章说明")
    hub.log.integrate()
    hub.supervision.catch_up()
    page = office.visitor("LICENCE_OFFICER").get(f"/console/seals/{es_id}")
    shown = text(page)
    assert hub.seals.seal(es_id).signers[-1].kid in shown
    (use,) = hub.seal_office.uses.latest(es_id, 5)
    for told in (use.record, "盖章说明", "Files and printed codes", "Business licence", "&#34;kid&#34;"):
        assert told in page.text, told
    assert "not used in the last" not in shown.lower()
    assert f"/console/seals/{es_id}/picture" not in page.text  # an officer has no part in it


def test_what_is_not_there_is_told(office: Office) -> None:
    visitor = office.visitor("SEAL_APPROVER")
    for path in (
        "/console/seals/99999999999999",
        "/console/seals/applications/none",
        "/console/seals/99999999999999/picture",
    ):
        assert visitor.get(path).status_code in {400, 404, 409}, path


def test_an_expired_seal_says_so_and_is_found_by_it(office: Office) -> None:
    made = make_seal(office.hub, ISSUER, "业务专用章(98)", years=1)
    office.building.clock.advance(days=400)  # last of all: nobody comes back from there
    approver = office.visitor("SEAL_APPROVER")
    found = approver.get("/console/seals", params={"status": "EXPIRED"}).text
    assert made.es_id in found
    maker = office.visitor("SEAL_MAKER")
    assert f'href="/console/seals/{made.es_id}/rotate"' not in maker.get(f"/console/seals/{made.es_id}").text
