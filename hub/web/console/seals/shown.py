"""What all pages about seals know: how lists are cut, how pictures are sized, what is kept of a person's choice.

Decides nothing about rights. A seal is shown as large as it will be printed: a CSS pixel is 1/96 inch.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SEAL_APPLICANT, Role
from hub.catalogue.generation import Authority
from hub.paging import Page, Window
from hub.seals.impressions import Impression
from hub.seals.inspection import READERS
from hub.seals.life import REPORT, STEPS
from hub.web.console.hub import ConsoleHub
from hub.web.pages import KEPT_NOWHERE
from hub.web.policy import HEADERS

ROOT: Final = "/console/seals"
APPLICATIONS: Final = f"{ROOT}/applications"
APPLICATION: Final = f"{APPLICATIONS}/{{application}}"
SEAL: Final = f"{ROOT}/{{es_id}}"
PART: Final = STEPS[REPORT].roles
"""The roles that have a part in seals: whoever holds one sees what they show."""
ADDRESSES: Final[Mapping[str, str]] = {
    "APPROVE": "approve", "REJECT": "reject", "MAKE": "make", "REQUEST": "request", "FILE": "file", "SUSPEND": "suspend", "RESUME": "resume",
    "REVOKE": "revoke", "REPORT_COMPROMISE": "report", "CONFIRM_COMPROMISE": "confirm", "ROTATE": "rotate", "REQUEST_ROTATION": "request",
}  # fmt: skip
"""How the address of each step ends."""
_A_PAGE: Final = 25
_PIXELS: Final = 96 / 25.4  # CSS Values 4 section 6.2


def window(request: Request) -> Window:
    """Return which part of a list is asked for; raises InputInvalidError when its list takes the cursor for another's."""
    after, before = (request.query_params.get(name) for name in ("after", "before"))
    return Window(last=_A_PAGE, before=before) if before else Window(first=_A_PAGE, after=after)


def beside(path: str, terms: Mapping[str, str], page: Page[Any]) -> dict[str, str]:
    """Return the addresses of what lies before and behind a page of a list; empty where nothing does."""
    kept = {name: value for name, value in terms.items() if value}
    before = page.has_previous and page.cursors and {**kept, "before": page.cursors[0]}
    after = page.has_next and page.cursors and {**kept, "after": page.cursors[-1]}
    return {
        "before": f"{path}?{urlencode(before)}" if before else "",
        "after": f"{path}?{urlencode(after)}" if after else "",
    }


def authorities(hub: ConsoleHub, staff: Staff, roles: Iterable[Role] = READERS) -> list[Authority]:
    """Return the authorities for which somebody holds one of the roles, by name; all of them, if he holds it for the whole hub."""
    known = hub.catalogue.current.authorities.values()
    held = [each for each in known if any(staff.holds(role, each.code) for role in roles)]
    return sorted(held, key=lambda each: each.name_zh)


def applying(hub: ConsoleHub, staff: Staff) -> list[Authority]:
    """Return the authorities for whose seals somebody may apply."""
    return authorities(hub, staff, (SEAL_APPLICANT,))


def has_part(staff: Staff, authority: str) -> bool:
    """Tell whether somebody may see what an authority's seals show."""
    return any(staff.holds(role, authority) for role in PART)


def place_of(given: Mapping[str, str]) -> str:
    """Return the address of the application, or the seal, that an address speaks of."""
    return f"{APPLICATIONS}/{given['application']}" if "application" in given else f"{ROOT}/{given['es_id']}"


def pixels(millimetres: int) -> int:
    """Return how many CSS pixels a length is."""
    return round(millimetres * _PIXELS)


def picture(shown: Impression | None) -> Response:
    """Answer with a seal's picture: the outlines it was drawn with, or what was handed in."""
    if shown is None:
        return Response(status_code=404, headers=HEADERS)
    body, kind = (shown.svg, "image/svg+xml") if shown.svg else (shown.png, "image/png")
    return Response(body, headers={**HEADERS, **KEPT_NOWHERE}, media_type=kind)


def download(body: bytes, name: str, kind: str) -> Response:
    """Answer with a file to keep."""
    headers = {**HEADERS, **KEPT_NOWHERE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, media_type=kind)
