"""Everything that is derived from the records of the log: figures with alerts, and what auditors find records by.

Decides what that is. It needs the database and nothing else, so a process that does only this opens no key.
"""

from hub.audit.finding_aid import FindingAid
from hub.clock import Calendar
from hub.database import Database
from hub.supervision.pace import Together
from hub.supervision.progress import Folding


def deriving(database: Database, calendar: Calendar) -> Together:
    """Return what follows the log; `calendar` says on which legal day something was."""
    return Together(Folding(database, calendar), FindingAid(database))
