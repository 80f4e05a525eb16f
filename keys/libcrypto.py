"""The one binding to OpenSSL 3's libcrypto, for SM2 with SM3 (GB/T 32918, GM/T 0009) and nothing else.

Every object is freed, every return code is checked, and the thread's error queue is left empty. Keys may be shared by
threads: each operation makes its own contexts, and ctypes releases the interpreter lock while libcrypto computes.
A library that does not refuse a signature made under another user ID is not used at all: some versions overlook it.
"""

import ctypes
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from keys.errors import FormatError, SuiteUnavailableError, UncheckableError

USER_ID: Final = b"1234567812345678"
"""The user ID of GM/T 0009 section 10, for every SM2 signature here."""

_INSTALL: Final = (
    "the SM2-SM3 suite needs OpenSSL 3 (libcrypto.so.3): install the package libssl3 (Debian) or openssl-libs"
)
_NAMES: Final = MappingProxyType({"darwin": "libcrypto.3.dylib", "win32": "libcrypto-3-x64.dll"})
_VERSION_3: Final = 0x30000000
_PROTOTYPES: Final = MappingProxyType(
    {
        "OpenSSL_version_num": (c_ulong, ()),
        "ERR_clear_error": (None, ()),
        "EVP_sm3": (c_void_p, ()),
        "EVP_MD_CTX_new": (c_void_p, ()),
        "EVP_MD_CTX_free": (None, (c_void_p,)),
        "EVP_MD_CTX_set_pkey_ctx": (None, (c_void_p, c_void_p)),
        "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
        "EVP_PKEY_CTX_new_from_pkey": (c_void_p, (c_void_p, c_void_p, c_char_p)),
        "EVP_PKEY_CTX_free": (None, (c_void_p,)),
        "EVP_PKEY_CTX_set1_id": (c_int, (c_void_p, c_char_p, c_int)),
        "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
        "EVP_PKEY_keygen": (c_int, (c_void_p, POINTER(c_void_p))),
        "EVP_PKEY_pairwise_check": (c_int, (c_void_p,)),
        "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
        "EVP_PKEY_free": (None, (c_void_p,)),
        "EVP_PKEY2PKCS8": (c_void_p, (c_void_p,)),
        "PKCS8_PRIV_KEY_INFO_free": (None, (c_void_p,)),
        "i2d_PKCS8_PRIV_KEY_INFO": (c_int, (c_void_p, c_void_p)),
        "i2d_PUBKEY": (c_int, (c_void_p, c_void_p)),
        "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
        "d2i_AutoPrivateKey": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
        "EVP_DigestSignInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
        "EVP_DigestSign": (c_int, (c_void_p, c_void_p, POINTER(c_size_t), c_char_p, c_size_t)),
        "EVP_DigestVerifyInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
        "EVP_DigestVerify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    }
)


class KeyHandle:
    """An EVP_PKEY, freed together with this object."""

    __slots__ = ("__weakref__", "pointer")

    def __init__(self, library: ctypes.CDLL, pointer: int) -> None:
        self.pointer = pointer
        weakref.finalize(self, library.EVP_PKEY_free, pointer).atexit = False


def load_library() -> ctypes.CDLL:
    """The system's libcrypto; raises OSError or AttributeError when it is missing or too old."""
    library = ctypes.CDLL(_NAMES.get(sys.platform, "libcrypto.so.3"))
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    try:
        library = load_library()
    except (OSError, AttributeError) as error:
        raise SuiteUnavailableError(_INSTALL) from error
    if library.OpenSSL_version_num() < _VERSION_3 or not _refuses_another_id(library):
        raise SuiteUnavailableError(_INSTALL)
    return library


def _refuses_another_id(library: ctypes.CDLL) -> bool:
    """Sign once and look: the right user ID verifies, and another does not."""
    try:
        handle = _generate(library)
        signature = _sign(library, handle, b"self-check")
        right = _verify(library, handle, signature, b"self-check", USER_ID)
        return right and not _verify(library, handle, signature, b"self-check", USER_ID[::-1])
    except UncheckableError:
        return False


def available() -> bool:
    """Whether this machine can compute SM2-SM3."""
    try:
        _library()
    except SuiteUnavailableError:
        return False
    return True


def generate() -> KeyHandle:
    """A new SM2 key pair, from libcrypto's own randomness."""
    return _generate(_library())


def private_handle(pkcs8: bytes) -> KeyHandle:
    """The key of a PKCS#8 PrivateKeyInfo, its halves checked against each other; raises FormatError."""
    library = _library()
    handle = _decoded(library, library.d2i_AutoPrivateKey, pkcs8)
    context = library.EVP_PKEY_CTX_new_from_pkey(None, handle.pointer, None)
    try:
        if not context or library.EVP_PKEY_pairwise_check(context) != 1:
            library.ERR_clear_error()
            raise FormatError("the SM2 private key does not belong to its public key")
    finally:
        library.EVP_PKEY_CTX_free(context)
    return handle


def public_handle(spki: bytes) -> KeyHandle:
    """The key of a SubjectPublicKeyInfo; raises FormatError."""
    library = _library()
    return _decoded(library, library.d2i_PUBKEY, spki)


def to_pkcs8(handle: KeyHandle) -> bytes:
    """The DER PrivateKeyInfo of a private key, in the clear."""
    library = _library()
    info = library.EVP_PKEY2PKCS8(handle.pointer)
    try:
        return _encoded(library, library.i2d_PKCS8_PRIV_KEY_INFO, info)
    finally:
        library.PKCS8_PRIV_KEY_INFO_free(info)


def to_spki(handle: KeyHandle) -> bytes:
    """The DER SubjectPublicKeyInfo of a key."""
    library = _library()
    return _encoded(library, library.i2d_PUBKEY, handle.pointer)


def sign(handle: KeyHandle, message: bytes) -> bytes:
    """DER SEQUENCE{r,s} over the message under USER_ID."""
    return _sign(_library(), handle, message)


def verify(handle: KeyHandle, signature: bytes, message: bytes) -> bool:
    """Whether the DER signature is good under USER_ID; strict DER, no trailing bytes."""
    return _verify(_library(), handle, signature, message, USER_ID)


def _require(library: ctypes.CDLL, done: Any, step: str) -> None:
    if done is None or done < 1:
        library.ERR_clear_error()
        raise UncheckableError(f"libcrypto could not compute SM2: {step}")


def _generate(library: ctypes.CDLL) -> KeyHandle:
    context, pointer = library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), c_void_p()
    try:
        _require(library, context, "key type")
        _require(library, library.EVP_PKEY_keygen_init(context), "key generation")
        _require(library, library.EVP_PKEY_keygen(context, byref(pointer)), "key generation")
    finally:
        library.EVP_PKEY_CTX_free(context)
    return KeyHandle(library, pointer.value or 0)


