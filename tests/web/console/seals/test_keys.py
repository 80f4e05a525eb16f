"""Keys of seals by pages: made here, kept by the owner, certified by an outside authority, replaced; and the roots of suites."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from asn1crypto import pem

from hub.composition import Hub
from hub.seals.kinds import Custody
from keys.certificates import Certificate, Subject
from keys.contracts import PublicKey
from keys.digests import Digests
from keys.report import Result
from keys.suites import SUITES
from tests.acceptance.small_hub import ISSUER
from tests.seals.outside import OutsideAuthority
from tests.web.console.office import Office
from tests.web.console.seals.desk import NAME, Desk, led_to, upload
from tests.web.visitor import text


@pytest.fixture(scope="module")
def desk(office: Office) -> Desk:
    return Desk.of(office)


@pytest.fixture
def outside(office: Office) -> Iterator[OutsideAuthority]:
    """Let the hub believe somebody else's certification authority, as HUB_OUTSIDE_ROOTS does at its start."""
    authority = OutsideAuthority()
    certifying = office.hub.seal_office.changes._certifying
    before = certifying._outside_roots
    certifying._outside_roots = office.hub.seals.outside_roots = (authority.root,)
    yield authority
    certifying._outside_roots = office.hub.seals.outside_roots = before


def approved(desk: Desk, purpose: str, **more: str) -> str:
    application = desk.apply(purpose, **more)
    return desk.approve(application)


def public_pem(key: PublicKey) -> bytes:
    """What `openssl pkey -pubout` writes."""
    return bytes(pem.armor("PUBLIC KEY", key.to_spki()))


def signer(hub: Hub, seal: str) -> Certificate:
    hub.seals.refresh()
    return hub.seals.seal(seal.rpartition("/")[2]).signers[-1].certificate


def test_an_owners_key_stays_with_him(office: Office, desk: Desk) -> None:
    application = approved(desk, "CONTRACT", custody="OWNER")
    page = desk.maker.get(f"{application}/make")
    assert "Never send a private key" in text(page)
    assert "key store" not in text(page).partition("Where the key comes from")[2]
    without = desk.maker.fill(f"{application}/make", source="PUBLIC_KEY")
    assert (without.status_code, "Fill this in" in text(without)) == (400, True)
    key = SUITES["ES256"].generate()
    for wrong in (b"\xff\x00", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"x" * 9000):
        told = upload(desk.maker, f"{application}/make", {"source": "PUBLIC_KEY"}, {"handed": wrong})
        assert told.status_code == 400
        assert 'href="#handed"' in told.text
    told = desk.maker.fill(f"{application}/make", source="STORE")  # made up: the hub makes no key for him
    assert told.status_code == 409
    seal = led_to(
        desk.maker,
        upload(desk.maker, f"{application}/make", {"source": "PUBLIC_KEY"}, {"handed": public_pem(key.public)}),
    )
    assert signer(office.hub, seal).public_key == key.public
    assert office.hub.seals.seal(seal.rpartition("/")[2]).custody is Custody.OWNER
    assert "with the owner" in text(desk.maker.get(seal))


def test_an_outside_authority_certifies_what_was_requested(
    office: Office, desk: Desk, outside: OutsideAuthority
) -> None:
    application = approved(desk, "INVOICE")
    assert desk.maker.get(f"{application}/request.pem").status_code == 400  # nothing was requested
    led_to(desk.maker, desk.maker.fill(f"{application}/request", source="STORE"))
    assert "Download the request" in text(desk.maker.get(application))
    assert desk.approver.get(f"{application}/request.pem").status_code == 403
    request = desk.maker.get(f"{application}/request.pem")
    assert request.headers["content-disposition"] == 'attachment; filename="request.pem"'
    name = office.hub.seal_office.application(application.rpartition("/")[2]).name
    foreign = outside.certify(SUITES["ES256"].generate().public, Subject(name, NAME, ISSUER))
    for wrong in (foreign, request.content, b"nothing"):
        told = upload(desk.maker, f"{application}/make", {"source": "CHAIN"}, {"handed": wrong})
        assert told.status_code == 400, text(told)
        assert "The certificate does not fit" in text(told)
    chain = outside.answer(request.content)
    seal = led_to(desk.maker, upload(desk.maker, f"{application}/make", {"source": "CHAIN"}, {"handed": chain}))
    assert signer(office.hub, seal).issuer.common_name == "示范电子认证机构"
    page = desk.maker.get(seal)
    assert "示范电子认证机构" in text(page)
    downloaded = desk.maker.get(f"{seal}/certificates.pem")
    assert len(Certificate.load_pem_bundle(downloaded.content)) == 3


def test_a_seal_gets_a_new_key_once_and_the_old_one_stays_listed(office: Office, desk: Desk) -> None:
    seal = desk.seal("REGISTRATION")
    old = signer(office.hub, seal)
    page = desk.maker.get(f"{seal}/rotate")
    assert old.thumbprint in page.text
    office.building.clock.advance(seconds=1)
    led_to(desk.maker, desk.maker.fill(f"{seal}/rotate", source="STORE"))
    assert signer(office.hub, seal) != old
    told = text(desk.maker.get(seal))
    assert old.thumbprint in told
    assert "replaced on" in told


