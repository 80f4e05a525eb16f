"""Sessions with a token: a bounded pool for all threads of a process, and a second try when something broke.

Whatever breaks, the whole line with the token is given up, and the second try gets a new one: a signature can be asked for
twice. What the token refuses is not asked again; least of all a wrong PIN, because tokens count. Nothing that a parent
opened is used in a forked child.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from pkcs11.exceptions import PKCS11Error

from keys.errors import KeysError, TokenBusyError, WrongPinError
from keys.pkcs11_line import Line, Session, connect
from keys.pkcs11_name import TokenAccess
from keys.pkcs11_refusals import gone, refusal

T = TypeVar("T")

_MOST: Final = 8
_PATIENCE: Final = 30.0


class _Pool:
    """What one process has open."""

    def __init__(self, most: int) -> None:
        self.process = os.getpid()
        self.places = threading.BoundedSemaphore(most)
        self.line: Line | None = None
        self._lock = threading.Lock()

    def take(self, connected: Callable[[], Line]) -> tuple[Line, Session]:
        """Take a session, and the line that it belongs to."""
        with self._lock:
            if self.line is None:
                self.line = connected()
            line = self.line
            try:
                return line, line.session()
            except PKCS11Error as error:
                if refusal(error) is None:
                    self.line = None
                    line.close()
                raise

    def put_back(self, line: Line, session: Session) -> None:
        """Keep a session for the next one, unless its line was given up meanwhile."""
        with self._lock:
            if line is self.line:
                line.idle.append(session)
                return
        session.close()

    def give_up(self, line: Line | None) -> None:
        """Never use this line again; it is logged out before the next one logs in."""
        with self._lock:
            if line is not None and line is self.line:
                self.line = None
                line.close()


class Sessions:
    """The sessions of one token; making this does not touch the token."""

    def __init__(self, access: TokenAccess, *, most: int = _MOST, patience: float = _PATIENCE) -> None:
        """Open at most so many sessions at a time; wait at most so many seconds for a free one."""
        self._access, self._most, self._patience = access, most, patience
        self._pool = _Pool(most)
        self._wrong_pin: WrongPinError | None = None

    def run(self, act: Callable[[Session], T]) -> T:
        """Do what may be done twice, in a session of the pool; raises KeyStoreError."""
        try:
            return self._once(act)
        except PKCS11Error as error:
            refused = refusal(error)
            if refused is not None:
                raise refused from error
        try:
            return self._once(act)
        except PKCS11Error as error:
            raise gone(error) from error

    def alone(self, act: Callable[[Session], T]) -> T:
        """Do what must not be done twice, in a session of its own that may write; raises KeyStoreError."""
        session = self.run(lambda pooled: pooled.writing())
        try:
            with session.beginning:
                return act(session)
        except PKCS11Error as error:
            raise gone(error) from error
        finally:
            session.close()

    def close(self) -> None:
        """Log out and end every session; the next use begins anew."""
        pool = self._here()
        pool.give_up(pool.line)

    def _once(self, act: Callable[[Session], T]) -> T:
        pool = self._here()
        if not pool.places.acquire(timeout=self._patience):
            raise TokenBusyError(f"all {self._most} sessions with the token were in use for {self._patience:g} seconds")
        try:
            with self._lent(pool) as session, session.beginning:
                return act(session)
        finally:
            pool.places.release()

    @contextmanager
    def _lent(self, pool: _Pool) -> Iterator[Session]:
        line, session = pool.take(self._connected)
        try:
            yield session
        except KeysError:  # the token has answered
            pool.put_back(line, session)
            raise
        except BaseException as error:
            if isinstance(error, PKCS11Error) and refusal(error) is None:
                pool.give_up(line)
            session.close()
            raise
        pool.put_back(line, session)

    def _here(self) -> _Pool:
        if self._pool.process != os.getpid():
            self._pool = _Pool(self._most)
        return self._pool

    def _connected(self) -> Line:
        if self._wrong_pin is not None:
            raise type(self._wrong_pin)(*self._wrong_pin.args)
        try:
            return connect(self._access)
        except WrongPinError as error:
            self._wrong_pin = error
            raise
