"""The authenticator: six digits that a person's own device makes every thirty seconds (TOTP, RFC 6238; HOTP, RFC 4226).

Decides which step of the clock a code belongs to: the present one, or a neighbour, for clocks differ. A code counts once: the step that
it belongs to, and all before it, are used up (RFC 6238 section 5.2).
"""

import hmac
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP: Final = 30  # seconds
DIGITS: Final = 6
WINDOW: Final = 1  # steps before and after the present one
SECRET_BYTES: Final = 20  # as long as the output of SHA-1, which is what every authenticator knows (RFC 4226 section 4)
_AROUND: Final = [each for each in range(-20, 21) if abs(each) > WINDOW]  # ten minutes either way
_BLANKS: Final = re.compile(r"[\s-]")


def new_secret() -> bytes:
    """Return the secret of a new authenticator."""
    return secrets.token_bytes(SECRET_BYTES)


def step_of(secret: bytes, code: str, now: int, used: int = 0) -> int | None:
    """Return the step that a code belongs to at `now`, in seconds, if it is later than `used`; None: it is not good.

    All steps of the window are compared, in constant time.
    """
    present, given = now // STEP, _BLANKS.sub("", code).encode()
    steps = range(present - WINDOW, present + WINDOW + 1)
    made = HOTP(secret, DIGITS, SHA1())  # noqa: S303 - the algorithm of the standard; HMAC does not need collision resistance
    good = [hmac.compare_digest(made.generate(step), given) and step > used for step in steps]
    return max((step for step, is_good in zip(steps, good, strict=True) if is_good), default=None)


def drift_of(secret: bytes, code: str, now: int) -> int | None:
    """Return by how many seconds the clock of the authenticator is fast (or slow, if less than nothing) that shows a code at `now`.

    None: its code is that of none of the minutes around, or of the present one. It lets nobody in.
    """
    present, given = now // STEP, _BLANKS.sub("", code).encode()
    made = HOTP(secret, DIGITS, SHA1())  # noqa: S303 - as above
    good = [hmac.compare_digest(made.generate(present + each), given) for each in _AROUND]
    return next((each * STEP for each, is_good in zip(_AROUND, good, strict=True) if is_good), None)


def uri(secret: bytes, login: str, public_url: str) -> str:
    """Return the address from which an authenticator takes the secret, as text or as a QR code; whoever has it has the secret."""
    return TOTP(secret, DIGITS, SHA1(), STEP).get_provisioning_uri(login, urlsplit(public_url).netloc)  # noqa: S303 - as above
