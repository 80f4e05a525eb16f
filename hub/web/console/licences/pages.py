"""The section of licences: who answers which page of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.web.console.frame import Console
from hub.web.console.licences.licence import LicencePages
from hub.web.console.licences.listing import ListPages
from hub.web.console.licences.operations import OperationPages
from hub.web.console.sections import Act


@dataclass(frozen=True, slots=True)
class Licences:
    """All pages of the section."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return [act for pages in (ListPages, LicencePages, OperationPages) for act in pages(self.console).acts()]
