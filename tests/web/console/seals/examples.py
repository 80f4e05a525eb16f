"""A path for each template of a page about seals that names one of them: all are the issuer's."""

from collections.abc import Callable, Mapping
from functools import partial

from hub.seals.life import STEPS
from hub.web.console.seals.shown import ADDRESSES, APPLICATION, SEAL
from tests.acceptance.small_hub import ISSUER
from tests.web.console.office import Office

_OF_APPLICATIONS = (
    "",
    "/picture",
    "/request.pem",
    *(f"/{ADDRESSES[name]}" for name in ("APPROVE", "REJECT", "MAKE", "REQUEST")),
)
_OF_SEALS = (
    "", "/picture", "/seal.esl", "/certificates.pem", "/request.pem", "/reseal", "/sign", "/sign/prepare", "/sign/complete",
    *(f"/{ADDRESSES[name]}" for name in STEPS if name not in {"APPLY", "APPROVE", "REJECT", "MAKE", "REQUEST"}),
)  # fmt: skip


def _seal(end: str, office: Office) -> str:
    return f"/console/seals/{office.hub.seals.seals(ISSUER)[0].es_id}{end}"


def _application(end: str, office: Office) -> str:
    return f"/console/seals/applications/{office.hub.seal_office.applications(ISSUER)[0].id}{end}"


EXAMPLES: Mapping[str, Callable[[Office], str]] = {
    **{f"{SEAL}{end}": partial(_seal, end) for end in _OF_SEALS},
    **{f"{APPLICATION}{end}": partial(_application, end) for end in _OF_APPLICATIONS},
}
