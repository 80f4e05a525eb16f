"""For whom an officer imports: his authorities, the types that they may issue, and whose an import or a file is.

Decides that what is another authority's is not there at all. That he may issue is decided by hub.access.staff.acting and by the services again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.access.caller import Caller
from hub.access.staff.acting import as_officer
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.catalogue.licence_type import LicenceType
from hub.errors import InputInvalidError, JobUnknownError, NotFoundError
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.refusals import UploadError
from hub.web.console.hub import ConsoleHub


@dataclass(frozen=True, slots=True)
class Choice:
    """One type that he may import for one authority."""

    authority: str
    licence_type: LicenceType

    @property
    def value(self) -> str:
        """Return what stands for it in a form."""
        return f"{self.authority}.{self.licence_type.key}"


@dataclass(frozen=True, slots=True)
class Officers:
    """Answers for officers."""

    hub: ConsoleHub

    def authorities(self, staff: Staff) -> list[str]:
        """Return the authorities whose officer he is."""
        return sorted(scope for scope, held in staff.roles.items() if scope and LICENCE_OFFICER.name in held)

    def caller(self, staff: Staff, authority: str) -> Caller:
        """Return him as who issues for an authority; raises RoleMissingError."""
        return as_officer(staff, authority)

    def choices(self, staff: Staff) -> Iterator[Choice]:
        """Yield what he may import."""
        catalogue = self.hub.catalogue
        for authority in self.authorities(staff):
            yield from (
                Choice(authority, each) for each in catalogue.types() if catalogue.may_issue(authority, each.key)
            )

    def chosen(self, staff: Staff, value: str) -> Choice:
        """Return what stands for `value`; raises InputInvalidError."""
        found = next((each for each in self.choices(staff) if each.value == value), None)
        if found is None:
            raise InputInvalidError("Choose a licence type that your authority issues.")
        return found

    def of_import(self, staff: Staff, job_id: str) -> tuple[Caller, ImportProgress]:
        """Return him as who issues for the authority of an import, and how that goes; raises NotFoundError."""
        try:
            progress = self.hub.imports.register.progress(job_id)
        except JobUnknownError:
            raise NotFoundError("Your authority has no such import.") from None
        if not staff.holds(LICENCE_OFFICER, progress.authority):
            raise NotFoundError("Your authority has no such import.")
        return as_officer(staff, progress.authority), progress

    def of_file(self, staff: Staff, upload_id: str) -> Caller:
        """Return him as who issues for the authority of a file that was sent; raises NotFoundError."""
        try:
            authority = self.hub.imports.uploads.of(upload_id)
        except UploadError:
            raise NotFoundError("Your authority has no such file.") from None
        if not staff.holds(LICENCE_OFFICER, authority):
            raise NotFoundError("Your authority has no such file.")
        return as_officer(staff, authority)
