"""How the feed and webhooks are refused: one class each, with a stable code.

HubError
├── InputError
│   ├── CursorForeignError        CURSOR_FOREIGN          not a cursor of this hub for this client
│   ├── WebhookUnknownError       WEBHOOK_UNKNOWN         the client has no such webhook, or no such dead letter
│   └── WebhookAddressError       WEBHOOK_ADDRESS         not an address that the hub sends to
└── StateError
    ├── WebhookStateError         WEBHOOK_STATE           it is not in a state that allows this
    └── WebhookLimitError         WEBHOOK_LIMIT           a client has so many and no more
"""

from hub.errors import InputError, StateError


class CursorForeignError(InputError):
    """This is no cursor that this hub gave to this client system; begin with the cursor of `changesEnd`, or with none."""

    code = "CURSOR_FOREIGN"


class WebhookUnknownError(InputError):
    """The client system has no webhook, or the webhook no dead letter, of this id; `webhooks` lists them."""

    code = "WEBHOOK_UNKNOWN"


class WebhookAddressError(InputError):
    """The hub does not send to this address: it must be https, on port 443 or above 1023, and lead into no internal network."""

    code = "WEBHOOK_ADDRESS"


class WebhookStateError(StateError):
    """The webhook is not in a state that allows this; look at it."""

    code = "WEBHOOK_STATE"


class WebhookLimitError(StateError):
    """The client system has as many webhooks as it may have; remove one."""

    code = "WEBHOOK_LIMIT"
