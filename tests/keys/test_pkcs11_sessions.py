"""Sessions with a token: bounded, shared, made anew when they break; a wrong PIN is tried once; a fork begins anew."""

import ctypes
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Never

import pytest
from pkcs11 import ObjectClass, TokenFlag
from pkcs11 import exceptions as refused_by_library

from keys import pkcs11_module
from keys.errors import (
    KeyMissingError,
    KeyStoreError,
    PinLockedError,
    TokenBusyError,
    TokenError,
    TokenGoneError,
    TokenSuiteError,
    WrongPinError,
)
from keys.pkcs11_key import HardwareKey
from keys.pkcs11_line import Session
from keys.pkcs11_module import Beginning, Module, open_module
from keys.pkcs11_name import KeyName
from keys.pkcs11_sessions import Sessions
from keys.pkcs11_token import HardwareToken
from keys.suites import SUITES
from tests.keys.softhsm import SEALS, SPARE, Hardware

ROOT = Path(__file__).parents[2]


@pytest.fixture
def key(token: HardwareToken, request: pytest.FixtureRequest) -> HardwareKey:
    """Give a key on the token, of a name of its own."""
    return token.private(token.make_private(f"sessions/{abs(hash(request.node.name))}", SUITES["ES256"]))


def _signs(key: HardwareKey) -> None:
    key.public.verify(key.sign(b"message"), b"message")


# -- what breaks and is made anew ------------------------------------------------------------------------------------


def _close_all(hardware: Hardware) -> None:
    library, slot = _library_and_slot(hardware)
    assert library.C_CloseAllSessions(slot) == 0


def _log_out(hardware: Hardware) -> None:
    library, slot = _library_and_slot(hardware)
    session = ctypes.c_ulong()
    assert library.C_OpenSession(slot, ctypes.c_ulong(4), None, None, ctypes.byref(session)) == 0
    library.C_Logout(session)
    assert library.C_CloseSession(session) == 0


def _library_and_slot(hardware: Hardware) -> tuple[ctypes.CDLL, ctypes.c_ulong]:
    slot = open_module(hardware.module).get_token(token_label=SEALS).slot.slot_id
    return ctypes.CDLL(str(hardware.module)), ctypes.c_ulong(slot)


BREAKS = pytest.mark.parametrize("break_it", [_close_all, _log_out])


@BREAKS
def test_what_broke_is_made_anew(hardware: Hardware, key: HardwareKey, break_it: Callable[[Hardware], None]) -> None:
    for _ in range(3):
        _signs(key)
        break_it(hardware)
    _signs(key)


@BREAKS
def test_what_broke_is_made_anew_by_many_threads_at_once(
    hardware: Hardware, key: HardwareKey, break_it: Callable[[Hardware], None]
) -> None:
    together = threading.Barrier(6, action=lambda: break_it(hardware))

    def signing(_: int) -> int:
        for _ in range(4):
            for _ in range(10):
                _signs(key)
            together.wait(30)
        _signs(key)
        return 1

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(signing, range(6))) == [1] * 6


def test_a_token_that_goes_is_told_and_one_that_comes_back_is_used(
    hardware: Hardware, tmp_path: Path, key: HardwareKey
) -> None:
    _signs(key)
    place = hardware.place(SEALS)
    away = Path(shutil.move(place, tmp_path / "away"))
    for _ in range(2):
        with pytest.raises(TokenError):
            key.sign(b"message")
    shutil.move(away, place)
    _signs(key)


@dataclass
class Flaky:
    """Something that fails in a way, some times, and then works."""

    error: Exception
    failures: int
    calls: int = 0

    def __call__(self, _: Session) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "done"


BROKEN = [
    refused_by_library.DeviceError(), refused_by_library.DeviceRemoved(), refused_by_library.TokenNotPresent(),
    refused_by_library.SessionHandleInvalid(), refused_by_library.SessionClosed(), refused_by_library.GeneralError(),
    refused_by_library.FunctionFailed(), refused_by_library.UserNotLoggedIn(), refused_by_library.KeyHandleInvalid(),
    refused_by_library.PKCS11Error("a code of the maker's own"),
]  # fmt: skip


