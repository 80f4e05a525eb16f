"""The names and numbers that the IETF draft Token Status List gives to things, in one place."""

from typing import Final

STATUS_LIST_DRAFT: Final = "draft-ietf-oauth-status-list-21"
"""The edition of the draft this package follows (21 June 2026, with the RFC Editor); the only place to raise it."""

JWT_TYP: Final = "statuslist+jwt"
JWT_MEDIA: Final = "application/statuslist+jwt"
CWT_MEDIA: Final = "application/statuslist+cwt"  # its type in the protected header too

# CWT claim keys: RFC 8392 section 3.1; the last two are what the draft asks IANA for.
SUBJECT, AUDIENCE, EXPIRES, NOT_BEFORE, ISSUED = 2, 3, 4, 5, 6
STATUS_LIST, TIME_TO_LIVE = 65533, 65534
