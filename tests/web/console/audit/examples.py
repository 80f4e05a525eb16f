"""Paths of real objects of the issuing authority, for the matrix of rights."""

from collections.abc import Callable, Mapping

from hub.audit.service import Entry
from tests.acceptance.small_hub import ISSUER
from tests.web.console.office import Office


def record(office: Office) -> str:
    """Write a record of the issuer; return where it is shown."""
    with office.hub.database.transaction() as session:
        made = office.hub.audit.append(session, Entry("grant", {"operation": "look", "authority": ISSUER}))
    office.hub.log.integrate()
    return f"/console/audit/records/{made}"


EXAMPLES: Mapping[str, Callable[[Office], str]] = {
    "/console/audit/records/{record}": record,
    "/console/audit/records/{record}/evidence": lambda office: f"{record(office)}/evidence",
}
