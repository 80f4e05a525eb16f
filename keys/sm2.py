"""The suite SM2-SM3 (GB/T 32918, GB/T 32905), computed by OpenSSL 3 through `keys.libcrypto`.

There is no pure-Python fallback: without OpenSSL 3 a public key can be read and compared, and nothing more.
JOSE and COSE have no registered names for SM2, and `_sd_alg` none for SM3: the private names are in SM2_SM3, here only.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.hashes import SM3, Hash

from keys import jwk, libcrypto, pkcs8
from keys.contracts import PrivateKey, PublicKey, Suite
from keys.ecdsa_form import der_from_raw, raw_from_der
from keys.errors import FormatError, VerificationError

# Curve parameters of GB/T 32918.5, only to refuse points that are not on the curve.
_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_POINT_SIZE: Final = 65


@lru_cache(maxsize=1024)
def _verifying_handle(spki: bytes) -> libcrypto.KeyHandle:
    """Making a handle costs as much as a verification: one per key, kept."""
    return libcrypto.public_handle(spki)


@dataclass(frozen=True, slots=True)
class Sm2Public:
    """A point of the SM2 curve."""

    point: bytes

    @property
    def suite(self) -> Suite:
        """SM2-SM3."""
        return SM2_SM3

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check r||s."""
        self.verify_der(der_from_raw(signature), message)

    def verify_der(self, signature: bytes, message: bytes) -> None:
        """Check SEQUENCE{r,s} (GM/T 0009 section 7.3)."""
        if not libcrypto.verify(_verifying_handle(self.to_spki()), signature, message):
            raise VerificationError("the signature does not verify under the key")

    def to_jwk(self) -> dict[str, str]:
        """A private curve name in the shape of RFC 7518 section 6.2."""
        return jwk.elliptic_jwk(SM2_SM3.jwk_curve, self.point)

    def to_spki(self) -> bytes:
        """GM/T 0015: id-ecPublicKey with the SM2 curve."""
        return SM2_SM3.spki_prefix + self.point

    def thumbprint(self) -> str:
        """RFC 7638."""
        return jwk.thumbprint(self.to_jwk())


@dataclass(frozen=True, slots=True)
class Sm2Private:
    """An SM2 private key, held by libcrypto."""

    handle: libcrypto.KeyHandle = field(repr=False)
    public: Sm2Public

    @property
    def suite(self) -> Suite:
        """SM2-SM3."""
        return SM2_SM3

    def sign(self, message: bytes) -> bytes:
        """R||s."""
        return raw_from_der(self.sign_der(message))

    def sign_der(self, message: bytes) -> bytes:
        """SEQUENCE{r,s} (GM/T 0009 section 7.3)."""
        return libcrypto.sign(self.handle, message)

    def to_pkcs8(self, passphrase: bytes | None) -> bytes:
        """PEM PKCS#8."""
        return pkcs8.armour(libcrypto.to_pkcs8(self.handle), passphrase)


def _public(point: bytes) -> PublicKey:
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    well_formed = len(point) == _POINT_SIZE and point[0] == 4 and x < _P and y < _P  # noqa: PLR2004 - 4: uncompressed
    if not well_formed or (y * y - (x * x * x - 3 * x + _B)) % _P:
        raise FormatError("not a point of the SM2 curve")
    return Sm2Public(point)


def _private(handle: libcrypto.KeyHandle) -> PrivateKey:
    return Sm2Private(handle, Sm2Public(libcrypto.to_spki(handle)[len(SM2_SM3.spki_prefix) :]))


@lru_cache(maxsize=1)
def _nothing_yet() -> Hash:
    """Copying a state costs less than finding the algorithm again."""
    return Hash(SM3())


def _sm3(data: bytes) -> bytes:
    state = _nothing_yet().copy()
    state.update(data)
    return state.finalize()


SM2_SM3: Final = Suite(
    name="SM2-SM3",
    jose_algorithm="SM2-SM3",
    jose_accepted=frozenset({"SM2-SM3"}),
    cose_algorithm=-70010,
    digest_name="sm3",
    jwk_type="EC",
    jwk_curve="SM2",
    public_size=_POINT_SIZE,
    spki_prefix=bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
    key_algorithm=("1.2.840.10045.2.1", "1.2.156.10197.1.301"),
    signature_algorithm="1.2.156.10197.1.501",
    digest=_sm3,
    generate=lambda: _private(libcrypto.generate()),
    available=libcrypto.available,
    load_public=_public,
    load_private=lambda der: _private(libcrypto.private_handle(der)),
)
