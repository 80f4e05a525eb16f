"""The feed by cursor: which changes there are, in which order, to whom, and what becomes of licences that changed again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.audit.reading import PlacedRecord
from hub.audit.service import Pending
from hub.catalogue.licence_type import shipped_documents
from hub.changes.event import _KINDS, ChangeKind, change_of
from hub.changes.feed import Feed
from hub.licences.draft import Draft
from hub.licences.status import OPERATIONS, RESEAL_ACT
from hub.sharing.facts import Channel
from hub.supervision.events import counted, reads_of, tell
from tests.changes.bureau import ISSUER, ITEM, PAGE, READER, Bureau, make_bureau, posting, serving
from tests.changes.concerns import published
from tests.licences.drafts import company_draft, draft_of

CHECKED = ("businessScope",)


def test_changes_come_in_the_order_of_the_log_page_by_page_without_gaps(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        issued = bureau.issue(*(company_draft(place) for place in range(5)))
        bureau.act("suspend", issued[0])
        bureau.act("resume", issued[0], 2)
        bureau.act("revoke", issued[1])
        async with serving(bureau) as served:
            seen, cursor, more = [], None, True
            while more:
                page = await served.page(cursor, first=3)
                assert len(page["changes"]) <= 3
                seen += [(each["kind"], each["identifier"]) for each in page["changes"]]
                cursor, more = page["cursor"], page["more"]
            again = await served.page(cursor)
        expected = [("ISSUED", each) for each in issued]
        expected += [("SUSPENDED", issued[0]), ("RESUMED", issued[0]), ("REVOKED", issued[1])]
        assert seen == expected
        assert (again["changes"], again["more"]) == ([], False)
        assert {each["channel"] for each in bureau.told()} == {"QUERY"}

    bureau.run(scenario())


def test_of_a_type_that_is_not_shared_any_more_nobody_is_told(bureau: Bureau) -> None:
    (document,) = (each for each in shipped_documents() if each["key"] == "BusinessLicence")

    async def scenario() -> None:
        bureau.grant(("name",))
        (issued,) = bureau.issue(company_draft(1))
        async with serving(bureau) as served:
            assert [each["identifier"] for each in (await served.page())["changes"]] == [issued]
            bureau.hub.catalogue.publish({**document, "version": 2, "sharingClass": "NOT_SHARED"})
            bureau.hub.refresh()
            answer = await served.ask(PAGE, bureau.token(), item=ITEM)
        assert answer["data"]["changes"] is None
        assert answer["errors"][0]["extensions"]["code"] == "NOT_GRANTED"
        assert issued not in str(answer)

    bureau.run(scenario())


def test_of_a_licence_that_changed_again_the_newest_edition_is_told_and_which_one_it_was(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant(("name",))
        (first,) = bureau.issue(company_draft(1))
        data = {**company_draft(1).data, "name": "虚构市新名字有限公司"}
        second = bureau.change(first, company_draft(1, data=data))
        async with serving(bureau) as served:
            changes = (await served.page())["changes"]
        assert [(each["kind"], each["identifier"], each["supersedes"]) for each in changes] == [
            ("ISSUED", first, None), ("CHANGED", second, first),
        ]  # fmt: skip
        assert {each["licence"]["identifier"] for each in changes} == {second}
        assert {each["licence"]["name"] for each in changes} == {"虚构市新名字有限公司"}
        assert [each["status"] for each in changes] == ["VALID", "VALID"]

    bureau.run(scenario())


def test_of_an_erased_holder_nothing_is_told_any_more(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        gone, stays = bureau.issue(company_draft(1), company_draft(2))
        bureau.hub.sharing.erase_person("001", company_draft(1).holders[0].code)
        async with serving(bureau) as served:
            changes = (await served.page())["changes"]
        assert [each["identifier"] for each in changes] == [stays]
        assert gone not in {each["licence"] for each in bureau.told()}

    bureau.run(scenario())


def test_what_needs_a_holders_consent_is_told_on_official_duty_only(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        duty = bureau.grant(("number",), type_key="DisabilityCertificate", official_duty=True)
        (identifier,) = bureau.issue(draft_of("DisabilityCertificate"))
        async with serving(bureau) as served:
            assert [each["identifier"] for each in (await served.page())["changes"]] == [identifier]
            bureau.hub.sharing.end_grant(duty)
            bureau.grant(("number",), type_key="DisabilityCertificate")
            answer = await served.ask(
                "query($item: String!) { changes(item: $item) { more } }", bureau.token(), item=ITEM
            )
            assert answer["errors"][0]["extensions"]["code"] == "NOT_GRANTED"

    bureau.run(scenario())


def test_only_what_concerns_the_item_by_its_document_is_told(bureau: Bureau) -> None:
    """A scope that names bathing concerns the hygiene permit; so does one that named it until the last change, and one that was revoked."""

    async def scenario() -> None:
        bureau.grant(("name",), checks=CHECKED)
        published(bureau.hub, ITEM)
        spa, shop = _scoped(1, "洗浴服务"), _scoped(2, "日用品销售")
        first, other = bureau.issue(spa, shop)
        second = bureau.change(first, _scoped(1, "日用品销售"))
        third = bureau.change(second, _scoped(1, "书报零售"))
        (late,) = bureau.issue(_scoped(3, "游泳场所"))
        bureau.act("revoke", late)
        async with serving(bureau) as served:
            changes = (await served.page())["changes"]
        told = [each["identifier"] for each in changes]
        assert other not in told
        assert told == [
            late,
            late,
        ]  # of the other nothing is left that concerns the item: its newest edition and the one before do not
        assert {first, second, third} & set(told) == set()

    bureau.run(scenario())


def test_a_scope_that_fell_away_by_the_last_change_is_told(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant(("name",), checks=CHECKED)
        published(bureau.hub, ITEM)
        (first,) = bureau.issue(_scoped(1, "洗浴服务"))
        second = bureau.change(first, _scoped(1, "日用品销售"))
        async with serving(bureau) as served:
            assert [each["identifier"] for each in (await served.page())["changes"]] == [first, second]

    bureau.run(scenario())


def test_a_requirement_that_nobody_may_judge_is_met_by_nothing(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant(("name",))
        published(bureau.hub, ITEM)
        bureau.issue(_scoped(1, "洗浴服务"))
        async with serving(bureau) as served:
            assert (await served.page())["changes"] == []
        assert bureau.told() == []

    bureau.run(scenario())


def _scoped(place: int, scope: str) -> Draft:
    return company_draft(place, data={**company_draft(place).data, "businessScope": f"许可项目：{scope}。"})


def test_a_licence_told_of_is_found_again_by_its_id_while_it_is_granted(bureau_once: Bureau) -> None:
    bureau = bureau_once
    query = "query($item: String!) { changes(item: $item) { changes { licence { id } } } }"
    node = "query($id: ID!) { node(id: $id) { __typename ... on Licence { identifier number } } }"

    async def scenario() -> None:
        grant = bureau.grant(("number",))
        (identifier,) = bureau.issue()
        async with serving(bureau) as served:
            found = await served.ask(query, bureau.token(), item=ITEM)
            of = found["data"]["changes"]["changes"][0]["licence"]["id"]
            again = await served.ask(node, bureau.token(), id=of)
            assert again["data"]["node"]["identifier"] == identifier
            assert again["data"]["node"]["number"]
            foreign = await served.ask(node, bureau.token("other"), id=of)
            assert foreign["data"]["node"] is None
            bureau.hub.sharing.suspend_grant(grant)
            refused = await served.ask(node, bureau.token(), id=of)
            assert refused["errors"][0]["extensions"]["code"] == "NOT_GRANTED"

    bureau.run(scenario())


def test_a_licence_whose_stored_bytes_were_changed_holds_nobody_up(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        bad, good = bureau.issue(company_draft(1), company_draft(2))
        with bureau.hub.database.transaction() as session:
            session.execute(
                text("UPDATE licence SET sealed = replace(sealed, '.', '.A') WHERE identifier = :it"), {"it": bad}
            )
        async with serving(bureau) as served:
            assert [each["identifier"] for each in (await served.page())["changes"]] == [good]
        refused = [each["reason"] for each in bureau.records("access") if each["outcome"] == "REFUSED"]
        assert refused == ["STORED_DATA_DAMAGED"]

    bureau.run(scenario())


def test_holders_see_that_changes_of_theirs_were_told_also_while_a_case_about_them_is_kept_back(
    bureau_once: Bureau,
) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant(("name",))
        bureau.issue(company_draft(1))
        async with serving(bureau) as served:
            await served.page()
        (told,) = bureau.told()
        with bureau.hub.database.snapshot() as session:
            rows = session.execute(
                text("SELECT handle, scope FROM audit_subject WHERE record = :it"), {"it": told["id"]}
            ).all()
        assert [tuple(row) for row in rows] == [
            (told["subjects"][0], None)
        ]  # no case: nothing that an embargo could hide
        assert told["legal_basis"]

    bureau.run(scenario())


def test_what_the_hub_sends_by_itself_is_counted_and_raises_no_alert() -> None:
    facts: dict[str, Any] = {
        "authority": READER,
        "client": "c",
        "case": None,
        "item": ITEM,
        "type": "BusinessLicence",
        "time": 1,
        "subjects": [],
    }
    facts |= {"outcome": "DISCLOSED", "reason": None, "channel": Channel.WEBHOOK.value}
    sent = PlacedRecord(0, "r", "access", facts)
    asked = PlacedRecord(1, "r", "access", {**facts, "channel": Channel.QUERY.value})
    assert [each.place for each in reads_of(tell([sent, asked]))] == [1]
    assert len(list(counted(sent, "2026-11-26"))) == 1


def test_old_changes_are_read_from_the_log_when_memory_holds_them_no_more(
    bureau_once: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = bureau_once
    monkeypatch.setattr("hub.changes.feed.MOST_KEPT", 2)
    monkeypatch.setattr("hub.changes.feed.LOOK", 3)

    async def scenario() -> None:
        feed = Feed(bureau.hub.database)
        await feed.read_on()
        begin = feed.end
        issued = bureau.issue(*(company_draft(place) for place in range(7)))
        await feed.read_on()
        assert len(feed._kept) == 2
        found, place, more = [], begin, True
        while more or place < feed.end:
            look = await feed.since(place)
            found += [each.identifier for each in look.changes]
            place, more = look.end, look.more
        assert found == issued

    bureau.run(scenario())


def test_every_operation_is_an_event_or_is_known_not_to_be_one() -> None:
    assert _KINDS.keys() == {*OPERATIONS, RESEAL_ACT}
    assert set(_KINDS.values()) == set(ChangeKind)


def test_another_process_is_told_within_the_second_that_nobody_has_to_look(postgresql_url: str, tmp_path: Path) -> None:
    """PostgreSQL's notification wakes the process that serves; it would look by itself only after a minute."""
    bureau = make_bureau(tmp_path, postgresql_url)
    other = make_bureau(tmp_path, postgresql_url, furnished=False)

    async def scenario() -> None:
        bureau.grant()
        other.hub.refresh()
        async with serving(bureau) as served, served.socket() as line:
            waiting = bureau.hub.changes.waking
            async with asyncio.timeout(20):
                while not waiting.listening:  # noqa: ASYNC110 - it rings no bell
                    await asyncio.sleep(0.01)
            await line.follow(after=await served.end())
            issued = other.hub.licences.issue_many(ISSUER, "desk", [company_draft(9)])
            other.hub.log.integrate()  # the other process is the sequencer, and does not ring here
            assert (await line.change())["identifier"] == issued[0].identifier

    wait = bureau.hub.changes.waking.wait

    async def only_rung(seconds: float = 60) -> None:
        await wait(max(seconds, 60))

    bureau.hub.changes.waking.wait = only_rung  # type: ignore[method-assign]
    bureau.run(scenario())
    other.hub.database.close()


