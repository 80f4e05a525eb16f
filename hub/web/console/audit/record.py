"""The page of one record: what it says, its proof step by step, and the evidence package of its answer.

Decides how that is shown. Who may see a record, and that looking at it is on record, is decided by the services.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.audit.log import ExaminedRecord
from hub.clock import from_micros
from hub.errors import InputError
from hub.sharing.embargo_desk import CaseEmbargo
from hub.web.console.audit.facts import RECORDS, Telling
from hub.web.console.audit.people import People, named_in
from hub.web.console.frame import Console
from hub.web.console.names import reader_of
from hub.web.policy import HEADERS

RECORD: Final = f"{RECORDS}/{{record}}"
EVIDENCE: Final = f"{RECORD}/evidence"
_PLACES: Final[Mapping[str, str]] = {
    "licence": "/console/licences", "identifier": "/console/licences", "seal": "/console/seals", "es_id": "/console/seals",
    "case": "/console/sharing/embargoes",
}  # fmt: skip
_PACKAGE: Final = {"Content-Type": "application/zip", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class RecordPages:
    """Shows records."""

    console: Console

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show a record; that somebody looked is on record before he sees it, if it speaks of anybody."""
        hub, record = self.console.hub, request.path_params["record"]
        examined = await run_sync(hub.sharing.proofs.examined, staff, record)
        noted = hub.supervision.records.look(staff, record, examined.facts, request.state.pending)
        who = await run_sync(People(hub).named, named_in([examined.facts]))
        embargo = await run_sync(self._embargo, staff, examined.facts)
        telling = Telling(reader_of(self.console, request), who)
        return self.console.page(
            request, "console/audit/record.html", record=examined, rows=telling.rows(examined.facts), telling=telling, noted=noted,
            opens=self._opens(staff, examined.facts), embargo=embargo, recorded_at=_time(examined), left=_left(examined), hex=bytes.hex, body=examined.body.decode(errors="replace"),
            records=RECORDS,
        )  # fmt: skip

    async def package(self, request: Request, staff: Staff) -> Response:
        """Hand out the evidence package of a record's answer; its records are durable before it leaves."""
        hub, record = self.console.hub, request.path_params["record"]
        wish = await run_sync(hub.sharing.rebuilding.wish_of, staff, record)
        made = await hub.evidence.of_staff(staff, wish, request.state.pending)
        name = {"Content-Disposition": f'attachment; filename="evidence-{record}.zip"'}
        return Response(made.content, headers={**HEADERS, **_PACKAGE, **name})

    def _opens(self, staff: Staff, facts: Mapping[str, Any]) -> Mapping[str, str]:
        """Return the pages of what a record speaks of, where he may open them, by fact."""
        named = (
            (name, f"{place}/{facts[name]}") for name, place in _PLACES.items() if isinstance(facts.get(name), str)
        )
        return {name: path for name, path in named if self.console.leads(staff, path)}

    def _embargo(self, staff: Staff, facts: Mapping[str, Any]) -> CaseEmbargo | None:
        """Return the embargo that keeps, or kept, the reads of the record's case from the persons they are about."""
        case = facts.get("case")
        if facts.get("kind") != "access" or not isinstance(case, str):
            return None
        try:
            return self.console.hub.sharing.embargoes.embargo(staff, case)
        except InputError:
            return None


def _left(examined: ExaminedRecord) -> bool:
    """Tell whether something left by this record that a package can prove."""
    facts = examined.facts
    answered = facts.get("kind") == "access" and facts.get("outcome") == "DISCLOSED" and "evidence_of" not in facts
    return bool(answered and facts.get("presentation") and facts.get("case") and examined.place is not None)


def _time(examined: ExaminedRecord) -> datetime | None:
    """Return when it says that it was written; None of bytes that are no record's."""
    time = examined.facts.get("time")
    return from_micros(time) if isinstance(time, int) else None
