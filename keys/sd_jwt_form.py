"""The names that SD-JWT (RFC 9901) and SD-JWT VC give to things, in one place."""

from typing import Final

TYP: Final = "dc+sd-jwt"
SD_JWT_VC: Final = "draft-ietf-oauth-sd-jwt-vc-13"
"""The edition of the SD-JWT VC draft this package follows; the only place to raise it."""

SEPARATOR: Final = "~"
DIGESTS: Final = "_sd"
DIGEST_ALGORITHM: Final = "_sd_alg"
DEFAULT_DIGEST: Final = "sha-256"
ELEMENT: Final = "..."
RESERVED: Final = frozenset({DIGESTS, DIGEST_ALGORITHM, ELEMENT})
NEVER_DISCLOSABLE: Final = frozenset({"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "status", "cnf"})
"""Claims that rule validity are always in the clear (RFC 9901 section 9.7, SD-JWT VC section 3.2.2.2)."""

Path = tuple[str | int, ...]
"""Where a value stands: property names and array positions, outermost first."""