def test_changes_reach_who_follows_though_nobody_listens(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr("asyncpg.Connection.add_listener", deaf)
    bureau = make_bureau(tmp_path, postgresql_url)

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end())
            issued = bureau.hub.licences.issue_many(ISSUER, "desk", [company_draft(9)])
            assert (await line.change())["identifier"] == issued[0].identifier
            assert not bureau.hub.changes.waking.listening

    bureau.run(scenario())


def test_an_answer_under_an_old_policy_is_made_again(bureau_once: Bureau) -> None:
    bureau = bureau_once
    made: list[int] = []

    async def scenario() -> None:
        grant = bureau.grant()
        (identifier,) = bureau.issue()
        hub = bureau.hub

        async def make(pending: Pending) -> object:
            made.append(pending.epoch)
            caller = hub.access.standing(bureau.systems["reader"].client_id)
            follower = hub.changes.following.follower(caller, ITEM, None, pending) if len(made) == 1 else None
            if follower is None:
                return None
            (change,) = (await hub.changes.feed.since(0)).changes
            told = await hub.changes.following.tell(follower, change, None, pending, Channel.QUERY)
            assert told is not None
            assert told.disclosed.stored.identifier == identifier
            hub.sharing.suspend_grant(grant)
            return told

        async with posting(bureau) as post:
            released = await post.release(make)
        assert released.value is None
        assert made[0] < made[1]
        assert bureau.told() == []

    bureau.run(scenario())


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"operation": RESEAL_ACT, "status": "SUSPENDED"}, ChangeKind.RESEALED),
        ({"operation": "renew", "status": "VALID", "supersedes": "older"}, ChangeKind.RENEWED),
        ({"operation": "renew", "status": "SUPERSEDED"}, None),
        ({"operation": "RESEAL_REFUSED"}, None),
        ({"operation": "issue", "status": 5}, None),
        ({"operation": ["issue"], "status": "VALID"}, None),
        ({"operation": "issue", "status": "VALID", "identifier": None}, None),
        ({}, None),
    ],
)
def test_a_record_is_an_event_or_is_passed_over(facts: dict[str, Any], kind: ChangeKind | None) -> None:
    change = change_of(PlacedRecord(3, "record", "licence", {"time": 1, "identifier": "1.2", **facts}))
    assert (change and change.kind) == kind
    assert change is None or (change.place, change.status) == (3, facts["status"])
