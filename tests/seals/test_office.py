"""The life of a seal: who may do what in which order, what is refused, and that nothing half-made remains."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import text

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER
from hub.demo.codes import credit_code
from hub.errors import CodeError, HubError, InputInvalidError, SealMissingError, SealUnusableError
from hub.migrations import revisions
from hub.seals.certifying import KeySource
from hub.seals.kinds import Custody, Kind
from hub.seals.life import STEPS, SealStatus
from hub.seals.office import Upload, Wish
from hub.seals.pictures.refusals import NameMismatchError, PictureFormatError, PurposeUnknownError
from hub.seals.refusals import (
    SealApplicationUnknownError,
    SealCustodyError,
    SealExistsError,
    SealFourEyesError,
    SealReportedError,
    SealSuspendedError,
)
from keys.certificates import Certificate
from keys.report import Result
from keys.seal_verification import verify_seal
from keys.ses_seal import parse_seal
from keys.suites import SUITES
from keys.verification import Result as Whole
from tests.seals.made import person, picture, wish_of
from tests.seals.setting import MARKET, NAME, NOW, THREE, Setting

COMPANY = credit_code("91", "990100", "MA9Y0000")
EVERYTHING = person("one", [SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER], MARKET)
ELSEWHERE = "11990200MB00000023"


def applied(setting: Setting, **changes: Any) -> str:
    return setting.changes.apply(THREE.applicant, wish_of(setting, MARKET, **changes))


def made(setting: Setting, **changes: Any) -> str:
    """Make a seal that nobody has filed yet."""
    application = applied(setting, **changes)
    setting.changes.approve(THREE.approver, application)
    return setting.changes.make(THREE.maker, application).es_id


def rows(setting: Setting, table: str) -> int:
    with setting.database.snapshot() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


# -- the order of steps and the hands that take them ---------------------------------------------------------------------


def test_a_seal_seals_only_when_it_was_applied_for_approved_made_and_filed(setting: Setting) -> None:
    application = applied(setting)
    with pytest.raises(SealUnusableError):
        setting.changes.make(THREE.maker, application)
    setting.changes.approve(THREE.approver, application)
    es_id = setting.changes.make(THREE.maker, application).es_id
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    assert setting.seals.metadata(MARKET)["jwks"]["keys"] == []
    setting.changes.file(THREE.maker, es_id)
    assert setting.seals.sealer(MARKET).es_id == es_id
    steps = setting.office.history(application)
    assert setting.office.history(es_id) == steps
    assert [(each.step, each.staff) for each in steps] == [
        ("APPLY", "applicant"), ("APPROVE", "approver"), ("MAKE", "maker"), ("FILE", "maker"),
    ]  # fmt: skip
    assert setting.office.application(application).es_id == es_id


def test_one_person_with_every_role_cannot_make_himself_a_seal(setting: Setting) -> None:
    application = setting.changes.apply(EVERYTHING, wish_of(setting, MARKET))
    for step in (setting.changes.approve, lambda staff, one: setting.changes.reject(staff, one, "no")):
        with pytest.raises(SealFourEyesError):
            step(EVERYTHING, application)
    setting.changes.approve(THREE.approver, application)
    with pytest.raises(SealFourEyesError):
        setting.changes.make(EVERYTHING, application)
    approver_who_makes = person("approver", [SEAL_APPROVER, SEAL_MAKER], MARKET)
    with pytest.raises(SealFourEyesError):
        setting.changes.make(approver_who_makes, application)
    assert (rows(setting, "seal"), rows(setting, "signer_certificate")) == (0, 0)


@pytest.mark.parametrize("stranger", [
    person("x", [LICENCE_OFFICER], MARKET), person("x", [SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER], ELSEWHERE), person("x", [], None),
])  # fmt: skip
def test_who_holds_no_role_for_the_authority_does_nothing(setting: Setting, stranger: Staff) -> None:
    application, es_id = applied(setting, purpose="证明专用章"), setting.make().es_id
    before = setting.acts()
    acts: list[Callable[[], object]] = [
        lambda: setting.changes.apply(stranger, wish_of(setting, MARKET, "备案专用章")),
        lambda: setting.changes.approve(stranger, application),
        lambda: setting.changes.make(stranger, application),
        lambda: setting.changes.rotate(stranger, es_id),
        lambda: setting.changes.suspend(stranger, es_id, "CERTIFICATE_HOLD"),
        lambda: setting.changes.revoke(stranger, es_id, "UNSPECIFIED"),
        lambda: setting.changes.report_compromise(stranger, es_id),
        lambda: setting.office.impression(stranger, application),
    ]
    for act in acts:
        with pytest.raises(RoleMissingError):
            act()
    assert setting.acts() == before


def test_every_step_is_recorded_with_who_what_when_and_why(setting: Setting) -> None:
    es_id = setting.make().es_id
    setting.changes.suspend(THREE.applicant, es_id, "CERTIFICATE_HOLD", "钥匙盘点")
    with setting.database.snapshot() as session:
        found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'seal' ORDER BY sequence")).scalars()
        entries = [json.loads(bytes(body)) for body in found]
    last = entries[-1]
    assert {name: last[name] for name in ("operation", "seal", "staff", "reason", "note", "authority", "owner")} == {
        "operation": "SUSPEND", "seal": es_id, "staff": "applicant", "reason": "CERTIFICATE_HOLD", "note": "钥匙盘点",
        "authority": MARKET, "owner": MARKET,
    }  # fmt: skip
    assert {each["staff"] for each in entries if each["operation"] in STEPS} == {"applicant", "approver", "maker"}


def test_a_rejected_application_is_over_and_says_why(setting: Setting) -> None:
    application = applied(setting)
    with pytest.raises(InputInvalidError):
        setting.changes.reject(THREE.approver, application, " ")
    setting.changes.reject(THREE.approver, application, "没有必要")
    assert setting.office.application(application).status is SealStatus.REJECTED
    assert setting.office.history(application)[-1].note == "没有必要"
    with pytest.raises(SealUnusableError):
        setting.changes.approve(THREE.approver, application)
    assert applied(setting)  # another may be applied for


# -- what is asked for ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"text": "星河市公安局电子证照专用章"}, NameMismatchError),
        ({"text": f"{NAME}青山分局电子证照专用章"}, PurposeUnknownError),
        ({"text": f"{NAME}万能专用章"}, PurposeUnknownError),
        ({"kind": Kind.STATUTORY}, NameMismatchError),
        ({"kind": Kind.PERSONAL, "text": "王小明印", "representative": "李小明"}, NameMismatchError),
        ({"suite": "RS256"}, InputInvalidError),
        ({"years": 0}, InputInvalidError),
        ({"years": 11}, InputInvalidError),
        ({"reason": " "}, InputInvalidError),
        ({"owner": "91990100MA9Y00006K", "owner_name": "云帆公司"}, CodeError),
        ({"upload": Upload(b"GIF89a", 20, 20)}, PictureFormatError),
        ({"remakes": "99010000000001"}, SealMissingError),
    ],
)
def test_a_wish_that_cannot_be_met_leaves_nothing(
    setting: Setting, changes: dict[str, Any], refusal: type[HubError]
) -> None:
    with pytest.raises(refusal):
        setting.changes.apply(THREE.applicant, replace(wish_of(setting, MARKET), **changes))
    assert [rows(setting, table) for table in ("seal_application", "seal_picture", "seal_step", "vault_key")] == [0] * 4


def test_an_owner_has_one_seal_of_a_kind_and_name(setting: Setting) -> None:
    first = applied(setting)
    with pytest.raises(SealExistsError):
        applied(setting)
    setting.changes.approve(THREE.approver, first)
    es_id = setting.changes.make(THREE.maker, first).es_id
    with pytest.raises(SealExistsError):
        applied(setting)
    setting.changes.file(THREE.maker, es_id)
    with pytest.raises(SealExistsError):
        applied(setting)
    assert applied(setting, purpose="电子证照专用章(2)")
    setting.changes.revoke(THREE.approver, es_id, "CESSATION_OF_OPERATION")
    assert applied(setting)


def test_after_its_last_day_a_seal_makes_room(setting: Setting) -> None:
    setting.make(years=1)
    setting.clock.advance(days=366)
    assert applied(setting)


def test_a_remade_seal_takes_the_place_of_the_old_one(setting: Setting) -> None:
    old = setting.make().es_id
    sealed = setting.seal(setting.seals.sealer(MARKET))
    setting.clock.advance(days=1)
    new = made(setting, remakes=old)
    assert setting.seals.sealer(MARKET).es_id == old
    setting.changes.file(THREE.maker, new)
    assert setting.seals.sealer(MARKET).es_id == new
    assert (setting.seals.seal(old).status, setting.seals.seal(old).revoked_for) == ("REVOKED", "SUPERSEDED")
    assert setting.seals.seal(new).remakes == old
    assert setting.verify(sealed).result is Whole.TOTAL_PASSED


def test_a_seal_is_remade_by_those_who_look_after_it_as_what_it_is(setting: Setting) -> None:
    """Filing a remade seal revokes the old one: nobody does that to another authority's, or by a seal for something else."""
    setting.catalogue.add_authority(ELSEWHERE, "星河市民政局", "Bureau", "990200", "CITY")
    company: dict[str, Any] = {"owner": COMPANY, "owner_name": "星河市云帆恒信餐饮有限公司"}
    applicant = person("x", [SEAL_APPLICANT], ELSEWHERE)
    theirs: dict[str, Any] = {"authority": ELSEWHERE, **company, "text": "星河市云帆恒信餐饮有限公司合同专用章"}
    application = setting.changes.apply(applicant, replace(wish_of(setting, MARKET), **theirs))
    setting.changes.approve(THREE.approver, application)
    es_id = setting.changes.make(THREE.maker, application).es_id
    setting.changes.file(THREE.maker, es_id)
    before = rows(setting, "seal_application")
    for changes in (
        {**company, "text": theirs["text"], "remakes": es_id}, {"remakes": es_id},
        {**company, "authority": ELSEWHERE, "kind": Kind.STATUTORY, "text": company["owner_name"], "remakes": es_id},
    ):  # fmt: skip
        everywhere = person("y", [SEAL_APPLICANT], str(changes.get("authority", MARKET)))
        with pytest.raises(SealMissingError):
            setting.changes.apply(everywhere, replace(wish_of(setting, MARKET), **changes))
    assert rows(setting, "seal_application") == before
    assert setting.seals.seal(es_id).status is SealStatus.ACTIVE


