"""Webhooks: what receivers are sent, how it is tried again, and what becomes of those who do not take it."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from hub.audit.service import Pending
from hub.changes.refusals import WebhookLimitError, WebhookStateError, WebhookUnknownError
from hub.changes.webhooks import register, schedule, signing
from hub.changes.webhooks.register import State
from hub.changes.webhooks.sending import Result
from hub.errors import (
    AssertionReplayedError,
    ClientAuthenticationError,
    InputInvalidError,
    NotGrantedError,
    ScopeMissingError,
)
from tests.changes.bureau import ITEM, OTHER_ITEM, URL, Bureau, make_bureau, posting
from tests.changes.receiver import OK, SLOW, answer, receiving
from tests.licences.drafts import company_draft, draft_of


def standing(bureau: Bureau, of: str) -> Any:
    """Return how far a receiver is."""
    return bureau.hub.changes.progress.standing(of)


def found(bureau: Bureau, of: str) -> Any:
    """Return a receiver as it is registered."""
    return bureau.hub.changes.register.find(None, of)


def test_a_change_is_sent_as_an_event_signed_for_its_receiver(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant(("number", "name"))
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            (identifier,) = bureau.issue(company_draft(7))
            assert await post.round() == 1
        (sent,) = receiver.heard
        assert sent.is_signed_by(signing.shown(added.secret.key))
        assert not sent.is_signed_by(signing.shown(b"another secret of 24 bytes and more"))
        assert sent.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        event = sent.event
        assert {name: event[name] for name in ("specversion", "id", "source", "type", "subject")} == {
            "specversion": "1.0", "id": sent.id, "source": f"{URL}/changes", "type": "licence.issued", "subject": identifier,
        }  # fmt: skip
        data = event["data"]
        assert (data["kind"], data["item"], data["status"]) == ("ISSUED", ITEM, "VALID")
        assert data["licence"]["fields"].keys() == {"number", "name"}
        assert {"path": "address", "reason": "NOT_GRANTED"} in data["licence"]["withheld"]
        (told,) = bureau.told()
        assert (told["channel"], told["client"]) == ("WEBHOOK", bureau.systems["reader"].client_id)

    bureau.run(scenario())


def test_the_signature_is_that_of_the_published_example() -> None:
    body = b'{"test": 2432232314}'
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_gets_only_the_types_and_fields_it_named(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant(("number", "name", "address"))
        bureau.grant(("number",), type_key="FoodBusinessLicence")
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url, types=["BusinessLicence"], paths=["name", "holders"])
            bureau.issue(draft_of("FoodBusinessLicence"), company_draft(1))
            await post.round()
        (sent,) = receiver.heard
        licence = sent.event["data"]["licence"]
        assert licence["fields"].keys() == {"name"}
        assert {each["path"].split(".")[0] for each in licence["withheld"]} == {"holders"}

    bureau.run(scenario())


def test_a_failed_delivery_is_tried_again_later_under_the_same_id_and_holds_back_those_behind_it(
    bureau: Bureau,
) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            receiver.say(answer(503), OK)
            first, second = bureau.issue(company_draft(1), company_draft(2))
            await post.round()
            assert len(receiver.heard) == 1
            assert await post.later(seconds=4) == 0
            assert await post.later(seconds=5) == 1
        assert [each.event["subject"] for each in receiver.heard] == [first, first, second]
        assert len({each.id for each in receiver.heard}) == 2
        assert receiver.heard[0].headers["webhook-timestamp"] < receiver.heard[1].headers["webhook-timestamp"]

    bureau.run(scenario())


def test_a_receiver_that_fails_for_three_days_is_disabled_and_told_and_goes_on_when_it_is_resumed(
    bureau: Bureau,
) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            of = added.receiving.id
            receiver.say(answer(500))
            first, second = bureau.issue(company_draft(1), company_draft(2))
            await post.round()
            for seconds in schedule.WAITS:
                assert found(bureau, of).state is State.ACTIVE
                assert await post.later(seconds=seconds * 1.3) == 1
            assert len(receiver.heard) == len(schedule.WAITS) + 1
            assert (found(bureau, of).state, found(bureau, of).reason) == (State.DISABLED, "FAILING")
            assert bureau.records("webhook")[-1]["operation"] == "DISABLED"
            assert await post.later(days=1) == 0
            receiver.say(OK)
            bureau.hub.changes.register.resume(None, of)
            await post.round()
            assert receiver.heard[-1].event["subject"] == second
            (letter,) = bureau.hub.changes.progress.dead_letters(of, 10)
            assert (letter.result, letter.attempts) == (Result.FAILED, len(schedule.WAITS) + 1)
            bureau.hub.changes.progress.want_again(of, [letter.id])
            await post.round()
            assert receiver.heard[-1].event["subject"] == first
            assert receiver.heard[-1].id == receiver.heard[0].id
            assert bureau.hub.changes.progress.dead_letters(of, 10) == ()

    bureau.run(scenario())


def test_an_event_that_is_refused_is_given_up_sooner_and_others_go_on(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            receiver.say(*(answer(422) for _ in range(schedule.REFUSALS)), OK)
            _, second = bureau.issue(company_draft(1), company_draft(2))
            await post.round()
            for seconds in schedule.WAITS[: schedule.REFUSALS - 1]:
                await post.later(seconds=seconds * 1.3)
            assert receiver.heard[-1].event["subject"] == second
            of = added.receiving.id
            assert found(bureau, of).state is State.ACTIVE
            (letter,) = bureau.hub.changes.progress.dead_letters(of, 10)
            assert letter.result == Result.REFUSED
            bureau.clock.advance(days=schedule.KEPT.days + 1)
            with pytest.raises(WebhookUnknownError):
                bureau.hub.changes.progress.want_again(of, [letter.id])
            bureau.hub.changes.progress.forget_expired()
            assert bureau.hub.changes.progress.dead_letters(of, 10) == ()

    bureau.run(scenario())


def test_a_receiver_that_is_gone_is_disabled_at_once(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            receiver.say(answer(410))
            bureau.issue()
            await post.round()
            assert (found(bureau, added.receiving.id).state, found(bureau, added.receiving.id).reason) == (
                State.DISABLED,
                "GONE",
            )

    bureau.run(scenario())


ANSWERS = [
    (answer(302, "Location: http://127.0.0.1:9/elsewhere"), Result.REDIRECTED),
    (answer(307, "Location: https://hub.example.gov.cn/"), Result.REDIRECTED),
    (answer(404), Result.REFUSED),
    (answer(429, "Retry-After: 900"), Result.BUSY),
    (answer(500), Result.FAILED),
    (b"this is no HTTP\r\n\r\n", Result.UNREACHABLE),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n", Result.UNREACHABLE),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * 100_000, Result.DELIVERED),
    (SLOW, Result.TIMED_OUT),
]


def test_whatever_a_receiver_answers_is_a_result_and_nothing_of_it_is_followed_or_read(
    bureau_once: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = bureau_once
    monkeypatch.setattr(bureau.hub.changes.sender, "_seconds", 0.3)

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            for place, (told, result) in enumerate(ANSWERS):
                receiver.say(told)
                bureau.issue(company_draft(place))
                await post.later(days=5)
                assert standing(bureau, added.receiving.id).last_result == result, told[:60]
                receiver.say(OK)
                bureau.hub.changes.register.pause(None, added.receiving.id)
                bureau.hub.changes.register.resume(None, added.receiving.id)
                await post.round()
                assert standing(bureau, added.receiving.id).last_result == Result.DELIVERED

    bureau.run(scenario())


def test_who_asks_to_be_left_alone_is(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            receiver.say(answer(429, "Retry-After: 900"), OK)
            bureau.issue()
            await post.round()
            assert await post.later(seconds=800) == 0
            assert await post.later(seconds=200) == 1

    bureau.run(scenario())


def test_nobody_is_there(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver:
            url = receiver.url
        async with posting(bureau) as post:
            added = await post.add(url)
            bureau.issue()
            await post.round()
            assert standing(bureau, added.receiving.id).last_result == Result.UNREACHABLE

    bureau.run(scenario())


def test_a_grant_that_is_suspended_stops_the_next_attempt(bureau: Bureau) -> None:
    async def scenario() -> None:
        grant = bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            receiver.say(answer(500), OK)
            bureau.issue()
            await post.round()
            bureau.hub.sharing.suspend_grant(grant)
            await post.later(seconds=10)
            assert len(receiver.heard) == 1
        assert len(bureau.told()) == 1

    bureau.run(scenario())


def test_nothing_of_a_person_waits_anywhere_for_a_receiver_and_an_erased_one_is_not_sent_again(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant(("number", "name", "holders"))
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            receiver.say(*(answer(422) for _ in range(schedule.REFUSALS)), OK)
            draft = company_draft(4)
            bureau.issue(draft)
            await post.round()
            for seconds in schedule.WAITS[: schedule.REFUSALS - 1]:
                await post.later(seconds=seconds * 1.3)
            with bureau.hub.database.snapshot() as session:
                tables = ("webhook_dead_letter", "webhook_progress")
                kept = [row for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))]
            assert len(kept) == 2
            assert not any(
                secret in str(kept) for secret in (draft.number, draft.holders[0].name, bureau.told()[0]["licence"])
            )
            bureau.hub.sharing.erase_person("001", draft.holders[0].code)
            bureau.hub.changes.progress.want_again(added.receiving.id, None)
            await post.round()
            assert len(receiver.heard) == schedule.REFUSALS
            assert bureau.hub.changes.progress.dead_letters(added.receiving.id, 10) == ()

    bureau.run(scenario())


def test_a_client_that_is_ended_is_sent_nothing_and_goes_on_when_it_is_not(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            client = bureau.systems["reader"].client_id
            bureau.hub.access.set_active(client, active=False)
            bureau.issue()
            await post.round()
            assert receiver.heard == []
            bureau.hub.access.set_active(client, active=True)
            await post.later(minutes=2)
            assert len(receiver.heard) == 1

    bureau.run(scenario())


def test_who_is_paused_while_he_is_delivered_to_gets_nothing_more_and_misses_nothing(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            of = (await post.add(receiver.url)).receiving.id
            issued = bureau.issue(*(company_draft(place) for place in range(3)))
            kept, sender = bureau.hub.changes.register, bureau.hub.changes.sender
            send = sender.post

            async def paused(*told: Any) -> Any:
                kept.pause(None, of)
                return await send(*told)

            with monkeypatch.context() as patched:
                patched.setattr(sender, "post", paused)
                await post.round()
            assert len(receiver.heard) == 1
            kept.resume(None, of)
            await post.round()
        assert [each.event["subject"] for each in receiver.heard] == [issued[0], *issued]

    bureau.run(scenario())


def test_one_process_at_a_time_delivers_and_another_goes_on_when_it_stood_still(bureau: Bureau) -> None:
    other = make_bureau(bureau.hub.settings.data, bureau.hub.settings.database_url, furnished=False)
    other.clock = bureau.clock

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            bureau.issue()
            await bureau.hub.changes.feed.read_on()
            newest = bureau.hub.changes.feed.newest
            object.__setattr__(other.hub.changes.progress, "_clock", bureau.clock)
            (taken,) = other.hub.changes.progress.take(newest, 10)
            assert await post.round() == 0
            assert await post.later(seconds=59) == 0
            assert await post.later(seconds=2) == 1
            assert len(receiver.heard) == 1
            turn = other.hub.changes.progress.turn(taken)
            assert turn is not None
            assert not other.hub.changes.progress.passed(taken, 0)  # its time is over: nothing it notes counts

    bureau.run(scenario())
    other.hub.database.close()


def test_a_secret_is_shown_once_kept_sealed_and_replaced_with_a_day_of_both(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            added = await post.add(receiver.url)
            system, hub = bureau.systems["reader"], bureau.hub
            caller = hub.access.standing(system.client_id)
            newer = await hub.changes.replace_secret(caller, system.assertion(bureau.clock), added.receiving.id)
            old, new = signing.shown(added.secret.key), signing.shown(newer.secret.key)
            bureau.issue(company_draft(1))
            await post.round()
            bureau.issue(company_draft(2))
            await post.later(hours=25)
        assert [(each.is_signed_by(old), each.is_signed_by(new)) for each in receiver.heard] == [
            (True, True),
            (False, True),
        ]
        with bureau.hub.database.snapshot() as session:
            (kept,) = session.execute(text("SELECT secrets FROM webhook")).one()
        assert added.secret.key not in bytes(kept)
        told = str(bureau.records("webhook"))
        assert old not in told
        assert new not in told

    bureau.run(scenario())


def test_who_registers_proves_his_key_and_may_follow_the_item(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            hub, system = bureau.hub, bureau.systems["reader"]
            caller, wish = hub.access.standing(system.client_id), register.Wish(receiver.url, ITEM)
            assertion = system.assertion(bureau.clock)

            async def add(proof: str, wanted: register.Wish = wish) -> None:
                await hub.changes.add_webhook(caller, proof, wanted, None, Pending(epoch=hub.epoch()))

            await add(assertion)
            with pytest.raises(AssertionReplayedError):
                await add(assertion)
            with pytest.raises(ClientAuthenticationError):
                await add(bureau.systems["other"].assertion(bureau.clock))
            with pytest.raises(NotGrantedError):
                await add(system.assertion(bureau.clock), register.Wish(receiver.url, OTHER_ITEM))
            with pytest.raises(ScopeMissingError):
                await post.add(receiver.url, "issuer")
            unfit: list[dict[str, Any]] = [
                {"types": []}, {"paths": ["name"]}, {"types": ["BusinessLicence"], "paths": ["nowhere"]},
            ]  # fmt: skip
            for bad in unfit:
                with pytest.raises(InputInvalidError):
                    await post.add(receiver.url, **bad)
            for _ in range(register.MOST - 1):
                await post.add(receiver.url)
            with pytest.raises(WebhookLimitError):
                await post.add(receiver.url)

    bureau.run(scenario())


def test_a_client_sees_and_changes_its_own_webhooks_only(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            of = (await post.add(receiver.url)).receiving.id
        kept, other, mine = (
            bureau.hub.changes.register,
            bureau.systems["other"].client_id,
            bureau.systems["reader"].client_id,
        )
        assert kept.of_client(other) == ()
        for act in (kept.find, kept.pause, kept.resume, kept.remove, kept.replace_secret):
            with pytest.raises(WebhookUnknownError):
                act(other, of)
        with pytest.raises(WebhookStateError):
            kept.resume(mine, of)
        kept.pause(mine, of)
        with pytest.raises(WebhookStateError):
            kept.pause(mine, of)
        kept.remove(mine, of)
        with pytest.raises(WebhookUnknownError):
            kept.find(mine, of)
        assert [each["operation"] for each in bureau.records("webhook")] == ["ADDED", "PAUSED", "REMOVED"]
        with bureau.hub.database.snapshot() as session:
            (wrapped,) = session.execute(
                text("SELECT k.wrapped FROM vault_key k JOIN webhook w ON w.key_id = k.id")
            ).one()
        assert wrapped is None

    bureau.run(scenario())


def test_a_receiver_begins_at_a_cursor_and_can_be_set_back_to_one(bureau_once: Bureau) -> None:
    bureau = bureau_once

    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            hub, client = bureau.hub, bureau.systems["reader"].client_id
            bureau.issue(company_draft(1))
            start = hub.sharing.feed.cursors(client).make(("0",))
            added = await post.add(receiver.url, after=start)
            await post.round()
            assert receiver.kinds == ["ISSUED"]
            caller = hub.access.standing(client)
            await hub.changes.resume(caller, added.receiving.id, start, Pending(epoch=hub.epoch()))
            await post.round()
            assert [each.id for each in receiver.heard] == [receiver.heard[0].id] * 2

    bureau.run(scenario())


def test_what_is_sent_is_under_tls_to_the_name_and_not_to_another(bureau_once: Bureau, tmp_path: Path) -> None:
    bureau = bureau_once
    server, client = contexts(tmp_path, "localhost")

    async def scenario() -> None:
        bureau.grant()
        async with receiving(ssl=server) as receiver, posting(bureau) as post:
            bureau.hub.changes.sender._pool._ssl_context = client
            good = await post.add(f"https://localhost:{receiver.port}/hook")
            wrong = await post.add(f"https://127.0.0.1:{receiver.port}/hook")
            bureau.issue()
            await post.round()
            assert standing(bureau, good.receiving.id).last_result == Result.DELIVERED
            assert standing(bureau, wrong.receiving.id).last_result == Result.UNREACHABLE
            assert len(receiver.heard) == 1

    bureau.run(scenario())


def contexts(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return how a server of this name shows itself, and how a client believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "server.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain) + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
