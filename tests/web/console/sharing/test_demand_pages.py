"""Demands by pages: filed with what comes of it told before, answered by the owner, in time, once, and by different people."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest

from hub.catalogue.working_days import SHIPPED
from hub.sharing.demands.life import DemandState
from hub.sharing.demands.lists import View
from hub.web.console.sharing.deadline import remaining
from tests.web.console.sharing.conftest import (
    BASIS,
    ISSUER,
    ITEM,
    OTHER,
    READER,
    REGISTER,
    SCENE,
    Sharing,
    done,
    sent,
    taken,
    token_of,
)
from tests.web.visitor import text

DEMANDS = "/console/sharing/demands"
NEW = f"{DEMANDS}/new?source="
CHECK = f"{DEMANDS}/check"


def asked(sharing: Sharing, *ticked: str, **changes: str) -> dict[str, str]:
    """Return what is typed into the form of a demand."""
    typed = {
        "item": ITEM, "scene": SCENE, "basis": BASIS, "valid_from": sharing.today.isoformat(),
        "valid_until": (sharing.today + timedelta(days=200)).isoformat(), "roles": "",
    }  # fmt: skip
    return {**typed, **dict.fromkeys(ticked, "yes"), **changes}


def test_a_demand_is_checked_then_filed_then_granted_for_less_with_a_reason(sharing: Sharing) -> None:
    asks, answers = sharing.visitor(READER), sharing.visitor(ISSUER)
    form = asks.get(f"{NEW}{REGISTER}")
    assert "answers within ten working days" in text(form)
    typed = asked(sharing, "read.address", "read.headName", "check.number")
    empty = sent(asks, form.text, CHECK, **{**typed, "scene": " "})
    assert (empty.status_code, 'href="#scene"' in empty.text) == (400, True)
    assert len(re.findall(r'type="checkbox"[^>]* checked', empty.text)) == 3, "what was ticked is kept"
    check = sent(asks, empty.text, CHECK, **typed)
    assert "Its owner answers it" in text(check)
    before = sharing.demands(READER, View.FILED)
    proof = done(asks, check.text, f"{DEMANDS}/new")
    (demand,) = [each for each in sharing.demands(READER, View.FILED) if each not in before]
    assert (demand.wish.paths, demand.wish.checks, demand.state) == (
        ("address", "headName"),
        ("number",),
        DemandState.FILED,
    )
    address = f"{DEMANDS}/{demand.id}"
    assert ("The demand is filed" in proof, address in proof) == (True, True)
    listed = answers.get(DEMANDS)
    assert (address in listed.text, "working days left" in text(listed)) == (True, True)
    grant = answers.get(f"{address}/grant").text
    period = {"valid_from": demand.wish.valid_from.isoformat(), "valid_until": demand.wish.valid_until.isoformat()}
    less = {"read.address": "yes", "check.number": "yes", "check.headName": "yes", **period}
    unsaid = sent(answers, grant, f"{address}/grant", **less)
    assert (unsaid.status_code, 'href="#reason"' in unsaid.text) == (400, True)
    more = sent(answers, grant, f"{address}/grant", **{"read.householdType": "yes", "reason": "多给", **less})
    assert more.status_code == 400
    assert "the grant is in force" in done(answers, unsaid.text, f"{address}/grant", **less, reason="最小必要")
    granted = sharing.demand(demand.id)
    (version,) = sharing.hub.sharing.grant_lists.history(sharing.staff(None), granted.grant or "")
    assert [set(each) for each in (version.grant.paths, version.grant.checks)] == [{"address"}, {"number", "headName"}]
    shown = asks.get(address).text
    assert ("最小必要" in shown, f"/console/sharing/grants/{granted.grant}" in shown) == (True, True)
    assert address in answers.get("/console/sharing/responsibilities").text
    assert "The supply is confirmed" in taken(answers, f"{address}/supply", note="已汇聚")


def test_what_the_class_or_the_list_decides_is_told_at_once(sharing: Sharing) -> None:
    asks = sharing.visitor(READER)
    free = asks.get(f"{NEW}BusinessLicence")
    assert "granted as soon as it is filed" in text(free)
    check = sent(asks, free.text, CHECK, **asked(sharing, "read.address", source="BusinessLicence"))
    assert "It is granted as soon as you file it" in text(check)
    proof = done(asks, check.text, f"{DEMANDS}/new")
    newest = sharing.demands(READER)[-1]
    assert (newest.state, newest.id in proof) == (DemandState.GRANTED, True)
    form = asks.get(f"{NEW}{REGISTER}").text
    barred = sent(asks, form, CHECK, **asked(sharing, "read.members.religion", "read.address"))
    assert "It is refused as soon as you file it" in text(barred)
    assert "Religion" in text(barred)
    edited = asks.post(f"{DEMANDS}/edit", {**_hidden(barred.text)}, headers={"origin": "https://hub.example.gov.cn"})
    assert len(re.findall(r'type="checkbox"[^>]* checked', edited.text)) == 2, "nothing has to be typed again"


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.rpartition("<form")[2]))


def test_the_owner_asks_for_completion_and_time_and_the_department_withdraws(sharing: Sharing) -> None:
    asks, answers, whole = sharing.visitor(READER), sharing.visitor(ISSUER), sharing.visitor(None)
    address = f"{DEMANDS}/{sharing.filed().id}"
    assert "told what is missing" in taken(answers, f"{address}/ask-completion", note="请说明场景")
    assert f"{address}/ask-completion" not in answers.get(address).text
    assert "completed" in taken(asks, f"{address}/complete", scene="补充说明", basis=BASIS)
    wrong = sent(
        answers, answers.get(f"{address}/ask-extension").text, f"{address}/ask-extension", days="11", note="征求意见"
    )
    assert (wrong.status_code, 'href="#days"' in wrong.text, "征求意见" in wrong.text) == (400, True, True)
    assert "More time is asked for" in taken(answers, f"{address}/ask-extension", days="5", note="征求意见")
    assert f"{address}/allow-extension" in whole.get(address).text
    assert "More time is allowed" in taken(whole, f"{address}/allow-extension")
    line = text(asks.get(address))
    assert [each in line for each in ("Completion asked for", "Extension allowed", "补充说明")] == [True] * 3
    assert "withdrawn" in taken(asks, f"{address}/withdraw", note="不再需要")
    other = f"{DEMANDS}/{sharing.filed().id}"
    taken(answers, f"{other}/ask-extension", days="5", note="征求意见")
    assert "denied" in taken(whole, f"{other}/deny-extension", note="理由不足")
    review = (sharing.today + timedelta(days=30)).isoformat()
    refusal = {"reason": "与事项无关", "basis": BASIS, "review_on": review, "scope": "item", "read.headName": "yes"}
    assert "refused" in taken(answers, f"{other}/refuse", **refusal)
    shown = asks.get(other)
    assert "与事项无关" in shown.text
    (entry,) = sharing.hub.sharing.negative_list.of(REGISTER)
    assert (entry.item, entry.paths) == (ITEM, ("headName",))
    sharing.hub.sharing.negative_list.remove(sharing.staff(ISSUER), entry.id, "测试完毕")


def test_whose_step_it_is_not_is_not_offered_it_and_refused_when_he_makes_it_up(sharing: Sharing) -> None:
    asks, answers, far = (sharing.visitor(each) for each in (READER, ISSUER, OTHER))
    auditor = sharing.visitor(None, "AUDITOR")
    demand = sharing.filed()
    address = f"{DEMANDS}/{demand.id}"
    form = answers.get(f"{address}/grant").text
    whole = {"read.address": "yes", "read.headName": "yes", "valid_from": demand.wish.valid_from.isoformat(),
             "valid_until": demand.wish.valid_until.isoformat()}  # fmt: skip
    for visitor, status, code in (
        (auditor, 403, "ROLE_MISSING"),
        (far, 404, "DEMAND_UNKNOWN"),
        (asks, 403, "ROLE_MISSING"),
    ):
        answer = sent(visitor, form, f"{address}/grant", form_token=token_of(visitor.get("/console").text), **whole)
        assert (answer.status_code, code in answer.text) == (status, True)
    assert far.get(address).status_code == 404
    assert auditor.get(address).status_code == 200
    assert f"{address}/grant" not in auditor.get(address).text
    assert "This step cannot be taken now" in text(asks.get(f"{address}/grant"))
    assert sharing.demand(demand.id).state is DemandState.FILED
    own = f"{DEMANDS}/{sharing.hub.sharing.demands.file(sharing.staff(None), sharing.wish()).id}"
    filer = sharing.visitor(None)
    assert f"{own}/grant" not in filer.get(own).text, "who files does not answer"
    refused = sent(
        filer, form, f"{own}/grant", **{**whole, "form_token": token_of(filer.get(own).text), "revision": "1"}
    )
    assert (refused.status_code, "another person takes it" in text(refused)) == (409, True)


def test_of_two_stewards_at_once_the_second_sees_what_the_first_did(sharing: Sharing) -> None:
    answers, whole = sharing.visitor(ISSUER), sharing.visitor(None)
    demand = sharing.filed()
    address = f"{DEMANDS}/{demand.id}"
    first, second = answers.get(f"{address}/ask-completion").text, whole.get(f"{address}/ask-completion").text
    done(answers, first, f"{address}/ask-completion", note="请说明场景")
    late = sent(whole, second, f"{address}/ask-completion", note="还缺依据")
    assert (late.status_code, "Somebody else changed this meanwhile" in text(late)) == (409, True)
    assert "To be completed" in text(late)
    again = sent(answers, first, f"{address}/ask-completion", note="请说明场景")
    assert again.status_code == 303, "a form that is sent twice is done once, and proved again"
    assert [each.step for each in sharing.demand(demand.id).steps] == ["FILE", "ASK_COMPLETION"]


@pytest.mark.parametrize(
    ("today", "overdue", "words", "days"),
    [
        (date(2026, 12, 7), False, "sharing.left.many", 3),
        (date(2026, 12, 9), False, "sharing.left.one", 1),
        (date(2026, 12, 10), False, "sharing.left.today", 0),
        (date(2026, 12, 11), True, "sharing.overdue.days.one", 1),
        (date(2026, 12, 14), True, "sharing.overdue.days.many", 2),
    ],
)
def test_time_that_is_left_counts_in_working_days(today: date, *, overdue: bool, words: str, days: int) -> None:
    found = remaining(SHIPPED, date(2026, 12, 10), today, overdue=overdue)
    assert (found.words, found.days) == (words, days)


def test_a_weekend_after_the_last_day_is_overdue_by_no_working_day_and_an_unknown_year_is_said() -> None:
    friday = date(2026, 12, 11)
    assert remaining(SHIPPED, friday, friday + timedelta(days=1), overdue=True).words == "sharing.overdue"
    assert remaining(SHIPPED, friday, date(2029, 1, 1), overdue=True).words == "sharing.overdue"
    assert remaining(SHIPPED, date(2029, 1, 1), friday, overdue=False).words == "sharing.left.unknown"


def test_the_last_day_is_no_day_too_late_on_the_page(sharing: Sharing) -> None:
    """Stands last: the clock goes on and does not come back."""
    demand, clock = sharing.filed(), sharing.office.building.clock
    address = f"{DEMANDS}/{demand.id}"
    assert "10 working days left" in text(sharing.visitor(ISSUER).get(address))
    for day, said, late in (
        (demand.due_on, "Today is the last day", False),
        (demand.due_on + timedelta(days=1), "Overdue by 1 working day", True),
    ):
        clock.instant = datetime.combine(day, time(8), UTC)
        steward = sharing.office.visitor("SHARING_STEWARD", ISSUER)
        assert said in text(steward.get(address))
        assert (demand.id in steward.get(f"{DEMANDS}?view=ALL&overdue=yes").text) is late
