"""Webhooks as client systems and administrators deal with them: GraphQL over HTTP, commands, metrics, and the log that remembers."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import text
from typer.testing import CliRunner

from hub.audit.findings import Kind
from hub.cli import app
from tests.changes.bureau import ITEM, PASSPHRASE, Bureau, Served, make_bureau, posting, serving
from tests.changes.receiver import answer, receiving

ADD = """mutation Add($input: WebhookInput!) { addWebhook(input: $input) { ... on Problem { code }
  ... on WebhookSecret { secret webhook { id url item types paths state createdAt } } } }"""
ACT = "mutation Act($id: ID!) { %s(id: $id) { ... on Problem { code } ... on Webhook { id state reason } } }"
LIST = """{ webhooks { id state progress { behind delivered failed attempts lastResult deadLetters nextAt deliveredAt failingSince }
  deadLetters { id result attempts wanted diedAt expiresAt } } }"""


async def asked(served: Served, query: str, system: str = "reader", **variables: Any) -> Any:
    """Return the one field that is asked for."""
    body = await served.ask(query, served.bureau.token(system), **variables)
    assert "errors" not in body, body
    (found,) = body["data"].values()
    return found


def test_a_client_registers_watches_and_ends_a_receiver(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, receiving() as receiver:
            assertion = bureau.systems["reader"].assertion(bureau.clock)
            given = {"url": receiver.url, "item": ITEM, "assertion": assertion}
            added = await asked(served, ADD, input=given)
            assert added["secret"].startswith("whsec_")
            of = added["webhook"]["id"]
            assert (added["webhook"]["state"], added["webhook"]["types"], added["webhook"]["paths"]) == (
                "ACTIVE",
                None,
                None,
            )
            assert (await asked(served, ADD, input=given))["code"] == "ASSERTION_REPLAYED"
            bureau.issue()
            (shown,) = await asked(served, LIST)
            while not shown["progress"]["delivered"]:
                (shown,) = await asked(served, LIST)
            assert (shown["progress"]["lastResult"], shown["progress"]["deadLetters"], shown["deadLetters"]) == (
                "DELIVERED",
                0,
                [],
            )
            assert receiver.heard[0].is_signed_by(added["secret"])
            assert await asked(served, LIST, "other") == []
            for act, state in (
                ("pauseWebhook", "PAUSED"),
                ("resumeWebhook", "ACTIVE"),
                ("resendWebhook", "ACTIVE"),
                ("removeWebhook", "REMOVED"),
            ):
                assert (await asked(served, ACT % act, "other", id=of)) == {"code": "WEBHOOK_UNKNOWN"}
                assert (await asked(served, ACT % act, id=of))["state"] == state
            assert await asked(served, LIST) == []

    bureau.run(scenario())


def test_an_administrator_does_the_same_by_commands(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    bureau = make_bureau(tmp_path / "data", sqlite_url)
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    environment = {
        **os.environ, "HUB_PUBLIC_URL": bureau.hub.settings.public_url, "HUB_DATA": str(tmp_path / "data"), "COLUMNS": "300",
        "HUB_DATABASE_URL": sqlite_url, "HUB_PASSPHRASE_FILE": str(passphrase), "HUB_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }  # fmt: skip

    def typed(*words: str) -> str:
        done = CliRunner().invoke(app, ["webhook", *words], env=environment)
        assert done.exit_code == 0, f"{done.output}{done.exception}"
        return done.output

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            client = bureau.systems["reader"].client_id
            told = dict(line.split(": ", 1) for line in typed("add", client, receiver.url, "--item", ITEM).splitlines())
            of = told["webhook"]
            bureau.clock.advance(minutes=1)  # commands go by the machine's clock
            receiver.say(answer(500))
            bureau.issue()
            await post.round()
            for wait in (10, 600, 3_000, 9_000, 30_000, 50_000, 70_000, 90_000, 120_000):
                await post.later(seconds=wait)
            assert "FAILING" in typed("list", "--client", client)
            assert "FAILED" in typed("dead", of)
            typed("resume", of)
            assert "To be sent again: 1" in typed("resend", of)
            receiver.say(answer(200))
            await post.round()
            assert receiver.heard[-1].is_signed_by(told["secret"])
            assert "none yet" in typed("dead", of)
            typed("pause", of)
            typed("remove", of)
            assert "none yet" in typed("list")

    bureau.run(scenario())
    bureau.hub.database.close()


def test_a_receiver_that_was_changed_behind_the_hubs_back_is_found(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            bureau.integrate()
            assert bureau.hub.log.verify({}).findings == []
            with bureau.hub.database.transaction() as session:
                session.execute(text("UPDATE webhook SET url = 'https://thief.example/'"))
            (found,) = bureau.hub.log.verify({}).findings
            assert (found.kind, found.table) == (Kind.ROW_CHANGED, "webhook")

    bureau.run(scenario())


def test_metrics_tell_of_the_feed(bureau_once: Bureau) -> None:
    bureau = bureau_once
    object.__setattr__(bureau.hub.settings, "metrics", True)

    async def scenario() -> None:
        bureau.grant()
        async with serving(bureau) as served, served.socket() as line:
            await line.follow(after=await served.end())
            bureau.issue()
            await line.change()
            told = await served.text("/metrics")
        figures = dict(each.rsplit(" ", 1) for each in told.splitlines() if not each.startswith("#"))
        assert figures["licence_hub_subscriptions"] == "1.0"
        assert figures["licence_hub_sockets"] == "1.0"
        assert figures["licence_hub_change_messages_total"] == "1.0"
        assert figures['licence_hub_webhooks{state="ACTIVE"}'] == "0.0"
        assert "licence_hub_feed_behind_places" in figures

    bureau.run(scenario())
