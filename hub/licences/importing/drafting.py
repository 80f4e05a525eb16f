"""A row becomes a draft, or everything that is wrong with it.

Decides, for one file, one map and one licence type, which cell becomes which value. It must never stop at the first fault:
what can be read is still judged by the type's own rules. Blank is missing; a list's blank places close up.
"""

from datetime import date

from hub.catalogue.licence_type import LicenceType
from hub.clock import Calendar
from hub.errors import FaceDataError, InputInvalidError
from hub.licences.draft import Draft
from hub.licences.importing.faults import Fault
from hub.licences.importing.mapping import Map
from hub.licences.importing.rows import RawRow


class Drafter:
    """Makes drafts of the rows of one file."""

    def __init__(
        self, plan: Map, licence_type: LicenceType, calendar: Calendar, columns: tuple[str, ...] | None = None
    ) -> None:
        """Fit the map to the type, and to the columns of a file if they are all known.

        Raises:
            ImportMapError: a path is no field, two columns fill one, a column or a field that every draft needs is left out.
        """

    def to_draft(self, row: RawRow) -> Draft | tuple[Fault, ...]:
        """Return the row as a draft that `draft.check` has yet to judge, or every fault of the row, the type's rules included."""
        raise NotImplementedError

    def checked(self, row: RawRow, today: date) -> Draft | tuple[Fault, ...]:
        """Return the row as a draft that `draft.check` has found good, or every fault of the row."""
        raise NotImplementedError

    def faults(self, row: RawRow, error: FaceDataError | InputInvalidError) -> tuple[Fault, ...]:
        """Return what `draft.check` said of a row's draft as faults of its columns."""
        raise NotImplementedError
