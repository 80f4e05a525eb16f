"""The composition of the services: settings -> Hub.

Every service is built here once and handed to what needs it; nothing else in the product knows how they are made. It must never import GraphQL,
pages or endpoints: a worker and most commands need none of them, and `hub.app` makes those of a hub that serves.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from hub.access.holders.service import HolderAccess
from hub.access.idempotency import Idempotency
from hub.access.service import Access
from hub.access.staff.openid.relying_party import RelyingParty
from hub.access.staff.service import StaffAccess
from hub.access.staff.sessions import Lives
from hub.audit.log import TransparencyLog
from hub.audit.recorder import Recorder
from hub.audit.salts import Salts
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.catalogue.working_days import working_days
from hub.changes.service import Changes
from hub.clock import Clock, SystemClock
from hub.counters.codes import Codes
from hub.counters.offline_pack.service import OfflinePack
from hub.counters.seen import Seeing
from hub.counters.service import Counters
from hub.database import Database
from hub.evidence.service import Evidence
from hub.identities.importing.service import RegisterImports
from hub.identities.service import Identities
from hub.jobs.service import Jobs
from hub.licences.finding import Finder
from hub.licences.importing.importer import Ground
from hub.licences.importing.service import Imports
from hub.licences.importing.uploads import Uploads
from hub.licences.noting import Noting
from hub.licences.resealing import Resealing
from hub.licences.service import Licences
from hub.licences.status_lists import StatusLists
from hub.licences.verification import Verification
from hub.opening import check_tables, open_ring, open_store
from hub.reading import Reader, open_reader
from hub.renditions.sealing import RenditionSealing
from hub.renditions.service import Renditions
from hub.seals.files import FileSealing
from hub.seals.inspection import Inspection
from hub.seals.office import SealOffice
from hub.seals.published import SealLists
from hub.seals.publishing import Publishing
from hub.seals.service import Seals
from hub.seals.stamping import Stamping
from hub.settings import Settings
from hub.sharing.service import Sharing
from hub.supervision.service import Supervision
from hub.vault.service import Vault
from keys.ring import KeyRing
from keys.store import KeyStore


@dataclass(slots=True)
class Memory:
    """The policy epoch of the database before everything in memory was read: nothing in memory is older than it says.

    `derived` reads anew what is made of the services, such as the schema of a hub that serves.
    """

    epoch: int = 0
    derived: list[Callable[[], object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hub:
    """One hub, composed."""

    settings: Settings
    clock: Clock
    store: KeyStore
    keys: KeyRing
    database: Database
    reader: Reader
    vault: Vault
    audit: Audit
    log: TransparencyLog
    recorder: Recorder
    jobs: Jobs
    access: Access
    staff: StaffAccess
    holders: HolderAccess | None
    catalogue: Catalogue
    seals: Seals
    seal_office: SealOffice
    inspection: Inspection
    seal_lists: SealLists
    file_sealing: FileSealing
    idempotency: Idempotency
    finder: Finder
    identities: Identities
    register_imports: RegisterImports
    licences: Licences
    status_lists: StatusLists
    resealing: Resealing
    sharing: Sharing
    supervision: Supervision
    evidence: Evidence
    changes: Changes
    codes: Codes
    counters: Counters
    renditions: Renditions
    verification: Verification
    imports: Imports
    offline_pack: OfflinePack
    memory: Memory = field(default_factory=Memory)

    def epoch(self) -> int:
        """Return the policy epoch that every part has seen: the oldest of theirs, so that none can be stale."""
        return min(self.memory.epoch, self.access.epoch, self.sharing.policy.epoch)

    def refresh(self) -> None:
        """Read again what other processes may have changed, and make anew what is made of it."""
        with self.database.snapshot() as session:
            epoch = self.audit.epoch(session)
        for part in (self.vault, self.log, self.catalogue, self.seals, self.access, self.sharing):
            part.refresh()
        for follow in self.memory.derived:
            follow()
        self.memory.epoch = epoch

    def forget_expired(self) -> None:
        """Remove idempotent replies, uploads, rejects, codes, sessions and counts of failures whose time is over, some in each unit of work."""
        removed = 1
        while removed:
            with self.database.transaction() as session:
                removed = self.idempotency.forget_expired(session)
        self.imports.forget_expired()
        self.licences.unfinished.forget_expired()
        self.changes.progress.forget_expired()
        self.counters.presentations.forget_expired()
        self.staff.forget_expired()
        self.renditions.forget_expired()

    async def close(self) -> None:
        """Write what was promised and close every connection."""
        await self.recorder.close()
        await self.reader.close()
        self.database.close()
        self.keys.close()


def open_hub(settings: Settings, passphrase: bytes, clock: Clock | None = None, *, check_log: bool = True) -> Hub:
    """Compose a hub on a migrated database and prepare what its first start needs.

    `check_log` is whether a log is refused that does not continue the checkpoint outside the database.

    Raises:
        LogBrokenError: the database is an older copy, another one, or was changed; the message says what to do.
        SettingsError: the database's tables are of another version, or the public address is another one.
        KeyStoreError: the key store is missing, damaged, open to others or full, or the passphrase is wrong.
        UnavailableError: the database cannot be reached.
    """
    check_tables(settings)
    hub = compose(settings, open_store(settings, passphrase), clock or SystemClock())
    try:
        hub.log.prepare()
        if check_log:
            hub.log.check()
        prepare(hub)
    except BaseException:
        hub.database.close()
        raise
    return hub


def prepare(hub: Hub) -> None:
    """Make what the first start needs, and read what is there."""
    hub.vault.prepare()
    hub.audit.prepare()
    hub.catalogue.fix("public_url", hub.settings.public_url)
    hub.access.prepare()
    hub.staff.prepare()
    hub.sharing.prepare()
    hub.status_lists.prepare()
    hub.seal_lists.prepare()
    hub.offline_pack.prepare()
    hub.refresh()


def compose(settings: Settings, store: KeyStore, clock: Clock) -> Hub:
    """Build every service once, lower nouns first."""
    keys = open_ring(settings, store)
    database = Database(settings.database_url)
    reader = open_reader(settings.database_url, settings.limits.seconds)
    vault = Vault(database, store)
    audit = Audit(database, clock, Salts(store).of)
    log = TransparencyLog(
        database, audit, store, clock,
        public_url=settings.public_url, checkpoint_file=settings.checkpoint_path, witnesses=settings.witnesses(),
    )  # fmt: skip
    access = Access(database, audit, store, clock, issuer=settings.public_url, token_seconds=settings.token_seconds)
    lives = Lives(timedelta(seconds=settings.session_idle_seconds), timedelta(seconds=settings.session_seconds))
    staff = StaffAccess(
        database, vault, audit, clock, settings.calendar, public_url=settings.public_url, lives=lives,
        rules=settings.sign_in, party=RelyingParty.of(settings.sign_in, store, clock, settings.public_url),
    )  # fmt: skip
    holders = HolderAccess(settings.platform, clock) if settings.platform else None
    catalogue = Catalogue(database, audit, clock, working_days=working_days(settings.working_days_file), current=staff.current)  # fmt: skip
    seals = Seals(
        database, keys, clock, public_url=settings.public_url, outside_roots=settings.outside_root_certificates(),
    )  # fmt: skip
    seal_office = SealOffice(database, audit, keys, vault, clock, catalogue, seals, current=staff.current)
    publishing = Publishing(
        database, audit, seals, store, keys, clock,
        public_url=settings.public_url, life=timedelta(seconds=settings.trust_list_life_seconds),
    )  # fmt: skip
    stamping = Stamping(clock, settings.timestamp_authorities(), settings.timestamp_url, settings.timestamp_policy)
    idempotency, finder = Idempotency(database, vault, clock), Finder(reader, vault)
    licences = Licences(
        database, finder, vault, audit, catalogue, seals, idempotency, clock,
        calendar=settings.calendar, public_url=settings.public_url,
    )  # fmt: skip
    identities = Identities(
        database, reader, vault, audit, catalogue, clock,
        calendar=settings.calendar, matches_a_day=settings.matches_a_day,
    )  # fmt: skip
    status_lists = StatusLists(
        database, reader, store, clock,
        public_url=settings.public_url, life=timedelta(seconds=settings.status_list_life_seconds),
    )  # fmt: skip
    sharing = Sharing(
        database, reader, vault, audit, catalogue, licences, identities, clock, store, log,
        calendar=settings.calendar, public_url=settings.public_url, current=staff.current,
        embargo_days=settings.embargo_days, consent_days=settings.consent_days,
    )  # fmt: skip
    supervision = Supervision(database, audit, catalogue, licences, clock, settings.calendar, current=staff.current)
    seal_lists = SealLists(database, reader, publishing, clock)
    evidence = Evidence(
        sharing, log, licences, status_lists, seals, seal_office, seal_lists, clock,
        public_url=settings.public_url, jwks=(access.jwks, sharing.receipts.jwks, status_lists.jwks, seal_lists.jwks),
    )  # fmt: skip
    codes = Codes.of(
        database, audit, seals, finder, catalogue, sharing, clock, calendar=settings.calendar, public_url=settings.public_url
    )  # fmt: skip
    verification = Verification(seals, finder, clock, settings.calendar)
    counters = Counters.of(
        database, vault, audit, catalogue, sharing, Seeing(verification, catalogue, seals, clock), clock,
        printed=codes.public.verify, current=staff.current, public_url=settings.public_url, seconds=settings.presentation_seconds,
    )  # fmt: skip
    offline_pack = OfflinePack(
        catalogue, seal_lists, status_lists, store, clock, public_url=settings.public_url, zone=settings.zone,
        warn_after=settings.offline_warn_seconds, refuse_after=settings.offline_refuse_seconds,
    )  # fmt: skip
    jobs, noting = Jobs(database, clock), Noting(vault, audit, clock)
    resealing = Resealing(database, audit, jobs, seals, noting, clock, current=staff.current)
    ground = Ground(database, keys, vault, audit, access, staff, catalogue, jobs, clock, settings.calendar, settings.public_url)  # fmt: skip
    uploads = Uploads(database, vault, audit, clock, largest=settings.limits.upload_bytes)
    imports = Imports(ground, idempotency, uploads)
    register_imports = RegisterImports(database, vault, audit, access, catalogue, jobs, identities, uploads, calendar=settings.calendar)  # fmt: skip
    renditions = Renditions(
        database, vault, audit, catalogue, sharing, RenditionSealing(seals, seal_office, stamping), finder, clock,
        calendar=settings.calendar, public_url=settings.public_url, code_of=codes.picture_of,
        link_seconds=settings.download_seconds, copy_days=settings.copy_days,
    )  # fmt: skip
    return Hub(
        settings=settings, clock=clock, store=store, keys=keys, database=database, reader=reader, vault=vault,
        audit=audit, log=log, recorder=Recorder(database, audit), jobs=jobs, access=access, staff=staff, holders=holders,
        catalogue=catalogue, seals=seals, seal_office=seal_office,
        inspection=Inspection(database, clock, seals, seal_office), seal_lists=seal_lists, sharing=sharing, supervision=supervision, evidence=evidence,
        file_sealing=FileSealing(database, audit, clock, seals, seal_office, stamping, current=staff.current),
        idempotency=idempotency, finder=finder, identities=identities, register_imports=register_imports, licences=licences, status_lists=status_lists, resealing=resealing,
        changes=Changes(
            database, vault, audit, access, catalogue, sharing.feed, clock,
            public_url=settings.public_url, networks=settings.webhook_networks,
        ),
        codes=codes, counters=counters, renditions=renditions, verification=verification,
        imports=imports, offline_pack=offline_pack,
    )  # fmt: skip
