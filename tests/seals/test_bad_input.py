"""Bad input to the seal office: each has a code of its own, and afterwards tables and key store are as they were."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import text

from hub.access.staff.roles import SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER
from hub.errors import HubError
from hub.seals.kinds import Kind
from hub.seals.office import Upload
from keys.errors import KeysError
from keys.store import KeyStore
from tests.seals.made import person, wish_of
from tests.seals.pictures.test_uploads import BAD, SIDE, bomb
from tests.seals.setting import MARKET, NAME, THREE, Setting

TABLES = ("seal_application", "seal_picture", "seal_step", "seal", "signer_certificate", "seal_maker", "vault_key", "audit_record")  # fmt: skip
BOTH = person("both", [SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER], MARKET)
OTHER = "证明专用章"
Act = Callable[[], object]


def state(setting: Setting) -> dict[str, Any]:
    """All that a change leaves, in tables and in the key store."""
    with setting.database.snapshot() as session:
        counts = {each: session.execute(text(f"SELECT count(*) FROM {each}")).scalar_one() for each in TABLES}
        told = session.execute(text("SELECT id, status FROM seal_application ORDER BY id")).all()
        seals = session.execute(text("SELECT es_id, status FROM seal ORDER BY es_id")).all()
    return {
        **counts,
        "applications": told,
        "seals": seals,
        "keys": (setting.store.names("seals/"), setting.store.names("makers/")),
    }


def refused(setting: Setting, act: Act) -> str:
    """The code with which it is refused; nothing is changed by it."""
    before = state(setting)
    with pytest.raises((HubError, KeysError)) as error:
        act()
    assert state(setting) == before
    return str(error.value.code)  # type: ignore[attr-defined]


def test_each_has_its_own_code_and_nothing_half_made_remains(setting: Setting) -> None:
    changes, wish = setting.changes, wish_of(setting, MARKET, OTHER)

    def applied(**changed: Any) -> Act:
        return lambda: changes.apply(THREE.applicant, replace(wish, **changed))

    def pictured(name: str) -> Act:
        return applied(upload=Upload(BAD[name][0], SIDE, SIDE))

    suspended = setting.make().es_id
    changes.suspend(THREE.approver, suspended, "CERTIFICATE_HOLD")
    reported = setting.make("备案专用章").es_id
    changes.report_compromise(THREE.applicant, reported)
    own = changes.apply(BOTH, wish_of(setting, MARKET, "登记专用章"))
    cases: dict[str, tuple[Act, str]] = {
        "a huge file": (pictured("too many bytes"), "PICTURE_TOO_LARGE"),
        "huge by its header": (pictured("huge by its header alone"), "PICTURE_DIMENSIONS"),
        "huge once unpacked": (applied(upload=Upload(bomb(), SIDE, SIDE)), "PICTURE_INFLATES"),
        "animated": (pictured("frames"), "PICTURE_ANIMATED"),
        "no image": (pictured("an SVG with a script"), "PICTURE_NOT_PNG"),
        "a ground that covers": (pictured("a ground that is white"), "PICTURE_OPAQUE"),
        "another owner's name": (applied(text=f"星河市公安局{OTHER}"), "SEAL_NAME_MISMATCH"),
        "another person's name": (
            applied(kind=Kind.PERSONAL, text="王小明印", representative="王小朋", upload=None), "SEAL_NAME_MISMATCH",
        ),
        "a purpose that is none": (applied(text=f"{NAME}万能专用章"), "SEAL_PURPOSE_UNKNOWN"),
        "overlapping validity": (lambda: changes.apply(THREE.applicant, wish_of(setting, MARKET)), "SEAL_EXISTS"),
        "his own seal": (lambda: changes.approve(BOTH, own), "SEAL_FOUR_EYES"),
        "a suspended seal": (lambda: setting.seals.sealer_of(suspended), "SEAL_SUSPENDED"),
        "the only one is suspended": (lambda: setting.seals.sealer(MARKET), "SEAL_SUSPENDED"),
        "a reported key": (lambda: changes.revoke(THREE.approver, reported, "UNSPECIFIED"), "SEAL_REPORTED"),
    }  # fmt: skip
    assert {name: refused(setting, act) for name, (act, _) in cases.items()} == {
        name: code for name, (_, code) in cases.items()
    }


def test_a_maker_makes_no_seal_that_he_approved(setting: Setting) -> None:
    application = setting.changes.apply(THREE.applicant, wish_of(setting, MARKET))
    setting.changes.approve(BOTH, application)
    assert refused(setting, lambda: setting.changes.make(BOTH, application)) == "SEAL_FOUR_EYES"


def test_a_store_that_cannot_be_opened(setting: Setting, tmp_path: Path) -> None:
    """Neither by who starts a hub, nor by one that runs already when it goes away."""
    es_id, keys = setting.make().es_id, tmp_path / "keys"
    application = setting.changes.apply(THREE.applicant, wish_of(setting, MARKET, OTHER))
    setting.changes.approve(THREE.approver, application)
    assert refused(setting, lambda: KeyStore.open(keys, b"another passphrase")) == "WRONG_PASSPHRASE"
    other, away = setting.another(), keys.rename(tmp_path / "away")
    acts: tuple[Act, ...] = (
        lambda: setting.changes.make(THREE.maker, application),
        lambda: setting.changes.rotate(THREE.maker, es_id),
        lambda: other.sealer(MARKET),
    )
    assert {refused(setting, act) for act in acts} == {"SEAL_KEY_UNAVAILABLE"}
    with pytest.raises(KeysError) as gone:
        KeyStore.open(keys, b"made-up passphrase")
    assert gone.value.code == "KEY_STORE_MISSING"
    assert not keys.exists()
    away.rename(keys)
    assert setting.office.application(application).status == "APPROVED"
    made = setting.changes.make(THREE.maker, application)
    setting.changes.file(THREE.maker, made.es_id)
    assert setting.another().sealer_of(made.es_id).kid == made.kid
