"""What a deployment says of how staff sign in: by password and authenticator here, at an OpenID provider, or either (OpenID Connect Core 1.0).

Decides which provider is believed at all, how this hub proves itself to it, and what its word is worth: algorithms, authentication context,
age. Local sign-in alone unless it is configured; half of a provider is refused. Secrets are in files, never in variables.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from hub.errors import SettingsError
from hub.telling import read_word
from hub.variables import USUAL_ALGORITHMS, check_service_address, read_algorithms, read_path, read_seconds

PREFIX: Final = "HUB_OIDC_"
_LONGEST: Final = 512
_REQUIRED: Final = ("HUB_OIDC_ISSUER", "HUB_OIDC_CLIENT_ID")
_ENDPOINTS: Final = ("HUB_OIDC_AUTHORIZATION_ENDPOINT", "HUB_OIDC_TOKEN_ENDPOINT", "HUB_OIDC_JWKS")
_END: Final = "HUB_OIDC_END_SESSION_ENDPOINT"
SIGN_IN: Final = "HUB_SIGN_IN"
BREAK_GLASS: Final = "HUB_SIGN_IN_BREAK_GLASS"
NAMES: Final = frozenset(
    {
        SIGN_IN, BREAK_GLASS, *_REQUIRED, *_ENDPOINTS, _END, "HUB_OIDC_NAME", "HUB_OIDC_AUTHENTICATION", "HUB_OIDC_SECRET_FILE", "HUB_OIDC_KEY_FILE",
        "HUB_OIDC_ALGORITHMS", "HUB_OIDC_ACR", "HUB_OIDC_AMR", "HUB_OIDC_RESPONSE_MODE", "HUB_OIDC_CLOCK_SECONDS", "HUB_OIDC_MAX_AGE_SECONDS",
    }
)  # fmt: skip


class SignInBy(StrEnum):
    """Which ways of signing in there are."""

    LOCAL = "local"
    BOTH = "both"
    PROVIDER = "provider"


class ClientProof(StrEnum):
    """How this hub proves itself at the token endpoint (OpenID Connect Core section 9)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    BASIC = "client_secret_basic"


class ResponseMode(StrEnum):
    """How the provider's answer comes back: in the address, or as a form (OAuth 2.0 Form Post Response Mode)."""

    QUERY = "query"
    FORM_POST = "form_post"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider answers; without `end_session` nobody is signed out there."""

    authorization: str
    token: str
    keys: str
    end_session: str | None = None


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """The provider with which staff sign in.

    Attributes:
        issuer: its name, compared as text; discovery is asked for under it unless `endpoints` are told.
        client_id: what it calls this hub.
        name: what people call it, on the page of signing in; "": the identity platform.
        proof: how this hub proves itself.
        secret_file: the file of the secret, for client_secret_basic.
        key_file: a PEM file of the private key, for private_key_jwt; None: a key of the hub's key store.
        endpoints: where it answers; None: as its discovery document says.
        algorithms: those that its ID tokens may be signed with.
        acr: the authentication context classes that are enough, the best first; empty: any.
        amr: the authentication methods that must all have been used.
        response_mode: how its answer comes back.
        clock_seconds: how far its clock and this one may differ.
        max_age: how long ago, in seconds, a person may have authenticated there; None: it is not asked.
    """

    issuer: str
    client_id: str
    name: str = ""
    proof: ClientProof = ClientProof.PRIVATE_KEY_JWT
    secret_file: Path | None = None
    key_file: Path | None = None
    endpoints: Endpoints | None = None
    algorithms: frozenset[str] = USUAL_ALGORITHMS
    acr: tuple[str, ...] = ()
    amr: frozenset[str] = frozenset()
    response_mode: ResponseMode = ResponseMode.QUERY
    clock_seconds: int = 30
    max_age: int | None = None

    def told(self) -> dict[str, Any]:
        """Return all that is set, as JSON; of secrets, the names of their files."""
        sets = {"algorithms": sorted(self.algorithms), "amr": sorted(self.amr), "acr": list(self.acr)}
        files = {name: str(path) if (path := getattr(self, name)) else None for name in ("secret_file", "key_file")}
        return {**asdict(self), **sets, **files}


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How staff sign in.

    Attributes:
        by: which ways there are.
        provider: the provider, for all but LOCAL.
        break_glass: the login names that sign in locally although the provider is the only way for others.
    """

    by: SignInBy = SignInBy.LOCAL
    provider: OpenIdProvider | None = None
    break_glass: frozenset[str] = frozenset()

    def allows_locally(self, login: str) -> bool:
        """Tell whether somebody of this name may sign in by password and authenticator."""
        return self.by is not SignInBy.PROVIDER or login in self.break_glass

    @property
    def local(self) -> bool:
        """Tell whether anybody may."""
        return self.by is not SignInBy.PROVIDER or bool(self.break_glass)

    def told(self) -> dict[str, Any]:
        """Return all that is set, as JSON."""
        provider = self.provider.told() if self.provider else None
        return {"by": self.by, "break_glass": sorted(self.break_glass), "provider": provider}


