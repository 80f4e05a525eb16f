"""The section of the catalogue: all its pages in one table."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.web.console.catalogue.acting import BindingPages
from hub.web.console.catalogue.bindings import BINDINGS
from hub.web.console.catalogue.browsing import CatalogueLists
from hub.web.console.catalogue.item_editor import ItemEditor
from hub.web.console.catalogue.type_editor import TypeEditor
from hub.web.console.frame import Console
from hub.web.console.sections import Act


@dataclass(frozen=True, slots=True)
class CataloguePages:
    """Shows and changes the catalogue."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        console = self.console
        editors = (*TypeEditor(console).acts(), *ItemEditor(console).acts(), *BindingPages(console, BINDINGS).acts())
        return (*editors, *CatalogueLists(console).acts())
