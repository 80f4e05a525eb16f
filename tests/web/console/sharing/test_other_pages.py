"""Grants, who reads what, the negative list, embargoes, disputes and promises by pages."""

import csv
import io
from datetime import UTC, datetime, time, timedelta

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.sharing.forms.desk import Value
from hub.sharing.forms.disputes import Dispute, Words
from hub.sharing.forms.steps import State
from hub.sharing.materials.case_materials import PromiseWish
from hub.sharing.materials.promise import Kind, Who
from hub.sharing.policy import GrantState
from hub.sharing.purpose import Person, Purpose
from hub.sharing.reading import LicenceKey, OpenCase
from tests.acceptance.small_hub import COMPANY
from tests.catalogue.items.described import deferral, material, small
from tests.web.console.sharing.conftest import (
    BASIS,
    ISSUER,
    ITEM,
    OTHER,
    READER,
    REGISTER,
    Sharing,
    done,
    sent,
    taken,
    token_of,
)
from tests.web.visitor import text

ROOT = "/console/sharing"
GRANTS, NEGATIVE, EMBARGOES, DISPUTES = (
    f"{ROOT}/{each}" for each in ("grants", "negative-list", "embargoes", "disputes")
)
WHY = {"reason": "数据核查", "basis": BASIS}


def added(sharing: Sharing, *ticked: str, **changes: str) -> str:
    """Let the owner's steward add a grant of household registers, and return its address."""
    path, visitor = f"{GRANTS}/new", sharing.visitor(ISSUER)
    until = (sharing.today + timedelta(days=40)).isoformat()
    typed = {
        "item": ITEM,
        "basis": BASIS,
        "valid_from": sharing.today.isoformat(),
        "valid_until": until,
        "roles": "tenant, buyer",
    }
    form = visitor.get(f"{path}?source={REGISTER}").text
    proof = done(visitor, form, path, **{**typed, **dict.fromkeys(ticked, "yes"), **changes})
    return proof.partition(f'href="{GRANTS}/')[2].partition('"')[0]


def test_an_empty_hub_says_what_to_do_next(sharing: Sharing) -> None:
    whole, auditor = sharing.visitor(None), sharing.visitor(None, "AUDITOR")
    for path, said in (
        ("demands", "No demand waits for you"), ("demands?view=ALL", "There is no demand"), ("responsibilities", "Nothing is to be supplied"),
        ("negative-list", "The negative list is empty"), ("embargoes", "No proposal waits"), (f"embargoes?authority={READER}", "has no embargo"),
        ("promises", "No promise is overdue"), (f"readers?source={REGISTER}", "Nobody reads anything of it"), ("readers", "Choose a source"),
        ("grants?state=ENDED", "There is no grant"),
    ):  # fmt: skip
        assert said in text(whole.get(f"{ROOT}/{path}")), path
    assert "There is no demand" in text(auditor.get(f"{ROOT}/demands"))
    assert "No value is disputed" in text(sharing.visitor(ISSUER, "LICENCE_OFFICER").get(DISPUTES))


def test_a_grant_is_added_suspended_resumed_and_ended_by_whose_data_it_is(sharing: Sharing) -> None:
    owner, reader, far = (sharing.visitor(each) for each in (ISSUER, READER, OTHER))
    path = f"{GRANTS}/{added(sharing, 'read.address', 'check.number')}"
    shown = text(owner.get(path))
    assert [each in shown for each in ("In force", "tenant", "Version 1", "Nobody has used it for twelve months")] == [
        True
    ] * 4
    assert f"{path}/suspend" not in reader.get(path).text
    assert far.get(path).status_code == 404
    form = owner.get(f"{path}/suspend").text
    unsaid = sent(owner, form, f"{path}/suspend", reason="数据核查")
    assert (unsaid.status_code, 'href="#basis"' in unsaid.text, "数据核查" in unsaid.text) == (400, True, True)
    for visitor, status in ((reader, 403), (far, 403), (sharing.visitor(None, "AUDITOR"), 403)):
        token = token_of(visitor.get("/console").text)
        assert sent(visitor, form, f"{path}/suspend", form_token=token, **WHY).status_code == status
    whole = sharing.visitor(None)
    second = whole.get(f"{path}/suspend").text
    assert "The grant is suspended" in done(owner, unsaid.text, f"{path}/suspend", **WHY)
    late = sent(whole, second, f"{path}/suspend", **WHY)
    assert (late.status_code, "Version 2" in text(late)) == (409, True)
    assert "resumed" in taken(owner, f"{path}/resume", **WHY)
    assert "ended" in taken(owner, f"{path}/end", **WHY)
    versions = sharing.hub.sharing.grant_lists.history(sharing.staff(None), path.rpartition("/")[2])
    assert [each.grant.state for each in versions] == [
        GrantState.ENDED, GrantState.ACTIVE, GrantState.SUSPENDED, GrantState.ACTIVE,
    ]  # fmt: skip
    assert "Changed: state" in text(owner.get(path))
    assert "This cannot be done now" in text(owner.get(f"{path}/resume"))
    assert path in owner.get(f"{GRANTS}?state=ENDED&source={REGISTER}").text


