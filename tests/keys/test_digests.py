"""Digests with their names: equal to openssl's, of files of any size, and never one for another."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from typing_extensions import override

from keys.digests import NAMES, Digests, digests_in, digests_of
from keys.errors import FormatError, UncheckableError

DOCUMENT = "星河市公文".encode() * 300_000  # more than one part


class _Slow(BytesIO):
    """A file that tells what was read at once."""

    most = 0

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.most = max(self.most, len(found))
        return found


def test_a_file_has_the_digests_that_openssl_finds(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DOCUMENT)
    with (tmp_path / "file").open("rb") as file:
        found = digests_in(file)
    for name, theirs in (("sha-256", "-sha256"), ("sm3", "-sm3")):
        done = subprocess.run(["openssl", "dgst", theirs, "-r", "file"], cwd=tmp_path, capture_output=True, check=True)
        assert found.by(name).hex() == done.stdout.split()[0].decode()
    assert found == digests_of(DOCUMENT)


def test_a_file_is_read_in_parts() -> None:
    file = _Slow(DOCUMENT)
    assert digests_in(file, ["sm3"]) == Digests({"sm3": digests_of(DOCUMENT).by("sm3")})
    assert 0 < file.most <= 1 << 20


@pytest.mark.parametrize("name", NAMES)
def test_a_digest_is_taken_under_its_own_name_only(name: str) -> None:
    (other,) = {*NAMES} - {name}
    one = Digests({name: digests_of(DOCUMENT).by(name)})
    with pytest.raises(UncheckableError):
        one.by(other)
    assert not one.is_of_nothing
    assert Digests({name: digests_of(b"").by(name)}).is_of_nothing


@pytest.mark.parametrize("values", [{"md5": bytes(16)}, {"sm3": bytes(31)}, {"sha-256": bytes(64)}, {"SM3": bytes(32)}])
def test_what_is_no_digest_is_refused(values: dict[str, bytes]) -> None:
    with pytest.raises(FormatError):
        Digests(values)