def _decoded(library: ctypes.CDLL, decode: Any, der: bytes) -> KeyHandle:
    pointer = decode(None, byref(c_char_p(der)), len(der))
    if not pointer:
        library.ERR_clear_error()
        raise FormatError("not an SM2 key")
    handle = KeyHandle(library, pointer)
    if library.EVP_PKEY_is_a(pointer, b"SM2") != 1:
        raise FormatError("not a key on the SM2 curve")
    return handle


def _encoded(library: ctypes.CDLL, encode: Any, pointer: int) -> bytes:
    size = encode(pointer, None) if pointer else 0
    _require(library, size, "encoding")
    buffer = ctypes.create_string_buffer(size)
    encode(pointer, byref(c_void_p(ctypes.addressof(buffer))))
    return buffer.raw


@contextmanager
def _digest_context(library: ctypes.CDLL, handle: KeyHandle, user_id: bytes) -> Iterator[int]:
    key_context = library.EVP_PKEY_CTX_new_from_pkey(None, handle.pointer, None)
    context = library.EVP_MD_CTX_new()
    try:
        _require(library, key_context, "context")
        _require(library, context, "context")
        # The ID is part of the first digest (Z), so it must be set before the operation is initialised.
        _require(library, library.EVP_PKEY_CTX_set1_id(key_context, user_id, len(user_id)), "user ID")
        library.EVP_MD_CTX_set_pkey_ctx(context, key_context)
        yield context
    finally:
        library.EVP_MD_CTX_free(context)
        library.EVP_PKEY_CTX_free(key_context)


def _sign(library: ctypes.CDLL, handle: KeyHandle, message: bytes) -> bytes:
    with _digest_context(library, handle, USER_ID) as context:
        begun = library.EVP_DigestSignInit(context, None, library.EVP_sm3(), None, handle.pointer)
        _require(library, begun, "signing")
        size = c_size_t()
        _require(library, library.EVP_DigestSign(context, None, byref(size), message, len(message)), "signing")
        buffer = ctypes.create_string_buffer(size.value)
        _require(library, library.EVP_DigestSign(context, buffer, byref(size), message, len(message)), "signing")
        return buffer.raw[: size.value]


def _verify(library: ctypes.CDLL, handle: KeyHandle, signature: bytes, message: bytes, user_id: bytes) -> bool:
    with _digest_context(library, handle, user_id) as context:
        begun = library.EVP_DigestVerifyInit(context, None, library.EVP_sm3(), None, handle.pointer)
        _require(library, begun, "verifying")
        good = bool(library.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1)
        if not good:
            library.ERR_clear_error()
        return good