def test_the_seal_itself_is_handed_out_to_who_has_a_part_in_it(office: Office, desk: Desk) -> None:
    es_id = office.hub.seals.seals(ISSUER)[0].es_id
    der = desk.applicant.get(f"/console/seals/{es_id}/seal.esl")
    assert der.content == office.hub.seal_office.ses_seal(es_id)
    assert der.headers["content-disposition"] == f'attachment; filename="{es_id}.esl"'
    assert office.visitor("AUDITOR").get(f"/console/seals/{es_id}/seal.esl").status_code == 403


def test_hardware_that_this_hub_has_not_is_neither_offered_nor_taken(desk: Desk) -> None:
    application = approved(desk, "HOUSEHOLD")
    assert "in hardware" not in text(desk.maker.get(f"{application}/make"))
    told = desk.maker.fill(f"{application}/make", source="PKCS11")
    assert (told.status_code, "can be made in that place" in text(told)) == (400, True)
    assert desk.maker.fill(f"{application}/make", source="file:///etc").status_code == 400


def test_the_root_of_a_suite_is_made_once_by_a_maker_of_the_whole_hub(office: Office, desk: Desk) -> None:
    assert desk.maker.get("/console/seals/roots/Ed25519").status_code == 403  # his role is for one authority
    whole = office.visitor("SEAL_MAKER", None)
    assert "Make the root of Ed25519" in text(whole.get("/console/seals/roots"))
    done = whole.fill("/console/seals/roots/Ed25519", source="STORE")
    assert done.status_code == 303
    office.hub.seals.refresh()
    root = office.hub.seals.register.makers["Ed25519"].certificate
    assert root.thumbprint in text(whole.get("/console/seals/roots"))
    again = whole.fill("/console/seals/roots/Ed25519", source="STORE")
    assert again.status_code == 409
    assert whole.get("/console/seals/roots/RSA").status_code == 400


def test_a_file_is_sealed_by_its_digest_and_its_use_is_on_record(office: Office, desk: Desk) -> None:
    seal = desk.seal("BUSINESS")
    assert f'href="{seal}/sign"' in desk.applicant.get(seal).text
    assert f'href="{seal}/sign"' not in desk.maker.get(seal).text
    document = sha256(b"a letter").hexdigest()
    for given, at in (
        ({"digest": "zz"}, "digest"),
        ({"digest": document, "reason": ""}, "reason"),
        ({"digest": sha256(b"").hexdigest(), "reason": "无"}, "digest"),
    ):
        told = desk.applicant.fill(f"{seal}/sign", **given)
        assert (told.status_code, f'href="#{at}"' in told.text) == (400, True)
    done = desk.applicant.fill(f"{seal}/sign", digest=document.upper(), reason="发函")
    assert done.headers["content-disposition"].endswith('.p7s"')
    report = office.hub.file_sealing.verify(done.content, Digests({"sha-256": sha256(b"a letter").digest()}))
    assert report.result is Result.TOTAL_PASSED
    (use,) = office.hub.seal_office.uses.latest(seal.rpartition("/")[2], 5)
    assert (use.reason, use.record in desk.applicant.get(seal).text) == ("发函", True)
    led_to(desk.applicant, desk.applicant.fill(f"{seal}/suspend", reason="CERTIFICATE_HOLD"))
    assert desk.applicant.get(f"{seal}/sign").status_code == 409


def test_an_owner_signs_what_was_prepared_and_nothing_else_counts(desk: Desk) -> None:
    key, application = SUITES["ES256"].generate(), approved(desk, "BUSINESS", custody="OWNER")
    seal = led_to(
        desk.maker,
        upload(desk.maker, f"{application}/make", {"source": "PUBLIC_KEY"}, {"handed": public_pem(key.public)}),
    )
    led_to(desk.maker, desk.maker.fill(f"{seal}/file"))
    given = {"digest": sha256(b"a contract").hexdigest(), "reason": "签约"}
    told = desk.applicant.fill(f"{seal}/sign", f"{seal}/sign", **given)
    assert told.status_code == 409  # the hub has no such key
    prepared = upload(desk.applicant, f"{seal}/sign", given, {}, f"{seal}/sign/prepare").content
    files = {"prepared": prepared, "value": key.sign_der(prepared)}
    for wrong in ({"prepared": prepared}, {**files, "value": b"\x30\x00"}, {**files, "prepared": prepared + b"x"}):
        told = upload(desk.applicant, f"{seal}/sign", given, wrong, f"{seal}/sign/complete")
        assert told.status_code == 400
    done = upload(desk.applicant, f"{seal}/sign", given, files, f"{seal}/sign/complete")
    assert done.headers["content-disposition"].endswith('.p7s"')
