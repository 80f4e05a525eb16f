"""One frozen object, read once from the environment; unsafe values are refused, and no secret has a default.

Secrets are never settings: the passphrase of the key store comes from a file (or a prompt), and its path is the setting.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.clock import Calendar
from hub.errors import SettingsError
from hub.limits import DEFAULT_LIMITS, Limits, read_limits
from hub.openid import LOCAL_ONLY, SignInRules, read_sign_in
from hub.platform import Platform, read_platform
from hub.telling import LogFormat, LogLevel, read_listen, read_word
from hub.thresholds import DEFAULT_THRESHOLDS, Thresholds, read_thresholds
from hub.variables import (
    check_service_address,
    is_loopback,
    read_networks,
    read_path,
    read_seconds,
    read_switch,
    read_whole,
)
from keys.certificates import Certificate, is_root
from keys.errors import FormatError, KeysError
from keys.pkcs11_name import TokenAccess
from keys.signed_note import COSIGNATURE, Verifier
from keys.timestamp_trust import Authorities

# It is compared as text, as part of every issuer's name, so it has one spelling: no user, query, fragment or capitals.
PUBLIC_URL = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*")
OBJECT_IDENTIFIER = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]{0,18})){1,20}")

ZONE = "Asia/Shanghai"
"""The time zone of legal days, unless another is set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment decides.

    Attributes:
        public_url: the hub's own address, without a trailing slash; `https`, or `http` on loopback only. It is part of
            every issuer name and is stored at the first start; a different one is refused later.
        data: folder of the key store and of the SQLite file.
        database_url: SQLAlchemy URL, `sqlite:///...` or `postgresql+psycopg://...`.
        passphrase_file: file that holds the key store's passphrase.
        pkcs11_module: the library of the hub's hardware, where it has some; token and PIN file come with it.
        pkcs11_token: label of the token that holds seals' keys.
        pkcs11_pin_file: file that holds the token's PIN.
        outside_roots: file of root certificates (PEM) of outside authorities that may certify seals' keys.
        timestamp_url: where a timestamp authority (RFC 3161) answers; `https`, or `http` on loopback only.
        timestamp_roots: file with the roots of the timestamp authorities that are believed, in PEM.
        timestamp_policy: the policy (object identifier) under which the authority is to stamp.
        zone: time zone of legal dates.
        token_seconds: lifetime of access tokens.
        sign_in: how staff sign in.
        session_idle_seconds: after how long without a request a session of staff ends.
        session_seconds: after how long it ends anyway.
        trusted_documents_only: whether every GraphQL text is refused that was not registered before.
        explorer: whether the explorer is served at /explorer.
        status_list_seconds: how often changes of status are published.
        status_list_life_seconds: for how long a status list speaks where no newer one can be had.
        trust_list_life_seconds: the same for the trust list and the revocation lists of seals.
        offline_warn_seconds: from what age on an offline pack is called old.
        offline_refuse_seconds: from what age on nothing is confirmed by it.
        checkpoint_file: where the newest checkpoint of the log is kept outside the database; None: in `data`.
        log_witnesses: file of the verifier keys of witnesses whose countersignatures the log carries.
        platform: the identity platform whose tokens holders sign in with; None: they do not sign in.
        working_days_file: file with years of the calendar of working days that do not come with the hub.
        embargo_days: for how many days a read may be kept from its holder at the most.
        matches_a_day: how many pairs of code and name a client may have compared with the registers on one day.
        consent_days: for how many days a holder's consent may last at the most.
        presentation_seconds: for how long a code that a holder shows at a counter is good.
        download_seconds: how long a rendition waits to be downloaded.
        copy_days: how many days away the last day of an annotated copy may be at the most.
        webhook_networks: internal networks that webhooks may be sent into nevertheless.
        metrics: whether /metrics is served at the public address.
        metrics_listen: IP address and port of a listener of its own for metrics; then the public address has none.
        log_format: how logs are written; None: as text on a terminal, else as JSON.
        log_level: from which weight on.
        thresholds: from when on supervision raises alerts.
        limits: how much one request, and one caller, may ask for.
    """

    public_url: str
    data: Path
    database_url: str
    passphrase_file: Path | None = None
    pkcs11_module: Path | None = None
    pkcs11_token: str | None = None
    pkcs11_pin_file: Path | None = None
    outside_roots: Path | None = None
    timestamp_url: str | None = None
    timestamp_roots: Path | None = None
    timestamp_policy: str | None = None
    zone: str = ZONE
    token_seconds: int = 300
    sign_in: SignInRules = LOCAL_ONLY
    session_idle_seconds: int = 900
    session_seconds: int = 28800
    trusted_documents_only: bool = False
    explorer: bool = False
    status_list_seconds: int = 15
    status_list_life_seconds: int = 86400
    trust_list_life_seconds: int = 604800
    offline_warn_seconds: int = 14400
    offline_refuse_seconds: int = 86400
    checkpoint_file: Path | None = None
    log_witnesses: Path | None = None
    platform: Platform | None = None
    working_days_file: Path | None = None
    embargo_days: int = 365
    matches_a_day: int = 10_000
    consent_days: int = 90
    presentation_seconds: int = 60
    download_seconds: int = 600
    copy_days: int = 90
    webhook_networks: tuple[str, ...] = ()
    metrics: bool = False
    metrics_listen: tuple[str, int] | None = None
    log_format: LogFormat | None = None
    log_level: LogLevel = LogLevel.INFO
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        """Refuse unsafe values.

        Raises:
            SettingsError: an address without TLS outside loopback, an unknown time zone or database, hardware or timestamps by halves.
        """
        check_public_url(self.public_url)
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingsError("HUB_DATABASE_URL must begin with sqlite:/// or postgresql://.")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError("HUB_TIME_ZONE is no IANA time zone, such as Asia/Shanghai.") from error
        self._check_timestamps()
        if self.offline_warn_seconds >= self.offline_refuse_seconds:
            raise SettingsError("HUB_OFFLINE_WARN_SECONDS must be less than HUB_OFFLINE_REFUSE_SECONDS.")
        if len({each is None for each in (self.pkcs11_module, self.pkcs11_token, self.pkcs11_pin_file)}) > 1:
            raise SettingsError("Set HUB_PKCS11_MODULE, HUB_PKCS11_TOKEN and HUB_PKCS11_PIN_FILE, all three or none.")

    def _check_timestamps(self) -> None:
        if self.timestamp_url is not None:
            check_service_address(self.timestamp_url, "HUB_TIMESTAMP_URL")
            if self.timestamp_roots is None:
                raise SettingsError(
                    "Set HUB_TIMESTAMP_ROOTS to a file with the root certificates that HUB_TIMESTAMP_URL answers under."
                )
        if self.timestamp_policy is not None and (
            self.timestamp_url is None or not OBJECT_IDENTIFIER.fullmatch(self.timestamp_policy)
        ):
            raise SettingsError(
                "HUB_TIMESTAMP_POLICY is an object identifier, such as 1.2.3.4.1, for HUB_TIMESTAMP_URL."
            )

    @property
    def calendar(self) -> Calendar:
        """Return the calendar of legal days."""
        return Calendar(ZoneInfo(self.zone))

    def told(self) -> dict[str, Any]:
        """Return all that is set, as JSON: no secrets, for these are in files, and the database's address without its password."""
        parts = urlsplit(self.database_url)
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
        facts = {one.name: getattr(self, one.name) for one in fields(self)}
        facts |= {
            "limits": asdict(self.limits),
            "thresholds": asdict(self.thresholds),
            "platform": self.platform and self.platform.told(),
            "sign_in": self.sign_in.told(),
            "database_url": address,
        }
        return {name: str(value) if isinstance(value, Path) else value for name, value in facts.items()}

    @property
    def key_store(self) -> Path:
        """Return the folder of the key store."""
        return self.data / "keys"

    @property
    def checkpoint_path(self) -> Path:
        """Return the file of the newest checkpoint."""
        return self.checkpoint_file or self.data / "log.checkpoint"

    def passphrase(self) -> bytes:
        """Read the key store's passphrase from its file.

        Raises:
            SettingsError: no file is named, or it is missing, empty or readable by others.
        """
        if self.passphrase_file is None:
            raise SettingsError(
                "Set HUB_PASSPHRASE_FILE to a file, readable by the hub only, with the key store's passphrase."
            )
        return read_secret(self.passphrase_file, "The passphrase file", forbidden=0o004)

    def timestamp_authorities(self) -> Authorities | None:
        """Return the timestamp authorities that are believed, their roots read from the file; None without one.

        Raises:
            SettingsError: it cannot be read, or holds no certificates.
        """
        if self.timestamp_roots is None:
            return None
        try:
            return Authorities.load(self.timestamp_roots.read_bytes())
        except OSError as error:
            raise SettingsError(f"The file of HUB_TIMESTAMP_ROOTS cannot be read: {error.strerror}.") from error
        except FormatError as error:
            raise SettingsError("The file of HUB_TIMESTAMP_ROOTS holds no certificates in PEM.") from error

    def token_access(self) -> TokenAccess | None:
        """Return what opens the token, its PIN read from the file; None without hardware.

        Raises:
            SettingsError: the PIN file is missing, empty, no text or open to others.
        """
        if self.pkcs11_module is None or self.pkcs11_token is None or self.pkcs11_pin_file is None:
            return None
        pin = read_secret(self.pkcs11_pin_file, "The PIN file", forbidden=0o077)
        try:
            return TokenAccess(self.pkcs11_module, self.pkcs11_token, pin.decode())
        except UnicodeDecodeError:
            raise SettingsError("The PIN file is not text in UTF-8.") from None  # the cause would quote it

    def outside_root_certificates(self) -> tuple[Certificate, ...]:
        """Read the roots of outside authorities.

        Raises:
            SettingsError: the file cannot be read, or holds something else than roots.
        """
        return () if self.outside_roots is None else read_roots(self.outside_roots, "HUB_OUTSIDE_ROOTS")

    def witnesses(self) -> tuple[Verifier, ...]:
        """Read the verifier keys of the log's witnesses, one on each line.

        Raises:
            SettingsError: the file cannot be read, or holds something else.
        """
        return () if self.log_witnesses is None else read_verifiers(self.log_witnesses, COSIGNATURE)


