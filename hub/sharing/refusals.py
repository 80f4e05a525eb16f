"""How consents, presentations, embargoes and evidence packages are refused: one class each, with a stable code.

HubError
├── InputError
│   ├── ConsentUnknownError     CONSENT_UNKNOWN      the holder has given no such consent
│   ├── DemandUnknownError      DEMAND_UNKNOWN       no demand has this id
│   ├── NegativeEntryUnknownError NEGATIVE_ENTRY_UNKNOWN no entry of the negative list has this id
│   ├── EmbargoUnknownError     EMBARGO_UNKNOWN      no embargo, or no case, of this name
│   ├── DisputeUnknownError     DISPUTE_UNKNOWN      no dispute of this id that concerns the caller
│   ├── CorrectionInvalidError  CORRECTION_INVALID   not a licence that takes the place of the disputed one
│   └── PartyCircularError      PARTY_CIRCULAR       relations lead from the applicant to another person, each in one way
├── SharingError
│   ├── OtherPersonError        OTHER_PERSON         who shows a licence is no person of the case
│   ├── FieldNotReadError       FIELD_NOT_READ       the record does not say that this field was disclosed to the caller
│   ├── ConsentNeededError      CONSENT_NEEDED       the type asks for the holder's consent, and there is none
│   └── NothingAnsweredError    NOTHING_ANSWERED     nothing was disclosed in the case, or not on this record
└── StateError
    ├── DemandStateError        DEMAND_STATE         it is not in the state that this step takes, or it was taken before
    ├── DemandFourEyesError     DEMAND_FOUR_EYES     the same person took the step that this one answers
    ├── ConsentStateError       CONSENT_STATE        it is withdrawn or over already
    ├── ConsentLimitError       CONSENT_LIMIT        too many consents of one person to one authority are in force
    ├── DisputeStateError       DISPUTE_STATE        it was answered or withdrawn, or the value is disputed already
    ├── EvidenceTooLargeError   EVIDENCE_TOO_LARGE   more answers than one package holds
    ├── EmbargoLateError        EMBARGO_LATE         reads of the case may have been shown already: two people decide
    ├── EmbargoStateError       EMBARGO_STATE        it is not in the state that this takes
    └── EmbargoFourEyesError    EMBARGO_FOUR_EYES    the same person proposed it
"""

from hub.errors import InputError, SharingError, StateError


class EmbargoUnknownError(InputError):
    """There is no such embargo of this authority, or no such case; `embargoes` lists them."""

    code = "EMBARGO_UNKNOWN"


class PartyCircularError(InputError):
    """A relation leads from the applicant to another person, once: declare no party as a relative of himself, and nobody in two relations."""

    code = "PARTY_CIRCULAR"


class DisputeUnknownError(InputError):
    """There is no such dispute of yours, or of what your authority said; `disputes` lists them."""

    code = "DISPUTE_UNKNOWN"


class CorrectionInvalidError(InputError):
    """A correction is a licence of the same type, issuer and holder that takes the place of the disputed one; name its identifier. Entries of registers need none."""

    code = "CORRECTION_INVALID"


class FieldNotReadError(SharingError):
    """Only what was read can be confirmed or disputed: name the record of a read of yours, and a field that it disclosed."""

    code = "FIELD_NOT_READ"


class OtherPersonError(SharingError):
    """Who shows this is neither the applicant of the case nor a party of it; open a case of his own, or declare him as a party."""

    code = "OTHER_PERSON"


class DisputeStateError(StateError):
    """The dispute was answered or withdrawn already; file another one if the value is still wrong."""

    code = "DISPUTE_STATE"


class EmbargoLateError(StateError):
    """The case was opened without an embargo, or under a shorter one; two people of staff decide on it now."""

    code = "EMBARGO_LATE"


class EmbargoStateError(StateError):
    """The embargo is not in a state that allows this; look at its decisions."""

    code = "EMBARGO_STATE"


class EmbargoFourEyesError(StateError):
    """The same person proposed this embargo; another one confirms it."""

    code = "EMBARGO_FOUR_EYES"


class NothingAnsweredError(SharingError):
    """Nothing was disclosed in this case, or the record is not that of an answer in it; a receipt names its record in `jti`."""

    code = "NOTHING_ANSWERED"


class EvidenceTooLargeError(StateError):
    """The case has more answers than one evidence package holds; ask for that of one record."""

    code = "EVIDENCE_TOO_LARGE"


class ConsentNeededError(SharingError):
    """Licences of this type are read with their holder's consent; ask him to give it for this case, then read again."""

    code = "CONSENT_NEEDED"


class ConsentUnknownError(InputError):
    """You have given no such consent; `holder { consents }` lists yours."""

    code = "CONSENT_UNKNOWN"


class ConsentStateError(StateError):
    """This consent is withdrawn or over already; nothing is read under it."""

    code = "CONSENT_STATE"


class ConsentLimitError(StateError):
    """Too many of your consents to this authority are in force; withdraw those that are not needed any more."""

    code = "CONSENT_LIMIT"


class DemandUnknownError(InputError):
    """There is no demand of this id that you may see; `demands` lists those of your authority."""

    code = "DEMAND_UNKNOWN"


class NegativeEntryUnknownError(InputError):
    """No entry of the negative list in force has this id; `negativeList` shows them."""

    code = "NEGATIVE_ENTRY_UNKNOWN"


class DemandStateError(StateError):
    """The demand is not in a state that allows this step; look at its steps."""

    code = "DEMAND_STATE"


class DemandFourEyesError(StateError):
    """You have taken the step that this one answers; another person takes it."""

    code = "DEMAND_FOUR_EYES"