@pytest.mark.parametrize("error", BROKEN, ids=lambda error: type(error).__name__)
def test_a_broken_call_is_tried_once_again(hardware: Hardware, error: Exception) -> None:
    sessions = Sessions(hardware.access())
    once, twice = Flaky(error, 1), Flaky(error, 2)
    assert sessions.run(once) == "done"
    with pytest.raises(TokenGoneError) as gone:
        sessions.run(twice)
    assert twice.calls == 2
    assert type(error).__name__ in str(gone.value)
    assert "maker" not in str(gone.value)
    assert sessions.run(twice) == "done"
    sessions.close()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refused_by_library.MechanismInvalid(), TokenSuiteError),
        (refused_by_library.KeyTypeInconsistent(), TokenSuiteError),
        (refused_by_library.SessionCount(), TokenBusyError),
        (refused_by_library.DeviceMemory(), TokenError),
        (KeyMissingError("not there"), KeyMissingError),
    ],
)
def test_what_the_token_refuses_is_not_asked_twice(
    hardware: Hardware, error: Exception, told: type[KeyStoreError]
) -> None:
    sessions, refusing = Sessions(hardware.access()), Flaky(error, 9)
    with pytest.raises(told):
        sessions.run(refusing)
    assert refusing.calls == 1
    sessions.close()


def test_what_changes_the_token_is_not_done_twice(hardware: Hardware) -> None:
    sessions, failing = Sessions(hardware.access()), Flaky(refused_by_library.DeviceError(), 9)
    with pytest.raises(TokenGoneError):
        sessions.alone(failing)
    assert failing.calls == 1
    sessions.close()


# -- how many ----------------------------------------------------------------------------------------------------------


def test_no_more_sessions_than_allowed_are_in_use_and_each_is_used_again(hardware: Hardware) -> None:
    sessions = Sessions(hardware.access(), most=3)
    seen: set[int] = set()
    together = threading.Barrier(3)

    def use(_: int) -> None:
        def meet(session: Session) -> None:
            seen.add(id(session))
            together.wait(30)

        sessions.run(meet)

    with ThreadPoolExecutor(9) as threads:
        list(threads.map(use, range(9)))
    assert len(seen) == 3
    sessions.close()


def test_who_finds_no_free_session_is_told(hardware: Hardware) -> None:
    sessions = Sessions(hardware.access(), most=1, patience=0.0)
    with pytest.raises(TokenBusyError, match="all 1 sessions"):
        sessions.run(lambda _: sessions.run(lambda _: None))
    assert sessions.run(lambda _: "free") == "free"
    sessions.close()


def test_a_handle_is_looked_for_once(key: HardwareKey, monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[object] = []

    def counting(session: Session) -> None:
        found = session.all

        def search(kind: ObjectClass, name: KeyName) -> list[Any]:
            searches.append(name)
            return found(kind, name)

        monkeypatch.setattr(session, "all", search)
        session._keys.clear()
        for _ in range(5):
            session.key(key.name)

    key.sessions.run(counting)
    assert len(searches) == 1


# -- the PIN -----------------------------------------------------------------------------------------------------------


def test_a_wrong_pin_is_tried_once(hardware: Hardware, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = HardwareToken(hardware.access(SPARE, "a wrong PIN"))
    with pytest.raises(WrongPinError):
        wrong.facts()

    def reached(_: Path) -> Never:
        raise AssertionError("the token was asked again")

    monkeypatch.setattr("keys.pkcs11_line.open_module", reached)
    for _ in range(3):
        with pytest.raises(WrongPinError):
            wrong.facts()
    monkeypatch.undo()
    assert hardware.token(SPARE).facts().label == SPARE


@pytest.mark.parametrize(
    ("flags", "told", "words"),
    [
        (TokenFlag.USER_PIN_FINAL_TRY, WrongPinError, "one more wrong PIN locks it"),
        (TokenFlag.USER_PIN_LOCKED | TokenFlag.USER_PIN_FINAL_TRY, PinLockedError, "security officer"),
        (TokenFlag.USER_PIN_COUNT_LOW, WrongPinError, "does not open the token$"),
        (TokenFlag(0), WrongPinError, "does not open the token$"),
    ],
)
def test_how_many_tries_are_left_is_told_where_the_token_tells(
    hardware: Hardware, monkeypatch: pytest.MonkeyPatch, flags: TokenFlag, told: type[WrongPinError], words: str
) -> None:
    def refuse(**_: object) -> Never:
        raise refused_by_library.PinIncorrect

    stub = SimpleNamespace(beginning=Beginning(), get_token=lambda **_: SimpleNamespace(flags=flags, open=refuse))
    monkeypatch.setattr("keys.pkcs11_line.open_module", lambda _: stub)
    with pytest.raises(told, match=words) as refused:
        hardware.token().facts()
    assert type(refused.value) is told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refused_by_library.PinLocked(), PinLockedError),
        (refused_by_library.PinLenRange(), WrongPinError),
        (refused_by_library.PinExpired(), WrongPinError),
        (refused_by_library.UserPinNotInitialized(), WrongPinError),
    ],
)
def test_why_a_pin_does_not_open_the_token(
    hardware: Hardware, monkeypatch: pytest.MonkeyPatch, error: Exception, told: type[WrongPinError]
) -> None:
    def refuse(**_: object) -> Never:
        raise error

    stub = SimpleNamespace(
        beginning=Beginning(), get_token=lambda **_: SimpleNamespace(flags=TokenFlag(0), open=refuse)
    )
    monkeypatch.setattr("keys.pkcs11_line.open_module", lambda _: stub)
    with pytest.raises(told):
        hardware.token().facts()