def test_nobody_applies_for_a_seal_of_another_authority(setting: Setting) -> None:
    setting.catalogue.add_authority(ELSEWHERE, "星河市民政局", "Bureau", "990200", "CITY")
    wish = replace(wish_of(setting, MARKET), owner=ELSEWHERE, owner_name="星河市民政局", text="星河市民政局证明专用章")
    with pytest.raises(InputInvalidError, match="its own staff's"):
        setting.changes.apply(THREE.applicant, wish)


def test_a_reported_key_is_answered_before_anything_else(setting: Setting) -> None:
    """A later report, a revocation for another reason or a remake would make good what the thief has signed since."""
    es_id = setting.make().es_id
    reported_at = setting.clock.now()
    setting.changes.report_compromise(THREE.applicant, es_id)
    setting.clock.advance(days=1)
    new = made(setting, remakes=es_id)
    acts: list[Callable[[], object]] = [
        lambda: setting.changes.report_compromise(THREE.maker, es_id),
        lambda: setting.changes.revoke(THREE.approver, es_id, "CESSATION_OF_OPERATION"),
        lambda: setting.changes.file(THREE.maker, new),
    ]
    for act in acts:
        with pytest.raises(SealReportedError):
            act()
    setting.changes.confirm_compromise(THREE.approver, es_id)
    ended = setting.seals.seal(es_id).ended
    assert ended is not None
    assert ended.compromised_at == reported_at
    setting.changes.file(THREE.maker, new)
    assert setting.seals.sealer(MARKET).es_id == new
    assert setting.seals.seal(es_id).revoked_for == "KEY_COMPROMISE"


