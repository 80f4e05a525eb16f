"""The hub, as the console's pages see it: its services, under the names that the composition gives them, and what it offers over GraphQL.

Decides only which services pages may ask. A section that needs another one adds a property; it must never be a database, a key or a vault.
"""

# ruff: noqa: D102 - each property is named for its service, whose own docstring says what it is

from typing import Protocol

from hub.access.documents import TrustedDocuments
from hub.access.service import Access
from hub.access.staff.service import StaffAccess
from hub.audit.log import TransparencyLog
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.service import Catalogue
from hub.changes.service import Changes
from hub.clock import Clock
from hub.counters.codes import Codes
from hub.counters.service import Counters
from hub.evidence.service import Evidence
from hub.identities.importing.service import RegisterImports
from hub.identities.service import Identities
from hub.jobs.service import Jobs
from hub.licences.importing.service import Imports
from hub.licences.resealing import Resealing
from hub.licences.service import Licences
from hub.licences.status_lists import StatusLists
from hub.licences.verification import Verification
from hub.renditions.service import Renditions
from hub.seals.files import FileSealing
from hub.seals.inspection import Inspection
from hub.seals.office import SealOffice
from hub.seals.published import SealLists
from hub.seals.service import Seals
from hub.settings import Settings
from hub.sharing.service import Sharing
from hub.supervision.service import Supervision


class OfferedSchema(Protocol):
    """The GraphQL schema, as far as the catalogue's pages ask about it (schema.build.Schema)."""

    def unfit(self, version: LicenceType) -> str | None: ...
    def left_out(self) -> tuple[str, ...]: ...


class ConsoleOffering(Protocol):
    """What hub.app.Offering offers to the console."""

    @property
    def schema(self) -> OfferedSchema: ...
    @property
    def documents(self) -> TrustedDocuments: ...


class ConsoleHub(Protocol):
    """What hub.composition.Hub offers to the console; each property is that of the same name there."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def log(self) -> TransparencyLog: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def access(self) -> Access: ...
    @property
    def staff(self) -> StaffAccess: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def seals(self) -> Seals: ...
    @property
    def seal_office(self) -> SealOffice: ...
    @property
    def inspection(self) -> Inspection: ...
    @property
    def seal_lists(self) -> SealLists: ...
    @property
    def file_sealing(self) -> FileSealing: ...
    @property
    def identities(self) -> Identities: ...
    @property
    def register_imports(self) -> RegisterImports: ...
    @property
    def licences(self) -> Licences: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def status_lists(self) -> StatusLists: ...
    @property
    def resealing(self) -> Resealing: ...
    @property
    def sharing(self) -> Sharing: ...
    @property
    def supervision(self) -> Supervision: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def counters(self) -> Counters: ...
    @property
    def renditions(self) -> Renditions: ...
    @property
    def verification(self) -> Verification: ...
