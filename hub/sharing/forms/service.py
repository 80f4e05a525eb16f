"""Forms of cases: filled, shown, confirmed, disputed. Puts the parts of this folder together."""

from dataclasses import dataclass, field

from hub.sharing.forms.answering import SourceDesk
from hub.sharing.forms.desk import FormDesk
from hub.sharing.forms.reading import FormReading
from hub.sharing.forms.text import FormText


@dataclass(frozen=True, slots=True)
class Forms:
    """What fills forms, what writes them for people, and where values are confirmed and disputed (`desk`) and answered for (`source`)."""

    reading: FormReading = field(repr=False)
    text: FormText = field(repr=False)
    desk: FormDesk = field(repr=False)
    source: SourceDesk = field(repr=False)
