"""Where the provider answers, and where its keys are: told by settings, or by its discovery document (OpenID Connect Discovery 1.0 section 4).

Decides which document is believed: that of the very issuer, with addresses that are safe to send a browser and a secret to. It is fetched
within bounds, kept for an hour, asked for once in RETRY_SECONDS while it cannot be had, and outlives a silent provider by a day.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hub.access.staff.refusals import ProviderUnavailableError
from hub.errors import SettingsError
from hub.fetching import FetchError, Service
from hub.openid import Endpoints, OpenIdProvider
from hub.variables import check_service_address
from keys import strict_json
from keys.errors import KeysError

FRESH_SECONDS: Final = 3600
STALE_SECONDS: Final = 86400
RETRY_SECONDS: Final = 10
MOST_BYTES: Final = 256 * 1024
SECONDS: Final = 5.0
LOG: Final = logging.getLogger("hub.sign_in")
_PLACE: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of the provider; `names_itself` is whether its answers must bear `iss` (RFC 9207)."""

    endpoints: Endpoints
    names_itself: bool = False


@dataclass(frozen=True, slots=True)
class PublishedBy:
    """Where the provider's keys are, as hub.access.published_keys takes it; the address is asked for when they are fetched."""

    algorithms: frozenset[str]
    keys: str = ""
    keys_file: Path | None = None
    keys_seconds: int = FRESH_SECONDS
    stale_seconds: int = STALE_SECONDS


class Discovery:
    """Knows the provider's metadata, for all threads of a process."""

    def __init__(self, provider: OpenIdProvider, now: Callable[[], float] = time.monotonic) -> None:
        """`now` counts seconds and never jumps."""
        self._provider = provider
        self._now = now
        self._asking = threading.Lock()
        self._tried_at = float("-inf")
        self._known: tuple[Metadata, float] | None = None
        if provider.endpoints is not None:
            self._known = (Metadata(provider.endpoints), float("inf"))

    def metadata(self) -> Metadata:
        """Return what is known; call it on a worker thread, for it may have to be fetched.

        Raises:
            ProviderUnavailableError: nothing is known, or nothing that is new enough.
        """
        known = self._younger(FRESH_SECONDS)
        if known is None:
            with self._asking:
                self._follow()
            known = self._younger(STALE_SECONDS)
        if known is None:
            raise ProviderUnavailableError
        return known

    def _younger(self, seconds: int) -> Metadata | None:
        known = self._known
        return known[0] if known is not None and self._now() - known[1] < seconds else None

    def _follow(self) -> None:
        if self._younger(FRESH_SECONDS) is not None or self._now() - self._tried_at < RETRY_SECONDS:
            return
        self._tried_at = self._now()
        try:
            address = self._provider.issuer.rstrip("/") + _PLACE
            document = strict_json.loads_object(Service(address, ("application/json",), MOST_BYTES, SECONDS).get())
            self._known = (_read(document, self._provider.issuer), self._now())
        except (FetchError, KeysError, SettingsError) as error:
            LOG.error("the OpenID provider's discovery document cannot be had: %s", error)  # noqa: TRY400 - a trace tells no more


def _read(document: Mapping[str, Any], issuer: str) -> Metadata:
    if document.get("issuer") != issuer:
        raise FetchError("it is another issuer's")
    end = "end_session_endpoint"
    endpoints = Endpoints(
        _address(document, "authorization_endpoint"), _address(document, "token_endpoint"), _address(document, "jwks_uri"),
        _address(document, end) if document.get(end) else None,
    )  # fmt: skip
    return Metadata(endpoints, document.get("authorization_response_iss_parameter_supported") is True)


def _address(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str):
        raise FetchError(f"it has no {name}")
    check_service_address(address, name)
    return address