def test_seals_of_organisations_and_of_money_seal_no_licences(setting: Setting) -> None:
    company = {
        "owner": COMPANY,
        "owner_name": "星河市云帆恒信餐饮有限公司",
        "text": "星河市云帆恒信餐饮有限公司合同专用章",
    }
    finance: dict[str, Any] = {"text": f"{NAME}财务专用章"}
    for changes in (company, finance):
        application = setting.changes.apply(THREE.applicant, replace(wish_of(setting, MARKET), **changes))
        setting.changes.approve(THREE.approver, application)
        setting.changes.file(THREE.maker, setting.changes.make(THREE.maker, application).es_id)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    assert setting.seals.metadata(MARKET)["jwks"]["keys"] == []
    contract, money = setting.seals.seals(MARKET)
    assert (contract.owner, contract.purpose, money.purpose) == (COMPANY, "CONTRACT", "FINANCE")
    assert contract.signers[0].certificate.subject.credit_code == COMPANY


def test_a_persons_seal_names_him_nowhere_in_the_clear(setting: Setting) -> None:
    name = "诸葛若川"
    wish = Wish(MARKET, Kind.PERSONAL, f"{name}印", "换任", representative=name)  # drawn here
    application = setting.changes.apply(THREE.applicant, wish)
    setting.changes.approve(THREE.approver, application)
    es_id = setting.changes.make(THREE.maker, application).es_id
    shown = setting.office.impression(THREE.approver, application)
    assert shown.text == f"{name}印"
    assert shown.svg is not None
    seal = setting.seals.seal(es_id)
    assert (seal.name, seal.signers[0].certificate.subject.common_name) == ("法定代表人名章", "法定代表人名章")
    for table in ("seal_application", "seal_picture", "seal_step", "seal", "signer_certificate", "audit_record"):
        with setting.database.snapshot() as session:
            for row in session.execute(text(f"SELECT * FROM {table}")):
                assert not any(
                    form in bytes(str(value), "utf-8") or form in _bytes(value)
                    for value in row
                    for form in _forms(name)
                )


