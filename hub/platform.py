"""What a deployment says of the unified identity platform (统一身份认证平台) whose tokens holders sign in with.

Decides which platform is believed at all: one issuer, one audience, the keys that it publishes, the algorithms it signs with and the claims
in which a person's code stands. Off unless it is configured; half of it is refused.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from hub.errors import SettingsError
from hub.variables import USUAL_ALGORITHMS, check_service_address, read_algorithms, read_seconds

PREFIX: Final = "HUB_HOLDER_"
_LONGEST: Final = 512
_REQUIRED: Final = ("HUB_HOLDER_ISSUER", "HUB_HOLDER_AUDIENCE", "HUB_HOLDER_JWKS")
_TEXTS: Final = frozenset(
    {"HUB_HOLDER_ISSUER", "HUB_HOLDER_AUDIENCE", "HUB_HOLDER_CODE_TYPE_CLAIM", "HUB_HOLDER_CODE_CLAIM"}
)
_FIGURES: Final = frozenset(
    {
        "HUB_HOLDER_CLOCK_SECONDS",
        "HUB_HOLDER_LONGEST_SECONDS",
        "HUB_HOLDER_JWKS_SECONDS",
        "HUB_HOLDER_JWKS_STALE_SECONDS",
    }
)
NAMES: Final = frozenset({*_REQUIRED, *_TEXTS, *_FIGURES, "HUB_HOLDER_ALGORITHMS"})


@dataclass(frozen=True, slots=True)
class Platform:
    """The identity platform.

    Attributes:
        issuer: the `iss` of its tokens, compared as text.
        audience: what their `aud` must name: this hub, as the platform knows it.
        keys: where its JWK Set is: a file, or an address with `https` (or `http` on loopback).
        algorithms: those that its tokens may be signed with.
        code_type_claim: the claim with the type of the person's code, as of HOLDER_CODE_TYPES.
        code_claim: the claim with the code itself.
        clock_seconds: how far its clock and this one may differ.
        longest_seconds: how old a token may be, whatever its `exp` says.
        keys_seconds: after how long its keys are fetched again.
        stale_seconds: for how long keys that were fetched are good while no newer ones can be had.
    """

    issuer: str
    audience: str
    keys: str
    algorithms: frozenset[str] = USUAL_ALGORITHMS
    code_type_claim: str = "holder_code_type"
    code_claim: str = "holder_code"
    clock_seconds: int = 30
    longest_seconds: int = 3600
    keys_seconds: int = 3600
    stale_seconds: int = 86400

    def told(self) -> dict[str, Any]:
        """Return all that is set, as JSON."""
        return {**asdict(self), "algorithms": sorted(self.algorithms)}

    @property
    def keys_file(self) -> Path | None:
        """Return the file of the JWK Set; None where it is fetched."""
        return None if "://" in self.keys else Path(self.keys)


def read_platform(values: Mapping[str, str], public_url: str) -> Platform | None:
    """Read `HUB_HOLDER_*`; None where no platform is configured.

    Raises:
        SettingsError: a value is missing or unsafe; the message names the variable.
    """
    given = {name: text for name, text in values.items() if name.startswith(PREFIX) and text}
    if not given:
        return None
    if unknown := sorted(given.keys() - NAMES):
        raise SettingsError(f"{', '.join(unknown)}: there is no such setting.")
    if missing := [name for name in _REQUIRED if name not in given]:
        raise SettingsError(f"Set {' and '.join(missing)} too, or nothing that begins with {PREFIX}.")
    for name in given.keys() & _TEXTS:
        _check_text(name, given[name])
    if given["HUB_HOLDER_ISSUER"] == public_url:
        raise SettingsError("HUB_HOLDER_ISSUER is the identity platform's name, never this hub's own address.")
    if "://" in given["HUB_HOLDER_JWKS"]:
        check_service_address(given["HUB_HOLDER_JWKS"], "HUB_HOLDER_JWKS")
    platform = _platform(given)
    if platform.code_claim == platform.code_type_claim:
        raise SettingsError("HUB_HOLDER_CODE_CLAIM and HUB_HOLDER_CODE_TYPE_CLAIM are two claims.")
    if platform.stale_seconds < platform.keys_seconds:
        raise SettingsError("HUB_HOLDER_JWKS_STALE_SECONDS must not be less than HUB_HOLDER_JWKS_SECONDS.")
    return platform


def _platform(given: Mapping[str, str]) -> Platform:
    return Platform(
        issuer=given["HUB_HOLDER_ISSUER"],
        audience=given["HUB_HOLDER_AUDIENCE"],
        keys=given["HUB_HOLDER_JWKS"],
        algorithms=read_algorithms(given, "HUB_HOLDER_ALGORITHMS"),
        code_type_claim=given.get("HUB_HOLDER_CODE_TYPE_CLAIM", "holder_code_type"),
        code_claim=given.get("HUB_HOLDER_CODE_CLAIM", "holder_code"),
        clock_seconds=read_seconds(given, "HUB_HOLDER_CLOCK_SECONDS", default=30, shortest=0, longest=120),
        longest_seconds=read_seconds(given, "HUB_HOLDER_LONGEST_SECONDS", default=3600, shortest=60, longest=86400),
        keys_seconds=read_seconds(given, "HUB_HOLDER_JWKS_SECONDS", default=3600, shortest=60, longest=86400),
        stale_seconds=read_seconds(given, "HUB_HOLDER_JWKS_STALE_SECONDS", default=86400, shortest=60, longest=604800),
    )


def _check_text(name: str, text: str) -> None:
    if len(text) > _LONGEST or not text.isprintable() or " " in text:
        raise SettingsError(f"{name} has up to {_LONGEST} printable characters and no blanks.")
