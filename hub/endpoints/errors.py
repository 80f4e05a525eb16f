"""How the hub's refusals look over HTTP: a status for each class, and JSON with a stable code.

Decides the status; the nearest class of the tree wins, so a new error has its parent's until it has a row of its own.
Never shows the text of an exception that is not the hub's: such texts quote values.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson
from starlette.responses import Response

from hub import answering, errors, excess, unexpected
from hub.access.staff import refusals as staff_refusals
from hub.audit.refusals import LogTileUnknownError, RecordUnknownError
from hub.changes.refusals import WebhookUnknownError
from hub.counters.offline_pack.refusals import OfflinePartUnknownError
from hub.counters.presentations.refusals import PresentationUnknownError
from hub.errors import HubError, UnavailableError
from hub.excess import LimitError, PassingError
from hub.identities.refusals import MatchBudgetError
from hub.licences.importing import refusals
from hub.renditions.refusals import LinkExpiredError, LinkUnknownError, LinkUsedError, RenditionUnknownError
from hub.seals.refusals import SealListUnknownError
from hub.sharing.refusals import (
    ConsentUnknownError,
    DemandUnknownError,
    DisputeUnknownError,
    EmbargoUnknownError,
    NegativeEntryUnknownError,
)
from hub.supervision.refusals import AlertUnknownError

INTERNAL: Final = "INTERNAL"
NO_STORE: Final = {"Cache-Control": "no-store"}

STATUSES: Final[Mapping[type[HubError], int]] = MappingProxyType(
    {
        HubError: 500,
        errors.InputError: 400,
        errors.TypeUnknownError: 404,
        errors.AuthorityUnknownError: 404,
        errors.ItemUnknownError: 404,
        errors.ClientUnknownError: 404,
        errors.DocumentUnknownError: 404,
        errors.StatusListUnknownError: 404,
        SealListUnknownError: 404,
        staff_refusals.StaffUnknownError: 404,
        staff_refusals.ActUnknownError: 404,
        RecordUnknownError: 404,
        LogTileUnknownError: 404,
        OfflinePartUnknownError: 404,
        errors.JobUnknownError: 404,
        EmbargoUnknownError: 404,
        DisputeUnknownError: 404,
        ConsentUnknownError: 404,
        PresentationUnknownError: 404,
        WebhookUnknownError: 404,
        DemandUnknownError: 404,
        NegativeEntryUnknownError: 404,
        AlertUnknownError: 404,
        refusals.UploadError: 404,
        refusals.RejectsGoneError: 410,
        LinkUnknownError: 404,
        RenditionUnknownError: 404,
        LinkUsedError: 410,
        LinkExpiredError: 410,
        errors.AccessError: 401,
        errors.ScopeMissingError: 403,
        staff_refusals.RoleMissingError: 403,
        staff_refusals.PasswordChangeRequiredError: 403,
        staff_refusals.OwnAccountError: 403,
        staff_refusals.FormRefusedError: 403,
        staff_refusals.SignInPostponedError: 429,
        MatchBudgetError: 429,
        errors.AuthorityMismatchError: 403,
        errors.SharingError: 403,
        errors.NotFoundError: 404,
        errors.CaseMismatchError: 409,
        errors.StateError: 409,
        errors.UnavailableError: 503,
        errors.PolicyChangedError: 503,
        LimitError: 400,
        excess.IntrospectionOffError: 400,
        excess.BodyTooLargeError: 413,
        excess.UploadTooLargeError: 413,
        excess.BodyTooSlowError: 408,
        excess.ResponseTooLargeError: 422,
        excess.TimeExceededError: 503,
        PassingError: 429,
    }
)


def status(error: HubError) -> int:
    """Return the HTTP status of a refusal."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def refusal(error: Exception) -> Response:
    """Return the answer to a request that failed; an unknown exception is told to the log, by class and place only."""
    if isinstance(error, HubError):
        answering.note(error.code)
        answer = json(status(error), {**error.extensions, "message": error.message}, headers(error))
        if answer.status_code == 401:  # noqa: PLR2004 - RFC 9110 section 15.5.2 asks for a challenge
            answer.headers["WWW-Authenticate"] = 'Bearer realm="licence-hub"'
        return answer
    unexpected.tell(error)
    return told(500, INTERNAL, "Internal error")


def headers(error: HubError) -> dict[str, str]:
    """Return the headers of a refusal: never cached, and with the time to wait where waiting helps."""
    waits = isinstance(
        error,
        UnavailableError
        | errors.PolicyChangedError
        | staff_refusals.SignInPostponedError
        | MatchBudgetError
        | PassingError,
    )
    return {**NO_STORE, **({"Retry-After": str(getattr(error, "wait", 1))} if waits else {})}


def told(status_code: int, code: str, message: str) -> Response:
    """Return a refusal as JSON; it is never cached."""
    answering.note(code)
    return json(status_code, {"code": code, "message": message}, NO_STORE)


def json(status_code: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON."""
    return Response(orjson.dumps(value), status_code, headers, "application/json")
