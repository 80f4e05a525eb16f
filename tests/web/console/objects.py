"""One real object for each place in the paths of the console, of the authorities that the office was furnished for.

A section that has other places writes its own paths down in an `examples.py` (EXAMPLES: template to what makes the path).
"""

import io
import re
import runpy
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from hub.access.caller import SCOPES, Caller
from hub.access.staff.acting import as_officer
from hub.audit.service import Pending
from hub.licences.importing.service import ImportRequest
from hub.sharing.demands.demand import DemandWish
from hub.sharing.forms.desk import Value
from hub.sharing.forms.disputes import Words
from hub.sharing.purpose import EmbargoWish, Person, Purpose
from hub.sharing.reading import LicenceKey
from hub.supervision.model import SupervisionAlert
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, READER, grant
from tests.licences.importing.hall import WORDS, companies
from tests.web.console.office import Office

AWAY: Final = "11990400MB0000004K"
"""An authority that has nothing to do with any of the objects."""
BASIS: Final = "虚构条例第七条"
PLACE: Final = re.compile(r"\{([a-z_]+)\}")
EXAMPLES: Final[Mapping[str, Callable[[Office], str]]] = {
    template: path
    for file in sorted(Path(__file__).parent.rglob("examples.py"))
    for template, path in runpy.run_path(str(file))["EXAMPLES"].items()
}


def made(office: Office) -> Mapping[str, str]:
    """Make the objects; return what stands for them in paths."""
    hub = office.hub
    hub.catalogue.add_authority(AWAY, "虚构县自然资源局", "Invented Land Bureau", "990400", "COUNTY", None)
    grant_id, demand = grant(hub), _demand(office)
    hub.refresh()
    case, dispute = office.building.runner.run(_case_and_dispute(office))
    return {
        **_import(office), **_seal(office), "identifier": office.furniture.licences[1], "type": "BusinessLicence", "key": "BusinessLicence",
        "register": "NaturalPerson", "alert": _alert(office), "entry": _entry(office),
        "authority": ISSUER, "item": ITEM, "version": "1", "grant": grant_id, "demand": demand, "case": case, "dispute": dispute,
    }  # fmt: skip


def path_of(template: str, objects: Mapping[str, str]) -> str | None:
    """Return a template filled with objects; None: there is none for one of its places."""
    if not set(PLACE.findall(template)) <= objects.keys():
        return None
    return PLACE.sub(lambda place: objects[place[1]], template)


def _import(office: Office) -> Mapping[str, str]:
    caller, imports = as_officer(office.staff("LICENCE_OFFICER"), ISSUER), office.hub.imports
    uploads = []
    for place in (90, 91):
        taking = imports.uploads.begin(caller, "csv")
        imports.uploads.keep(taking, companies([place]))
        uploads.append(imports.uploads.end(taking).id)
    job = imports.begin(
        caller, ImportRequest(uploads[0], "BusinessLicence", defaults=WORDS, dry_run=True), "matrix-import"
    )
    imports.run(job.id, "test", workers=0, source=io.BytesIO(companies([90])))
    return {"upload": uploads[1], "job": job.id}


def _seal(office: Office) -> Mapping[str, str]:
    seal = office.hub.seals.seals(ISSUER)[0]
    application = office.hub.inspection.of_seal(office.staff("SEAL_APPROVER", None), seal.es_id)
    return {"es_id": seal.es_id, "seal": seal.es_id, "application": application.id}


def _entry(office: Office) -> str:
    """List what is not shared; return the entry's id."""
    steward, review = office.staff("SHARING_STEWARD", None), office.hub.sharing.today() + timedelta(days=99)
    return office.hub.sharing.negative_list.add(steward, "BusinessLicence", ["address"], "虚构事由", BASIS, review).id


def _alert(office: Office) -> str:
    with office.hub.database.transaction() as session:
        session.add(
            SupervisionAlert(
                id="a1e57" * 6, rule="MISSES", subject="client", authority=ISSUER, client="client", at=1, place=1,
                figures="{}", records="[]", state="RAISED",
            )
        )  # fmt: skip
    return "a1e57" * 6


def _demand(office: Office) -> str:
    today = office.hub.sharing.today()
    wish = DemandWish(
        READER, ITEM, "BusinessLicence", ("number",), BASIS, "虚构场景", today, today + timedelta(days=99)
    )
    return office.hub.sharing.demands.file(office.staff("SHARING_STEWARD", READER), wish).id


async def _case_and_dispute(office: Office) -> tuple[str, str]:
    """Read a licence in a case; propose an embargo on it, and dispute what was read; return the ids of case and dispute."""
    hub, holder = office.hub, COMPANY.holders[0]
    caller = Caller("client", READER, frozenset(SCOPES), hub.epoch())
    pending = Pending(epoch=hub.epoch())
    purpose = Purpose(ITEM, "MATRIX-1", Person(holder["codeType"], holder["code"]), (), BASIS)
    case = await hub.sharing.open_case(caller, purpose, pending)
    key = LicenceKey("BusinessLicence", identifier=office.furniture.licences[0])
    record = (await case.licence(key, None, pending)).entry.id
    await hub.recorder.commit(pending)
    until = EmbargoWish(hub.clock.now() + timedelta(days=30), BASIS)
    proposed = hub.sharing.embargoes.propose(office.staff("SHARING_STEWARD", READER), READER, ITEM, "MATRIX-1", until)
    value = Value(record, "name", hub.sharing.case_id(case))
    caller = Caller("client", READER, frozenset(SCOPES), hub.epoch())
    dispute = hub.sharing.forms.desk.file(caller, value, Words("虚构正确名称", "名称登记有误"), "matrix-dispute")
    return proposed.embargo.case_id, dispute.id