def test_who_may_not_give_is_not_asked_for_a_grant(sharing: Sharing) -> None:
    reader = sharing.visitor(READER)
    assert "There is nothing to choose" in text(reader.get(f"{GRANTS}/new"))
    assert reader.get(f"{GRANTS}/new?source={REGISTER}").status_code == 403
    form = sharing.visitor(ISSUER).get(f"{GRANTS}/new?source={REGISTER}").text
    typed = {
        "item": ITEM,
        "basis": BASIS,
        "valid_from": "2026-11-26",
        "valid_until": "2026-12-26",
        "read.address": "yes",
    }
    made_up = sent(reader, form, f"{GRANTS}/new", form_token=token_of(reader.get("/console").text), **typed)
    assert (made_up.status_code, "ROLE_MISSING" in made_up.text) == (403, True)
    empty = sent(sharing.visitor(ISSUER), form, f"{GRANTS}/new", **{**typed, "read.address": ""})
    assert (empty.status_code, 'href="#fields"' in empty.text) == (400, True)


def test_who_reads_what_is_a_matrix_and_a_table_to_download(sharing: Sharing) -> None:
    owner = sharing.visitor(ISSUER)
    grant = added(sharing, "read.address", "read.headName", "check.number")
    page = owner.get(f"{ROOT}/readers?source={REGISTER}")
    marks = [page.text.count(f'data-mark="{each}"') for each in ("read", "check")]
    assert (marks, f"{GRANTS}/{grant}" in page.text) == ([2, 1], True)
    assert page.text.count('class="field-name"') == 3
    answer = owner.get(f"{ROOT}/readers.csv?source={REGISTER}")
    assert answer.headers["content-disposition"] == f'attachment; filename="who-reads-what-{REGISTER}.csv"'
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (header[0], [(row[1], row[3], row[7], row[8]) for row in rows]) == (
        "Who reads",
        [
            (READER, ITEM, "address", "read"),
            (READER, ITEM, "headName", "read"),
            (READER, ITEM, "number", "judged only"),
        ],
    )
    by_authority = text(sharing.visitor(READER).get(f"{ROOT}/readers?authority={READER}"))
    assert ("Household register" in by_authority, "Business licence" in by_authority) == (True, True)
    assert "Nobody reads anything of it" in text(sharing.visitor(OTHER).get(f"{ROOT}/readers?source={REGISTER}"))
    assert owner.get(f"{ROOT}/readers?source=Nothing").status_code == 404
    sharing.hub.sharing.end_grant(grant)


def test_what_is_listed_makes_demands_be_refused_until_it_is_removed(sharing: Sharing) -> None:
    owner, asks = sharing.visitor(ISSUER), sharing.visitor(READER)
    review = (sharing.today + timedelta(days=60)).isoformat()
    form = owner.get(f"{NEGATIVE}/new?source={REGISTER}").text
    past = sent(
        owner, form, f"{NEGATIVE}/new", **WHY, item="", review_on=sharing.today.isoformat(), **{"read.headName": "yes"}
    )
    assert past.status_code == 400
    proof = done(owner, past.text, f"{NEGATIVE}/new", **WHY, item="", review_on=review, **{"read.headName": "yes"})
    assert "It is on the negative list" in proof
    (entry,) = sharing.hub.sharing.negative_list.of(REGISTER)
    remove = f"{NEGATIVE}/{entry.id}/remove"
    assert (remove in owner.get(NEGATIVE).text, remove in asks.get(NEGATIVE).text) == (True, False)
    assert asks.get(remove).status_code == 403
    form = asks.get(f"{ROOT}/demands/new?source={REGISTER}").text
    assert form.count('class="barred"') == 2, "the listed field, and the one that nobody shares"
    assert "数据核查" in form
    assert "It is off the negative list" in taken(owner, remove, reason="已复核")
    assert owner.get(remove).status_code == 404


