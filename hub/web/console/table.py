"""The table of sections, in the order of the navigation. A section is listed once it exists."""

from collections.abc import Mapping
from typing import Final

from hub.access.staff.roles import AUDITOR, CATALOGUE_STEWARD, HUB_ADMINISTRATOR, LICENCE_OFFICER
from hub.seals.inspection import READERS
from hub.web.console.account.pages import AccountPages
from hub.web.console.audit.facts import AUDIT
from hub.web.console.audit.pages import AuditPages
from hub.web.console.catalogue.section import CataloguePages
from hub.web.console.clients.pages import ClientPages
from hub.web.console.dashboard.pages import DASHBOARD, DashboardPages
from hub.web.console.frame import Console
from hub.web.console.imports.pages import ImportPages
from hub.web.console.issuing.pages import IssuingPages
from hub.web.console.licences.pages import Licences
from hub.web.console.licences.people import OFFICERS
from hub.web.console.seals.pages import SealPages
from hub.web.console.sections import ANYBODY, OpenSection, Section
from hub.web.console.sharing.pages import ROLES as SHARING
from hub.web.console.sharing.pages import SharingPages
from hub.web.console.staff.pages import StaffPages
from hub.web.console.work.pages import WorkPages
from hub.web.pages import Handler

SECTIONS: Final = (
    Section("work", "/console", ANYBODY, WorkPages),
    Section("licences", "/console/licences", OFFICERS, Licences),
    Section("issuing", "/console/licences/issue", (LICENCE_OFFICER,), IssuingPages),
    Section("imports", "/console/imports", (LICENCE_OFFICER,), ImportPages),
    Section("seals", "/console/seals", READERS, SealPages),
    Section("catalogue", "/console/catalogue", (CATALOGUE_STEWARD,), CataloguePages),
    Section("sharing", "/console/sharing", SHARING, SharingPages),
    Section("audit", AUDIT, (AUDITOR,), AuditPages),
    Section("dashboard", DASHBOARD, ANYBODY, DashboardPages),
    Section("staff", "/console/staff", (HUB_ADMINISTRATOR,), StaffPages),
    Section("clients", "/console/clients", (HUB_ADMINISTRATOR,), ClientPages),
    Section("account", "/console/account", ANYBODY, AccountPages),
)


def console_routes(console: Console) -> Mapping[str, Mapping[str, Handler]]:
    """Open all sections; return who answers, by path and method, each behind the door of its roles."""
    routes: dict[str, dict[str, Handler]] = {}
    for section in SECTIONS:
        opened = OpenSection(section, tuple(section.opened(console).acts()))
        console.sections.append(opened)
        for act in opened.acts:
            routes.setdefault(act.path, {})[act.method] = console.signed_in.page(
                act.handler, *act.roles, streams=act.streams
            )
    return routes
