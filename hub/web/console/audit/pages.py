"""The table of what auditors can do: search records, look at one with its proof, deal with alerts, look at the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.access.staff.roles import AUDITOR
from hub.web.console.audit.alerts import ALERT, ALERTS, AlertPages
from hub.web.console.audit.facts import AUDIT
from hub.web.console.audit.log import LOG, LogPages
from hub.web.console.audit.record import EVIDENCE, RECORD, RecordPages
from hub.web.console.audit.searching import SearchPages
from hub.web.console.frame import Console
from hub.web.console.sections import Act

ONLY = (AUDITOR,)


@dataclass(frozen=True, slots=True)
class AuditPages:
    """The section."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        records, alerts = RecordPages(self.console), AlertPages(self.console)
        return (
            Act(AUDIT, "GET", SearchPages(self.console).show, ONLY, menu="audit.menu.search"),
            Act(RECORD, "GET", records.show, ONLY),
            Act(EVIDENCE, "POST", records.package, ONLY),
            Act(ALERTS, "GET", alerts.list, ONLY, menu="audit.menu.alerts"),
            Act(ALERT, "GET", alerts.show, ONLY),
            Act(f"{ALERT}/acknowledge", "POST", alerts.acknowledge, ONLY),
            Act(f"{ALERT}/close", "POST", alerts.close, ONLY),
            Act(LOG, "GET", LogPages(self.console).show, ONLY, menu="audit.menu.log"),
        )
