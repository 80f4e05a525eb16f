"""A machine without OpenSSL 3: SM2 could not be checked, and everything else works."""

import ctypes
from collections.abc import Iterator
from typing import Never

import pytest

from keys import libcrypto
from keys.errors import SuiteUnavailableError, UncheckableError
from keys.suites import SUITES, load_public_jwk


@pytest.fixture
def without_openssl(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def missing() -> Never:
        raise OSError("libcrypto.so.3: cannot open shared object file")

    libcrypto._library.cache_clear()
    monkeypatch.setattr(libcrypto, "load_library", missing)
    yield
    libcrypto._library.cache_clear()


@pytest.mark.usefixtures("without_openssl")
def test_sm2_says_what_to_install() -> None:
    row = SUITES["SM2-SM3"]
    assert not row.available()
    with pytest.raises(SuiteUnavailableError, match="libssl3"):
        row.generate()


@pytest.mark.usefixtures("without_openssl")
def test_the_other_suites_and_sm3_still_work() -> None:
    for name in ("ES256", "Ed25519"):
        assert SUITES[name].available()
        key = SUITES[name].generate()
        key.public.verify(key.sign(b"message"), b"message")
    assert SUITES["SM2-SM3"].digest(b"abc").hex().startswith("66c7f0f4")


def test_an_sm2_key_can_be_read_but_not_judged(request: pytest.FixtureRequest) -> None:
    key = SUITES["SM2-SM3"].generate()
    jwk, signature = key.public.to_jwk(), key.sign(b"message")
    request.getfixturevalue("without_openssl")
    read = load_public_jwk(jwk)
    assert read.thumbprint() == key.public.thumbprint()
    with pytest.raises(UncheckableError):
        read.verify(signature, b"message")


def test_a_library_that_overlooks_the_user_id_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(*_: object) -> bool:
        return True

    libcrypto._library.cache_clear()
    monkeypatch.setattr(libcrypto, "_verify", careless)
    assert not libcrypto.available()
    monkeypatch.undo()
    libcrypto._library.cache_clear()
    assert libcrypto.available()


def test_a_library_without_a_needed_function_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    def old() -> ctypes.CDLL:
        raise AttributeError("EVP_PKEY_is_a")

    libcrypto._library.cache_clear()
    monkeypatch.setattr(libcrypto, "load_library", old)
    assert not libcrypto.available()
    monkeypatch.undo()
    libcrypto._library.cache_clear()