LOCAL_ONLY: Final = SignInRules()


def read_sign_in(values: Mapping[str, str], public_url: str) -> SignInRules:
    """Read `HUB_SIGN_IN`, `HUB_SIGN_IN_BREAK_GLASS` and `HUB_OIDC_*`.

    Raises:
        SettingsError: a value is missing or unsafe; the message names the variable.
    """
    by = read_word(values, SIGN_IN, SignInBy) or SignInBy.LOCAL
    break_glass = frozenset(values.get(BREAK_GLASS, "").split())
    provider = _read_provider(values, public_url)
    if (by is SignInBy.LOCAL) != (provider is None):
        raise SettingsError("HUB_SIGN_IN is both or provider where HUB_OIDC_ISSUER is set, and local where it is not.")
    if break_glass and by is not SignInBy.PROVIDER:
        raise SettingsError(
            "HUB_SIGN_IN_BREAK_GLASS is for HUB_SIGN_IN=provider; otherwise everybody may sign in here."
        )
    return SignInRules(by, provider, break_glass)


def _read_provider(values: Mapping[str, str], public_url: str) -> OpenIdProvider | None:
    given = {name: text for name, text in values.items() if name.startswith(PREFIX) and text}
    if not given:
        return None
    if unknown := sorted(given.keys() - NAMES):
        raise SettingsError(f"{', '.join(unknown)}: there is no such setting.")
    if missing := [name for name in _REQUIRED if name not in given]:
        raise SettingsError(f"Set {' and '.join(missing)} too, or nothing that begins with {PREFIX}.")
    _check_texts(given)
    if given["HUB_OIDC_ISSUER"].rstrip("/") == public_url:
        raise SettingsError("HUB_OIDC_ISSUER is the provider's name, never this hub's own address.")
    return _checked(_provider(given))


def _provider(given: Mapping[str, str]) -> OpenIdProvider:
    max_age = "HUB_OIDC_MAX_AGE_SECONDS"
    return OpenIdProvider(
        issuer=given["HUB_OIDC_ISSUER"],
        client_id=given["HUB_OIDC_CLIENT_ID"],
        name=given.get("HUB_OIDC_NAME", ""),
        proof=read_word(given, "HUB_OIDC_AUTHENTICATION", ClientProof) or ClientProof.PRIVATE_KEY_JWT,
        secret_file=read_path(given, "HUB_OIDC_SECRET_FILE"),
        key_file=read_path(given, "HUB_OIDC_KEY_FILE"),
        endpoints=_endpoints(given),
        algorithms=read_algorithms(given, "HUB_OIDC_ALGORITHMS"),
        acr=tuple(given.get("HUB_OIDC_ACR", "").split()),
        amr=frozenset(given.get("HUB_OIDC_AMR", "").split()),
        response_mode=read_word(given, "HUB_OIDC_RESPONSE_MODE", ResponseMode) or ResponseMode.QUERY,
        clock_seconds=read_seconds(given, "HUB_OIDC_CLOCK_SECONDS", default=30, shortest=0, longest=120),
        max_age=read_seconds(given, max_age, default=0, longest=86400) if max_age in given else None,
    )


def _checked(provider: OpenIdProvider) -> OpenIdProvider:
    if provider.endpoints is None:
        check_service_address(provider.issuer, "HUB_OIDC_ISSUER")
    by_secret = provider.proof is ClientProof.BASIC
    if by_secret != (provider.secret_file is not None):
        raise SettingsError(
            "HUB_OIDC_SECRET_FILE belongs to HUB_OIDC_AUTHENTICATION=client_secret_basic, and to nothing else."
        )
    if by_secret and provider.key_file is not None:
        raise SettingsError("HUB_OIDC_KEY_FILE belongs to HUB_OIDC_AUTHENTICATION=private_key_jwt.")
    return provider


def _endpoints(given: Mapping[str, str]) -> Endpoints | None:
    told = [given[name] for name in _ENDPOINTS if name in given]
    if not told and _END not in given:
        return None
    if len(told) < len(_ENDPOINTS):
        raise SettingsError(f"Set {', '.join(_ENDPOINTS)}, all three or none: without them discovery is asked.")
    for name in (*_ENDPOINTS, _END):
        if name in given:
            check_service_address(given[name], name)
    authorization, token, keys = told
    return Endpoints(authorization, token, keys, given.get(_END))


def _check_texts(given: Mapping[str, str]) -> None:
    for name, text in given.items():
        if len(text) > _LONGEST or not text.isprintable():
            raise SettingsError(f"{name} has up to {_LONGEST} printable characters.")
    if any(" " in given[name] for name in _REQUIRED):
        raise SettingsError(f"{' and '.join(_REQUIRED)} have no blanks.")
