"""The signature in the file, as others judge it: pdfsig of poppler and pyHanko's own validation; and that the file stays PDF/A-2b."""

import asyncio
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from hub.renditions.service import Rendition
from hub.seals.stamping import Stamping
from keys import pades
from keys.errors import FormatError
from keys.timestamp_trust import Authorities
from tests.keys.authorities import new_authority
from tests.keys.timestamp_authorities import TimestampAuthority
from tests.renditions.sheets import MADE_AT, seal, sheet
from tests.renditions.studio import ISSUING, original, studio_of, text_of
from tests.seals.answering import service, told
from tests.seals.made import make_seal, office_of, people
from tests.sharing.conftest import _copied, furnished
from tests.sharing.world import ISSUER, NOW, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pyhanko.*")


@pytest.fixture(scope="module")
def world_made(world_on_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendition:
    """Give the original of a business licence, made once."""
    folder = tmp_path_factory.mktemp("signed")
    made: list[Rendition] = []
    with _copied(world_on_sqlite, folder, f"sqlite:///{folder / 'hub.db'}") as world:
        furnished(world)

        async def scenario() -> None:
            made.append(await original(world))

        world.run(scenario())
        (folder / "roots.pem").write_bytes(b"".join(each.to_pem() for each in world.seals.roots()))
        ROOTS.extend(x509.Certificate.load(each.der) for each in world.seals.roots())
    return made[0]


ROOTS: list[x509.Certificate] = []


def judged(pdf: bytes, roots: Any = None, at: datetime = NOW, stamps: Any = ()) -> Any:
    """Return what pyHanko's validation finds of the one signature."""
    reader = PdfFileReader(BytesIO(pdf))
    (embedded,) = reader.embedded_signatures
    believed = list(ROOTS if roots is None else roots)
    context = ValidationContext(trust_roots=believed, moment=at, best_signature_time=at, allow_fetching=False)
    stamped = ValidationContext(trust_roots=list(stamps), moment=at, allow_fetching=False) if stamps else None
    return asyncio.run(async_validate_pdf_signature(embedded, context, ts_validation_context=stamped))


def test_pyhanko_finds_it_whole_trusted_and_over_everything(world_made: Rendition) -> None:
    assert world_made.signed
    status = judged(world_made.pdf)
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.md_algorithm == "sha256"


def test_pdfsig_finds_it_valid_and_over_the_whole_file(world_made: Rendition, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("poppler-utils is not installed: make poppler")
    file = tmp_path / "signed.pdf"
    file.write_bytes(world_made.pdf)
    ran = subprocess.run(
        ["pdfsig", "-nocert", file],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
    )
    for said in ("Signature is Valid", "ETSI.CAdES.detached", "SHA-256", "Total document signed", "Field Name: Seal"):
        assert said in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.parametrize("place", [0.1, 0.4, 0.6])
def test_a_changed_byte_breaks_it(world_made: Rendition, place: float) -> None:
    start, length, rest, _ = _ranges(world_made.pdf)
    at = int(length * place)
    while world_made.pdf[at : at + 1] in b"\r\n <>/[]()":
        at += 1
    changed = bytearray(world_made.pdf)
    changed[at] ^= 1
    assert start == 0
    assert rest > length
    assert not _passes(bytes(changed))


def test_what_is_added_later_is_seen(world_made: Rendition) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(world_made.pdf))
    changing: Any = writer
    page, _ = changing.find_page_for_modification(0)
    page.get_object()["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 200 200 re f"))
    writer.update_container(page.get_object())
    out = BytesIO()
    changing.write(out)
    assert not judged(out.getvalue()).bottom_line


def test_another_root_does_not_stand_behind_it(world_made: Rendition) -> None:
    other = x509.Certificate.load(new_authority("ES256").root.der)
    assert not judged(world_made.pdf, [other]).trusted


