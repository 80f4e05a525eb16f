"""The key store: nothing in the clear, nothing overwritten, damage found and named, and a kill leaves it readable."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys import pkcs8
from keys.errors import (
    KeyExistsError,
    KeyMissingError,
    KeyStoreDamagedError,
    KeyStoreError,
    KeyStoreExposedError,
    KeyStoreFullError,
    KeyStoreMissingError,
    WrongPassphraseError,
)
from keys.references import Reference
from keys.store import KeyStore
from keys.store_lid import STRONG, Cost
from keys.suites import PrivateKey
from tests.full_disk import SmallDisk, small_disk

QUICK = Cost(iterations=1, lanes=1, memory_kib=8)
PASSPHRASE = b"made-up passphrase"
SECRET = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def store(folder: Path) -> KeyStore:
    return KeyStore.create(folder, PASSPHRASE, cost=QUICK)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_keys_come_back_after_a_restart(store: KeyStore, folder: Path, key: PrivateKey) -> None:
    assert store.add_private("seals/99010000000001", key) == "store:seals/99010000000001"
    assert store.add_secret("vault/wrapping-1", SECRET) == "store:vault/wrapping-1"
    again = KeyStore.open(folder, PASSPHRASE)
    assert again.names() == ("seals/99010000000001", "vault/wrapping-1")
    assert again.names("vault/") == ("vault/wrapping-1",)
    assert again.secret("store:vault/wrapping-1") == SECRET
    found = again.private("store:seals/99010000000001")
    key.public.verify(found.sign(b"message"), b"message")
    assert again.private("store:seals/99010000000001") is found


@pytest.mark.usefixtures("strong_stretching")
def test_the_default_cost_is_that_of_rfc_9106(folder: Path) -> None:
    KeyStore.create(folder, PASSPHRASE)
    assert Cost(3, 4, 65536) == STRONG
    written = json.loads((folder / "store.json").read_text("ascii"))["derivation"]
    assert {name: written[name] for name in ("name", "iterations", "lanes", "memory_kib")} == {
        "name": "argon2id", "iterations": 3, "lanes": 4, "memory_kib": 65536,
    }  # fmt: skip
    KeyStore.open(folder, PASSPHRASE)


def test_only_the_owner_may_read(store: KeyStore, folder: Path, key: PrivateKey) -> None:
    store.add_private("seals/a", key)
    assert {stat.S_IMODE(path.stat().st_mode) for path in _files(folder)} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "seals")} == {0o700}


@pytest.mark.parametrize("name", ["", "store.json"])
def test_a_store_open_to_others_is_not_opened(store: KeyStore, folder: Path, name: str) -> None:
    assert store.names() == ()
    (folder / name).chmod(0o744)
    with pytest.raises(KeyStoreExposedError, match="chmod"):
        KeyStore.open(folder, PASSPHRASE)


def test_no_key_lies_in_the_clear(store: KeyStore, folder: Path, key: PrivateKey) -> None:
    store.add_private("seals/a", key)
    store.add_secret("vault/a", SECRET)
    content = b"".join(path.read_bytes() for path in _files(folder))
    der = pkcs8.disarm(key.to_pkcs8(None), None)
    pieces = [SECRET, PASSPHRASE, b"PRIVATE KEY", *(der[start : start + 16] for start in range(len(der) - 16))]
    assert [piece for piece in pieces if piece in content or piece.hex().encode() in content] == []


@pytest.mark.parametrize("wrong", [b"", b"made-up passphrase ", b"MADE-UP PASSPHRASE"])
def test_a_wrong_passphrase_opens_nothing(store: KeyStore, folder: Path, wrong: bytes) -> None:
    assert store.names() == ()
    with pytest.raises(WrongPassphraseError):
        KeyStore.open(folder, wrong)


def test_an_empty_passphrase_is_none(folder: Path) -> None:
    with pytest.raises(WrongPassphraseError):
        KeyStore.create(folder, b"", cost=QUICK)
    assert not folder.exists()


def test_a_passphrase_can_change(store: KeyStore, folder: Path) -> None:
    store.add_secret("a", SECRET)
    with pytest.raises(WrongPassphraseError):
        store.change_passphrase(b"not the old one", b"the new one")
    store.change_passphrase(PASSPHRASE, b"the new one")
    with pytest.raises(WrongPassphraseError):
        KeyStore.open(folder, PASSPHRASE)
    assert KeyStore.open(folder, b"the new one").secret("store:a") == SECRET


def test_a_key_is_never_overwritten(store: KeyStore, folder: Path, key: PrivateKey) -> None:
    store.add_secret("a", SECRET)
    before = (folder / "a.key").read_bytes()
    with pytest.raises(KeyExistsError):
        store.add_private("a", key)
    assert (folder / "a.key").read_bytes() == before
    with pytest.raises(KeyExistsError):
        KeyStore.create(folder, PASSPHRASE, cost=QUICK)


def test_a_removed_key_is_gone(store: KeyStore, folder: Path, key: PrivateKey) -> None:
    uri = store.add_private("a", key)
    store.remove(uri)
    for one in (store, KeyStore.open(folder, PASSPHRASE)):
        with pytest.raises(KeyMissingError):
            one.private(uri)
    with pytest.raises(KeyMissingError):
        store.remove(uri)


def test_a_key_is_asked_for_as_what_it_is(store: KeyStore, folder: Path, key: PrivateKey) -> None:
    store.add_private("private", key)
    store.add_secret("secret", SECRET)
    again = KeyStore.open(folder, PASSPHRASE)
    with pytest.raises(KeyMissingError):
        again.secret("store:private")
    with pytest.raises(KeyMissingError):
        again.private("store:secret")


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/../b", "/etc/passwd", "a//b", "a/", "-a", ".a", "印", "a b", "a\n", "a\x00", "a" * 200],
)
def test_a_name_never_leaves_the_store(store: KeyStore, folder: Path, name: str) -> None:
    for attempt in (lambda: store.add_secret(name, SECRET), lambda: store.secret(f"store:{name}")):
        with pytest.raises(KeyMissingError):
            attempt()
    assert [path.name for path in _files(folder.parent)] == ["store.json"]


@pytest.mark.parametrize("uri", ["", "a", "store", "file:a", "pkcs11:a", "STORE:a", "store:"])
def test_an_unknown_reference_names_no_key(store: KeyStore, uri: str) -> None:
    with pytest.raises(KeyMissingError):
        store.private(uri)


def test_a_reference_reads_back() -> None:
    assert Reference.parse("store:seals/a").uri == "store:seals/a"


@pytest.mark.parametrize("file", ["store.json", "seals/a.key"])
def test_every_flipped_bit_is_found_and_named(store: KeyStore, folder: Path, file: str) -> None:
    uri = store.add_secret("seals/a", SECRET)
    path = folder / file
    content = path.read_bytes()
    for bit in range(0, len(content) * 8, 5):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(changed))
        with pytest.raises(KeyStoreDamagedError) as refused:
            KeyStore.open(folder, PASSPHRASE).secret(uri)
        assert str(path) in str(refused.value)


@pytest.mark.parametrize("file", ["store.json", "seals/a.key"])
def test_every_truncation_is_found_and_says_what_to_do(store: KeyStore, folder: Path, file: str) -> None:
    uri = store.add_secret("seals/a", SECRET)
    path = folder / file
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(KeyStoreDamagedError, match="restore it from a backup") as refused:
            KeyStore.open(folder, PASSPHRASE).secret(uri)
        assert str(path) in str(refused.value)


def test_a_key_moved_to_another_name_does_not_open(store: KeyStore, folder: Path) -> None:
    store.add_secret("a", SECRET)
    (folder / "a.key").rename(folder / "b.key")
    with pytest.raises(KeyStoreDamagedError, match="moved"):
        store.secret("store:b")


def test_a_key_of_another_store_does_not_open(store: KeyStore, folder: Path, tmp_path: Path) -> None:
    store.add_secret("a", SECRET)
    other = KeyStore.create(tmp_path / "other", PASSPHRASE, cost=QUICK)
    (tmp_path / "other" / "a.key").write_bytes((folder / "a.key").read_bytes())
    with pytest.raises(KeyStoreError):
        other.secret("store:a")


def test_where_there_is_no_store_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreMissingError, match="create one"):
        KeyStore.open(tmp_path / "nothing", PASSPHRASE)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_lost_its_lid_is_missing_and_no_other_is_made_over_it(store: KeyStore, folder: Path) -> None:
    store.add_secret("a", SECRET)
    (folder / "store.json").unlink()
    assert KeyStore.is_in(folder)
    with pytest.raises(KeyStoreMissingError):
        KeyStore.open(folder, PASSPHRASE)
    with pytest.raises(KeyExistsError):
        KeyStore.create(folder, PASSPHRASE, cost=QUICK)


def test_every_way_in_which_a_store_does_not_open_has_a_code_of_its_own() -> None:
    ways = (
        WrongPassphraseError, KeyStoreMissingError, KeyStoreDamagedError, KeyStoreExposedError, KeyStoreFullError,
        KeyStoreError,
    )  # fmt: skip
    assert len({each.code for each in ways}) == len(ways)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(2) as mounted:
        yield mounted


def test_a_full_disk_leaves_the_store_as_it_was(disk: SmallDisk, key: PrivateKey) -> None:
    folder = disk.path / "keys"
    store = KeyStore.create(folder, PASSPHRASE, cost=QUICK)
    store.add_private("seals/old", key)
    before = {path: path.read_bytes() for path in _files(folder)}
    disk.leave(0)
    for write in (
        lambda: store.add_private("seals/new", key),
        lambda: store.add_secret("vault/new", SECRET),
        lambda: store.change_passphrase(PASSPHRASE, b"the new one"),
    ):
        with pytest.raises(KeyStoreFullError, match="make room"):
            write()
    assert {path: path.read_bytes() for path in _files(folder)} == before
    disk.clear()
    store.add_private("seals/new", key)
    assert KeyStore.open(folder, PASSPHRASE).names() == ("seals/new", "seals/old")


def test_a_store_that_finds_no_room_is_no_store_and_can_be_made_later(disk: SmallDisk) -> None:
    folder = disk.path / "keys"
    disk.leave(0)
    with pytest.raises(KeyStoreFullError):
        KeyStore.create(folder, PASSPHRASE, cost=QUICK)
    assert not KeyStore.is_in(folder)
    disk.clear()
    KeyStore.create(folder, PASSPHRASE, cost=QUICK)
    KeyStore.open(folder, PASSPHRASE)


@pytest.mark.parametrize("cost", [{"iterations": 10**9}, {"memory_kib": 10**9}, {"lanes": 0}, {"name": "none"}])
def test_a_foreign_cost_is_not_paid(store: KeyStore, folder: Path, cost: dict[str, object]) -> None:
    assert store.names() == ()
    lid = json.loads((folder / "store.json").read_text("ascii"))
    lid["derivation"] |= cost
    (folder / "store.json").write_text(json.dumps(lid), "ascii")
    with pytest.raises(KeyStoreDamagedError, match="damaged"):
        KeyStore.open(folder, PASSPHRASE)


class Killed(BaseException):
    """Stands for a kill: nothing after it runs, not even what would tidy up after an error."""


@pytest.mark.parametrize("step", range(12))
def test_a_kill_at_any_step_leaves_a_readable_store(
    store: KeyStore, folder: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_secret("seals/old", SECRET)
    left = [step]

    def counted(name: str, module: object) -> None:
        original = getattr(module, name)

        def dying(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return original(*arguments, **named)

        monkeypatch.setattr(module, name, dying)

    for name, module in (("fsync", os), ("open", os), ("fdopen", os), ("replace", Path)):
        counted(name, module)
    new = b"the new one"
    try:
        store.add_secret("seals/new", SECRET)
        store.change_passphrase(PASSPHRASE, new)
    except Killed:
        pass
    monkeypatch.undo()
    try:
        again = KeyStore.open(folder, PASSPHRASE)
    except WrongPassphraseError:
        again = KeyStore.open(folder, new)
    assert {again.secret(f"store:{name}") for name in again.names()} == {SECRET}
    assert "seals/old" in again.names()
    if "seals/new" not in again.names():
        again.add_secret("seals/new", SECRET)


WRITER = """
import sys
from collections.abc import Iterator
from pathlib import Path
from keys.store import KeyStore
store = KeyStore.open(Path(sys.argv[1]), b"made-up passphrase")
for number in range(100_000):
    store.add_secret(f"many/{sys.argv[2]}-{number}", bytes(32))
    store.change_passphrase(b"made-up passphrase", b"made-up passphrase")
    print(number, flush=True)
"""


def test_killed_writers_leave_a_readable_store(store: KeyStore, folder: Path) -> None:
    for turn in range(3):
        command = [sys.executable, "-c", WRITER, str(folder), str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
            assert writer.stdout is not None
            for _ in range(3 + turn):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        again = KeyStore.open(folder, PASSPHRASE)
        mine = again.names(f"many/{turn}-")
        assert len(mine) >= 3 + turn
        assert {again.secret(f"store:{name}") for name in mine} == {bytes(32)}
    assert store.add_secret("after", SECRET) == "store:after"