# -- processes ---------------------------------------------------------------------------------------------------------


def test_a_module_is_begun_for_many_threads(hardware: Hardware, monkeypatch: pytest.MonkeyPatch) -> None:
    # The binding itself would say that one thread uses it, and then let many do so: SoftHSM2 crashes of that.
    open_module(hardware.module)
    flags: list[int] = []

    def initialise(arguments: Any) -> int:
        flags.append(ctypes.cast(arguments, ctypes.POINTER(pkcs11_module._Arguments)).contents.flags)
        return 0x191

    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(C_Initialize=initialise))
    Module(str(hardware.module))
    assert flags == [0x2]


def test_handles_of_before_are_not_used_after_a_module_has_begun_again(hardware: Hardware, key: HardwareKey) -> None:
    module, used = open_module(hardware.module), []
    _signs(key)
    before = module.beginning
    module.begin_again(before)
    key.sessions.run(lambda session: used.append(session.beginning))
    assert used == [module.beginning] != [before]
    module.begin_again(before)  # somebody else has seen to it
    assert used == [module.beginning]


def test_a_module_begins_again_when_all_calls_are_out(hardware: Hardware, key: HardwareKey) -> None:
    module, entered, leave, order = open_module(hardware.module), threading.Event(), threading.Event(), []

    def call(_: Session) -> None:
        entered.set()
        leave.wait(30)
        order.append("out")

    def begin_again() -> None:
        module.begin_again(module.beginning)
        order.append("begun")

    with ThreadPoolExecutor(2) as threads:
        calling = threads.submit(key.sessions.run, call)
        entered.wait(30)
        beginning = threads.submit(begin_again)
        leave.set()
        calling.result()
        beginning.result()
    assert order == ["out", "begun"]
    _signs(key)


OF_ANOTHER_PROCESS = """
import os, pickle, sys
from keys.pkcs11_token import HardwareToken
access, uri, fork = pickle.load(sys.stdin.buffer)
token = HardwareToken(access)
key = token.private(uri)
signatures = [key.sign(b"message")]
if fork:
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(sink, key.sign(b"message"))
        finally:
            os._exit(0)
    os.close(sink)
    signatures.append(os.read(source, 100))
    os.waitpid(child, 0)
    signatures.append(key.sign(b"message"))
sys.stdout.buffer.write(pickle.dumps(signatures))
"""


@pytest.mark.parametrize(("fork", "count"), [(False, 1), (True, 3)])
def test_another_process_signs_with_what_it_is_given_over_a_pipe(
    hardware: Hardware,
    key: HardwareKey,
    fork: bool,  # noqa: FBT001 - a parameter of a test
    count: int,
) -> None:
    start = pickle.dumps((hardware.access(), key.name.uri, fork))
    run = subprocess.run(
        [sys.executable, "-c", OF_ANOTHER_PROCESS], input=start, capture_output=True, check=True, cwd=ROOT
    )
    signatures = pickle.loads(run.stdout)  # noqa: S301 - our own
    assert len(signatures) == count
    for signature in signatures:
        key.public.verify(signature, b"message")