def test_the_file_stays_pdf_a_2b(world_made: Rendition) -> None:
    reader = PdfFileReader(BytesIO(world_made.pdf))
    root = reader.root
    xmp = root["/Metadata"].data.decode()
    assert re.search(r"pdfaid:part[>=\"]+2", xmp)
    assert re.search(r"pdfaid:conformance[>=\"]+B", xmp)
    assert reader.input_version == (1, 7)
    assert "/OutputIntents" in root
    assert "/Encrypt" not in reader.trailer
    (field,) = root["/AcroForm"]["/Fields"]
    widget = field.get_object()
    assert widget["/F"] & 0b100  # printed, ISO 19005-2 section 6.3.2
    assert not widget["/F"] & 0b11  # neither invisible nor hidden
    appearance = widget["/AP"]["/N"]
    assert "/Font" not in appearance["/Resources"]
    assert "/NeedAppearances" not in root["/AcroForm"]
    assert "/JavaScript" not in world_made.pdf.decode("latin-1")


def test_the_seal_stands_where_the_sheet_left_room_for_it(world_made: Rendition) -> None:
    reader = PdfFileReader(BytesIO(world_made.pdf))
    left, foot, right, head = (float(each) for each in reader.root["/AcroForm"]["/Fields"][0].get_object()["/Rect"])
    assert 50 < right - left == pytest.approx(head - foot, abs=2)  # the tests' picture is square, 20 mm
    assert 842 * 0.6 < left < right < 842
    assert 0 < foot < head < 595 / 2


@pytest.mark.parametrize("suite", ["SM2-SM3", "Ed25519"])
def test_under_other_suites_the_printed_code_proves_it_and_the_file_says_so(world_once: World, suite: str) -> None:
    world = world_once
    (old,) = world.seals.seals(ISSUER)
    office_of(world).changes.suspend(people(ISSUER).approver, old.es_id, "CERTIFICATE_HOLD", "更换")
    make_seal(world, ISSUER, "政务服务专用章" if suite == "SM2-SM3" else "行政审批专用章", suite)
    world.sharing.refresh()

    async def scenario() -> None:
        made = await original(world)
        assert not made.signed
        assert not PdfFileReader(BytesIO(made.pdf)).embedded_signatures
        assert "本文件没有数字签名" in text_of(made.pdf)

    world.run(scenario())


def test_with_a_timestamp_authority_it_bears_a_timestamp(
    world_once: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world, real = world_once, TimestampAuthority(tmp_path_factory.mktemp("authority"))
    world.clock.instant = datetime.now(UTC)

    async def scenario() -> None:
        with service(lambda handler, query: told(handler, real.reply(query))) as port:
            stamping = Stamping(world.clock, Authorities.load(real.roots), f"http://127.0.0.1:{port}/")
            caller, pending = world.caller(ISSUER, ISSUING), world.pending()
            made = await studio_of(world, stamping).of_issuer(caller, world.issued["BusinessLicence"], pending)
        files.append(made.pdf)

    files: list[bytes] = []
    world.run(scenario())
    roots = [x509.Certificate.load(each.der) for each in world.seals.roots()]
    stamps = [x509.Certificate.load(pem.unarmor(real.roots)[2])]
    status = judged(files[0], roots, datetime.now(UTC), stamps)
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.intact
    assert status.bottom_line, status.pretty_print_details()


def test_only_es256_signs_pdf_and_only_pdf_is_signed() -> None:
    place = pades.Appearance(seal().png, 0, 100, 100, 50, 50)
    other, own = new_authority("Ed25519"), new_authority("ES256")
    with pytest.raises(FormatError):
        pades.sign(sheet("BusinessLicence").pdf, other.key, [other.certificate], MADE_AT, place, pades.Words("a", "b"))
    for junk in (b"", b"%PDF-1.7\n", b"no pdf at all" * 100):
        with pytest.raises(FormatError):
            pades.sign(junk, own.key, [own.certificate], MADE_AT, place, pades.Words("a", "b"))


def test_the_signature_says_when_by_whom_and_why(world_made: Rendition) -> None:
    signature = PdfFileReader(BytesIO(world_made.pdf)).embedded_signatures[0].sig_object
    assert signature["/M"].startswith("D:20261122040000")
    assert "电子证照专用章" in signature["/Name"]
    assert signature["/Reason"] == "电子证照原件"


def _passes(pdf: bytes) -> bool:
    try:
        return bool(judged(pdf).bottom_line)
    except Exception:  # noqa: BLE001 - a file that cannot be read any more is refused as well
        return False


def _ranges(pdf: bytes) -> list[int]:
    found = re.search(rb"/ByteRange ?\[([0-9 ]+)\]", pdf)
    assert found
    return [int(each) for each in found[1].split()]
