"""Private keys in files people exchange: PKCS#8 PEM, encrypted by PBES2 (RFC 5958, RFC 8018).

One path for all suites, because the library behind two of them refuses the third one's curve. Writes
PBKDF2-HMAC-SHA-256 and AES-256-CBC, which `openssl pkey` reads; reads PBES2 with PBKDF2 and AES-CBC and nothing older.
"""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from asn1crypto import pem
from asn1crypto.algos import Pbkdf2Salt
from asn1crypto.keys import EncryptedPrivateKeyInfo, PrivateKeyInfo
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from keys.errors import FormatError, UncheckableError, WrongPassphraseError

_ITERATIONS: Final = 600_000  # OWASP's figure for PBKDF2-HMAC-SHA-256
_MOST_ITERATIONS: Final = 10_000_000
_KEY_SIZE: Final = 32
_BLOCK: Final = 16
_PLAIN, _ENCRYPTED = "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"
_PRFS: Final[Mapping[str, HashAlgorithm]] = MappingProxyType(
    {"sha1": SHA1(), "sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}  # noqa: S303 - HMAC, read only
)
_CIPHERS: Final = MappingProxyType({"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32})


def armour(der: bytes, passphrase: bytes | None, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """PEM of a PKCS#8 PrivateKeyInfo; with a passphrase, encrypted."""
    if passphrase is None:
        return bytes(pem.armor(_PLAIN, der))
    return bytes(pem.armor(_ENCRYPTED, _encrypted(der, passphrase, random)))


def disarm(text: bytes, passphrase: bytes | None) -> bytes:
    """The DER PrivateKeyInfo in a PEM; FormatError, UncheckableError (an older scheme) or WrongPassphraseError."""
    try:
        kind, _, der = pem.unarmor(text)
    except (ValueError, TypeError) as error:
        raise FormatError("not a PEM file") from error
    if kind == _PLAIN:
        return bytes(der)
    if kind != _ENCRYPTED:
        raise FormatError("not a PKCS#8 private key in PEM")
    if passphrase is None:
        raise WrongPassphraseError("the private key is encrypted: give its passphrase")
    return _decrypted(der, passphrase)


def algorithm_of(der: bytes) -> tuple[str, str | None]:
    """Object identifiers of a key's algorithm and of its curve, if any; raises FormatError, UncheckableError."""
    try:
        algorithm = PrivateKeyInfo.load(der, strict=True)["private_key_algorithm"]
        curve = algorithm["parameters"]
        named = curve.chosen.dotted if getattr(curve, "name", None) == "named" else None
        return algorithm["algorithm"].dotted, named
    except KeyError as error:  # the parser knows a list of algorithms
        raise UncheckableError("no suite for this private key") from error
    except (ValueError, TypeError) as error:
        raise FormatError("not a PKCS#8 private key") from error


def _stretch(passphrase: bytes, salt: bytes, iterations: int, prf: str, size: int) -> bytes:
    return PBKDF2HMAC(algorithm=_PRFS[prf], length=size, salt=salt, iterations=iterations).derive(passphrase)


def _encrypted(der: bytes, passphrase: bytes, random: Callable[[int], bytes]) -> bytes:
    salt, vector = random(_BLOCK), random(_BLOCK)
    encryptor = Cipher(AES(_stretch(passphrase, salt, _ITERATIONS, "sha256", _KEY_SIZE)), CBC(vector)).encryptor()
    padder = padding.PKCS7(_BLOCK * 8).padder()
    data = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()
    derivation = {
        "algorithm": "pbkdf2",
        "parameters": {
            "salt": Pbkdf2Salt(name="specified", value=salt),
            "iteration_count": _ITERATIONS,
            "prf": {"algorithm": "sha256"},
        },
    }
    scheme = {"key_derivation_func": derivation, "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": vector}}
    box = {"encryption_algorithm": {"algorithm": "pbes2", "parameters": scheme}, "encrypted_data": data}
    return bytes(EncryptedPrivateKeyInfo(box).dump())


def _decrypted(der: bytes, passphrase: bytes) -> bytes:
    try:
        box = EncryptedPrivateKeyInfo.load(der, strict=True)
        scheme = box["encryption_algorithm"]
        cipher, prf = scheme["parameters"]["encryption_scheme"]["algorithm"].native, scheme.kdf_hmac
        salt, iterations, vector = scheme.kdf_salt, scheme.kdf_iterations, scheme.encryption_iv
        data = box["encrypted_data"].native
    except (ValueError, TypeError, KeyError) as error:
        raise FormatError("not an encrypted PKCS#8 private key") from error
    if cipher not in _CIPHERS or prf not in _PRFS or not 0 < iterations <= _MOST_ITERATIONS:
        raise UncheckableError("this encryption of a private key is not supported: use PBES2 with PBKDF2 and AES-CBC")
    decryptor = Cipher(AES(_stretch(passphrase, salt, iterations, prf, _CIPHERS[cipher])), CBC(vector)).decryptor()
    unpadder = padding.PKCS7(_BLOCK * 8).unpadder()
    try:
        padded = decryptor.update(data) + decryptor.finalize()
        opened = bytes(unpadder.update(padded) + unpadder.finalize())
        algorithm_of(opened)  # one wrong passphrase in 256 leaves a padding that looks right
    except (ValueError, FormatError) as error:
        raise WrongPassphraseError("the passphrase does not open this private key") from error
    return opened
