"""The officer's desk: a form that was sent is taken in, kept sealed, read, and at last issued.

Decides what of a form is kept (what its type asks for, and pictures that can be read), and that it is kept before anything is said to be wrong
with it. It must never seal by itself: that is `Licences`, once, under the key of what was written. Methods run in threads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from hub.catalogue.licence_type import LicenceType
from hub.errors import FaceDataError, NotFoundError
from hub.licences.unfinished.service import Begun
from hub.licences.uniqueness import Rival
from hub.web.console.hub import ConsoleHub
from hub.web.console.issuing import photographs
from hub.web.console.issuing.controls import LONG_TERM, Look, Outline, Rows, outline
from hub.web.console.issuing.errand import Errand
from hub.web.console.issuing.reading import Read, Wrong, read
from hub.web.console.issuing.sheet import Present, Sheet
from hub.web.console.issuing.texts import Placed, Typed, listed, names_of, placed, places
from hub.web.console.licences.view import seal_picture
from hub.web.forms import Form

DRAFT, KEPT, DROP, ACT = "draft", "kept:", "drop:", "act"
"""Fields beside the controls: what is written in, ids of pictures that stay, boxes of pictures that go, and the button that was pressed."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A form: what stands in it, and what its type asks for."""

    sheet: Sheet
    licence_type: LicenceType
    outline: Outline


