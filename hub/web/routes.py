"""The table of pages: every path, and who answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from starlette.routing import BaseRoute, Mount, Route

from hub.access.allowances import Allowances
from hub.catalogue.generation import ServiceItem
from hub.clock import Clock
from hub.counters.codes import Codes
from hub.errors import HubError
from hub.settings import Settings
from hub.web.built import BuiltFront
from hub.web.console.frame import Console
from hub.web.console.hub import ConsoleHub, ConsoleOffering
from hub.web.console.table import console_routes
from hub.web.counter.installing import FOLDER as COUNTER
from hub.web.counter.installing import POLICY, Installing
from hub.web.counter.page import Assesses, CounterPage, CounterServices, Scanner
from hub.web.explorer.page import ExplorerFiles, ExplorerPage
from hub.web.files import PATH, static_files
from hub.web.pages import Handler, PageRoute, Pages
from hub.web.places import Places
from hub.web.public.pages import PublicPages, PublicVerification
from hub.web.public.renditions import RenditionPages, Told
from hub.web.signed_in import SignedIn
from hub.web.staff.door import StaffDoor
from hub.web.staff.provider import BEGIN
from hub.web.staff.session import SessionPages
from hub.web.staff.sign_in import SignInPages
from hub.web.start import Doorkeeper, StartPages


class StaffService(StaffDoor, Doorkeeper, Protocol):
    """What pages need of hub.access.staff.service.StaffAccess."""


@dataclass(frozen=True, slots=True)
class WebServices:
    """The hub, as its pages see it.

    Attributes:
        explorer: whether the explorer is served.
    """

    pages: Pages
    staff: StaffService
    verification: PublicVerification
    counter: CounterServices
    rendition: Told
    explorer: bool
    console: ConsoleHub
    offering: ConsoleOffering

    @classmethod
    def of(
        cls, settings: Settings, clock: Clock, status_of: Callable[[HubError], int], staff: StaffService,
        codes: Codes, scanner: Scanner, materials: Assesses, items: Callable[[], Sequence[ServiceItem]], allowances: Allowances,
        rendition: Told, console: ConsoleHub, offering: ConsoleOffering,
    ) -> Self:  # fmt: skip
        """Return that of a hub's parts."""
        text_in = codes.pictures.text_in
        return cls(
            pages=Pages.of(settings, clock, status_of), staff=staff, explorer=settings.explorer,
            verification=PublicVerification(codes.public.verify, text_in, allowances.of_peer, settings.limits.body_bytes),
            counter=CounterServices(scanner, materials, items, text_in), rendition=rendition, console=console,
            offering=offering,
        )  # fmt: skip


def page_routes(services: WebServices) -> list[BaseRoute]:
    """Return the routes of all pages and of their files."""
    pages, places = services.pages, Places()
    table: dict[str, Mapping[str, Handler]] = {}
    for each in (
        StartPages(pages, services.staff, places, services.explorer),
        SignInPages(pages, services.staff, places),
        SessionPages(pages, SignedIn(pages, services.staff)),
        PublicPages(pages, services.verification),
        RenditionPages(pages, services.rendition),
        CounterPage(pages, services.staff, services.counter, Installing(pages, BuiltFront(COUNTER, POLICY))),
    ):
        table |= each.routes()
    table |= console_routes(Console(pages, SignedIn(pages, services.staff), services.console, services.offering))
    places.add(
        path for path, methods in table.items() if "GET" in methods and "{" not in path and not path.startswith(BEGIN)
    )
    files = f"{PATH}/{{name}}"
    routes: list[BaseRoute] = [Route(path, PageRoute(pages, path, table[path])) for path in sorted(table, key=_said)]
    routes.append(Route(files, PageRoute(pages, files, {"GET": static_files().serve})))
    return [*routes, *(_explorer() if services.explorer else [])]


def _said(path: str) -> list[bool]:
    """Return an order in which what a path says itself comes before what it takes from the address: /licences/issue before /licences/{identifier}."""
    return [part.startswith("{") for part in path.split("/")]


def _explorer() -> list[BaseRoute]:
    return [Route("/explorer", ExplorerPage(), methods=["GET"]), Mount("/explorer/assets", ExplorerFiles())]