def purpose(number: str) -> Purpose:
    holder = COMPANY.holders[0]
    return Purpose(ITEM, number, Person(holder["codeType"], holder["code"]), (), BASIS)


async def opened(sharing: Sharing, number: str, *, reads: bool) -> tuple[OpenCase, str]:
    """Open a case as the reading authority's client; return it, and the record of the read if it reads."""
    hub = sharing.hub
    hub.refresh()  # who comes by HTTP is asked again after a change of policy
    caller = Caller("client", READER, frozenset({"licence:read"}), hub.epoch())
    pending = Pending(epoch=hub.epoch())
    case = await hub.sharing.open_case(caller, purpose(number), pending)
    record = ""
    if reads:
        key = LicenceKey("BusinessLicence", identifier=sharing.office.furniture.licences[0])
        record = (await case.licence(key, None, pending)).entry.id
    await hub.recorder.commit(pending)
    return case, record


def test_an_embargo_takes_two_people_and_looking_at_its_reads_is_on_record(sharing: Sharing) -> None:
    runner = sharing.office.building.runner
    runner.run(opened(sharing, "INQUIRY-1", reads=True))
    one, other, auditor = sharing.visitor(READER), sharing.visitor(None), sharing.visitor(None, "AUDITOR")
    until = (sharing.today + timedelta(days=30)).isoformat()
    unknown = sent(
        one, one.get(f"{EMBARGOES}/new").text, f"{EMBARGOES}/new", item=ITEM, number="NO-CASE", until=until, basis=BASIS
    )
    assert (unknown.status_code, 'href="#number"' in unknown.text) == (404, True)
    proof = done(one, unknown.text, f"{EMBARGOES}/new", item=ITEM, number="INQUIRY-1", until=until, basis=BASIS)
    case = f"{EMBARGOES}/{proof.partition(f'{EMBARGOES}/')[2].partition(chr(34))[0]}"
    assert "INQUIRY-1" not in case, "no number of a case stands in an address"
    assert case in other.get(EMBARGOES).text
    assert f"{case}/confirm" not in one.get(case).text
    assert "You proposed this yourself" in text(one.get(f"{case}/confirm"))
    own = sent(one, other.get(f"{case}/confirm").text, f"{case}/confirm", form_token=token_of(one.get(case).text))
    assert (own.status_code, "another person confirms it" in text(own)) == (409, True)
    reject = other.get(f"{case}/reject").text
    assert "in force" in taken(other, f"{case}/confirm")
    late = sent(other, reject, f"{case}/reject")
    assert (late.status_code, "Somebody has decided meanwhile" in text(late)) == (409, True)
    shown = auditor.get(case)
    assert "Business licence" not in shown.text
    looked = auditor.post(
        f"{case}/reads", {"form_token": token_of(shown.text)}, headers={"origin": "https://hub.example.gov.cn"}
    )
    assert ("Business licence" in looked.text, "That you looked is on record" in looked.text) == (True, True)
    assert sharing.visitor(ISSUER).get(case).status_code == 403
    assert "lifted" in taken(other, f"{case}/lift")
    assert "Not in force" in text(one.get(case))


def test_how_much_a_grant_is_used_comes_from_the_figures(sharing: Sharing) -> None:
    hub, reader = sharing.hub, sharing.visitor(READER)
    (grant,) = (
        each for each in hub.sharing.grants() if each.type_key == "BusinessLicence" and each.authority == READER
    )
    before = hub.supervision.use.by_month(grant, sharing.today)
    sharing.office.building.runner.run(opened(sharing, "CASE-USE", reads=True))
    hub.log.integrate()
    hub.supervision.catch_up()
    after = hub.supervision.use.by_month(grant, sharing.today)
    count = sum(each.allowed for each in after)
    assert (len(after), after[-1].allowed > before[-1].allowed) == (12, True)
    assert f"Read {count} times in twelve months" in text(reader.get(f"{GRANTS}/{grant.id}"))
    assert f'<td class="number">{count}</td>' in reader.get(f"{ROOT}/readers?source=BusinessLicence").text


