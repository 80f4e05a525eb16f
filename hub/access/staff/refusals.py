"""How staff are told no: one class each, with a stable code. A message never says which part of a proof was wrong.

HubError
├── InputError
│   ├── StaffUnknownError             STAFF_UNKNOWN
│   ├── ActUnknownError               ACT_UNKNOWN
│   └── PasswordRefusedError          PASSWORD_REFUSED           too short, well known, or the login name
├── AccessError
│   ├── SessionInvalidError           SESSION_INVALID
│   ├── SessionExpiredError           SESSION_EXPIRED
│   ├── SignInFailedError             SIGN_IN_FAILED             which part was wrong is not told
│   ├── SignInPostponedError          SIGN_IN_POSTPONED          after too many failures
│   ├── PasswordChangeRequiredError   PASSWORD_CHANGE_REQUIRED
│   ├── RoleMissingError              ROLE_MISSING
│   ├── FormRefusedError              FORM_REFUSED               a form that no page of this session sent
│   └── OwnAccountError               OWN_ACCOUNT                another administrator must do it
└── StateError
    ├── ActUnderwayError              ACT_UNDERWAY               a form was sent twice, and the first is not over
    ├── StaffActiveError              STAFF_ACTIVE               an account is disabled before its person is erased
    └── LastAdministratorError        LAST_ADMINISTRATOR         a hub keeps one hub administrator at least
"""

from hub.errors import AccessError, InputError, StateError


class StaffUnknownError(InputError):
    """There is no such account, role grant or session; `licence-hub staff list` shows them."""

    code = "STAFF_UNKNOWN"


class ActUnknownError(InputError):
    """You have done nothing of this id, or it is more than 30 days ago; the record of it stays."""

    code = "ACT_UNKNOWN"


class PasswordRefusedError(InputError):
    """This password is too easily guessed; choose another."""

    code = "PASSWORD_REFUSED"


class SessionInvalidError(AccessError):
    """Nobody is signed in with this; sign in with `licence-hub sign-in` or `POST /sessions`."""

    code = "SESSION_INVALID"


class SessionExpiredError(AccessError):
    """The session has ended; sign in again."""

    code = "SESSION_EXPIRED"


class SignInFailedError(AccessError):
    """Login, password and code do not belong together, or the account is closed; try again with the authenticator's next code."""

    code = "SIGN_IN_FAILED"


class SignInPostponedError(AccessError):
    """Too many failures; no try is taken now."""

    code = "SIGN_IN_POSTPONED"

    def __init__(self, *, wait: int = 1) -> None:
        """`wait` is how many seconds no try is taken."""
        self.wait = wait
        super().__init__(
            f"Too many failures under this name or from this address: no try is taken for {wait:,} seconds."
        )


class PasswordChangeRequiredError(AccessError):
    """Change the password and set up the authenticator first: this account's password is a temporary one."""

    code = "PASSWORD_CHANGE_REQUIRED"


class RoleMissingError(AccessError):
    """You do not hold the role that this takes; a hub administrator gives roles."""

    code = "ROLE_MISSING"


class FormRefusedError(AccessError):
    """The form did not come from a page of this session; open the page again and send it from there."""

    code = "FORM_REFUSED"


class OwnAccountError(AccessError):
    """Nobody does this to his own account; ask another hub administrator."""

    code = "OWN_ACCOUNT"


class ActUnderwayError(StateError):
    """This form was sent once already, and what came of it is not known yet; look at the thing itself before you begin anew."""

    code = "ACT_UNDERWAY"


class StaffActiveError(StateError):
    """The account is open: disable it first, for what is erased does not come back."""

    code = "STAFF_ACTIVE"


class LastAdministratorError(StateError):
    """A hub keeps one hub administrator who can sign in and whose role has no end; make another one first."""

    code = "LAST_ADMINISTRATOR"
