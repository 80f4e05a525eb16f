"""Ids of words that the pages of staff put together; hub/web/console/staff."""

from collections.abc import Mapping

from hub.access.staff.reasons import Reason
from hub.access.staff.roles import ROLES, Reach
from hub.access.staff.sessions import Way
from hub.web.console.staff.deeds import DEEDS

NAMES = frozenset(deed.name for deed in DEEDS)
MADE: Mapping[str, frozenset[str]] = {
    "problem.{}": frozenset(
        (
            "LAST_ADMINISTRATOR", "STAFF_ACTIVE", "STAFF_ENROLLED", "SUBJECT_TAKEN", "STAFF_UNKNOWN", "AUTHORITY_UNKNOWN", "LOGIN_INVALID",
            "ROLE_NEEDS_AUTHORITY", "ROLE_OF_HUB", "ENDS_BEFORE",
        )
    ),
    "{}.done": frozenset(f"staff.{each}" for each in (*NAMES, "add", "give", "withdraw")),
    "{}.section": frozenset(("staff",)),
    "staff.deed.{}": NAMES,
    "staff.deed.{}.lead": NAMES,
    "staff.deed.{}.changes": NAMES,
    "staff.why.{}": frozenset(Reason),
    "staff.allows.{}": frozenset(ROLES),
    "staff.reach.{}": frozenset(each.value for each in Reach),
    "staff.way.{}": frozenset(each.value for each in Way),
}  # fmt: skip
