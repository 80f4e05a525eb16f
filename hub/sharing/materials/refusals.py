"""How materials, commitments and deferrals are refused: one class each, with a stable code.

HubError
├── InputError
│   ├── RequirementUnknownError     REQUIREMENT_UNKNOWN     the item publishes no requirement of this name
│   ├── MaterialUnknownError        MATERIAL_UNKNOWN        the item asks for no material of this key
│   ├── PromiseUnknownError         PROMISE_UNKNOWN         no commitment or deferral of this id in a case of this authority
│   └── PromiseTextError            PROMISE_TEXT            what was committed to is not what the item says now
└── StateError
    ├── PromiseNotOfferedError      PROMISE_NOT_OFFERED     the material is exempt, or no commitment or deferral is offered for it
    └── PromiseStateError           PROMISE_STATE           it is not in a state that this takes
"""

from hub.errors import InputError, StateError


class RequirementUnknownError(InputError):
    """The service item publishes no requirement of this name; only those in its document can be asked."""

    code = "REQUIREMENT_UNKNOWN"


class MaterialUnknownError(InputError):
    """The service item asks for no material of this key, or under no such condition; look at its document."""

    code = "MATERIAL_UNKNOWN"


class PromiseUnknownError(InputError):
    """There is no commitment or deferral of this id in a case of your authority; `materialPromises` lists them."""

    code = "PROMISE_UNKNOWN"


class PromiseTextError(InputError):
    """The digest is not that of the text which the item's document has now; show the applicant that text, and name its digest."""

    code = "PROMISE_TEXT"


class PromiseNotOfferedError(StateError):
    """No commitment or deferral is offered for this material now; its `result` and `reason` say why."""

    code = "PROMISE_NOT_OFFERED"


class PromiseStateError(StateError):
    """The commitment or deferral is not in a state that allows this; look at its `state`."""

    code = "PROMISE_STATE"