async def disputed(sharing: Sharing) -> Dispute:
    """Read the company's name as the reading authority, and dispute it for the applicant."""
    case, record = await opened(sharing, "CASE-9", reads=True)
    caller = Caller("client", READER, frozenset({"licence:read"}), sharing.hub.epoch())
    value = Value(record, "name", sharing.hub.sharing.case_id(case))
    return sharing.hub.sharing.forms.desk.file(caller, value, Words("虚构正确名称", "名称登记有误"), "dispute-1")


def test_a_dispute_is_answered_by_an_officer_of_whose_word_it_is(sharing: Sharing) -> None:
    sharing.hub.refresh()
    dispute = sharing.office.building.runner.run(disputed(sharing))
    officer, far = sharing.visitor(ISSUER, "LICENCE_OFFICER"), sharing.visitor(OTHER, "LICENCE_OFFICER")
    path = f"{DISPUTES}/{dispute.id}"
    assert path in officer.get(DISPUTES).text
    assert path not in far.get(DISPUTES).text
    assert (far.get(path).status_code, far.get(f"{DISPUTES}?authority={ISSUER}").status_code) == (404, 403)
    form = officer.get(path)
    assert ("虚构正确名称" in form.text, "10 working days left" in text(form)) == (True, True)
    unsaid = sent(officer, form.text, f"{path}/answer", answer="REJECTED", reason="")
    assert (unsaid.status_code, 'href="#reason"' in unsaid.text) == (400, True)
    wrong = sent(
        officer, form.text, f"{path}/answer", answer="CORRECTED", correction=sharing.office.furniture.licences[1]
    )
    assert (wrong.status_code, 'href="#correction"' in wrong.text) == (400, True)
    assert "The dispute is answered" in done(
        officer, unsaid.text, f"{path}/answer", answer="REJECTED", reason="登记无误"
    )
    late = officer.get(path)
    assert ("Rejected" in text(late), "登记无误" in late.text, 'class="act"' in late.text) == (True, True, False)
    assert path not in officer.get(f"{DISPUTES}?state={State.OPEN}").text


async def deferred(sharing: Sharing) -> None:
    case, _ = await opened(sharing, "CASE-D", reads=False)
    caller = Caller("client", READER, frozenset({"licence:read"}), sharing.hub.epoch())
    wish = PromiseWish(Kind.DEFERRAL, "lease", Who(clerk="窗口李文"))
    await sharing.hub.sharing.materials.promise(caller, case, wish, "promise-1", Pending(epoch=sharing.hub.epoch()))


def test_late_promises_are_listed_and_nobody_is_named(sharing: Sharing) -> None:
    """Stands last: the clock goes on and does not come back."""
    lease = material(
        key="lease",
        name={"zh": "租赁合同", "en": "Lease"},
        deferral=deferral(3),
        satisfiedBy=[{"source": REGISTER, "of": "applicant", "requirements": []}],
    )
    sharing.hub.catalogue.documents.publish(ITEM, small(materials=[lease], requirements={}, form=[], concerns=[]))
    sharing.hub.refresh()
    sharing.office.building.runner.run(deferred(sharing))
    due = sharing.hub.catalogue.working_days.add(sharing.today, 3)
    for day, late in ((due, False), (due + timedelta(days=1), True)):
        sharing.office.building.clock.instant = datetime.combine(day, time(8), UTC)
        page = sharing.office.visitor("SHARING_STEWARD", READER).get(f"{ROOT}/promises")
        assert [each in text(page) for each in ("Lease", "CASE-D", "Overdue")] == [late] * 3
    assert "窗口李文" not in page.text
    assert "CASE-D" not in sharing.office.visitor("SHARING_STEWARD", ISSUER).get(f"{ROOT}/promises").text
