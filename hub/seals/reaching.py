"""A seal's key that cannot be reached: told to callers as something that passes, and to the log as what it is.

A key store or a token that refuses is the administrator's to mend; a department can only try again. The messages of `keys.errors`
name files, tokens and what to do, never a secret or a person.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from hub.errors import SealKeyUnavailableError
from hub.seals.refusals import SealKeyStoreFullError
from keys.errors import KeyStoreError, KeyStoreFullError, SuiteUnavailableError

_log = logging.getLogger("hub.seals")


@contextmanager
def reaching_a_key() -> Iterator[None]:
    """Use a seal's key.

    Raises:
        SealKeyUnavailableError: it cannot be used now.
        SealKeyStoreFullError: it cannot be kept, for the disk of the key store is full.
    """
    try:
        yield
    except (KeyStoreError, SuiteUnavailableError) as error:
        _log.error("a seal's key cannot be used: %s %s", error.code, error)
        raise (SealKeyStoreFullError if isinstance(error, KeyStoreFullError) else SealKeyUnavailableError) from error
