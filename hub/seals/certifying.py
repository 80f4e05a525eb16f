"""Keys and certificates of seals: the root and the maker of a suite, and each seal's own, from our root or an outside authority.

Decides what a signer's certificate says, how long it holds, where its key is made, and whether a certificate that came from outside fits.
A key is in its place before a table names it, so that no certificate is without its key; it must never leave that place.
RFC 5280, RFC 2986; the profiles are those of `keys.certificate_making`.
"""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session

from hub.clock import from_micros, to_micros
from hub.errors import InputInvalidError
from hub.seals import model
from hub.seals.kinds import Custody, KeyPlace
from hub.seals.refusals import SealCertificateError, SealCustodyError, SealKeyPlaceError
from keys import certificate_chain, certificate_request
from keys.certificates import MAKER, SIGNER, Certificate, Subject, issue, make_root
from keys.contracts import PublicKey
from keys.errors import KeysError, KeyStoreError, TokenMissingError, TokenSuiteError
from keys.references import KeyPlaces
from keys.suites import SUITES

ROOT_NAME: Final = "Licence Hub Seal Root"
MAKER_NAME: Final = "Licence Hub Seal Maker"
ROOT_YEARS: Final = 20
_SERIAL_BITS: Final = 127


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a seal's new key comes from, and who certifies it.

    `public_key` is that of an owner who keeps his key himself. `chain` (PEM: the key's certificate, its issuers, the root last) is an
    outside authority's, for the owner's key or for the one that was requested; without it our root certifies. `place` is where the hub
    makes a key of its own.
    """

    public_key: PublicKey | None = None
    chain: bytes | None = field(default=None, repr=False)
    place: KeyPlace = KeyPlace.STORE


OWN: Final = KeySource()


def years_later(instant: datetime, years: int) -> datetime:
    """Return the same moment some years on; 28 February for a leap day that the year lacks."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, day=28)


class Certifying:
    """Makes keys and certificates."""

    def __init__(
        self, keys: KeyPlaces, outside_roots: tuple[Certificate, ...], revocation_list: Callable[[str], str]
    ) -> None:
        """Believe outside authorities under these roots; `revocation_list` is the address of a suite's list."""
        self._keys = keys
        self._outside_roots = outside_roots
        self._revocation_list = revocation_list

    def make_maker(self, session: Session, suite: str, now: datetime, place: KeyPlace) -> model.SealMaker:
        """Make the root of a suite and the maker under it, both with keys in one place; raises as `_new_key`."""
        first = now.replace(microsecond=0)
        last = years_later(first, ROOT_YEARS)
        root_uri, maker_uri = (self._new_key("makers", f"{name}-{suite}", suite, place) for name in ("root", "maker"))
        root_key, public = self._keys.private(root_uri), self._keys.private(maker_uri).public
        root = make_root(f"{ROOT_NAME} {suite}", root_key, _serial(), first, last)
        maker = issue(
            MAKER, Subject(f"{MAKER_NAME} {suite}"), public, root, root_key, _serial(), first, last,
            revocation_list=self._revocation_list(suite),
        )  # fmt: skip
        row = model.SealMaker(
            suite=suite, certificate=root.der, key_uri=root_uri, maker_certificate=maker.der, maker_key_uri=maker_uri,
            made_at=to_micros(now),
        )  # fmt: skip
        session.add(row)
        return row

    def request(self, row: model.SealApplication, place: KeyPlace) -> bytes:
        """Make the key of a seal that an outside authority will certify, and return the request for it (PKCS#10, PEM).

        Raises:
            SealCustodyError: its owner keeps the key, and asks himself.
            SealKeyPlaceError, KeyStoreError: the key cannot be made there.
        """
        if row.custody != Custody.HUB:
            raise SealCustodyError("The owner keeps this seal's key; he asks for its certificate himself.")
        row.requested_key = self._new_key("seals", row.es_id or row.id, row.suite, place)
        return self.requested(row)

    def requested(self, row: model.SealApplication) -> bytes:
        """Return the request for the certificate of the key that waits for one, signed anew; raises SealCertificateError, KeyStoreError."""
        if row.requested_key is None:
            raise SealCertificateError("No certificate was requested for this seal, or it came back and is used.")
        return certificate_request.make(_subject(row), self._keys.private(row.requested_key))

    def certify(
        self, maker: model.SealMaker, seal: model.Seal, row: model.SealApplication, source: KeySource, now: datetime
    ) -> model.SignerCertificate:
        """Return a certificate of a seal's new key, not later than the end of the seal's validity if our root issues it.

        Raises:
            SealCustodyError: a key was given and the hub keeps it, or the other way round.
            SealCertificateError: the outside authority's certificate does not fit.
            SealKeyPlaceError, KeyStoreError: the key cannot be made there.
        """
        _check_custody(row, source)
        if source.chain is not None:
            return self._from_outside(seal, row, source.chain, now)
        uri, public_key = "", source.public_key
        if public_key is None:
            uri = self._new_key("seals", seal.es_id, seal.suite, source.place)
            public_key = self._keys.private(uri).public
        _check_suite(public_key, seal)
        certificate = issue(
            SIGNER, _subject(seal), public_key, Certificate.load(maker.certificate), self._keys.private(maker.key_uri),
            _serial(), now.replace(microsecond=0), from_micros(seal.valid_until),
            revocation_list=self._revocation_list(seal.suite),
        )  # fmt: skip
        return _row(certificate, seal, uri, None, now)

    def _from_outside(
        self, seal: model.Seal, row: model.SealApplication, chain: bytes, now: datetime
    ) -> model.SignerCertificate:
        """Take a certificate that an outside authority issued, if it is for this seal's key and name, under a root we believe."""
        uri = row.requested_key or ""
        try:
            public_key = self._keys.private(uri).public if uri else Certificate.load_pem_bundle(chain)[0].public_key
            _check_suite(public_key, seal)
            issued = certificate_chain.read(chain, public_key, _subject(seal), now)
        except KeyStoreError:
            raise
        except KeysError as error:
            raise SealCertificateError(f"The certificate does not fit: {error}.") from error
        if issued.root not in self._outside_roots:
            raise SealCertificateError(
                "The certificate's root is none of those in the file that HUB_OUTSIDE_ROOTS names."
            )
        row.requested_key = None
        issuers = b"".join(each.to_pem() for each in (*issued.intermediates, issued.root))
        return _row(issued.signer, seal, uri, issuers, now)

    def _new_key(self, folder: str, name: str, suite: str, place: KeyPlace) -> str:
        """Make a key; raises SealKeyPlaceError, KeyStoreError, SuiteUnavailableError."""
        try:
            return self._keys.make_private(f"{folder}/{name}-{uuid.uuid4().hex}", SUITES[suite], place.value)
        except (TokenMissingError, TokenSuiteError) as error:
            raise SealKeyPlaceError(f"No key of {suite} can be made there: {error}.") from error


def _check_custody(row: model.SealApplication, source: KeySource) -> None:
    given = (source.public_key is not None) + (source.chain is not None)
    if row.custody == Custody.OWNER and given != 1:
        raise SealCustodyError("The owner keeps this seal's key: give his public key, or the chain of its certificate.")
    if row.custody == Custody.HUB and source.public_key is not None:
        raise SealCustodyError("The hub keeps this seal's key; no public key is given.")
    if row.custody == Custody.HUB and source.chain is not None and row.requested_key is None:
        raise SealCertificateError(
            "No certificate was requested for this seal; `licence-hub seal request` comes first."
        )


def _check_suite(public_key: PublicKey, seal: model.Seal) -> None:
    if public_key.suite.name != seal.suite:
        raise InputInvalidError(f"The owner's key is not one of the seal's suite, {seal.suite}.")


def _subject(row: model.Seal | model.SealApplication) -> Subject:
    return Subject(row.name, row.owner_name, row.owner)


def _row(
    certificate: Certificate, seal: model.Seal, uri: str, issuers: bytes | None, now: datetime
) -> model.SignerCertificate:
    return model.SignerCertificate(
        kid=certificate.thumbprint, es_id=seal.es_id, certificate=certificate.der, key_uri=uri, issuers=issuers,
        made_at=to_micros(now),
    )  # fmt: skip


def _serial() -> int:
    return secrets.randbits(_SERIAL_BITS) + 1
