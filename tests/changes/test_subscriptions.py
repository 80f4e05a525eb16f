"""Subscriptions over a real WebSocket: what is told, to whom, and how a connection ends."""

import asyncio
import hashlib
import json
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from hub.access.manifest import Manifest, read_documents
from hub.app import Offering
from hub.errors import RecordUnavailableError
from hub.limits import Limits
from tests.changes.bureau import FOLLOW, ITEM, OTHER, OTHER_ITEM, READER, Bureau, Line, make_bureau, serving, until
from tests.licences.drafts import company_draft, draft_of

EVERYTHING = ("number", "name", "holders")


def test_a_change_reaches_who_follows_with_what_he_is_granted(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant(("number", "name"))
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end())
            (identifier,) = bureau.issue(company_draft(7))
            change = await line.change()
        assert change["kind"] == "ISSUED"
        assert change["identifier"] == change["licence"]["identifier"] == identifier
        assert change["licence"]["name"]
        assert change["licence"]["address"] is None
        assert change["licence"]["withheld"] == [{"path": "address", "reason": "NOT_GRANTED"}]
        (told,) = bureau.told()
        assert (told["item"], told["channel"], told["case"]) == (ITEM, "SUBSCRIPTION", None)
        assert told["disclosed"] == ["name"]

    bureau.run(scenario())


