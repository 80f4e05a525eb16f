"""The pages of a form: as it stands, with what is wrong; what it will be before it is sealed; and why it cannot be done.

Decides what each page shows and where its links lead. It keeps nothing and seals nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from hub.catalogue.licence_type import HOLDER_SCOPE, NUMBER_SCOPE, LicenceType, Term
from hub.licences.draft import Draft
from hub.licences.uniqueness import Rival
from hub.web.console.frame import Console
from hub.web.console.issuing.desk import Blank, Paper, Seen
from hub.web.console.issuing.differences import Difference, Side, differences
from hub.web.console.issuing.errand import ISSUE, LICENCES, Errand
from hub.web.console.issuing.reading import Wrong
from hub.web.console.issuing.shown import Drawing, anchor
from hub.web.console.licences.document import Printed, document_of
from hub.web.console.licences.licence import POLICY
from hub.web.console.problems import NOTHING_WRONG, Problem, Problems
from hub.web.words.dates import Dates

_FOLDER: Final = "console/issuing"
_MOST_TOLD: Final = 100
_RIVAL: Final = Problem(anchor("number"), "issuing.rival")


@dataclass(frozen=True, slots=True)
class Answers:
    """Makes the pages."""

    console: Console

    def language(self, request: Request) -> str:
        """Return the short name of the language of who asks."""
        return self.console.pages.language(request).short

    def form(
        self, request: Request, paper: Paper, seen: Seen, *, wrong: Sequence[Wrong] = (), rivals: Sequence[Rival] | None = None,
        meanwhile: Sequence[Difference] | None = None, kept: bool = False,
    ) -> Response:  # fmt: skip
        """Show a form as it stands; `wrong` and `rivals` are what is to be mended, `meanwhile` what another officer has changed."""
        told = tuple(_problem(each, self.language(request)) for each in wrong[:_MOST_TOLD])
        told += (_RIVAL,) if rivals else ()
        status = 409 if rivals or meanwhile is not None else 400
        problems = Problems(told, status) if told else NOTHING_WRONG
        return self._form(
            request, paper.errand, paper, paper.begun.id, seen.pictures, None if meanwhile is None else 409, problems=problems, meanwhile=meanwhile, kept=kept,
            rivals=[each.identifier for each in rivals or () if each.authority == paper.errand.caller.authority],
        )  # fmt: skip

    def blank(self, request: Request, errand: Errand, blank: Blank) -> Response:
        """Show an empty form, of which nothing is kept yet."""
        return self._form(
            request, errand, blank, "", {}, None, problems=NOTHING_WRONG, meanwhile=None, kept=False, rivals=()
        )

    def _form(
        self,
        request: Request,
        errand: Errand,
        blank: Blank,
        draft: str,
        pictures: Mapping[str, str],
        status: int | None,
        **values: Any,
    ) -> Response:
        language = self.language(request)
        return self.console.page(
            request, f"{_FOLDER}/form.html", status, headers=POLICY, draft=draft, pictures=pictures, parts=list(Drawing(blank.sheet, language).sections(blank.outline)),
            unique=[_scope(blank.licence_type, each, language) for each in blank.licence_type.uniqueness],
            **self._named(request, errand, blank.licence_type), **values,
        )  # fmt: skip

    def preview(
        self, request: Request, paper: Paper, draft: Draft, seen: Seen, problems: Problems = NOTHING_WRONG
    ) -> Response:
        """Show the licence that will be sealed, with its seal, and what differs from the present edition."""
        errand, language = paper.errand, self.language(request)
        authority = self._authority(errand.caller.authority)
        until = draft.valid_until.isoformat() if draft.valid_until else None
        document = document_of(
            paper.licence_type, draft.document(), Printed(authority, draft.valid_from.isoformat(), until, seen.seal_picture),
            Dates(self.console.pages.language(request), self.console.pages.calendar),
            picture=seen.pictures.get,
        )  # fmt: skip
        return self.console.page(
            request, f"{_FOLDER}/preview.html", document=document, draft=paper.begun.id, stamp=paper.begun.stamp, words_of_act=draft, seal=seen.seal, headers=POLICY,
            changed=changed(paper, language), problems=problems, **self._named(request, errand, paper.licence_type),
        )  # fmt: skip

    def refused(self, request: Request, errand: Errand, obstacle: str, *, draft: str = "", newer: str = "") -> Response:
        """Say why it cannot be done now, and what to do; what was written (`draft`) is kept."""
        known = self.console.hub.catalogue.current.types.get(errand.type_key, ())
        return self.console.page(
            request, f"{_FOLDER}/refused.html", 409, obstacle=obstacle, draft=draft, newer=newer, errand=errand,
            type_name=known[-1].name.text(self.language(request)) if known else "",
        )  # fmt: skip

    def _named(self, request: Request, errand: Errand, licence_type: LicenceType) -> dict[str, Any]:
        language, authority = self.language(request), errand.caller.authority
        return {
            "errand": errand, "type_name": licence_type.name.text(language), "authority": authority,
            "authority_name": self._authority(authority).text(language),
            "back": f"{LICENCES}/{errand.identifier}" if errand.identifier else ISSUE,
        }  # fmt: skip

    def _authority(self, code: str) -> Term:
        found = self.console.hub.catalogue.current.authorities[code]
        return Term(found.name_zh, found.name_en)


def changed(paper: Paper, language: str) -> list[Difference] | None:
    """Return what differs from the present edition; None: there is none."""
    present = paper.sheet.present
    if present is None:
        return None
    before, after = Side(present.texts, present.digests), Side(paper.sheet.texts, paper.sheet.digests)
    return differences(paper.outline, before, after, language)


def _problem(wrong: Wrong, language: str) -> Problem:
    values = {"label": wrong.label.text(language), "reason": wrong.reason.text(language), "row": wrong.row}
    return Problem(anchor(wrong.name), "issuing.wrong.entry" if wrong.row else "issuing.wrong", values=values)


def _scope(licence_type: LicenceType, name: str, language: str) -> str:
    path = {HOLDER_SCOPE: "holders", NUMBER_SCOPE: "number"}.get(name, name)
    return licence_type.title(path, language)
