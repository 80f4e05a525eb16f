"""Paths of real objects of the issuing authority, for the matrix of rights."""

from collections.abc import Callable, Mapping

from sqlalchemy import text

from hub.audit.service import Entry
from hub.supervision import storing
from hub.supervision.folding import Alert
from tests.acceptance.small_hub import ISSUER
from tests.web.console.office import Office


def record(office: Office) -> str:
    """Write a record of the issuer; return where it is shown."""
    with office.hub.database.transaction() as session:
        made = office.hub.audit.append(session, Entry("grant", {"operation": "look", "authority": ISSUER}))
    office.hub.log.integrate()
    return f"/console/audit/records/{made}"


def alert(office: Office) -> str:
    """Raise an alert about a client of the issuer, as folding does; return where it is shown."""
    found = Alert("0a1b2c3d", "MISSES", "client-1", ISSUER, "client-1", 1, 1, {"misses": 20, "threshold": 20}, ())
    with office.hub.database.transaction() as session:
        if session.execute(text("SELECT 1 FROM supervision_alert WHERE id = :id"), {"id": found.id}).first() is None:
            storing.add_alerts(session, [found])
    return f"/console/audit/alerts/{found.id}"


EXAMPLES: Mapping[str, Callable[[Office], str]] = {
    "/console/audit/records/{record}": record,
    "/console/audit/alerts/{alert}": alert,
    "/console/audit/alerts/{alert}/acknowledge": lambda office: f"{alert(office)}/acknowledge",
    "/console/audit/alerts/{alert}/close": lambda office: f"{alert(office)}/close",
    "/console/audit/records/{record}/evidence": lambda office: f"{record(office)}/evidence",
}
