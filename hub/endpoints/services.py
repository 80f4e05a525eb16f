"""What the endpoints need of the hub, and nothing more of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hub.access.allowances import Peer
from hub.access.caller import Caller
from hub.access.documents import Registered
from hub.access.manifest import Manifest
from hub.access.staff.caller import Staff
from hub.access.staff.sessions import Way
from hub.access.staff.signing_in import SignedIn
from hub.audit.published import Tile
from hub.counters.offline_pack.service import Content
from hub.licences.importing.uploads import Taking
from hub.licences.status_lists import PublishedBytes
from hub.seals.published import PublishedList


class GrantedToken(Protocol):
    """A token that was given."""

    @property
    def client_id(self) -> str:
        """The client that proved itself."""

    @property
    def reply(self) -> Mapping[str, Any]:
        """The reply of RFC 6749 section 5.1."""


class TokenService(Protocol):
    """Gives tokens and tells who bears one (hub.access.service.Access)."""

    def caller(self, authorization: str | None) -> Caller:
        """Tell who sends this Authorization header, or raise a HubError."""

    def grant(self, form: Mapping[str, str]) -> GrantedToken:
        """Give a token, or raise a HubError."""

    def metadata(self) -> Mapping[str, Any]:
        """Return the metadata of RFC 8414."""

    def jwks(self) -> Mapping[str, Any]:
        """Return the JWK Set of the token keys."""


class RootCertificate(Protocol):
    """A seal maker's root certificate."""

    @property
    def der(self) -> bytes:
        """The certificate's bytes."""


class SealService(Protocol):
    """Publishes who seals (hub.seals.service.Seals)."""

    def metadata(self, authority: str) -> Mapping[str, Any]:
        """Return an authority's issuer document, or raise AuthorityUnknownError."""

    def roots(self) -> Sequence[RootCertificate]:
        """Return the makers' roots."""


class StatusListService(Protocol):
    """Serves status lists (hub.licences.status_lists.StatusLists)."""

    @property
    def address(self) -> str:
        """Where the addresses of all lists are."""

    def jwks(self) -> Mapping[str, Any]:
        """Return the JWK Set of the status keys."""

    async def uris(self) -> Sequence[str]:
        """Return the addresses of all lists."""

    async def present(self, number: int) -> Mapping[str, PublishedBytes]:
        """Return the present list by media type, or raise StatusListUnknownError."""

    async def past(self, number: int, moment: int) -> Mapping[str, bytes]:
        """Return the list of a moment by media type, or raise StatusListUnknownError."""


class SealListService(Protocol):
    """Serves the trust list and revocation lists (hub.seals.published.SealLists)."""

    def jwks(self) -> Mapping[str, Any]:
        """Return the JWK Set of the trust-list keys."""

    async def present(self, name: str) -> PublishedList:
        """Return the present edition of a list, or raise SealListUnknownError."""


class OfflinePackService(Protocol):
    """Serves the offline pack (hub.counters.offline_pack.service.OfflinePack)."""

    def jwks(self) -> Mapping[str, Any]:
        """Return the JWK Set of the manifest keys."""

    async def manifest(self) -> bytes:
        """Return the signed manifest."""

    async def trust_list(self, edition: int) -> Content:
        """Return the trust list of an edition, or raise OfflinePartUnknownError."""

    async def names(self, tag: str) -> Content:
        """Return names of types and authorities, or raise OfflinePartUnknownError."""

    async def status_list(self, number: int, publication: int, since: int | None = None) -> Content:
        """Return a status list at a publication or what changed since another, or raise OfflinePartUnknownError."""


class LiveSchemaService(Protocol):
    """Tells the schema in use (schema.live.LiveSchema); never asked on the event loop."""

    def sdl(self) -> bytes:
        """Return it as text."""

    def changes(self, since: str | None) -> Mapping[str, Any]:
        """Return its changes, or raise InputInvalidError."""


class KeptUpload(Protocol):
    """An upload that is whole."""

    @property
    def id(self) -> str:
        """Its id, for `importLicences`."""

    @property
    def size(self) -> int:
        """Its bytes."""


class UploadService(Protocol):
    """Takes files that are to be imported (hub.licences.importing.uploads.Uploads)."""

    @property
    def largest(self) -> int:
        """The most bytes of one file."""

    def begin(self, caller: Caller, file_format: str) -> Taking:
        """Begin to take a file, or raise a HubError."""

    def keep(self, taking: Taking, chunk: bytes) -> None:
        """Keep the next chunk, or raise a HubError."""

    def end(self, taking: Taking) -> KeptUpload:
        """Note that the file is whole."""

    def drop(self, upload_id: str) -> None:
        """Destroy what came of a file."""


class ImportService(Protocol):
    """Imports, as far as files go in and come out (hub.licences.importing.service.Imports)."""

    @property
    def uploads(self) -> UploadService:
        """What takes files."""

    def take_rejects(self, caller: Caller, job_id: str) -> tuple[str, Iterator[bytes]]:
        """Return media type and bytes of the rejected rows, on record, or raise a HubError."""


class StaffService(Protocol):
    """Lets staff in and out (hub.access.staff.service.StaffAccess); never asked on the event loop."""

    def caller(self, authorization: str | None) -> Staff:
        """Tell who sends this Authorization header, or raise a HubError."""

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> SignedIn:
        """Begin a session, or raise a HubError."""

    def sign_out(self, staff: Staff) -> None:
        """End the session, or raise a HubError."""


class LogService(Protocol):
    """Serves the transparency log (hub.audit.published.PublishedLog); never asked on the event loop, but for keys."""

    def verifier_keys(self) -> Sequence[str]:
        """Return the verifier keys, the newest first."""

    def checkpoint(self) -> str:
        """Return the newest checkpoint."""

    def witnessed(self) -> str | None:
        """Return the newest checkpoint that a witness has countersigned."""

    def tile(self, path: str) -> Tile:
        """Return a tile, or raise LogTileUnknownError."""


class HandedOut(Protocol):
    """A file that was taken."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def content(self) -> bytes:
        """Its bytes."""


class RenditionService(Protocol):
    """Hands renditions out (hub.renditions.service.Renditions)."""

    def take(self, token: str) -> HandedOut:
        """Return a file for good, or raise a HubError; never asked on the event loop."""


@dataclass(frozen=True, slots=True)
class EndpointServices:
    """The hub, as the endpoints see it.

    Attributes:
        receipts: returns the JWK Set of the receipt keys.
        ready: tells whether the database answers with this version's tables; raises UnavailableError if it does not.
        cosign: takes in a countersigned checkpoint (hub.audit.cosignatures.Cosignatures.take), or raises a HubError.
        exemption_list: returns the exemption list as a table (hub.catalogue.items.exemption_list).
        register: registers a manifest (hub.access.documents.TrustedDocuments.submit), or raises a HubError.
    """

    access: TokenService
    seals: SealService
    status_lists: StatusListService
    receipts: Callable[[], Mapping[str, Any]]
    ready: Callable[[], bool]
    register: Callable[[Caller, str, Manifest, str | None], tuple[Registered, ...]]
    live_schema: LiveSchemaService
    imports: ImportService
    staff: StaffService
    seal_lists: SealListService
    log: LogService
    cosign: Callable[[str], int]
    exemption_list: Callable[[], bytes]
    renditions: RenditionService
    offline_pack: OfflinePackService
