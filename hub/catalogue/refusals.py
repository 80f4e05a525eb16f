"""How the catalogue refuses beyond `hub.errors`: one class each, with a stable code.

HubError
└── StateError
    └── WorkingDaysUnknownError   WORKING_DAYS_UNKNOWN   the calendar of working days lacks the year
"""

from hub.errors import StateError


class WorkingDaysUnknownError(StateError):
    """The calendar of working days does not have the year; an administrator adds the State Council's notice of it (HUB_WORKING_DAYS)."""

    code = "WORKING_DAYS_UNKNOWN"
