"""What a page says of a refusal: which words of the catalogues fit its code.

Decides only that: words are `failure.NAME.title`, `.kept` (what became of the request) and `.next` (what to do now). What has no words of its
own is told by its status; the code stands on the page in any case, for whoever is asked for help.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INTERNAL: Final = "INTERNAL"
BY_CODE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FORM_REFUSED": "form",
        "SESSION_INVALID": "session",
        "SESSION_EXPIRED": "session",
        "ROLE_MISSING": "role",
        "BODY_TOO_LARGE": "large",
        **dict.fromkeys(
            ("PROVIDER_REFUSED", "PROVIDER_ANSWER_INVALID", "PROVIDER_CLOCK", "PROVIDER_LEVEL", "PROVIDER_UNAVAILABLE"),
            "provider",
        ),
    }
)
BY_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {400: "input", 401: "session", 403: "forbidden", 404: "missing", 408: "slow", 413: "large", 429: "busy", 503: "unavailable"}
)  # fmt: skip
OTHERS: Final = ("other", "method")
NAMES: Final = frozenset({*BY_CODE.values(), *BY_STATUS.values(), *OTHERS})
"""All of them; both catalogues hold words for each."""


def described(code: str, status: int) -> str:
    """Return the name of the words for a refusal."""
    return BY_CODE.get(code) or BY_STATUS.get(status, "other")