@dataclass(frozen=True, slots=True)
class Paper(Blank):
    """A form that somebody has begun to fill in, and what is known of it."""

    errand: Errand
    begun: Begun


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a form that was sent: kept, with these pictures refused; `row` is one that was added."""

    paper: Paper
    refused: tuple[Wrong, ...] = ()
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a form comes to: a draft, or what is wrong with it, and the licences that would stand beside it."""

    read: Read
    rivals: tuple[Rival, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures as pages show them, inside the page, so that no address leads to one: those of a form by path, and the seal that would be used."""

    pictures: Mapping[str, str] = field(repr=False)
    seal: str = ""
    seal_picture: str | None = None


class Desk:
    """Takes forms in."""

    def __init__(self, hub: ConsoleHub) -> None:
        """Keep them with `hub.licences.unfinished`."""
        self._hub = hub
        self._unfinished = hub.licences.unfinished

    @property
    def today(self) -> date:
        """Return the legal day."""
        return self._hub.settings.calendar.day(self._hub.clock.now())

    # -- what was begun ------------------------------------------------------------------------------------------------

    def blank(self, errand: Errand) -> Blank:
        """Return an empty form, in which is filled in what is the same for everybody."""
        licence_type = self._hub.catalogue.type(errand.type_key)
        made = outline(licence_type)
        today = self.today.isoformat()
        first = {"issuedOn": today, "validFrom": today}
        (holders,) = (each for each in made.holders if isinstance(each, Rows))
        (code_types, *_) = holders.element.members
        if choices := getattr(code_types, "choices", ()):
            first["holders[0].codeType"] = choices[0].value
        return Blank(Sheet(first), licence_type, made)

    def begin(self, errand: Errand, sheet: Sheet, pictures: Mapping[str, bytes]) -> Begun:
        """Keep a form that begins with a sheet and pictures."""
        begun = self._unfinished.begin(
            errand.caller, errand.operation, errand.type_key, errand.identifier, sheet.content()
        )
        if pictures:
            self._save(errand, begun, self._with_pictures(errand, begun, sheet, pictures))
        return begun

    def open(self, errand: Errand, draft: str) -> Paper:
        """Return what was written; raises NotFoundError, also where it belongs to another errand."""
        found = self._unfinished.open(errand.caller, draft)
        begun = found.begun
        same = (begun.operation, begun.identifier) == (errand.operation, errand.identifier)
        if not same or errand.type_key not in {"", begun.type_key}:
            raise NotFoundError
        licence_type = self._hub.catalogue.current.types[begun.type_key][
            -1
        ]  # a retired one, too: what was typed is not lost
        sheet = Sheet.of(found.content) if begun.issued is None else Sheet()
        errand = replace(errand, type_key=begun.type_key)
        return Paper(sheet, licence_type, outline(licence_type), errand, begun)

    def follow(self, paper: Paper, newer: Typed, revision: int, identifier: str) -> Paper:
        """Let a form follow the edition that took the place of the one it was begun from, and keep it."""
        errand, before = paper.errand, paper.sheet
        present = Present.of(newer, revision)
        sheet = before.follow(present)
        cleared = before.present.digests.keys() - before.digests.keys() if before.present else set()
        lacking = {
            name: each for name, each in newer.pictures.items() if name not in sheet.pictures and name not in cleared
        }
        sheet = self._with_pictures(errand, paper.begun, sheet, lacking)
        self._save(errand, paper.begun, sheet)
        if identifier != paper.begun.identifier:
            self._unfinished.move(errand.caller, paper.begun.id, identifier)
        return replace(paper, sheet=sheet)

    # -- what was sent -------------------------------------------------------------------------------------------------

    def take(self, errand: Errand, form: Form) -> Taken:
        """Keep what was sent, and do what its button asks of its rows."""
        draft = form.fields.get(DRAFT)
        if draft:
            paper = self.open(errand, draft)
        else:
            blank = self.blank(errand)
            paper = Paper(blank.sheet, blank.licence_type, blank.outline, errand, self.begin(errand, Sheet(), {}))
        sheet, refused = self._filled(paper, form)
        sheet, row = _with_rows(paper.outline, sheet, form.fields.get(ACT, ""))
        self._save(paper.errand, paper.begun, sheet)
        return Taken(replace(paper, sheet=sheet), tuple(refused), row)

    def _filled(self, paper: Paper, form: Form) -> tuple[Sheet, list[Wrong]]:
        """Return the sheet as it was sent; pictures are kept at once, those that cannot be are told."""
        fields, before = form.fields, paper.sheet
        named = [*fields, *form.files, *(name.removeprefix(KEPT) for name in fields if name.startswith(KEPT))]
        asked = list(placed(paper.outline.asked, named))
        texts = {
            name: fields[name]
            for each in asked
            for name in names_of(each)
            if each.control.look is not Look.PICTURE and name in fields
        }
        if fields.get(LONG_TERM):
            texts[LONG_TERM] = fields[LONG_TERM]
        sheet, refused = replace(before, texts=texts, pictures={}, digests={}), []
        digest_of = {before.pictures[name]: before.digests[name] for name in before.pictures}
        for each in asked:
            if each.control.look is Look.PICTURE:
                sheet, wrong = self._pictured(paper, sheet, each, form, digest_of)
                refused += [wrong] if wrong else []
        return sheet, refused

    def _pictured(
        self, paper: Paper, sheet: Sheet, each: Placed, form: Form, digest_of: Mapping[str, str]
    ) -> tuple[Sheet, Wrong | None]:
        """Return the sheet with the picture that was chosen for a control, or with the one that stays there."""
        kept = form.fields.get(f"{KEPT}{each.name}", "")
        if kept in digest_of and f"{DROP}{each.name}" not in form.fields:
            digests = {**sheet.digests, each.name: digest_of[kept]}
            sheet = replace(sheet, pictures={**sheet.pictures, each.name: kept}, digests=digests)
        chosen = form.files.get(each.name)
        if chosen is None:
            return sheet, None
        if (reason := photographs.wrong_with(each.control, chosen)) is not None:
            return sheet, Wrong(each.name, each.control.label, reason)
        return self._with_pictures(paper.errand, paper.begun, sheet, {each.name: chosen}), None

    def _with_pictures(self, errand: Errand, begun: Begun, sheet: Sheet, pictures: Mapping[str, bytes]) -> Sheet:
        for name, picture in pictures.items():
            sheet = sheet.with_picture(name, self._unfinished.keep_picture(errand.caller, begun.id, picture), picture)
        return sheet

    def _save(self, errand: Errand, begun: Begun, sheet: Sheet) -> None:
        self._unfinished.save(errand.caller, begun.id, sheet.content(), sheet.pictures.values())

    # -- what comes of it ----------------------------------------------------------------------------------------------

    def judge(self, paper: Paper) -> Weighed:
        """Return what the form comes to; nothing is sealed."""
        typed = Typed(paper.sheet.texts, self._pictures(paper))
        found = read(paper.licence_type, paper.outline, typed, self._hub.settings.calendar, self.today)
        if found.draft is None:
            return Weighed(found)
        return Weighed(found, tuple(self._hub.licences.rivals(found.draft, paper.errand.identifier)))

    def seen(self, paper: Paper, seal: str = "") -> Seen:
        """Return a form's pictures, and that of a seal, as a page shows them."""
        shown = {name: photographs.seen(picture) for name, picture in self._pictures(paper).items()}
        pictures = {name: each for name, each in shown.items() if each is not None}
        return Seen(pictures, seal, seal_picture(self._hub, seal) if seal else None)

    def _pictures(self, paper: Paper) -> dict[str, bytes]:
        if not paper.sheet.pictures:
            return {}
        kept = self._unfinished.pictures(paper.errand.caller, paper.begun.id)
        return {name: kept[each] for name, each in paper.sheet.pictures.items() if each in kept}

    def issue(self, paper: Paper) -> str:
        """Seal the licence once, and return its identifier.

        Raises:
            FaceDataError: the form does not come to a licence any more.
            Others as `Licences.issue`, `renew` and `change`.
        """
        licences, errand, begun = self._hub.licences, paper.errand, paper.begun
        if begun.issued is not None:
            return begun.issued
        draft = self.judge(paper).read.draft
        if draft is None:
            raise FaceDataError(())
        if errand.identifier is None or paper.sheet.present is None:
            issued = licences.issue(errand.caller, draft, begun.once)
        else:
            make = {"renew": licences.renew, "change": licences.change}[errand.operation]
            issued = make(errand.caller, errand.identifier, draft, paper.sheet.present.revision, begun.once)
        self._unfinished.finish(errand.caller, begun.id, issued.identifier)
        return issued.identifier


def _with_rows(made: Outline, sheet: Sheet, act: str) -> tuple[Sheet, str | None]:
    """Return the sheet after a button that adds a row to a list, or takes one away; and the path of a row that was added."""
    verb, _, at = act.partition(":")
    lists = dict(listed(made.asked, sheet.names))
    if verb == "add" and at in lists:
        place = places(sheet.names, lists[at], at)
        if place < lists[at].most:
            return sheet.with_row(at, place, lists[at].element.members[0].name), f"{at}[{place}]"
    above, _, place_text = at.removesuffix("]").rpartition("[")
    if verb == "remove" and above in lists and place_text.isdecimal():
        return sheet.without_row(above, int(place_text)), None
    return sheet, None
