"""Printed codes of stored licences: who may have one, what stands in it, that the seal's use is on record, and what everybody reads of it."""

import json
from datetime import date, timedelta
from hashlib import sha256

import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.counters.masking import masked, masked_holders
from hub.counters.verdict import Colour, Verdict, Why, Word
from hub.errors import NotGrantedError, SealUnusableError, StatusForbidsError
from hub.seals.refusals import SealSuspendedError
from keys import qr_text, qr_token
from keys.licence_identifier import check_character
from tests.catalogue.examples import HUSBAND, WIFE
from tests.counters.counter import CALENDAR, Counter
from tests.licences.drafts import company_draft, draft_of
from tests.seals.made import make_seal, office_of, people
from tests.sharing.world import ISSUER, URL, purpose
from tests.vectors.qr_tokens.generate import VECTORS

ACT = ("虚构条例第二条", "虚构的原因")


def token_of(text: str) -> qr_token.QrToken:
    return qr_token.parse(qr_text.read(text).token).token


def act(counter: Counter, operation: str, type_key: str = "DriverLicence", revision: int = 1) -> None:
    world = counter.world
    caller = world.caller(ISSUER, {"licence:status"})
    world.licences.act(caller, operation, world.issued[type_key], revision, *ACT, None, f"{operation}-{revision}-key")


async def verdict(counter: Counter, text: str) -> Verdict:
    return await counter.public.verify(text)


def test_what_was_printed_is_what_everybody_reads(any_counter: Counter) -> None:
    counter = any_counter
    world = counter.world

    async def scenario() -> None:
        code = await counter.print()
        found = await verdict(counter, code.text)
        assert (found.word, found.colour, found.online) == (Word.VALID, Colour.GREEN, True)
        assert found.as_of == world.clock.now()
        assert all(row.outcome == "PASSED" for row in found.checks)
        licence = found.licence
        assert licence is not None
        assert (licence.identifier, licence.type, licence.issuer) == (
            world.issued["DriverLicence"],
            "DriverLicence",
            ISSUER,
        )
        assert (licence.type_names.zh, licence.issuer_names.zh) == ("机动车驾驶证", "星河市发证局")
        draft = draft_of("DriverLicence")
        assert (licence.valid_from, licence.valid_until) == (str(draft.valid_from), str(draft.valid_until))
        assert licence.holder == masked(draft.holders[0].name)
        assert draft.holders[0].name not in str(found.json())
        (seal,) = world.seals.seals(ISSUER)
        assert (licence.seal, licence.seal_names.zh) == (seal.es_id, seal.name)

    world.run(scenario())


def test_every_use_of_the_seal_is_on_record_and_so_is_the_name_that_left(counter: Counter) -> None:
    world = counter.world

    async def scenario() -> None:
        code = await counter.print()
        signature = qr_token.parse(qr_text.read(code.text).token).message.signature
        (use,) = [each for each in world.records("seal") if each["operation"] == "USE"]
        assert (use["form"], use["licence"], use["authority"]) == (
            "PRINTED_CODE",
            world.issued["DriverLicence"],
            ISSUER,
        )
        assert (use["value"], use["id"]) == (sha256(signature).hexdigest(), sha256(signature).hexdigest()[:32])
        assert [each["disclosed"] for each in world.records("access")] == [[], ["holders.codeType", "holders.name"]]

    world.run(scenario())


def test_a_holder_prints_his_own_and_only_his_name_stands_on_it(counter: Counter) -> None:
    async def scenario() -> None:
        for person in (HUSBAND, WIFE):
            code = await counter.print_own(person, "HouseholdRegister")
            assert token_of(code.text).holder == masked(person["name"])
        uses = [each["client"] for each in counter.world.records("seal") if each["operation"] == "USE"]
        assert uses == [None, None]

    counter.world.run(scenario())


def test_the_authority_prints_all_holders_in_one_line(counter: Counter) -> None:
    async def scenario() -> None:
        code = await counter.print("HouseholdRegister")
        names = [masked(each.name) for each in draft_of("HouseholdRegister").holders]
        assert len(names) > 1
        assert token_of(code.text).holder == "、".join(names)

    counter.world.run(scenario())