def _forms(name: str) -> tuple[bytes, ...]:
    return name.encode(), name.encode("utf-16-le"), name.encode("gb18030"), json.dumps(name)[1:-1].encode()


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


# -- what is made --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", [name for name in ("ES256", "SM2-SM3") if SUITES[name].available()])
def test_the_maker_signs_a_seal_with_picture_owner_and_signer(setting: Setting, suite: str) -> None:
    es_id = setting.make(suite=suite).es_id
    der = setting.office.ses_seal(es_id)
    assert der is not None
    content = parse_seal(der).content
    seal = setting.seals.seal(es_id)
    assert (content.es_id, content.name) == (es_id, f"{NAME}电子证照专用章")
    assert (content.picture.kind, content.picture.width, content.picture.height) == ("png", 20, 20)
    assert content.certificates == (seal.signers[0].certificate.der,)
    trust = setting.seals.seal_trust()
    assert verify_seal(der, trust, NOW + timedelta(days=1)).result is Result.TOTAL_PASSED


def test_a_new_key_has_a_seal_of_its_own(setting: Setting) -> None:
    es_id = setting.make().es_id
    first = setting.office.ses_seal(es_id)
    setting.clock.advance(days=1)
    kid = setting.changes.rotate(THREE.maker, es_id).kid
    second = setting.office.ses_seal(es_id)
    assert first != second
    assert second is not None
    (certificate,) = parse_seal(second).content.certificates
    assert Certificate.load(certificate).thumbprint == kid


def test_an_owner_who_keeps_his_key_gives_the_other_half(setting: Setting) -> None:
    key = SUITES["ES256"].generate()
    application = applied(setting, custody=Custody.OWNER)
    setting.changes.approve(THREE.approver, application)
    with pytest.raises(SealCustodyError):
        setting.changes.make(THREE.maker, application)
    with pytest.raises(InputInvalidError):
        setting.changes.make(THREE.maker, application, KeySource(SUITES["Ed25519"].generate().public))
    made_seal = setting.changes.make(THREE.maker, application, KeySource(key.public))
    setting.changes.file(THREE.maker, made_seal.es_id)
    assert setting.seals.public_key(made_seal.kid) == key.public
    with pytest.raises(SealCustodyError):
        setting.seals.sealer_of(made_seal.es_id)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    with pytest.raises(SealCustodyError):
        setting.changes.rotate(THREE.maker, made_seal.es_id)


def test_a_refused_step_leaves_no_number_and_no_key_that_is_named(setting: Setting) -> None:
    application = applied(setting)
    setting.changes.approve(THREE.approver, application)
    with pytest.raises(SealFourEyesError):
        setting.changes.make(replace(THREE.approver, roles={None: frozenset({SEAL_MAKER.name})}), application)
    assert setting.office.application(application).es_id is None
    assert setting.changes.make(THREE.maker, application).es_id == "99010000000001"


# -- a stolen key --------------------------------------------------------------------------------------------------------


