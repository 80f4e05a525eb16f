"""Photographs that officers choose: whether one is what its field takes, told before it is kept.

Decides by size, by how the file begins and by whether it can be read as a picture; what it is called by the browser counts for nothing.
"""

import base64

from hub.catalogue.face_kinds import MEDIA_TYPES
from hub.catalogue.licence_type import Term
from hub.renditions.photographs import printable
from hub.web.console.issuing.controls import Control
from hub.web.console.licences.view import inside

_KIB = 1024


def kind_of_file(control: Control) -> str:
    """Return what people call the kind of file that a picture's control takes."""
    return str(control.rules["contentMediaType"]).removeprefix("image/").upper()


def wrong_with(control: Control, picture: bytes) -> Term | None:
    """Return why a picture cannot stand in a control; None: it can."""
    kind = kind_of_file(control)
    if len(picture) > control.largest:
        most = control.largest // _KIB
        return Term(f"图片过大，最大 {most} KB，请缩小后重新选择", f"is too large; choose one of up to {most} KB")
    if not picture.startswith(MEDIA_TYPES[control.rules["contentMediaType"]]):
        return Term(f"不是 {kind} 图片，请另选文件", f"is no {kind} picture; choose another file")
    if printable(base64.b64encode(picture).decode()) is None:
        return Term("图片无法读取，请另选文件", "cannot be read as a picture; choose another file")
    return None


def seen(picture: bytes) -> str | None:
    """Return a picture as it stands inside a page, written anew; None if it cannot be shown."""
    found = printable(base64.b64encode(picture).decode())
    return None if found is None else inside(found)
