"""The pictures of codes: as small as was promised, and read by somebody else's decoder."""

import io

import pytest
import segno
import zxingcpp
from PIL import Image
from segno import DataOverflowError

from hub.counters import qr_code
from keys import base32, qr_text
from keys.qr_token import MOST_BYTES

LARGEST = bytes(range(256))[-MOST_BYTES:]
LONG_HOST = f"https://{'licences.' * 8}hub.example.gov.cn:8443"


def read(code: qr_code.QrCode) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(code.png())))]


@pytest.mark.parametrize("address", ["https://hub.example.gov.cn", "http://127.0.0.1:8000", LONG_HOST])
def test_the_largest_token_behind_a_long_address_stays_readable_in_print(address: str) -> None:
    code = qr_code.of_token(address, LARGEST)
    assert code.version <= 13
    assert code.text == f"{address.upper()}/V/#{base32.encode(LARGEST)}"
    assert read(code) == [code.text]


def test_a_path_keeps_its_letters_and_is_read_again() -> None:
    code = qr_code.of_token("https://gov.example/licence-hub", LARGEST)
    assert code.text.startswith("HTTPS://GOV.EXAMPLE/licence-hub/V/#")
    assert (code.version <= 13, read(code)) == (True, [code.text])
    assert qr_text.read(code.text).token == LARGEST


def test_an_address_that_leaves_no_room_is_left_out() -> None:
    code = qr_code.of_token(f"https://{'very-long-name.' * 8}example.gov.cn", LARGEST)
    assert code.text == base32.encode(LARGEST)
    assert (code.version <= 13, read(code)) == (True, [code.text])


def test_segments_are_what_keeps_it_small() -> None:
    text = qr_code.of_token(LONG_HOST, LARGEST).text
    assert int(segno.make_qr(text, error="M", boost_error=False).version) > 13


def test_what_is_no_code_of_ours_is_refused() -> None:
    with pytest.raises(DataOverflowError):
        qr_code.of_text("A" * 500)


def test_the_picture_for_pages_has_no_script_and_its_quiet_zone() -> None:
    code = qr_code.of_token("https://hub.example", b"\x01" * 100)
    side = 17 + 4 * code.version + 8
    assert code.svg.startswith("<svg")
    assert f'viewBox="0 0 {side} {side}"' in code.svg
    assert "script" not in code.svg
