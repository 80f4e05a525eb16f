"""Why an administrator does something, as the forms ask it: one word of a closed set."""

from hub.access.staff.reasons import Reason
from hub.errors import InputInvalidError
from hub.web.forms import Form

FIELD = "why"


def reason_of(form: Form) -> Reason:
    """Return what was chosen; raises InputInvalidError."""
    try:
        return Reason(form.fields.get(FIELD, ""))
    except ValueError:
        raise InputInvalidError("Choose a reason.") from None
