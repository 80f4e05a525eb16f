"""Paths of real objects of the issuing authority, for the matrix of rights."""

from collections.abc import Callable, Mapping
from functools import partial

from tests.acceptance.small_hub import ISSUER
from tests.web.console.office import Office

NEW, EDITION = "/console/licences/issue/{type}", "/console/licences/{identifier}"


def of_edition(operation: str, office: Office) -> str:
    return f"/console/licences/{office.furniture.licences[0]}/{operation}"


EXAMPLES: Mapping[str, Callable[[Office], str]] = {
    NEW: lambda _office: f"/console/licences/issue/BusinessLicence?authority={ISSUER}",
    f"{EDITION}/renew": partial(of_edition, "renew"),
    f"{EDITION}/change": partial(of_edition, "change"),
}
