"""Signed notes against the format's published example, checkpoints and cosignatures; one bad note per attack."""

import base64
from collections.abc import Callable

import pytest

from keys import checkpoint, signed_note
from keys.checkpoint import Checkpoint
from keys.elliptic import ED25519
from keys.errors import FormatError, KeysError, VerificationError
from keys.signed_note import COSIGNATURE, Signature, Verifier

# The example in the documentation of the format's first implementation (golang.org/x/mod/sumdb/note).
EXAMPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
EXAMPLE = (
    EXAMPLE_TEXT
    + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

ORIGIN = "hub.example.gov.cn/log"
LOG_KEY, WITNESS_KEY = ED25519.generate(), ED25519.generate()
LOG = Verifier(ORIGIN, LOG_KEY.public)
WITNESS = Verifier("witness.example.org/w1", WITNESS_KEY.public, COSIGNATURE)
TREE = Checkpoint(ORIGIN, 20_852_163, bytes(range(32)))
NOTE = checkpoint.sign(TREE, LOG_KEY)
COSIGNED = signed_note.cosign(NOTE, WITNESS.name, WITNESS_KEY, 1_780_000_000)


def test_the_published_example_is_read() -> None:
    opened = signed_note.open_note(EXAMPLE, [Verifier.from_text(EXAMPLE_KEY)])
    assert opened.text == EXAMPLE_TEXT
    assert opened.signatures == (Signature("PeterNeumann"),)
    assert Verifier.from_text(EXAMPLE_KEY).to_text() == EXAMPLE_KEY


def test_a_checkpoint_says_what_was_signed() -> None:
    read = checkpoint.read(NOTE, [LOG])
    assert (read.checkpoint, read.note) == (TREE, NOTE)
    assert NOTE.startswith(f"{ORIGIN}\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n\u2014 {ORIGIN} ")


def test_a_witness_adds_his_name_and_time_and_strangers_are_passed_over() -> None:
    read = checkpoint.read(COSIGNED, [LOG], [WITNESS])
    assert read.signatures == (Signature(ORIGIN), Signature(WITNESS.name, 1_780_000_000))
    assert checkpoint.read(COSIGNED, [LOG]).signatures == (Signature(ORIGIN),)


def test_a_witness_cannot_speak_for_the_log() -> None:
    stranger = signed_note.sign(TREE.to_text(), "somebody.else", ED25519.generate())
    with pytest.raises(VerificationError):
        checkpoint.read(signed_note.cosign(stranger, WITNESS.name, WITNESS_KEY, 1), [LOG], [WITNESS])


def test_a_signature_of_one_kind_is_none_of_the_other() -> None:
    as_log = signed_note.cosign(NOTE, ORIGIN, LOG_KEY, 1).replace(NOTE, TREE.to_text() + "\n")
    with pytest.raises(VerificationError):
        checkpoint.read(as_log, [LOG])


def test_one_flipped_bit_in_every_byte_is_refused() -> None:
    raw = COSIGNED.encode()
    for place in range(len(raw)):
        flipped = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        try:
            read = checkpoint.read(flipped.decode(), [LOG], [WITNESS])
        except (KeysError, UnicodeDecodeError):
            continue
        # A stranger's name or key hash now: the line does not count, and what is left still holds.
        assert read.checkpoint == TREE
        assert read.signatures == (Signature(ORIGIN),)


def _resigned(text: str) -> str:
    return signed_note.sign(text, ORIGIN, LOG_KEY)


@pytest.mark.parametrize("spoil", [
    lambda: "", lambda: NOTE[:-1], lambda: NOTE + "\n", lambda: NOTE.replace("\n\n", "\n"), lambda: NOTE.replace("\u2014 ", "- "),
    lambda: NOTE.replace("\n", "\r\n"), lambda: NOTE + NOTE.rpartition("\n\n")[2], lambda: NOTE + "\u2014 x AAAA\n",
    lambda: NOTE + ("\u2014 x AAAAAAAA\n" * 100), lambda: NOTE + "\u2014 x" + " A" * 40_000 + "\n",
    lambda: NOTE.replace("20852163", "20852163\x00"), lambda: _resigned(f"{ORIGIN}\n1\n"),
    lambda: _resigned(f"{ORIGIN}\n01\n{base64.b64encode(bytes(32)).decode()}\n"),
    lambda: _resigned(f"{ORIGIN}\n-1\n{base64.b64encode(bytes(32)).decode()}\n"),
    lambda: _resigned(f"{ORIGIN}\n\u0661\n{base64.b64encode(bytes(32)).decode()}\n"),
    lambda: _resigned(f"{ORIGIN}\n{1 << 63}\n{base64.b64encode(bytes(32)).decode()}\n"),
    lambda: _resigned(f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n"),
    lambda: _resigned(f"{ORIGIN}\n1\n{base64.b64encode(bytes(32)).decode()[:-2]}B=\n"), lambda: _resigned(f"{ORIGIN}\n1\n?\n"),
])  # fmt: skip
def test_what_is_no_checkpoint_is_refused(spoil: Callable[[], str]) -> None:
    with pytest.raises(FormatError):
        checkpoint.read(spoil(), [LOG])


def test_a_log_with_a_new_key_signs_under_both_and_each_is_enough() -> None:
    newer = ED25519.generate()
    note = checkpoint.sign(TREE, newer, LOG_KEY)
    rotated = Verifier(ORIGIN, newer.public)
    for known in ([LOG], [rotated], [LOG, rotated]):
        assert checkpoint.read(note, known).signatures == (Signature(ORIGIN),) * len(known)
    assert checkpoint.read(NOTE, [rotated, LOG]).checkpoint == TREE
    with pytest.raises(VerificationError):
        checkpoint.read(NOTE, [rotated])


def test_another_logs_checkpoint_is_refused() -> None:
    other = checkpoint.sign(Checkpoint("other.example.org/log", 1, bytes(32)), LOG_KEY)
    with pytest.raises(VerificationError):
        checkpoint.read(other, [LOG])
    # The same key under this log's name, over a text that names another origin.
    with pytest.raises(VerificationError):
        checkpoint.read(_resigned(Checkpoint("other.example.org/log", 1, bytes(32)).to_text()), [LOG])


@pytest.mark.parametrize("text", [
    "", "a+b", EXAMPLE_KEY.replace("c74f20a3", "c74f20a4"), EXAMPLE_KEY.replace("+AR", "+BR"), EXAMPLE_KEY[:-4], EXAMPLE_KEY + "AAAA",
    EXAMPLE_KEY.replace("PeterNeumann", "Peter Neumann"),
])  # fmt: skip
def test_a_verifier_key_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Verifier.from_text(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_signers_name_has_no_spaces_and_no_plus(name: str) -> None:
    with pytest.raises(FormatError):
        signed_note.sign("text\n", name, LOG_KEY)


@pytest.mark.parametrize("text", ["", "no line feed", "control\x07\n", "\ud800\n"])
def test_a_text_that_is_no_notes_is_not_signed(text: str) -> None:
    with pytest.raises(FormatError):
        signed_note.sign(text, ORIGIN, LOG_KEY)
