"""The offline pack on a composed hub: every part by digest, changes instead of whole lists, the same from every process."""

import json
import zlib

import httpx
from sqlmodel import text

from hub.counters.offline_pack.service import PERIOD
from hub.demo.codes import credit_code
from hub.licences.status_editions import OVERLAP
from keys import status_delta, trust_list
from keys.offline_pack import NAMES, TRUST_LIST
from tests.acceptance.small_hub import ISSUER, URL
from tests.counters.offline_pack.fetching import Fetching

LIST: str = "status-lists/1"


def test_a_pack_has_all_that_a_counter_needs_and_nothing_of_a_person(counter: Fetching) -> None:
    manifest = counter.manifest()
    assert set(manifest.parts) == {TRUST_LIST, NAMES, LIST}
    assert (manifest.warn_after, manifest.refuse_after) == (14400, 86400)
    assert manifest.expires_at == manifest.issued_at + 86400
    keys = counter.get("/.well-known/jwks.json").json()["keys"]
    listed = trust_list.read(counter.part(TRUST_LIST, manifest), keys, counter.clock.now(), issuer=URL)
    assert [seal.owner for seal in listed.seals.values()] == [ISSUER]
    names = json.loads(counter.part(NAMES, manifest))
    assert names["authorities"][ISSUER] == {"zh": "虚构市市场监督管理局", "en": "Invented Market Bureau"}
    code = counter.identifier.split(".")[5]
    assert names["types"][code]["key"] == "BusinessLicence"
    assert names["types"][code]["zh"] == "营业执照"
    assert len(counter.part(LIST, manifest)) == 2**18


def test_whoever_has_an_older_list_gets_what_changed(counter: Fetching) -> None:
    before = counter.manifest()
    held = counter.part(LIST, before)
    counter.act("suspend", 1)
    counter.act("resume", 2)
    counter.act("revoke", 3)
    after = counter.manifest()
    part = after.parts[LIST]
    since = {"since": str(before.parts[LIST].edition)}
    delta = counter.ask(lambda http: http.get(f"/{part.address}", params=since))
    assert len(delta.content) == 4  # of three changes of one place the last
    changed = status_delta.apply(held, delta.content)
    part.check(changed)
    assert changed != held
    assert "immutable" in delta.headers["cache-control"]


def test_every_process_names_the_same_parts_and_serves_what_another_one_named(counter: Fetching) -> None:
    counter.act("suspend", 1)
    named, other = counter.manifest(), counter.other_process()
    assert other.manifest().parts == named.parts
    counter.act("resume", 2)
    other.part(LIST, named)  # it was replaced a moment ago, and this process never had it
    other.close()


def test_a_list_that_was_replaced_long_ago_is_not_told_any_more(counter: Fetching) -> None:
    first = counter.manifest().parts[LIST]
    counter.get(f"/{first.address}").raise_for_status()  # and so it is in memory
    counter.act("suspend", 1)
    assert counter.get(f"/{first.address}").status_code == 200
    counter.clock.advance(seconds=OVERLAP)
    assert counter.get(f"/{first.address}").json()["code"] == "OFFLINE_PART_UNKNOWN"
    present = counter.manifest().parts[LIST]
    assert counter.get(f"/{present.address}?since={first.edition}").status_code == 200
    counter.clock.advance(seconds=86400)
    counter.hub.status_lists.publish_due()
    later = counter.manifest().parts[LIST]
    counter.get(f"/{later.address}?since={present.edition}").raise_for_status()
    answer = counter.get(f"/{later.address}?since={first.edition}")
    assert (answer.status_code, answer.json()["code"]) == (404, "OFFLINE_PART_UNKNOWN")


NOT_THERE = (
    "trust-list/2", "trust-list/0", "trust-list/x", "names/0", "status-lists/2/1", "status-lists/1/2", "status-lists/1/0",
    "status-lists/1/1?since=1", "status-lists/1/1?since=2", "status-lists/1/1?since=-1", "status-lists/9999999999/1",
)  # fmt: skip


def test_what_is_not_of_the_present_pack_is_refused(standing: Fetching) -> None:
    for address in NOT_THERE:
        answer = standing.get(f"/offline-pack/{address}")
        assert (answer.status_code, answer.json()["code"]) == (404, "OFFLINE_PART_UNKNOWN"), address


def test_changes_that_are_no_less_than_the_list_are_not_told(alone: Fetching) -> None:
    first = alone.manifest().parts[LIST]
    note = text("INSERT INTO status_pending (status_list, status_index, value) VALUES (1, :place, 1)")
    with alone.hub.database.transaction() as session:
        session.execute(note, [{"place": place * 37} for place in range(20_000)])
    alone.hub.status_lists.publish_due()
    alone.clock.advance(seconds=PERIOD)
    part = alone.manifest().parts[LIST]
    assert alone.get(f"/{part.address}?since={first.edition}").status_code == 404
    assert alone.get(f"/{part.address}").status_code == 200


def test_parts_travel_compressed_to_who_takes_that(standing: Fetching) -> None:
    address = f"/{standing.manifest().parts[LIST].address}"

    async def raw(http: httpx.AsyncClient, accept: str) -> tuple[bytes, str | None]:
        async with http.stream("GET", address, headers={"Accept-Encoding": accept}) as answer:
            assert answer.headers["vary"] == "Accept-Encoding"
            return b"".join([each async for each in answer.aiter_raw()]), answer.headers.get("content-encoding")

    whole = bytes(2**18)
    for accept in ("gzip, deflate, br", "*", "gzip;q=0, deflate ; q=0.5"):
        body, coding = standing.ask(lambda http, accept=accept: raw(http, accept))  # type: ignore[misc]
        assert (zlib.decompress(body), coding) == (whole, "deflate")
    for accept in ("", "identity", "gzip", "deflate;q=0, gzip"):
        assert standing.ask(lambda http, accept=accept: raw(http, accept)) == (whole, None)  # type: ignore[misc]


def test_the_manifest_is_made_anew_when_there_is_news_and_compared_meanwhile(alone: Fetching) -> None:
    async def twice(http: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        first = await http.get("/offline-pack")
        again = await http.get("/offline-pack", headers={"If-None-Match": first.headers["etag"]})
        alone.clock.advance(seconds=PERIOD)
        return first, again, await http.get("/offline-pack")

    first, again, later = alone.ask(twice)
    assert (again.status_code, again.content) == (304, b"")
    assert later.content != first.content


def test_a_manifest_never_names_names_or_a_trust_list_that_are_not_served(alone: Fetching) -> None:
    before = alone.manifest()
    alone.hub.catalogue.add_authority(
        credit_code("11", "990300", "MB000003"), "虚构区财政局", "Invented Finance Bureau", "990300", "COUNTY", None
    )
    alone.hub.seal_lists.publish_due()
    after = alone.manifest()  # within the same ten seconds
    assert after.parts[NAMES].sha256 != before.parts[NAMES].sha256
    alone.part(NAMES, after)
    alone.part(TRUST_LIST, after)
    assert alone.get(f"/{before.parts[NAMES].address}").status_code == 404


def test_a_list_that_does_not_speak_any_more_is_in_no_pack(alone: Fetching) -> None:
    assert LIST in alone.manifest().parts
    alone.clock.advance(seconds=86400)
    assert LIST not in alone.manifest().parts