def test_a_reported_key_stops_at_once_and_another_person_confirms(setting: Setting) -> None:
    es_id = setting.make().es_id
    sealed = setting.seal(setting.seals.sealer(MARKET))
    setting.clock.advance(days=1)
    with pytest.raises(SealUnusableError):
        setting.changes.confirm_compromise(THREE.approver, es_id)
    reported_at = setting.clock.now()
    setting.changes.report_compromise(EVERYTHING, es_id)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    assert setting.verify(sealed).result is Whole.TOTAL_PASSED
    setting.clock.advance(days=1)
    with pytest.raises(SealFourEyesError):
        setting.changes.confirm_compromise(EVERYTHING, es_id)
    setting.changes.confirm_compromise(THREE.approver, es_id)
    assert setting.failed(sealed) == {"SEAL": "NO_POE"}
    assert setting.verify(sealed, existed_at=reported_at - timedelta(seconds=2)).result is Whole.TOTAL_PASSED
    assert setting.verify(sealed, existed_at=reported_at + timedelta(seconds=2)).result is Whole.INDETERMINATE


def test_a_report_that_was_a_mistake_is_taken_back(setting: Setting) -> None:
    es_id = setting.make().es_id
    setting.changes.report_compromise(THREE.applicant, es_id)
    setting.changes.resume(THREE.approver, es_id, "UNSPECIFIED", "找到了")
    assert setting.seals.sealer(MARKET).es_id == es_id
    setting.changes.suspend(THREE.applicant, es_id, "CERTIFICATE_HOLD")
    with pytest.raises(SealUnusableError):
        setting.changes.confirm_compromise(THREE.approver, es_id)


def test_nobody_revokes_for_a_stolen_key_alone(setting: Setting) -> None:
    es_id = setting.make().es_id
    with pytest.raises(InputInvalidError):
        setting.changes.revoke(THREE.approver, es_id, "KEY_COMPROMISE")
    assert setting.seals.sealer(MARKET).es_id == es_id


def test_everybody_with_a_part_in_an_authoritys_seals_sees_their_pictures(setting: Setting) -> None:
    application = applied(setting)
    shown = [
        setting.office.impression(each, application).png for each in (THREE.applicant, THREE.approver, THREE.maker)
    ]
    assert len(set(shown)) == 1


def test_a_suspended_seal_is_told_as_what_somebody_can_resume(setting: Setting) -> None:
    es_id = setting.make().es_id
    setting.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD")
    acts: list[Callable[[], object]] = [lambda: setting.seals.sealer(MARKET), lambda: setting.seals.sealer_of(es_id)]
    for act in acts:
        with pytest.raises(SealSuspendedError):
            act()
    setting.changes.revoke(THREE.approver, es_id, "UNSPECIFIED")
    for act in acts:
        with pytest.raises(SealUnusableError) as refused:
            act()
        assert refused.value.code == "SEAL_UNUSABLE"


def test_what_is_unknown_is_said_so(setting: Setting) -> None:
    with pytest.raises(SealApplicationUnknownError):
        setting.office.history("none")
    with pytest.raises(SealApplicationUnknownError):
        setting.changes.approve(THREE.approver, "none")
    with pytest.raises(SealMissingError):
        setting.changes.file(THREE.maker, "99010000000009")
    assert setting.office.applications(MARKET) == ()


def test_a_picture_that_was_handed_in_is_written_anew(setting: Setting) -> None:
    application = applied(setting)
    shown = setting.office.impression(THREE.applicant, application)
    assert shown.png.startswith(b"\x89PNG")
    assert (shown.width, shown.height, shown.svg) == (picture().width, picture().height, None)


def test_a_seal_from_before_applications_goes_on_sealing_and_can_be_ended(setting: Setting) -> None:
    from alembic import command  # noqa: PLC0415 - only here

    es_id = setting.make().es_id
    with setting.database.transaction() as session:
        session.execute(text("UPDATE signer_certificate SET ses_seal = NULL"))
    config = revisions.config(setting.database.engine)
    command.downgrade(config, "0005")
    command.upgrade(config, "head")
    setting.seals.refresh()
    assert setting.seals.sealer(MARKET).es_id == es_id
    assert setting.office.ses_seal(es_id) is None
    with pytest.raises(SealApplicationUnknownError):
        setting.office.impression(THREE.approver, es_id)
    setting.changes.rotate(THREE.maker, es_id)
    setting.changes.report_compromise(THREE.applicant, es_id)
    setting.changes.confirm_compromise(THREE.approver, es_id)
    assert setting.seals.seal(es_id).status is SealStatus.REVOKED