def test_an_organisation_is_named_in_full_and_a_long_term_licence_has_no_end(counter: Counter) -> None:
    async def scenario() -> None:
        (counter.world.issued["company"],) = counter.world.issue(company_draft(7, valid_until=None))
        found = await verdict(counter, (await counter.print("company")).text)
        assert found.licence is not None
        assert (found.licence.holder, found.licence.valid_until) == ("虚构市第7号公司", None)

    counter.world.run(scenario())


def test_a_type_may_keep_the_holder_off_its_codes_those_of_older_licences_too(counter: Counter) -> None:
    async def scenario() -> None:
        document = next(one for one in shipped_documents() if one["key"] == "DriverLicence")
        counter.world.catalogue.publish({**document, "version": 2, "qrHolder": "NONE"})
        counter.world.sharing.refresh()
        code = await counter.print()
        assert token_of(code.text).holder is None
        assert [each["disclosed"] for each in counter.world.records("access")] == [[]]

    counter.world.run(scenario())


def test_a_department_that_reads_in_a_case_prints_nothing(counter: Counter) -> None:
    world = counter.world
    world.grant(["holders.name"], "DriverLicence")

    async def scenario() -> None:
        pending = world.pending()
        case = await world.open(purpose(HUSBAND), pending)
        disclosed = await case.licence(world.key("DriverLicence"), frozenset({"holders.name"}), pending)
        with pytest.raises(NotGrantedError):
            await counter.printed.code_of(disclosed, pending)

    world.run(scenario())


def test_of_a_licence_that_is_over_no_code_is_printed(counter: Counter) -> None:
    act(counter, "revoke")

    async def scenario() -> None:
        with pytest.raises(StatusForbidsError):
            await counter.print()
        assert not [each for each in counter.world.records("seal") if each["operation"] == "USE"]

    counter.world.run(scenario())


def test_a_seal_that_may_not_sign_refuses(counter: Counter) -> None:
    world = counter.world
    (seal,) = world.seals.seals(ISSUER)
    office_of(world).changes.suspend(people(ISSUER).approver, seal.es_id, "CERTIFICATE_HOLD", "虚构")
    world.sharing.refresh()

    async def scenario() -> None:
        with pytest.raises((SealSuspendedError, SealUnusableError)):
            await counter.print()

    world.run(scenario())


@pytest.mark.parametrize(
    ("operation", "word"),
    [("suspend", Word.SUSPENDED), ("withdraw", Word.WITHDRAWN), ("revoke", Word.REVOKED), ("cancel", Word.CANCELLED),
     ("transferOut", Word.TRANSFERRED_OUT)],
)  # fmt: skip
def test_the_status_is_that_of_now(counter: Counter, operation: str, word: Word) -> None:
    async def scenario() -> None:
        code = await counter.print()
        act(counter, operation)
        found = await verdict(counter, code.text)
        assert (found.word, found.colour, found.reason) == (word, Colour.RED, word)
        assert found.licence is not None

    counter.world.run(scenario())


def test_it_expires_with_the_licence_to_the_day(counter: Counter) -> None:
    async def scenario() -> None:
        code = await counter.print()
        last = draft_of("DriverLicence").valid_until
        assert isinstance(last, date)
        counter.world.clock.instant = CALENDAR.end(last) - timedelta(seconds=1)
        assert (await verdict(counter, code.text)).word is Word.VALID
        counter.world.clock.instant = CALENDAR.end(last)
        assert (await verdict(counter, code.text)).word is Word.EXPIRED

    counter.world.run(scenario())


def test_the_record_of_its_making_saves_a_code_from_a_theft_that_came_later(counter: Counter) -> None:
    world = counter.world

    async def scenario() -> None:
        code = await counter.print()
        (seal,) = world.seals.seals(ISSUER)
        thief = world.seals.sealer(ISSUER)
        world.clock.advance(days=1)
        changes, three = office_of(world).changes, people(ISSUER)
        changes.report_compromise(three.applicant, seal.es_id)
        changes.confirm_compromise(three.approver, seal.es_id)
        make_seal(world, ISSUER, "电子证照专用章(2)")
        assert (await verdict(counter, code.text)).word is Word.VALID
        forged = qr_token.sign(token_of(code.text), thief.key, thief.kid)
        found = await verdict(counter, qr_text.write(URL, forged))
        assert (found.word, found.reason, found.colour) == (Word.CANNOT_CONFIRM, Why.STOLEN_KEY, Colour.AMBER)
        assert found.licence is None

    world.run(scenario())


