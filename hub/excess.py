"""The refusals of `hub.limits`, one class for each figure, with a stable code.

Each carries the figure that was exceeded and, where it is known, the one that came, so that a client knows what to change. It must
never carry anything that was sent. Codes with LIMIT_ are about one request: it is refused again until it asks for less.
"""

from typing import Any, Final

from typing_extensions import override

from hub.errors import HubError, UnavailableError
from hub.limits import unit

_LARGEST: Final = 2**53  # that every reader of JSON takes; fragments in fragments stand for more


class LimitError(HubError):
    """Ask for less at once."""

    code = "LIMIT_EXCEEDED"
    figure = "cost"

    def __init__(self, limit: int = 0, actual: int | None = None) -> None:
        """`limit` is the figure that holds, `actual` the one that came; None where it is not known."""
        self.limit = limit
        self.actual = None if actual is None or actual > _LARGEST else actual
        came = "" if self.actual is None else f"; here {actual:,}"
        super().__init__(f"At most {limit:,} {unit(self.figure)}{came}. {(self.__doc__ or '').strip()}")

    @property
    @override
    def extensions(self) -> dict[str, Any]:
        """What a program is told of it: the code and the figures."""
        known = {} if self.actual is None else {"actual": self.actual}
        return {"code": self.code, "limit": self.limit, **known}


# -- the body ----------------------------------------------------------------------------------------------------------


class BodyTooLargeError(LimitError):
    """Send several requests."""

    code, figure = "BODY_TOO_LARGE", "body_bytes"


class BodyTooSlowError(LimitError):
    """Send the whole body without pauses."""

    code, figure = "BODY_TOO_SLOW", "body_seconds"


class UploadTooLargeError(LimitError):
    """Send the file in parts, each an import of its own."""

    code, figure = "UPLOAD_TOO_LARGE", "upload_bytes"


class VariablesBytesError(LimitError):
    """Send several requests."""

    code, figure = "LIMIT_VARIABLES_BYTES", "variables_bytes"


class ValuesError(LimitError):
    """Send several requests."""

    code, figure = "LIMIT_VALUES", "values"


class NestingError(LimitError):
    """No input of this schema nests so deeply."""

    code, figure = "LIMIT_NESTING", "nesting"


class ListLengthError(LimitError):
    """Split the list over several requests."""

    code, figure = "LIMIT_LIST_LENGTH", "list_length"


class PageError(LimitError):
    """Ask for smaller pages, and go on with the cursor."""

    code, figure = "LIMIT_PAGE", "page"


# -- the document ------------------------------------------------------------------------------------------------------


class DocumentBytesError(LimitError):
    """Split the document, or leave out what is not used."""

    code, figure = "LIMIT_DOCUMENT_BYTES", "document_bytes"


class TokensError(LimitError):
    """Split the document; values belong into variables."""

    code, figure = "LIMIT_TOKENS", "tokens"


class DepthError(LimitError):
    """Ask for what lies deeper in a request of its own."""

    code, figure = "LIMIT_DEPTH", "depth"


class AliasesError(LimitError):
    """Ask for many licences by `licenceBatch` or `nodes`, not by one alias each."""

    code, figure = "LIMIT_ALIASES", "aliases"


class RootFieldsError(LimitError):
    """Ask in several requests."""

    code, figure = "LIMIT_ROOT_FIELDS", "root_fields"


class OperationsError(LimitError):
    """Send the operation that is to run, without the others."""

    code, figure = "LIMIT_OPERATIONS", "operations"


class ComparisonsError(LimitError):
    """Select each field once, and common fields on `Licence` instead of on every type."""

    code, figure = "LIMIT_COMPARISONS", "comparisons"


class CostError(LimitError):
    """Ask for fewer licences, smaller pages or fewer fields at once."""

    code, figure = "LIMIT_COST", "cost"


class IntrospectionOffError(HubError):
    """This hub does not answer introspection; `/.well-known/licence-hub/schema.graphql` is its schema."""

    code = "INTROSPECTION_OFF"


# -- the work ----------------------------------------------------------------------------------------------------------


class ResponseTooLargeError(LimitError):
    """Ask for less at once; what was read is recorded."""

    code, figure = "RESPONSE_TOO_LARGE", "response_bytes"


class TimeExceededError(LimitError, UnavailableError):
    """No data was sent. A change may have been made: send it again with the same idempotency key."""

    code, figure = "TIME_EXCEEDED", "seconds"


class PassingError(LimitError):
    """Wait, then send the same request again."""

    def __init__(self, limit: int = 0, actual: int | None = None, *, figure: str | None = None, wait: int = 1) -> None:
        """`figure` is the one of several that holds, `wait` how many seconds to wait."""
        self.figure = figure or type(self).figure
        self.wait = wait
        super().__init__(limit, actual)


class TooManyAtOnceError(PassingError):
    """Wait for answers before sending more."""

    code, figure = "TOO_MANY_AT_ONCE", "requests"


class BudgetExhaustedError(PassingError):
    """Wait as long as Retry-After says, and ask for less or less often."""

    code, figure = "BUDGET_EXHAUSTED", "budget"


class SlowReaderError(LimitError):
    """Read messages as they come; go on with the last cursor."""

    code, figure = "SLOW_READER", "socket_seconds"
