"""Why accounts and roles are changed: words of a closed set, for records name nobody and a free text might."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an administrator does something; the record of it says so."""

    NEW_DUTY = "NEW_DUTY"
    SUBSTITUTION = "SUBSTITUTION"
    END_OF_DUTY = "END_OF_DUTY"
    ABSENCE = "ABSENCE"
    RETURN = "RETURN"
    LEFT = "LEFT"
    LOST = "LOST"
    FORGOTTEN = "FORGOTTEN"
    SUSPICION = "SUSPICION"
    ORDER = "ORDER"
    MISTAKE = "MISTAKE"
