"""Holders' access: who sends a token of the identity platform.

Decides that only. Callers accepted lately are remembered by the digest of their token, no longer than the token is good and never beyond
the keys it was verified under, so that a key which the platform withdraws stops its tokens with the next fetch. Where no platform is
configured there are no holders.
"""

import hashlib
import logging
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from hub.access.holders.caller import HolderCaller
from hub.access.holders.refusals import HolderKeysUnavailableError, HolderTokenInvalidError
from hub.access.holders.tokens import LONGEST, HolderFacts, HolderTokens
from hub.access.published_keys import KeySet, PublishedKeys
from hub.access.published_tokens import UnknownKeyError
from hub.clock import Clock
from hub.platform import Platform

REMEMBERED: Final = 4096
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")


def keys_of(
    platform: Platform, fetch: Callable[[], bytes] | None = None, now: Callable[[], float] = time.monotonic
) -> PublishedKeys:
    """Return the keys of an identity platform; `fetch` and `now` as PublishedKeys takes them."""
    return PublishedKeys(platform, HolderKeysUnavailableError, logging.getLogger("hub.holders"), fetch, now)


class HolderAccess:
    """Tells who a holder is."""

    def __init__(self, platform: Platform, clock: Clock, keys: PublishedKeys | None = None) -> None:
        """Believe this platform, whose keys are `keys`."""
        self.keys = keys or keys_of(platform)
        self._tokens = HolderTokens(platform)
        self._clock = clock
        self._accepted: OrderedDict[bytes, tuple[HolderCaller, float, KeySet]] = OrderedDict()
        self._lock = threading.Lock()
        self._secret = secrets.token_bytes(32)  # of this process: names made with it mean nothing elsewhere

    def bears(self, authorization: str | None) -> bool:
        """Tell whether an Authorization header bears a token that says it is the platform's, good or not."""
        text = _bearer(authorization)
        return text is not None and self._tokens.names_issuer(text)

    def remembered(self, authorization: str) -> HolderCaller | None:
        """Return who sends this header, if that was found out lately; never waits."""
        with self._lock:
            found = self._accepted.get(_digest(authorization))
        keys = self.keys.fresh
        return found[0] if found and keys is found[2] and self._now() < found[1] else None

    def caller(self, authorization: str) -> HolderCaller:
        """Tell who sends this Authorization header; call it on a worker thread, for keys may have to be fetched.

        Raises:
            HolderTokenInvalidError, HolderTokenExpiredError: the token is not, or no longer, believed.
            HolderKeysUnavailableError: it cannot be checked now.
        """
        text = _bearer(authorization)
        if text is None:
            raise HolderTokenInvalidError
        try:
            facts, keys = self.keys.judged(lambda known: self._tokens.read(text, known, self._now()))
        except UnknownKeyError as error:
            raise HolderTokenInvalidError from error
        caller = HolderCaller(facts.code_type, facts.code, self._name(facts))
        self._remember(_digest(authorization), caller, facts, keys)
        return caller

    def _remember(self, digest: bytes, caller: HolderCaller, facts: HolderFacts, keys: KeySet) -> None:
        with self._lock:
            self._accepted[digest] = (caller, facts.good_until, keys)
            self._accepted.move_to_end(digest)
            if len(self._accepted) > REMEMBERED:
                self._accepted.popitem(last=False)

    def _name(self, facts: HolderFacts) -> str:
        person = f"{facts.code_type}:{facts.code}".encode()
        return hashlib.blake2b(person, key=self._secret, digest_size=16).hexdigest()

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _bearer(authorization: str | None) -> str | None:
    found = _BEARER.fullmatch(authorization) if authorization and len(authorization) <= LONGEST else None
    return found[1] if found else None


def _digest(authorization: str) -> bytes:
    return hashlib.sha256(authorization.encode()).digest()
