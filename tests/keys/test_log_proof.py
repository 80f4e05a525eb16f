"""Proofs of the log as text, against the form of their specification (C2SP tlog-proof), and one bad text for each way to be wrong."""

import base64

import pytest

from keys import log_proof
from keys.errors import FormatError, VerificationError
from keys.log_proof import LogProof
from tests.keys.evidence_packages import ORIGIN, log_of

ENTRIES = [bytes([place]) * 32 for place in range(7)]
PROOFS = log_of(ENTRIES)
TEXT = PROOFS[3].to_text()


def test_every_proof_is_read_as_it_was_written_and_checks() -> None:
    for place, proof in enumerate(PROOFS):
        read = log_proof.read(proof.to_text().encode())
        assert read == proof
        assert read.check(ENTRIES[place]).size == len(ENTRIES)


def test_it_is_written_as_the_specification_says() -> None:
    lines = TEXT.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 3"]
    gap = lines.index("")
    assert [base64.b64decode(line) for line in lines[2:gap]] == list(PROOFS[3].hashes)
    assert lines[gap + 1 : gap + 3] == [ORIGIN, "7"]
    assert TEXT.endswith(PROOFS[3].note)


def test_the_only_leaf_of_a_log_needs_no_hash() -> None:
    (one,) = log_of(ENTRIES[:1])
    assert log_proof.read(one.to_text().encode()).check(ENTRIES[0]).size == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("proof@v1", "proof@v2"), ("index 3\n", ""), ("index 3", "index 03"), ("index 3", "index -3"), ("index 3", "index "),
        ("index 3", "index ٣"), ("index 3", "index 99999999999999999999"), ("index 3", "extra eA==\nindex 3"),
        ("index 3\n", "index 3\n\n"), ("index 3\n", "index 3\neA==\n"), ("index 3\n", "index 3\n@@@\n"),
        ("=\n", "\n"), ("\n\n", "\n"), ("index 3\n", "index 3\r\n"), ("index 3", f"index {'9' * 5000}"),
        ("\n7\n", f"\n{'9' * 5000}\n"),
    ],
)  # fmt: skip
def test_a_text_in_another_form_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(FormatError):
        log_proof.read(TEXT.replace(old, new, 1).encode()).tree()


@pytest.mark.parametrize("data", [b"", b"\xff", b"x" * (log_proof.LARGEST + 1), TEXT.encode()[:40]])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        log_proof.read(data)


def test_more_hashes_than_any_log_has_are_refused() -> None:
    many = LogProof(3, (bytes(32),) * 64, PROOFS[3].note)
    with pytest.raises(FormatError):
        log_proof.read(many.to_text().encode())


def test_another_leaf_is_not_at_that_place() -> None:
    with pytest.raises(VerificationError):
        PROOFS[3].check(ENTRIES[2])
