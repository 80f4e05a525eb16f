"""The one form of a package's ZIP file: other programs read it, and nothing else is read as one."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import FormatError
from keys.evidence_zip import LONGEST_NAME, MOST_FILES, pack, unpack

FILES = {"manifest.json": b"{}", "answers/1/record.json": b"record", "a.b-c_d": b"", "a/b": b"x" * 1000}
NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,9}(/[a-z0-9][a-z0-9._-]{0,9}){0,3}", fullmatch=True)


def test_the_same_files_are_the_same_bytes_in_whatever_order() -> None:
    assert pack(FILES) == pack(dict(reversed(FILES.items())))
    assert unpack(pack(FILES)) == FILES


def test_other_programs_read_it() -> None:
    with zipfile.ZipFile(BytesIO(pack(FILES))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(FILES)
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


@given(st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=6))
def test_what_is_packed_is_unpacked(files: dict[str, bytes]) -> None:
    try:
        packed = pack(files)
    except FormatError:  # a file that is a folder, too
        assert any(f"{one}/" in other for one in files for other in files)
        return
    assert unpack(packed) == files


@pytest.mark.parametrize(
    "name",
    [
        "", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".a", "a/.b", "A", "a b", "a\\b", "a:b", "é", "a\0",
        "a/b/c/d/e", "a" * (LONGEST_NAME + 1), "-a", "a\n",
    ],
)  # fmt: skip
def test_a_name_that_no_package_has_is_neither_written_nor_read(name: str) -> None:
    with pytest.raises(FormatError):
        pack({name: b""})
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name or "empty"), b"")
    with pytest.raises(FormatError):
        unpack(out.getvalue())


def test_a_file_is_no_folder() -> None:
    with pytest.raises(FormatError, match="folder"):
        pack({"a": b"", "a/b": b""})


def test_there_are_bounds_on_how_many_and_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatError):
        pack({})
    with pytest.raises(FormatError):
        pack({f"f{number}": b"" for number in range(MOST_FILES + 1)})
    package = pack(FILES)
    monkeypatch.setattr("keys.evidence_zip.LARGEST", len(package))
    assert unpack(package) == FILES
    monkeypatch.setattr("keys.evidence_zip.LARGEST", len(package) - 1)
    for refused in (lambda: unpack(package), lambda: pack(FILES)):
        with pytest.raises(FormatError):
            refused()


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_what_is_cut_off_is_refused(cut: int) -> None:
    package = pack(FILES)
    with pytest.raises(FormatError):
        unpack(package[: len(package) - 1 - cut])


@given(st.binary(max_size=300))
def test_other_bytes_are_refused(data: bytes) -> None:
    for spoilt in (data, b"PK\x03\x04" + data, pack(FILES)[:60] + data):
        with pytest.raises(FormatError):
            unpack(spoilt)
