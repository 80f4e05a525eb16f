"""What people do about seals by pages: from the application to the end of a seal, with proof, and what is refused on the way."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.composition import Hub
from hub.seals.life import SealStatus
from hub.seals.service import Reason
from tests.acceptance.small_hub import ISSUER
from tests.licences.drafts import company_draft
from tests.seals.made import office_of, people
from tests.web.console.office import OTHER, Office
from tests.web.console.seals.desk import APPLY, SAME, Desk, hired, led_to, send, wanted
from tests.web.visitor import fields, text


@pytest.fixture(scope="module")
def desk(office: Office) -> Desk:
    return Desk.of(office)


@contextmanager
def usual_seal_suspended(hub: Hub) -> Iterator[None]:
    """Let licences be sealed by another seal than the one for licences."""
    changes, approver, usual = office_of(hub).changes, people(ISSUER).approver, hub.seals.sealer(ISSUER).es_id
    changes.suspend(approver, usual, "CERTIFICATE_HOLD")
    yield
    changes.resume(approver, usual, "CERTIFICATE_HOLD")


def test_three_people_make_a_seal_and_licences_are_issued_under_it(desk: Desk) -> None:
    application = desk.apply("REGISTRATION")
    waits = text(desk.approver.get("/console/seals"))
    assert "Waiting for you" in waits
    assert "another person has to do this" not in text(desk.approver.get(application))
    assert desk.approve(application) == application
    seal = desk.make(application)
    assert desk.kept(seal).status is SealStatus.MADE
    assert led_to(desk.maker, desk.maker.fill(f"{seal}/file", note="已备案")) == seal
    assert desk.kept(seal).status is SealStatus.ACTIVE
    page = text(desk.maker.get(seal))
    assert "Active" in page
    for role in ("SEAL_APPLICANT", "SEAL_APPROVER", "SEAL_MAKER"):
        assert desk.office.person(role).login in page
    assert "已备案" in page
    with usual_seal_suspended(desk.office.hub):
        assert desk.office.hub.seals.sealer(ISSUER).es_id == desk.kept(seal).es_id
        assert desk.office.hub.licences.issue_many(ISSUER, "desk", [company_draft(30)])
    desk.office.hub.log.integrate()
    desk.office.hub.supervision.catch_up()
    assert "Business licence 1 " in text(desk.maker.get(seal)).partition("What it was used for")[2]


def test_suspended_resumed_and_revoked_each_with_a_reason_and_proof(desk: Desk) -> None:
    seal = desk.seal("FILING")
    led_to(desk.applicant, desk.applicant.fill(f"{seal}/suspend", reason="CERTIFICATE_HOLD", note="盘点"))
    assert desk.kept(seal).status is SealStatus.SUSPENDED
    assert desk.applicant.get(f"{seal}/resume").status_code == 403  # an approver resumes
    led_to(desk.approver, desk.approver.fill(f"{seal}/resume", reason="UNSPECIFIED"))
    led_to(desk.approver, desk.approver.fill(f"{seal}/revoke", reason="CESSATION_OF_OPERATION"))
    kept = desk.kept(seal)
    assert (kept.status, kept.revoked_for) == (SealStatus.REVOKED, Reason.CESSATION_OF_OPERATION)
    page = text(desk.approver.get(seal))
    assert "Not needed any more" in page
    assert "盘点" in page
    assert "cannot be done now" in text(desk.approver.get(f"{seal}/revoke"))


def test_a_theft_takes_two_people_and_the_licences_are_sealed_anew(desk: Desk) -> None:
    office, seal = desk.office, desk.seal("CERTIFICATION")
    kept = desk.kept(seal)
    with usual_seal_suspended(office.hub):
        office.hub.licences.issue_many(ISSUER, "desk", [company_draft(31), company_draft(32)])
    _, alone = hired(office, "reporter", "SEAL_APPROVER")
    warned = text(alone.get(f"{seal}/report"))
    assert "only with proof that it existed before" in warned
    led_to(alone, alone.fill(f"{seal}/report", note="密码机失窃"))
    mine = text(alone.get(seal))
    assert "another person has to do this" in mine
    refused = send(alone, seal, f"{seal}/confirm", once="y" * 24, revision="5")
    assert "you took an earlier step" in text(refused)
    assert desk.kept(seal).status is SealStatus.SUSPENDED
    led_to(desk.approver, desk.approver.fill(f"{seal}/confirm"))
    assert desk.kept(seal).revoked_for is Reason.KEY_COMPROMISE
    officer = office.visitor("LICENCE_OFFICER")
    assert f'href="{seal}/reseal"' in officer.get(seal).text
    job = led_to(
        officer, officer.fill(f"{seal}/reseal", kid=kept.signers[-1].kid, basis="电子签名法", reason="密钥失窃")
    )
    assert "Waits for a worker" in text(officer.get(job))
    office.hub.resealing.run(job.rpartition("/")[2], "a worker of the tests")
    told = officer.get(job, headers={"accept": "application/json"}).json()
    assert (told["running"], told["said"]["resealed"]) == (False, "2")
    assert job in officer.get(f"{seal}/reseal").text
    elsewhere = desk.seal("BUSINESS")
    assert officer.get(f"{elsewhere}/resealing/{job.rpartition('/')[2]}").status_code == 404


# -- other hands ---------------------------------------------------------------------------------------------------------


def test_whoever_applied_sees_why_he_may_not_approve_and_a_made_up_form_does_not_help(
    office: Office, desk: Desk
) -> None:
    _, alone = hired(office, "everything", "SEAL_APPLICANT", "SEAL_APPROVER", "SEAL_MAKER")
    application = led_to(alone, alone.fill(APPLY, **wanted("INSPECTION")))
    seen = alone.get(application)
    assert "another person has to do this" in text(seen)
    assert f'action="{application}/approve"' not in seen.text
    for act in ("approve", "reject"):
        refused = send(alone, application, f"{application}/{act}", once="x" * 24, revision="1", note="无")
        assert "you took an earlier step" in text(refused)
    desk.approve(application)
    seen = alone.get(f"{application}/make")
    assert "another person has to do this" in text(seen)
    refused = send(alone, application, f"{application}/make", once="z" * 24, revision="2", source="STORE")
    assert "you took an earlier step" in text(refused)
    assert office.hub.seal_office.application(application.rpartition("/")[2]).status is SealStatus.APPROVED


def test_who_holds_no_role_for_the_authority_sees_and_does_nothing(office: Office, desk: Desk) -> None:
    application = desk.apply("HOUSEHOLD")
    seal = f"/console/seals/{office.hub.seals.seals(ISSUER)[0].es_id}"
    for role in ("SEAL_APPLICANT", "SEAL_APPROVER", "SEAL_MAKER"):
        stranger = office.visitor(role, OTHER)
        for path in (application, f"{application}/picture", seal, f"{seal}/picture", f"{seal}/seal.esl"):
            assert stranger.get(path).status_code == 403, path
        assert office.hub.seals.seals(ISSUER)[0].es_id not in stranger.get("/console/seals").text
    approver = office.visitor("SEAL_APPROVER", OTHER)
    refused = send(approver, "/console/seals", f"{application}/approve", once="q" * 24, revision="1")
    assert refused.status_code == 403
    assert office.visitor("COUNTER_CLERK").get("/console/seals").status_code == 403
    auditor = office.visitor("AUDITOR")
    assert auditor.get(seal).status_code == 200
    assert "seen by those who have a part" in text(auditor.get(seal))
    assert auditor.get(f"{seal}/picture").status_code == 403


# -- at the same time ----------------------------------------------------------------------------------------------------


def test_of_two_makers_at_once_one_makes_the_seal_and_the_other_sees_it(office: Office, desk: Desk) -> None:
    application = desk.apply("PERSONNEL")
    desk.approve(application)
    _, second = hired(office, "second.maker", "SEAL_MAKER")
    page = second.get(f"{application}/make")
    seen = fields(page).hidden
    seal = desk.make(application)
    late = second.post(f"{application}/make", {**seen, "source": "STORE"}, headers=SAME)
    assert late.status_code == 409
    assert "Somebody else changed this meanwhile" in text(late)
    named = desk.kept(seal)
    assert [each.es_id for each in office.hub.seals.seals(ISSUER) if each.name == named.name] == [named.es_id]


def test_what_was_revoked_in_between_is_not_suspended(desk: Desk) -> None:
    seal = desk.seal("GOVERNMENT_SERVICE")
    seen = fields(desk.applicant.get(f"{seal}/suspend")).hidden
    led_to(desk.approver, desk.approver.fill(f"{seal}/revoke", reason="UNSPECIFIED"))
    late = desk.applicant.post(f"{seal}/suspend", {**seen, "reason": "CERTIFICATE_HOLD"}, headers=SAME)
    assert late.status_code == 409
    assert "Revoked" in text(late)
    assert desk.kept(seal).status is SealStatus.REVOKED


def test_a_form_that_is_sent_twice_is_done_once(desk: Desk) -> None:
    application = desk.apply("CUSTOMS")
    seen = fields(desk.approver.get(application)).hidden
    sent = [desk.approver.post(f"{application}/approve", seen, headers=SAME) for _ in range(2)]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    steps = desk.office.hub.seal_office.history(application.rpartition("/")[2])
    assert [each.step for each in steps] == ["APPLY", "APPROVE"]


def test_a_rejection_needs_words_and_its_applicant_reads_them(desk: Desk) -> None:
    application = desk.apply("FINANCE")
    told = desk.approver.fill(application, f"{application}/reject")
    assert told.status_code == 400
    assert "Fill this in" in text(told)
    led_to(desk.approver, desk.approver.fill(application, f"{application}/reject", note="没有必要"))
    assert "没有必要" in text(desk.applicant.get(application))


def test_no_reason_is_made_up(desk: Desk) -> None:
    seal = desk.seal("CONTRACT")
    for reason in ("", "KEY_COMPROMISE", "<script>"):
        told = desk.approver.fill(f"{seal}/revoke", reason=reason)
        assert told.status_code == 400
        assert "<script>" not in told.text.partition("<main")[2].replace("<script type", "")
    assert desk.kept(seal).status is SealStatus.ACTIVE
