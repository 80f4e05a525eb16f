"""What verdicts are called at the command line: a sentence for each word and reason, a style for each colour."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hub.counters.verdict import Colour, Why, Word

STYLES: Final[Mapping[Colour, str]] = MappingProxyType(
    {Colour.GREEN: "bold white on green", Colour.AMBER: "bold black on yellow", Colour.RED: "bold white on red"}
)

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Word.VALID: "Genuine, and the licence is valid now.",
        Word.NOT_YET_VALID: "Genuine; the licence is not valid yet.",
        Word.EXPIRED: "Genuine; the licence has expired.",
        Word.SUSPENDED: "Genuine; the licence is suspended.",
        Word.TRANSFERRED_OUT: "Genuine; the licence has gone to another hub.",
        Word.SUPERSEDED: "Genuine; a newer edition took its place.",
        Word.REVOKED: "Genuine; the licence was revoked.",
        Word.WITHDRAWN: "Genuine; the licence was withdrawn.",
        Word.CANCELLED: "Genuine; the licence was cancelled.",
        Word.NOT_GENUINE: "Not genuine.",
        Word.CANNOT_CONFIRM: "It could not be checked; that is no pass.",
        Word.CODE_USED: "The displayed code was used before: ask for a new one.",
        Word.CODE_EXPIRED: "The time of the displayed code is over: ask for a new one.",
        Word.CODE_UNKNOWN: "The hub knows no such displayed code.",
        Word.OTHER_HUB: "A code of another hub: have it checked there.",
        Word.NOT_A_CODE: "No code of a licence.",
        Word.NOT_GRANTED: "Nothing of it may be shown for this item.",
        Word.OTHER_PERSON: "The licence is not the applicant's.",
        Why.MALFORMED: "It pretends to be a code of a licence, and cannot be read as one.",
        Why.ALTERED: "The signature is not good: the code was altered or forged.",
        Why.UNKNOWN_SEAL: "No known seal has this key. Offline the trust list may be older than the seal: fetch it again.",
        Why.SEAL_NOT_VALID: "The seal was not valid when the code was signed.",
        Why.WRONG_AUTHORITY: "It was signed by another authority than the one it names.",
        Why.STOLEN_KEY: "The seal's key was stolen, and nothing proves that the code is older than that.",
        Why.NO_STATUS: "What became of the licence could not be told: give its status list, as fresh as can be, or ask the hub.",
        Why.NOT_CHECKABLE: "This installation cannot check it: its library lacks the signature suite.",
        Why.NEEDS_HUB: "That cannot be checked here without the hub: ask it.",
        Why.STALE: "What is known here is too old: fetch it again.",
        Why.ENDED: "Genuine; the licence was revoked, withdrawn or cancelled.",
        Why.REPLACED_OR_MOVED: "Genuine; a newer edition took its place, or it has gone to another hub.",
        Why.FOR_COUNTERS: "A displayed code: only a counter reads it.",
        Why.SEVERAL_CODES: "Several codes of licences are in it: give one at a time.",
        Why.NOTHING_FOUND: "No QR code was found in it: try a sharper picture.",
        Why.UNREADABLE: "It cannot be read as a picture or PDF.",
        Why.ENCRYPTED: "The PDF is encrypted: save it without a password.",
        Why.TOO_LARGE: "It is too large: give the page or the part with the code.",
    }
)