def test_a_cursor_goes_on_where_another_connection_ended_and_misses_nothing(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served:
            begin = await served.end()
            first, second, third = bureau.issue(*(company_draft(place) for place in range(3)))
            async with served.socket() as line:
                await line.follow(after=begin)
                change = await line.change()
                assert change["identifier"] == first
            async with served.socket() as line:
                await line.follow(after=change["cursor"])
                assert [(await line.change())["identifier"] for _ in range(2)] == [second, third]

    bureau.run(scenario())


def test_followers_with_the_same_rights_share_one_reading_and_one_record(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served:
            cursor = await served.end()
            async with served.socket() as one, served.socket() as other:
                for line, of in ((one, "a"), (one, "b"), (other, "a")):
                    await line.follow(of, after=cursor)
                await until(lambda: _waiting(bureau, 3))
                bureau.issue()
                heard = [await one.hear(), await one.hear(), await other.hear()]
        assert sorted(each["id"] for each in heard) == ["a", "a", "b"]
        assert len({json.dumps(each["payload"], sort_keys=True) for each in heard}) == 1
        assert len(bureau.told()) == 1

    bureau.run(scenario())


def _waiting(bureau: Bureau, count: int) -> bool:
    """Tell whether so many followers wait for the next change."""
    return len(bureau.hub.changes.feed._grown._waiters) >= count


def test_different_selections_of_one_client_are_read_and_recorded_each(bureau_once: Bureau) -> None:
    bureau = bureau_once
    other = "subscription($item: String!, $after: String) { changes(item: $item, after: $after) { identifier licence { ... on BusinessLicence { number } } } }"

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            cursor = await served.end()
            await line.follow("a", after=cursor)
            await line.follow("b", other, after=cursor)
            bureau.issue()
            await line.hear()
            await line.hear()
        assert sorted(each["disclosed"] for each in bureau.told()) == [["name"], ["number"]]

    bureau.run(scenario())


def test_a_suspended_grant_stops_the_next_message_and_a_resumed_one_lets_the_next_pass(bureau: Bureau) -> None:
    async def scenario() -> None:
        grant = bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end())
            bureau.issue(company_draft(1))
            await line.change()
            bureau.hub.sharing.suspend_grant(grant)
            bureau.issue(company_draft(2))
            await until(lambda: bureau.hub.changes.feed.end >= bureau.hub.changes.feed.size() - 2)
            bureau.hub.sharing.resume_grant(grant)
            (third,) = bureau.issue(company_draft(3))
            told = [await line.change()]
            while told[-1]["identifier"] != third:  # the second, if he was only asked for it when he might again
                told.append(await line.change())
        assert len(bureau.told()) == 1 + len(told)

    bureau.run(scenario())


def test_nothing_is_told_of_types_and_items_that_are_not_granted(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        bureau.grant(("number",), type_key="FoodBusinessLicence", feed=False)
        bureau.grant(("address",), authority=OTHER, item=OTHER_ITEM, type_key="HouseholdRegister")
        async with serving(bureau) as served, served.socket() as line, served.socket(bureau.token("other")) as other:
            cursor, others = await served.end(), await served.end("other", OTHER_ITEM)
            await line.follow(after=cursor)
            await other.follow(item=OTHER_ITEM, after=others)
            food, company = bureau.issue(draft_of("FoodBusinessLicence"), company_draft(1))
            (household,) = bureau.issue(draft_of("HouseholdRegister"))
            assert (await line.change())["identifier"] == company
            assert (await other.change())["identifier"] == household
        assert food not in {each["licence"] for each in bureau.told()}

    bureau.run(scenario())


def test_types_narrow_what_is_told(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        bureau.grant(("number",), type_key="FoodBusinessLicence")
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end(), types=["FoodBusinessLicence"])
            _, food = bureau.issue(company_draft(1), draft_of("FoodBusinessLicence"))
            assert (await line.change())["identifier"] == food

    bureau.run(scenario())


MAY_NOT_FOLLOW = [
    (OTHER_ITEM, "reader", "NOT_GRANTED"),
    ("NOSUCHITEM", "reader", "ITEM_UNKNOWN"),
    (ITEM, "other", "NOT_GRANTED"),
    (ITEM, "issuer", "SCOPE_MISSING"),
]


def test_who_may_not_follow_is_told_why_and_it_is_on_record(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served:
            for item, system, code in MAY_NOT_FOLLOW:
                async with served.socket(bureau.token(system)) as line:
                    await line.follow(item=item)
                    heard = await line.hear()
                    assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", code)
                    await line.say(type="ping")
                    assert await line.hear() == {"type": "pong"}
        refused = [(each["reason"], each["client"]) for each in bureau.records("access")]
        assert refused == [(code, bureau.systems[system].client_id) for _, system, code in MAY_NOT_FOLLOW]

    bureau.run(scenario())


def test_a_cursor_of_another_client_or_hub_or_nobody_is_refused(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        bureau.grant(authority=OTHER, item=OTHER_ITEM)
        async with serving(bureau) as served, served.socket() as line:
            foreign = await served.end("other", OTHER_ITEM)
            ahead = bureau.hub.sharing.feed.cursors(bureau.systems["reader"].client_id).make(("99999999",))
            for cursor in (foreign, ahead, "made up", "", "AAAA", foreign[:-2] + "AA"):
                await line.follow(after=cursor)
                heard = await line.hear()
                assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", "CURSOR_FOREIGN")

    bureau.run(scenario())


# -- the protocol ------------------------------------------------------------------------------------------------------


SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": FOLLOW, "variables": {"item": ITEM}}}
INTRODUCED: list[tuple[int, list[Any]]] = [
    (4400, ["{"]),
    (4400, ["[]"]),
    (4400, [b"{}"]),
    (4400, ['{"type": "ping", "type": "pong"}']),
    (4400, [{"type": "next", "id": "1"}]),
    (4400, [{"type": "subscribe", "id": "1"}]),
    (4400, [{"type": "subscribe", "payload": {}}]),
    (4400, [{"type": "complete", "id": 5}]),
    (4400, [{"type": "ping", "payload": []}]),
    (4429, [{"type": "connection_init"}]),
    (4409, [SUBSCRIBE, SUBSCRIBE]),
]
UNKNOWN: list[tuple[int, str, dict[str, Any]]] = [
    (4401, "Unauthorized", SUBSCRIBE),
    (4403, "TOKEN_INVALID", {"type": "connection_init"}),
    (4403, "TOKEN_INVALID", {"type": "connection_init", "payload": {"Authorization": "Bearer a.b.c"}}),
    (4403, "TOKEN_INVALID", {"type": "connection_init", "payload": {"authorization": 5}}),
    (4403, "TOKEN_INVALID", {"type": "connection_init", "payload": {"token": "x"}}),
]


def test_a_message_that_the_protocol_forbids_ends_the_connection(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served:
            for code, messages in INTRODUCED:
                async with served.socket() as line:
                    for message in messages:
                        await line.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
                    ended = await line.closed()
                assert (ended[0], bool(ended[1])) == (code, True), messages

    bureau.run(scenario())


def test_who_does_not_prove_who_he_is_is_turned_away(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        async with serving(bureau) as served:
            for code, reason, message in UNKNOWN:
                async with served.socket(init=False) as line:
                    await line.say(**message)
                    assert await line.closed() == (code, reason), message

    bureau.run(scenario())


def test_who_says_nothing_is_turned_away(bureau_once: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = bureau_once
    monkeypatch.setattr("schema.sockets.connection.INIT_SECONDS", 0.05)

    async def scenario() -> None:
        async with serving(bureau) as served, served.socket(init=False) as line:
            assert await line.closed() == (4408, "Connection initialisation timeout")

    bureau.run(scenario())


def test_another_subprotocol_is_turned_away(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        async with serving(bureau) as served:
            for spoken in (["graphql-ws"], None):
                protocols = [Subprotocol(each) for each in spoken] if spoken else None
                address = f"ws://127.0.0.1:{served.port}/graphql"
                async with connect(address, subprotocols=protocols, proxy=None) as opened:
                    assert (await Line(opened).closed())[0] == 4406
            with pytest.raises(InvalidStatus):
                await connect(f"ws://127.0.0.1:{served.port}/elsewhere", proxy=None)

    bureau.run(scenario())


CANNOT_BE_FOLLOWED: list[tuple[str, dict[str, Any]]] = [
    ("OVER_HTTP", {"query": "{ licenceTypes { edges { node { key } } } }"}),
    ("DOCUMENT_INVALID", {"query": "subscription { changes(item: 5) { kind } }"}),
    ("DOCUMENT_INVALID", {"query": "subscription {"}),
    ("DOCUMENT_INVALID", {"query": 'subscription { a: changes(item: "1") { kind } b: changes(item: "1") { kind } }'}),
    ("INPUT_INVALID", {"query": "subscription($item: String!) { changes(item: $item) { kind } }"}),
    ("DOCUMENT_UNKNOWN", {"documentId": "sha256:" + "0" * 64}),
    ("REQUEST_MALFORMED", {"variables": {}}),
    ("REQUEST_MALFORMED", {"query": FOLLOW, "variables": []}),
]


def test_what_cannot_be_followed_is_an_error_of_its_operation_alone(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        async with serving(bureau) as served, served.socket() as line:
            for code, payload in CANNOT_BE_FOLLOWED:
                await line.say(type="subscribe", id="1", payload=payload)
                heard = await line.hear()
                assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", code), payload

    bureau.run(scenario())


def test_a_subscription_by_post_is_refused(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        async with serving(bureau) as served:
            answer = await served.ask(FOLLOW, bureau.token(), item=ITEM)
            assert answer["errors"][0]["extensions"]["code"] == "OVER_WEBSOCKET"

    bureau.run(scenario())


def test_only_trusted_documents_are_followed_where_only_those_run_and_for_the_items_they_serve(
    sqlite_url: str, tmp_path: Any
) -> None:
    bureau = make_bureau(tmp_path, sqlite_url, trusted_documents_only=True)
    digest = hashlib.sha256(FOLLOW.encode()).hexdigest()

    def registered(item: str) -> None:
        system = bureau.add_system("builder", READER, "licence:read", "document:register")
        caller = bureau.hub.access.standing(system.client_id)
        manifest = Manifest(read_documents({f"sha256:{digest}": FOLLOW}), {"*": frozenset({item})})
        Offering.of(bureau.hub).documents.submit(caller, system.assertion(bureau.clock), manifest)
        bureau.hub.refresh()

    async def scenario() -> None:
        bureau.grant()
        bureau.hub.catalogue.add_item("SECONDITEM", "虚构事项", "An invented item", READER)
        bureau.grant(item="SECONDITEM")
        registered(ITEM)
        async with serving(bureau) as served, served.socket(bureau.token("builder")) as line:
            await line.follow("1")
            assert (await line.hear())["payload"][0]["extensions"]["code"] == "TRUSTED_DOCUMENTS_ONLY"
            payload: dict[str, Any] = {"documentId": f"sha256:{digest}", "variables": {"item": "SECONDITEM"}}
            await line.say(type="subscribe", id="2", payload=payload)
            assert (await line.hear())["payload"][0]["extensions"]["code"] == "PURPOSE_NOT_DECLARED"
            cursor = bureau.hub.sharing.feed.cursors(bureau.systems["builder"].client_id).make(("0",))
            payload["variables"] = {"item": ITEM, "after": cursor}
            await line.say(type="subscribe", id="3", payload=payload)
            (identifier,) = bureau.issue()
            assert (await line.change())["identifier"] == identifier

    bureau.run(scenario())


# -- ends --------------------------------------------------------------------------------------------------------------


def test_a_token_that_runs_out_ends_the_connection(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow()
            bureau.clock.advance(seconds=301)
            assert await line.closed() == (4403, "TOKEN_EXPIRED")

    bureau.run(scenario())


def test_a_client_that_was_ended_in_another_process_is_cut_off(bureau: Bureau) -> None:
    other = make_bureau(bureau.hub.settings.data, bureau.hub.settings.database_url, furnished=False)

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow()
            other.hub.access.set_active(bureau.systems["reader"].client_id, active=False)
            assert await line.closed() == (4403, "TOKEN_INVALID")

    bureau.run(scenario())
    other.hub.database.close()


def test_who_completes_hears_no_more_and_may_use_the_id_again(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            cursor = await served.end()
            await line.follow(after=cursor)
            await line.say(type="complete", id="1")
            (identifier,) = bureau.issue()
            await line.follow(after=cursor)
            assert (await line.change())["identifier"] == identifier

    bureau.run(scenario())


def test_more_connections_or_subscriptions_than_are_allowed_are_refused(sqlite_url: str, tmp_path: Any) -> None:
    bureau = make_bureau(tmp_path, sqlite_url, limits=Limits(sockets=2, client_sockets=1, subscriptions=1))

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow("1")
            await line.follow("2")
            heard = await line.hear()
            assert (heard["id"], heard["payload"][0]["extensions"]["code"]) == ("2", "TOO_MANY_AT_ONCE")
            async with served.socket(init=False) as second:
                async with served.socket(init=False) as third:
                    assert await third.closed() == (1013, "TOO_MANY_AT_ONCE")
                await second.say(type="connection_init", payload={"Authorization": f"Bearer {bureau.token()}"})
                assert await second.closed() == (1013, "TOO_MANY_AT_ONCE")

    bureau.run(scenario())


def test_a_database_that_fails_delays_a_message_and_loses_none(
    bureau_once: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = bureau_once
    monkeypatch.setattr("schema.sockets.subscribed.AGAIN_SECONDS", 0.01)

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end())
            failures = _failing(bureau, monkeypatch)
            (identifier,) = bureau.issue()
            assert (await line.change())["identifier"] == identifier
            assert failures == []
        assert len(bureau.told()) == 1

    bureau.run(scenario())


def _failing(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Let the next records not become durable, as often as there are errors in the list that is returned."""
    commit = bureau.hub.recorder.commit
    failures: list[Exception] = [RecordUnavailableError(), RecordUnavailableError()]

    async def failing(pending: Any) -> None:
        if failures:
            raise failures.pop()
        await commit(pending)

    monkeypatch.setattr(bureau.hub.recorder, "commit", failing)
    return failures


def test_no_message_leaves_before_its_record_is_durable(bureau_once: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = bureau_once
    held, let_go = asyncio.Event(), asyncio.Event()

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end())
            commit = bureau.hub.recorder.commit

            async def slow(pending: Any) -> None:
                held.set()
                await let_go.wait()
                await commit(pending)

            monkeypatch.setattr(bureau.hub.recorder, "commit", slow)
            bureau.issue()
            await held.wait()
            await line.say(type="ping")
            assert await line.hear() == {"type": "pong"}  # and not the change
            assert bureau.told() == []
            let_go.set()
            await line.change()
            assert len(bureau.told()) == 1

    bureau.run(scenario())


def test_a_reader_who_does_not_read_is_let_go_and_goes_on_with_his_cursor(
    sqlite_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits()
    object.__setattr__(limits, "socket_seconds", 0.05)  # less than any setting may be, so that nobody has to wait
    bureau, send = make_bureau(tmp_path, sqlite_url, limits=limits), WebSocketsSansIOProtocol.send

    async def stuck(self: WebSocketsSansIOProtocol, message: Any) -> None:
        """Stand still as a connection does whose reader's buffers are full."""
        if '"next"' in message.get("text", ""):
            await asyncio.Event().wait()
        await send(self, message)

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served:
            begin = await served.end()
            with monkeypatch.context() as patched:
                patched.setattr(WebSocketsSansIOProtocol, "send", stuck)
                async with served.socket() as line:
                    await line.follow(after=begin)
                    (identifier,) = bureau.issue()
                    assert await line.closed() == (1013, "SLOW_READER")
            async with served.socket() as line:
                await line.follow(after=begin)
                assert (await line.change())["identifier"] == identifier

    bureau.run(scenario())
