"""Files under a seal, as tests need them: who seals, what is sealed, what went wrong, what is on record."""

import json
from collections.abc import Callable
from typing import Any

from sqlmodel import text

from hub.seals.files import FileSealing
from hub.seals.stamping import Stamping
from hub.seals.stepping import Current
from keys.digests import digests_of
from keys.report import Report
from keys.suites import SUITES
from tests.seals.made import office_of
from tests.seals.setting import THREE, Setting

FILE = "关于同意设立的批复\n".encode()
DOCUMENT, ANOTHER = digests_of(FILE), digests_of(b"another")
WHY = "发文"
SUITES_OF_FILES = [name for name in ("ES256", "SM2-SM3") if SUITES[name].available()]


def sealing_of(
    setting: Setting, stamping: Stamping | None = None, current: Current = lambda _session, staff: staff
) -> FileSealing:
    """Return who seals files; without timestamps if none are said, and believing what it is told about people."""
    return FileSealing(
        setting.database, setting.audit, setting.clock, setting.seals, office_of(setting),
        stamping or Stamping(setting.clock), current=current,
    )  # fmt: skip


def made_outside(
    setting: Setting, sealing: FileSealing, es_id: str, stamp: Callable[[bytes], bytes | None] = lambda _: None
) -> bytes:
    """Return a signature that somebody makes who has the key, and not through the hub."""
    prepared, signer = sealing.prepare(es_id, DOCUMENT), setting.seals.signer_of(es_id)[1]
    value = setting.seals.sealer_of(es_id).key.sign_der(prepared)
    return sealing.form(es_id).complete(prepared, (signer.certificate,), value, stamp(value))


def steal(setting: Setting, es_id: str) -> None:
    """Let two people say that a seal's key was stolen."""
    setting.changes.report_compromise(THREE.applicant, es_id)
    setting.changes.confirm_compromise(THREE.approver, es_id)


def failed(report: Report) -> dict[str, str | None]:
    return {each.name: each.sub_indication for each in report.checks if each.outcome != "PASSED"}


def uses(setting: Setting) -> list[dict[str, Any]]:
    with setting.database.snapshot() as session:
        found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'seal' ORDER BY sequence")).scalars()
        return [entry for entry in (json.loads(bytes(body)) for body in found) if entry["operation"] == "USE"]
