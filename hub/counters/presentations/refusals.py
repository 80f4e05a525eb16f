"""How presentations are refused: one class each, with a stable code. What a scanned code is worth is a verdict, and no refusal.

HubError
├── InputError
│   └── PresentationUnknownError    PRESENTATION_UNKNOWN    the holder has made no such presentation, or it is forgotten
└── StateError
    ├── PresentationStateError      PRESENTATION_STATE      it was redeemed or cancelled, or is over
    └── PresentationLimitError      PRESENTATION_LIMIT      too many codes of one person are open, or were made lately
"""

from hub.errors import InputError, StateError


class PresentationUnknownError(InputError):
    """You have made no such presentation, or it is forgotten by now; `holder { presentations }` lists yours."""

    code = "PRESENTATION_UNKNOWN"


class PresentationStateError(StateError):
    """This code was redeemed or cancelled, or its time is over; nothing can be done about it any more."""

    code = "PRESENTATION_STATE"


class PresentationLimitError(StateError):
    """Too many of your codes are open, or were made lately; cancel those that nobody will scan, or wait."""

    code = "PRESENTATION_LIMIT"
