"""What stands on a sheet: everything that left, as it was written, in every type's form; what no font writes is seen to be missing."""

import logging
from collections.abc import Iterator
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest

from hub.demo.face import silhouette
from hub.renditions import photographs, typesetting
from hub.renditions.face import UNREADABLE, WITHHELD, day
from hub.renditions.legible import MISSING, Legible, font_characters
from hub.renditions.refusals import FaceUnprintableError
from hub.renditions.templates import TEMPLATES, template_of
from hub.renditions.typesetting import pictures, typeset
from tests.renditions.sheets import ANNOTATION, ID, IDENTIFIER, MADE_AT, TYPES, disclosed, files, sheet
from tests.renditions.studio import text_of

MARKUP = '#set page(fill: red) \\ *b* _i_ $x$ `c` [a] <l> @r // /* */ "q" \'s\' #read("/etc/passwd") = h - i ~ --- ...'


def squeezed(text: str) -> str:
    """Return a text without blanks and breaks."""
    return "".join(text.split()).replace("\u200b", "").replace("\ufffe", "").replace("\u2010", "-")


def values(face: Any) -> Iterator[str]:
    """Yield the texts of a face, days as they are printed; codes of holders' types are not printed."""
    for name, value in face.items() if isinstance(face, dict) else enumerate(face):
        if isinstance(value, dict | list):
            yield from values(value)
        elif isinstance(value, str) and name not in {"codeType", "photo", "jointPhoto", "roleLabel", "addressLabel"}:
            yield day(value) if len(value) == len("2026-01-05") and value[4] == value[7] == "-" else value


@pytest.mark.parametrize("type_key", TYPES)
def test_everything_that_left_stands_on_the_sheet(type_key: str) -> None:
    told = squeezed(text_of(sheet(type_key).pdf))
    for value in values(disclosed(type_key).values):
        if "T" not in value or not value[:4].isdigit():  # moments are printed in their own form
            assert squeezed(value) in told, value
    for said in (TYPES[type_key].name.zh, IDENTIFIER, ID, "有效期", "第1页共"):
        assert squeezed(said) in told


@pytest.mark.parametrize("type_key", TYPES)
def test_what_is_withheld_is_seen_to_be(type_key: str) -> None:
    licence_type = TYPES[type_key]
    paths = tuple(path for path in licence_type.leaf_paths if path not in {"holders.codeType", "roleLabel"})
    told = squeezed(text_of(sheet(type_key, ANNOTATION, withheld=paths).pdf))
    tops = {path.partition(".")[0] for path in paths} - {"addressLabel"}
    assert told.count(WITHHELD) >= len(tops)
    for value in values(disclosed(type_key).values):
        assert len(value) < 4 or squeezed(value) not in told


@pytest.mark.parametrize(
    ("type_key", "path"),
    [
        ("BusinessLicence", "legalRepresentative"),
        ("FoodBusinessLicence", "legalRepresentative"),
        ("MarriageCertificate", "registrar"),
    ],
)
def test_markup_is_text(type_key: str, path: str) -> None:
    assert path in TYPES[type_key].leaf_paths
    assert squeezed(MARKUP) in squeezed(text_of(sheet(type_key, None, None, **{path: MARKUP}).pdf))


@pytest.mark.parametrize(
    "text",
    [
        "\U00020bb7野家",
        "שלום",
        "👩‍👩‍👧",
        "a\u202egnol",
        "\ue000",
        "\u200bx",
        "a\u0301\u0489",
        "\x07",
        "\U0010ffff",
        "\ufeff",
    ],
)
def test_a_character_without_a_sort_is_marked_and_told_by_its_code_point(text: str) -> None:
    legible = Legible()
    assert MISSING in legible(text)
    assert legible.missing
    told = text_of(sheet("BusinessLicence", legalRepresentative=text).pdf)
    assert MISSING in told
    assert legible.missing[0] in told.replace("\u200b", "")


def test_what_the_fonts_write_stays_as_it_is() -> None:
    text = "中文 Latin ÄÖ １２３，。“”\n第二行"
    legible = Legible()
    assert legible(text) == text
    assert legible.missing == ()
    assert {ord(each) for each in "〓中𠮟"} & font_characters()


def test_a_character_that_nobody_marked_is_refused_by_the_typesetter(caplog: pytest.LogCaptureFixture) -> None:
    made = dict(files("BusinessLicence"))
    made["data.json"] = made["data.json"].replace("林若川".encode(), "林\U00020bb7川".encode())
    with pytest.raises(FaceUnprintableError), caplog.at_level(logging.ERROR):
        typeset(made, MADE_AT)
    assert "\U00020bb7" not in caplog.text


def test_the_typesetter_reads_no_other_file(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret", "utf-8")
    for place in (str(secret), "../../etc/hostname", "/etc/hostname"):
        with pytest.raises(FaceUnprintableError):
            typeset({"main": f'#read("{place}")'.encode()}, MADE_AT)
    with pytest.raises(FaceUnprintableError):
        typeset({"main": b'#import "@preview/cetz:0.3.0"'}, MADE_AT)


@pytest.mark.parametrize("type_key", ["BusinessLicence", "DrugBusinessLicence", "ResidentIdentityCard"])
def test_long_faces_flow_over_pages_and_lose_nothing(type_key: str) -> None:
    long = "".join(f"第{place}项：食品销售；" for place in range(300))
    made = sheet(type_key, businessScope=long, address=long)
    told = squeezed(text_of(made.pdf))
    assert "第299项" in told
    assert made.seal is not None
    assert made.seal.page > 0
    assert f"第{made.seal.page + 1}页" in told


def test_a_long_word_stays_on_the_paper() -> None:
    made = sheet("BusinessLicence", legalRepresentative="W" * 200)
    width = 842
    page = pypdfium2.PdfDocument(made.pdf)[0]
    text = page.get_textpage()
    boxes = [text.get_charbox(place) for place in range(text.count_chars())]
    assert max(box[2] for box in boxes) < width - 20


def test_the_seal_stands_in_true_size_where_the_paper_is_large_and_within_it_anyway() -> None:
    for type_key in ("BusinessLicence", "ResidentIdentityCard", "MarriageCertificate"):
        template, made = template_of(type_key), sheet(type_key)
        assert made.seal is not None
        assert 0 < made.seal.x < (template.width - 30) / 25.4 * 72
        assert 0 < made.seal.y < (template.height - 30) / 25.4 * 72


def test_a_sheet_has_one_page_where_one_is_enough() -> None:
    for type_key in ("BusinessLicence", "ResidentIdentityCard", "MarriageCertificate", "DriverLicence"):
        assert len(pictures(files(type_key))) == 1
        assert len(pictures(files(type_key, ANNOTATION))) == 1


def test_every_template_of_its_own_is_of_a_type_that_is_there() -> None:
    assert TEMPLATES.keys() <= TYPES.keys()


@pytest.mark.parametrize("given", ["", "!", "aGVsbG8=", silhouette()[:60], "iVBORw0KGgo="])
def test_a_picture_that_cannot_be_seen_is_said_to_be(given: str) -> None:
    assert photographs.printable(given) is None
    made = files("BusinessLicence")
    assert UNREADABLE not in made["data.json"].decode()


def test_a_picture_is_written_anew_without_what_stands_beside_its_pixels() -> None:
    found = photographs.printable(silhouette(40, 60))
    assert found is not None
    assert found.startswith(b"<svg")
    assert typesetting.PNG_PPI > 72
