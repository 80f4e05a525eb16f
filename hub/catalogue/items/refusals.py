"""How item documents are refused: one class each, with a stable code. Of a document with several faults the first class is raised, and all are said.

HubError
└── InputError
    ├── ItemDocumentError               ITEM_DOCUMENT_INVALID    the outline, a name, a limit, or what contradicts another part
    │   ├── ItemWithoutMaterialsError   ITEM_WITHOUT_MATERIALS   it asks for nothing at all
    │   ├── ItemPathUnknownError        ITEM_PATH_UNKNOWN        a source or a path that the catalogue does not have
    │   ├── ItemPathClosedError         ITEM_PATH_CLOSED         a path that no predicate may probe and no form may be filled from
    │   ├── ProofNotRetainedError       PROOF_NOT_RETAINED       a proof that is not on the list of retained proofs
    │   ├── CommitmentExcludedError     COMMITMENT_EXCLUDED      the law keeps a commitment from this material
    │   └── DeferralExcludedError       DEFERRAL_EXCLUDED        the law, or the item's limit, keeps a deferral from it
    └── ItemNotPublishedError           ITEM_NOT_PUBLISHED       no document was published for the service item
"""

from hub.errors import InputError


class ItemDocumentError(InputError):
    """The item document breaks the catalogue's rules; mend what the message names and publish it again."""

    code = "ITEM_DOCUMENT_INVALID"


class ItemWithoutMaterialsError(ItemDocumentError):
    """An item document lists the materials that the item asks for; name one or more."""

    code = "ITEM_WITHOUT_MATERIALS"


class ItemPathUnknownError(ItemDocumentError):
    """A requirement, material, form field or concern names a source or path that the catalogue does not have; `licence-hub type list` shows the types."""

    code = "ITEM_PATH_UNKNOWN"


class ItemPathClosedError(ItemDocumentError):
    """A requirement or form field names what is not shared, no single value, or would tell who somebody is; use another field."""

    code = "ITEM_PATH_CLOSED"


class ProofNotRetainedError(ItemDocumentError):
    """A proof may only be asked for if it is on the list of retained proofs (证明事项保留清单); take it out, or check it in the department."""

    code = "PROOF_NOT_RETAINED"


class CommitmentExcludedError(ItemDocumentError):
    """The law keeps a commitment from this material or item; leave `commitment` out."""

    code = "COMMITMENT_EXCLUDED"


class DeferralExcludedError(ItemDocumentError):
    """The law, or the limit of the item, keeps a deferral from this material; leave `deferral` out or shorten it."""

    code = "DEFERRAL_EXCLUDED"


class ItemNotPublishedError(InputError):
    """No document was published for this service item; `licence-hub item publish` does it."""

    code = "ITEM_NOT_PUBLISHED"
