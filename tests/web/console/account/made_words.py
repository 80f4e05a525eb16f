"""Ids of words that the pages of one's own account put together; hub/web/console/account."""

from collections.abc import Mapping

MADE: Mapping[str, frozenset[str]] = {
    "problem.{}": frozenset(
        ("SIGN_IN_FAILED", "SIGN_IN_POSTPONED", "SIGN_IN_CLOSED", "AUTHENTICATOR_CLOCK_FAST", "AUTHENTICATOR_CLOCK_SLOW", "PASSWORD_REFUSED", "DIFFERENT")
    ),
    "{}.done": frozenset(f"account.{each}" for each in ("session", "sessions", "password", "authenticator", "unlink")),
    "{}.section": frozenset(("account",)),
}  # fmt: skip
