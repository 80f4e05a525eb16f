"""How supervision says no: one class each, with a stable code.

HubError
├── InputError
│   └── AlertUnknownError           ALERT_UNKNOWN
└── StateError
    └── AlertStateError             ALERT_STATE              acknowledged once, then closed once
"""

from hub.errors import InputError, StateError


class AlertUnknownError(InputError):
    """No alert has this id; `licence-hub supervision alerts` lists them."""

    code = "ALERT_UNKNOWN"


class AlertStateError(StateError):
    """An alert is acknowledged once, and then closed once; look at its state."""

    code = "ALERT_STATE"