def test_a_licence_that_the_hub_does_not_keep_is_not_confirmed(counter: Counter) -> None:
    async def scenario() -> None:
        sealer = counter.world.seals.sealer(ISSUER)
        token = token_of((await counter.print()).text)
        other = qr_token.sign(
            qr_token.QrToken(token.hub, _other(token.identifier), 1, 5, token.issued_at), sealer.key, sealer.kid
        )
        found = await verdict(counter, qr_text.write(URL, other))
        assert (found.word, found.reason, found.colour) == (Word.CANNOT_CONFIRM, Why.NO_STATUS, Colour.AMBER)

    counter.world.run(scenario())


def _other(identifier: str) -> str:
    *_, type_code, issuer, _, version, _ = identifier.split(".")
    body = f"{type_code}{issuer}{'0' * 20}{version}"
    return f"1.2.156.3005.2.{type_code}.{issuer}.{'0' * 20}.{version}.{check_character(body)}"


NO_CODES = {
    "empty": "", "blanks": " \r\n", "a word in base32": "HELLO234", "an address": "https://hub.example.gov.cn/licences",
    "a payment": "wxp://f2f0AbCdEf0123456789", "another payment": "https://qr.alipay.com/fkx00000abcdef", "JSON": '{"a": 1}',
    "much": "A" * 100_000, "letters of another script": "虚构的文字", "a bare presentation": "eyJhbGciOiJFUzI1NiJ9.e30.AAAA~",
    "surrogates": "\ud800", "nothing in base32": "A" * 200,
}  # fmt: skip


def test_what_is_no_code_of_anybody_is_told_so(counter: Counter) -> None:
    async def scenario() -> None:
        for name, text in NO_CODES.items():
            found = await verdict(counter, text)
            assert (found.word, found.colour, found.licence) == (Word.NOT_A_CODE, Colour.AMBER, None), name
        assert counter.public.verdicts == {Word.NOT_A_CODE: len(NO_CODES)}

    counter.world.run(scenario())


def test_a_displayed_code_is_for_counters(counter: Counter) -> None:
    async def scenario() -> None:
        found = await verdict(counter, f"{URL.upper()}/P/#ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        assert (found.word, found.reason) == (Word.NOT_A_CODE, Why.FOR_COUNTERS)

    counter.world.run(scenario())


def test_another_hubs_codes_are_called_that_and_nothing_of_them_is_shown(counter: Counter) -> None:
    """Good ones and attacks of another hub: none is green, and what cannot be read behind our mark is bad."""

    async def scenario() -> None:
        found = {}
        for code in json.loads(VECTORS.read_text("utf-8"))["codes"]:
            said = await verdict(counter, code["text"])
            found[code["name"]] = said.word
            assert said.licence is None
        assert found["good, SM2-SM3"] is Word.OTHER_HUB
        assert found["key of another authority"] is Word.OTHER_HUB
        assert found["trailing byte"] is Word.NOT_GENUINE
        assert set(found.values()) == {Word.OTHER_HUB, Word.NOT_GENUINE}

    counter.world.run(scenario())


def test_a_scanner_may_spell_it_as_it_likes(counter: Counter) -> None:
    async def scenario() -> None:
        text = (await counter.print()).text
        bare = text.partition("#")[2]
        for spelt in (text.lower(), f"\r\n{text} ", bare, bare.lower(), "\n".join((bare[:80], bare[80:]))):
            assert (await verdict(counter, spelt)).word is Word.VALID

    counter.world.run(scenario())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"), ("张三丰", "张*丰"), ("欧阳若川", "欧*川"), ("买买提·艾力", "买*力"), ("Zhang San", "Z*n"), ("林", "*"), ("", ""),
        ("  林 \u3000若川\u202e ", "林*川"),
    ],
)  # fmt: skip
def test_of_a_name_as_much_is_left(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_a_holder_of_an_unknown_kind_is_masked() -> None:
    assert (
        masked_holders([{"codeType": "777", "name": "林若川"}, {"codeType": "001", "name": "虚构公司"}])
        == "林*川、虚构公司"
    )
    assert masked_holders([{"codeType": "111"}]) is None
    assert masked_holders([]) is None
