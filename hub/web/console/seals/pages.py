"""The section of seals: one table of paths, who answers them and whose they are."""

from collections.abc import Sequence

from hub.access.allowances import Allowances
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT
from hub.seals.inspection import READERS
from hub.web.console.frame import Console
from hub.web.console.seals import shown
from hub.web.console.seals.applying import APPLY, PREVIEW, Applying
from hub.web.console.seals.keys import KeyPages
from hub.web.console.seals.looking import Looking
from hub.web.console.seals.resealing import RESEAL, RESEALING, ResealingPages
from hub.web.console.seals.signing import SigningPages
from hub.web.console.seals.stepping import StepPages
from hub.web.console.sections import Act


class SealPages:
    """All pages about seals."""

    def __init__(self, console: Console) -> None:
        """Previews have an allowance of their own."""
        self._looking = Looking(console)
        self._applying = Applying(console, Allowances(console.hub.settings.limits))
        self._steps = StepPages(console, self._looking)
        self._keys = KeyPages(console, self._looking)
        self._resealing = ResealingPages(console)
        self._signing = SigningPages(console)

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        look, apply, resealing = self._looking, self._applying, self._resealing
        return (
            Act(shown.ROOT, "GET", look.seals, READERS, "seals.list.title"),
            Act(shown.APPLICATIONS, "GET", look.applications, READERS, "seals.applications.title"),
            Act(APPLY, "GET", apply.show, (SEAL_APPLICANT,)),
            Act(APPLY, "POST", apply.apply, (SEAL_APPLICANT,)),
            Act(PREVIEW, "POST", apply.preview, (SEAL_APPLICANT,)),
            *self._keys.acts(),
            Act(shown.APPLICATION, "GET", look.application, READERS),
            Act(f"{shown.APPLICATION}/picture", "GET", look.application_picture, shown.PART),
            Act(shown.SEAL, "GET", look.seal, READERS),
            Act(f"{shown.SEAL}/picture", "GET", look.seal_picture, shown.PART),
            Act(f"{shown.SEAL}/seal.esl", "GET", look.ses_seal, shown.PART),
            Act(f"{shown.SEAL}/certificates.pem", "GET", look.certificates, READERS),
            *self._steps.acts(),
            *self._signing.acts(),
            Act(RESEAL, "GET", resealing.ask, (LICENCE_OFFICER,)),
            Act(RESEAL, "POST", resealing.start, (LICENCE_OFFICER,)),
            Act(RESEALING, "GET", resealing.watch, (LICENCE_OFFICER,)),
        )
