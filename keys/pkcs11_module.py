"""A PKCS#11 module (the library that comes with the hardware), opened once in each process, for use by many threads.

Decides how a module is begun: with CKF_OS_LOCKING_OK, because the binding calls it without the interpreter lock and would begin
it as if one thread used it (PKCS#11 2.40 section 5.4); anew in a forked child, which must not go on with what its parent opened; and
anew when a token cannot be reached, because many modules find it again in no other way. A handle means nothing after that, or
another key: so every call happens within one `Beginning`, and a module begins again only when all calls are out.
"""

import ctypes
import os
import threading
from pathlib import Path
from typing import Final

from pkcs11._pkcs11 import lib
from pkcs11.exceptions import PKCS11Error, SessionHandleInvalid
from typing_extensions import override

from keys.errors import TokenBusyError, TokenMissingError

_OS_LOCKING_OK: Final = 0x2
_OK: Final = 0x0
_ALREADY_INITIALISED: Final = 0x191
_PATIENCE: Final = 30.0


class _Arguments(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS: four functions that we do not give, flags, and a reserved pointer."""

    _fields_ = (("functions", ctypes.c_void_p * 4), ("flags", ctypes.c_ulong), ("reserved", ctypes.c_void_p))


class Beginning:
    """A module from one beginning to the next, entered for every call; raises SessionHandleInvalid when it is over."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls = 0
        self._over = False

    def __enter__(self) -> None:
        with self._changed:
            if self._over:
                raise SessionHandleInvalid
            self._calls += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._calls -= 1
            self._changed.notify_all()

    def end(self) -> None:
        """Let nobody in any more, and wait until everybody is out; raises TokenBusyError."""
        with self._changed:
            self._over = True
            if not self._changed.wait_for(lambda: not self._calls, _PATIENCE):
                raise TokenBusyError("the token does not answer, and calls to it do not come back: restart the hub")


class Module(lib):
    """A module of this process; made by `open_module`."""

    def __init__(self, path: str) -> None:
        self.beginning = Beginning()
        self._lock = threading.Lock()
        super().__init__(path)

    @override
    def initialize(self) -> None:
        """Begin, for many threads: the binding calls this once it has loaded the library."""
        # The same library again, not a copy. Whoever was first in this process has begun it for us too.
        result = ctypes.CDLL(self.so).C_Initialize(ctypes.byref(_Arguments(flags=_OS_LOCKING_OK)))
        if result not in {_OK, _ALREADY_INITIALISED}:
            raise PKCS11Error

    def begin_again(self, after: Beginning) -> None:
        """End and begin, unless somebody has done so since; raises TokenBusyError, PKCS11Error."""
        with self._lock:
            if self.beginning is after:
                after.end()
                _end(self.so)
                self.initialize()
                self.beginning = Beginning()


_opened: Final[dict[Path, tuple[int, Module]]] = {}


def open_module(path: Path) -> Module:
    """The module, begun for this process; raises TokenMissingError. Two threads that open it at once do no harm."""
    process, module = _opened.get(path, (0, None))
    if module is None or process != os.getpid():
        if module is not None:
            _end(str(path))  # it is our parent's
        _opened[path] = (os.getpid(), module := _loaded(path))
    return module


def _loaded(path: Path) -> Module:
    try:
        return Module(str(path))
    except (RuntimeError, OSError, AttributeError) as error:
        raise TokenMissingError(f"{path} is not a PKCS#11 module that can be loaded: {type(error).__name__}") from error


def _end(path: str) -> None:
    ctypes.CDLL(path).C_Finalize(None)