def read_verifiers(path: Path, kind: int) -> tuple[Verifier, ...]:
    """Read a file of verifier keys of a kind (C2SP signed-note), one on each line.

    Raises:
        SettingsError: the file cannot be read, or holds something else.
    """
    try:
        found = tuple(Verifier.from_text(line.strip()) for line in path.read_text("utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError, FormatError) as error:
        raise SettingsError(f"The file {path.name} cannot be read as verifier keys, one on each line.") from error
    if not found or any(each.kind != kind for each in found):
        raise SettingsError(f"The file {path.name} must hold verifier keys, of logs or of witnesses as it is for.")
    return found


def read_roots(path: Path, setting: str) -> tuple[Certificate, ...]:
    """Read a PEM file of root certificates.

    Raises:
        SettingsError: the file cannot be read, or holds something else than roots.
    """
    try:
        roots = Certificate.load_pem_bundle(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"The file that {setting} names cannot be read: {error.strerror}.") from error
    except KeysError as error:
        raise SettingsError(
            f"The file that {setting} names holds no certificates that can be used: {error}."
        ) from error
    if not roots or not all(is_root(each) for each in roots):
        raise SettingsError(f"The file that {setting} names must hold root certificates, and nothing else.")
    return roots


def read_secret(path: Path, what: str, *, forbidden: int) -> bytes:
    """Read a secret from a file that has none of the forbidden rights.

    Raises:
        SettingsError: the file is missing, empty or open to others.
    """
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{what} cannot be read: {error.strerror}.") from error
    if mode & forbidden:
        raise SettingsError(f"{what} is readable by others; run chmod 600 on it.")
    if not secret:
        raise SettingsError(f"{what} is empty.")
    return secret


def check_public_url(url: str) -> None:
    """Accept `https://host[:port][/path]`, or `http` on a loopback host.

    Raises:
        SettingsError: anything else.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # brackets or a port that are none
        host = None
    if not host or not PUBLIC_URL.fullmatch(url):
        raise SettingsError("HUB_PUBLIC_URL must be like https://hub.example.gov.cn, without a trailing slash.")
    if parts.scheme != "https" and not is_loopback(host):
        raise SettingsError("HUB_PUBLIC_URL must use https; http is for loopback addresses only.")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `HUB_*` once; `HUB_PUBLIC_URL` is required.

    Raises:
        SettingsError: a value is missing or unsafe; the message names the variable.
    """
    values = os.environ if environment is None else environment
    if "HUB_PUBLIC_URL" not in values:
        raise SettingsError("Set HUB_PUBLIC_URL to the address under which departments reach this hub.")
    data = Path(values.get("HUB_DATA", "hub-data")).absolute()
    url = values.get("HUB_DATABASE_URL", f"sqlite:///{data / 'hub.db'}")
    return Settings(
        public_url=values["HUB_PUBLIC_URL"],
        data=data,
        database_url=url.replace("postgresql://", "postgresql+psycopg://", 1),
        passphrase_file=read_path(values, "HUB_PASSPHRASE_FILE"),
        pkcs11_module=read_path(values, "HUB_PKCS11_MODULE"),
        pkcs11_token=values.get("HUB_PKCS11_TOKEN") or None,
        pkcs11_pin_file=read_path(values, "HUB_PKCS11_PIN_FILE"),
        outside_roots=read_path(values, "HUB_OUTSIDE_ROOTS"),
        timestamp_url=values.get("HUB_TIMESTAMP_URL") or None,
        timestamp_roots=read_path(values, "HUB_TIMESTAMP_ROOTS"),
        timestamp_policy=values.get("HUB_TIMESTAMP_POLICY") or None,
        zone=values.get("HUB_TIME_ZONE", ZONE),
        token_seconds=read_seconds(values, "HUB_TOKEN_SECONDS", default=300, longest=3600),
        sign_in=read_sign_in(values, values["HUB_PUBLIC_URL"]),
        session_idle_seconds=read_seconds(values, "HUB_SESSION_IDLE_SECONDS", default=900, shortest=60, longest=3600),
        session_seconds=read_seconds(values, "HUB_SESSION_SECONDS", default=28800, shortest=300, longest=43200),
        trusted_documents_only=read_switch(values, "HUB_TRUSTED_DOCUMENTS_ONLY"),
        explorer=read_switch(values, "HUB_EXPLORER"),
        # A longer period would break the promise that a change is visible within a minute (hub.licences.status_lists).
        status_list_seconds=read_seconds(values, "HUB_STATUS_LIST_SECONDS", default=15, longest=15),
        status_list_life_seconds=read_seconds(
            values, "HUB_STATUS_LIST_LIFE_SECONDS", default=86400, shortest=300, longest=604800
        ),
        trust_list_life_seconds=read_seconds(
            values, "HUB_TRUST_LIST_LIFE_SECONDS", default=604800, shortest=3600, longest=2592000
        ),
        offline_warn_seconds=read_seconds(
            values, "HUB_OFFLINE_WARN_SECONDS", default=14400, shortest=60, longest=604800
        ),
        offline_refuse_seconds=read_seconds(
            values, "HUB_OFFLINE_REFUSE_SECONDS", default=86400, shortest=300, longest=604800
        ),
        checkpoint_file=read_path(values, "HUB_CHECKPOINT_FILE"),
        log_witnesses=read_path(values, "HUB_LOG_WITNESSES"),
        platform=read_platform(values, values["HUB_PUBLIC_URL"]),
        working_days_file=read_path(values, "HUB_WORKING_DAYS"),
        embargo_days=read_whole(values, "HUB_EMBARGO_DAYS", default=365, most=1826, unit="days"),
        matches_a_day=read_whole(values, "HUB_MATCHES_A_DAY", default=10_000, most=10_000_000, unit="pairs"),
        consent_days=read_whole(values, "HUB_CONSENT_DAYS", default=90, most=366, unit="days"),
        presentation_seconds=read_seconds(values, "HUB_PRESENTATION_SECONDS", default=60, shortest=10, longest=300),
        download_seconds=read_seconds(values, "HUB_DOWNLOAD_SECONDS", default=600, shortest=60, longest=3600),
        copy_days=read_whole(values, "HUB_COPY_DAYS", default=90, most=366, unit="days"),
        webhook_networks=read_networks(values, "HUB_WEBHOOK_NETWORKS"),
        metrics=read_switch(values, "HUB_METRICS", otherwise=is_local(values)),
        metrics_listen=read_listen(values, "HUB_METRICS_LISTEN"),
        log_format=read_word(values, "HUB_LOG_FORMAT", LogFormat),
        log_level=read_word(values, "HUB_LOG_LEVEL", LogLevel) or LogLevel.INFO,
        thresholds=read_thresholds(values),
        limits=read_limits(values, introspection=read_switch(values, "HUB_INTROSPECTION", otherwise=is_local(values))),
    )


def is_local(values: Mapping[str, str]) -> bool:
    """Tell whether the hub is at a loopback address: introspection and metrics are then on without a setting."""
    url = values["HUB_PUBLIC_URL"]
    return bool(PUBLIC_URL.fullmatch(url)) and is_loopback(urlsplit(url).hostname or "")
