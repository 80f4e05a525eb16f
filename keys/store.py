"""The key store: a folder of files in which private and symmetric keys lie encrypted only.

    store.json                 how the passphrase is stretched, and the wrapped store key
    seals/32010600000001.key   one key: {"kind", "sealed"}; AES-256-GCM bound to its name and kind

Decides that no key is overwritten, exported or left in the clear at rest. A kill at any moment leaves a readable store
(`keys.durable_files`). Several processes may use one store; writers take turns.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from keys import base64url, durable_files, envelope, store_lid, strict_json
from keys.contracts import PrivateKey, Suite
from keys.errors import (
    DecryptionError,
    FormatError,
    KeyExistsError,
    KeyMissingError,
    KeyStoreDamagedError,
    KeyStoreError,
    KeyStoreExposedError,
    KeyStoreFullError,
    KeyStoreMissingError,
    TokenMissingError,
    WrongPassphraseError,
)
from keys.references import STORE, Reference
from keys.suites import load_private

_LID: Final = "store.json"
_SUFFIX: Final = ".key"
_PRIVATE, _SECRET = "private", "secret"
_RESTORE: Final = "restore it from a backup of the key store"


@dataclass(frozen=True, slots=True)
class Lent:
    """An open key store as another process of the same hub takes it over: whoever has this has every key.

    It may go through a pipe between the two, and nowhere else.
    """

    path: Path
    store_key: bytes = field(repr=False)
    cost: store_lid.Cost


class KeyStore:
    """An open key store; made by `create`, `open` or `borrowed`, never directly."""

    def __init__(self, path: Path, store_key: bytes, cost: store_lid.Cost, random: Callable[[int], bytes]) -> None:
        self._path, self._store_key, self._cost, self._random = path, store_key, cost, random
        self._opened: dict[str, PrivateKey] = {}

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: bytes,
        *,
        cost: store_lid.Cost = store_lid.STRONG,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> "KeyStore":
        """Make an empty store in a new or empty folder; raises KeyExistsError, WrongPassphraseError if empty."""
        store_key = store_lid.new_store_key(random)
        lid = store_lid.close_lid(store_key, passphrase, cost, random)
        try:
            durable_files.make_folder(path)
            path.chmod(0o700)
            with durable_files.locked(path):
                if cls.is_in(path):
                    raise KeyExistsError(f"{path} is not empty: a key store is made in a folder of its own")
                durable_files.write(path / _LID, lid)
        except OSError as error:
            raise _unwritten(path, error) from error
        return cls(path, store_key, cost, random)

    @staticmethod
    def is_in(path: Path) -> bool:
        """Whether a folder holds a store, or what is left of one; a new or empty folder does not. Raises KeyStoreError."""
        try:
            return path.is_dir() and any(not durable_files.is_unfinished(one) for one in path.iterdir())
        except OSError as error:
            raise KeyStoreError(f"{path} cannot be read: {error.strerror}") from error

    @classmethod
    def open(cls, path: Path, passphrase: bytes, *, random: Callable[[int], bytes] = secrets.token_bytes) -> "KeyStore":
        """Open a store; raises KeyStoreError: KeyStoreMissingError, KeyStoreExposedError, WrongPassphraseError, KeyStoreDamagedError."""
        lid = path / _LID
        content = _read(lid, KeyStoreMissingError(f"there is no key store in {path}: create one"))
        if not durable_files.is_private(path) or not durable_files.is_private(lid):
            raise KeyStoreExposedError(f"{path} is open to others: chmod 700 the folder and 600 the files in it")
        return cls(path, *_opened_lid(lid, content, passphrase), random)

    def lent(self) -> Lent:
        """What opens this store in a process that this one starts, without the passphrase."""
        return Lent(self._path, self._store_key, self._cost)

    @classmethod
    def borrowed(cls, lent: Lent, *, random: Callable[[int], bytes] = secrets.token_bytes) -> "KeyStore":
        """The store that another process has opened."""
        return cls(lent.path, lent.store_key, lent.cost, random)

    def add_private(self, name: str, key: PrivateKey) -> str:
        """Keep a private key and return its reference; raises KeyExistsError."""
        uri = self._add(name, _PRIVATE, key.to_pkcs8(None))
        self._opened[uri] = key
        return uri

    def make_private(self, name: str, suite: Suite, place: str = STORE) -> str:
        """Make a key pair, keep it and return its reference; raises KeyExistsError, TokenMissingError, SuiteUnavailableError."""
        if place != STORE:
            raise TokenMissingError("there is no other place for keys here than the key store")
        return self.add_private(name, suite.generate())

    def private(self, uri: str) -> PrivateKey:
        """The private key of a reference, kept open for the next time; raises KeyMissingError, KeyStoreError."""
        found = self._opened.get(uri)
        if found is None:
            found = self._opened[uri] = load_private(self._load(uri, _PRIVATE), None)
        return found

    def add_secret(self, name: str, secret: bytes) -> str:
        """Keep a symmetric key and return its reference; raises KeyExistsError."""
        return self._add(name, _SECRET, secret)

    def secret(self, uri: str) -> bytes:
        """The symmetric key of a reference; raises KeyMissingError, KeyStoreError."""
        return self._load(uri, _SECRET)

    def names(self, prefix: str = "") -> tuple[str, ...]:
        """Names of all keys that begin with the prefix, sorted."""
        files = (
            one for one in self._path.rglob("*" + _SUFFIX) if one.is_file() and not durable_files.is_unfinished(one)
        )
        names = (one.relative_to(self._path).as_posix().removesuffix(_SUFFIX) for one in files)
        return tuple(sorted(name for name in names if name.startswith(prefix)))

    def remove(self, uri: str) -> None:
        """Forget a key for ever; raises KeyMissingError."""
        file = self._file(_here(uri))
        try:
            with durable_files.locked(self._path):
                durable_files.remove(file)
        except FileNotFoundError as error:
            raise KeyMissingError(f"{file} does not exist") from error
        except OSError as error:
            raise KeyStoreError(f"{file} cannot be removed: {error.strerror}") from error
        self._opened.pop(uri, None)

    def change_passphrase(self, old: bytes, new: bytes) -> None:
        """Put the store under a new passphrase, at once or not at all; backups keep the old one."""
        lid = self._path / _LID
        try:
            with durable_files.locked(self._path):
                _opened_lid(lid, _read(lid, KeyStoreMissingError(f"{lid} is missing: {_RESTORE}")), old)
                durable_files.write(lid, store_lid.close_lid(self._store_key, new, self._cost, self._random))
        except OSError as error:
            raise _unwritten(lid, error) from error

    def _add(self, name: str, kind: str, content: bytes) -> str:
        reference = Reference.parse(f"{STORE}:{name}")
        file = self._file(reference)
        sealed = envelope.seal(self._store_key, content, _place(reference, kind), self._random)
        data = strict_json.dumps({"kind": kind, "sealed": base64url.encode(sealed)})
        try:
            if not (self._path / _LID).is_file():  # else the key would lie where its disk is hung in again later
                raise KeyStoreMissingError(f"there is no key store in {self._path} any more: is its disk there?")
            durable_files.make_folder(file.parent)
            with durable_files.locked(self._path):
                if file.exists():
                    raise KeyExistsError(f"{file} exists: a key is never overwritten, choose another name")
                durable_files.write(file, data)
        except OSError as error:
            raise _unwritten(file, error) from error
        return reference.uri

    def _load(self, uri: str, kind: str) -> bytes:
        reference = _here(uri)
        file = self._file(reference)
        try:
            found, sealed = _kind_and_content(_read(file, KeyMissingError(f"{file} does not exist")))
            if found != kind:
                raise KeyMissingError(f"{file} is not a {kind} key: ask for it as what it is")
            return envelope.open_sealed(self._store_key, sealed, _place(reference, kind))
        except (FormatError, DecryptionError) as error:
            raise KeyStoreDamagedError(f"{file} is damaged or was moved: {_RESTORE}") from error

    def _file(self, reference: Reference) -> Path:
        return self._path / (reference.name + _SUFFIX)


def _here(uri: str) -> Reference:
    reference = Reference.parse(uri)
    if reference.scheme != STORE:
        raise KeyMissingError("this key is not in the key store: its reference names another place")
    return reference


def _kind_and_content(data: bytes) -> tuple[str, bytes]:
    content = strict_json.loads_object(data)
    kind, sealed = content.get("kind"), content.get("sealed")
    if content.keys() != {"kind", "sealed"} or kind not in (_PRIVATE, _SECRET) or not isinstance(sealed, str):
        raise FormatError("not the file of a key")
    return kind, base64url.decode(sealed)


def _unwritten(path: Path, error: OSError) -> KeyStoreError:
    if error.errno in durable_files.NO_ROOM:
        return KeyStoreFullError(f"there is no room left on the disk of {path}: make room, then do the same again")
    return KeyStoreError(f"{path} cannot be written: {error.strerror}")


def _read(file: Path, missing: KeyMissingError) -> bytes:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing from error
    except OSError as error:
        raise KeyStoreError(f"{file} cannot be read: {error.strerror}") from error


def _opened_lid(lid: Path, content: bytes, passphrase: bytes) -> tuple[bytes, store_lid.Cost]:
    try:
        return store_lid.open_lid(content, passphrase)
    except FormatError as error:
        raise KeyStoreDamagedError(f"{lid} is damaged: {_RESTORE}") from error
    except WrongPassphraseError as error:
        raise WrongPassphraseError(f"the passphrase does not open {lid}") from error


def _place(reference: Reference, kind: str) -> bytes:
    return f"{kind}\n{reference.name}".encode("ascii")
