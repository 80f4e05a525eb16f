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
│   │   └── SignInClosedError         SIGN_IN_CLOSED             after a hundred, until an administrator says so
│   ├── PasswordChangeRequiredError   PASSWORD_CHANGE_REQUIRED
│   ├── RoleMissingError              ROLE_MISSING
│   ├── FormRefusedError              FORM_REFUSED               a form that no page of this session sent
│   ├── OwnAccountError               OWN_ACCOUNT                another administrator must do it
│   ├── AuthenticatorClockError       AUTHENTICATOR_CLOCK        told to who is signed in, and nobody else
│   ├── ProviderRefusedError          PROVIDER_REFUSED           the OpenID provider signed nobody in
│   ├── ProviderAnswerError           PROVIDER_ANSWER_INVALID    what came back does not verify
│   │   ├── ProviderClockError        PROVIDER_CLOCK             its times are not those of this hub's clock
│   │   └── ProviderLevelError        PROVIDER_LEVEL             the person did not prove enough there
│   └── SubjectUnknownError           SUBJECT_UNKNOWN            no account is linked to that person
├── StateError
│   ├── ActUnderwayError              ACT_UNDERWAY               a form was sent twice, and the first is not over
│   ├── StaffActiveError              STAFF_ACTIVE               an account is disabled before its person is erased
│   ├── StaffEnrolledError            STAFF_ENROLLED             who has a proof of his own links his account himself
│   ├── SubjectTakenError             SUBJECT_TAKEN              another account is linked to that person
│   └── LastAdministratorError        LAST_ADMINISTRATOR         a hub keeps one hub administrator at least
└── UnavailableError
    └── ProviderUnavailableError      PROVIDER_UNAVAILABLE       it could not be checked, which is no pass
"""

from hub.errors import AccessError, InputError, StateError, UnavailableError


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


class SignInClosedError(SignInPostponedError):
    """A hundred tries in a row have failed under this name: no more is taken until a hub administrator enables the account."""

    code = "SIGN_IN_CLOSED"

    def __init__(self) -> None:
        """It is asked again in a day at the soonest."""
        AccessError.__init__(self)
        self.wait = 86400


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


class AuthenticatorClockError(SignInFailedError):
    """The code is that of another moment: the clock of the authenticator is off. Set it by the network and try the next code."""

    code = "AUTHENTICATOR_CLOCK"

    def __init__(self, *, seconds: int = 0) -> None:
        """`seconds` is by how much it is fast, or slow if it is less than nothing."""
        self.seconds = seconds
        super().__init__()


class ProviderRefusedError(AccessError):
    """The identity platform signed nobody in; begin again, or ask its operator."""

    code = "PROVIDER_REFUSED"


class ProviderAnswerError(AccessError):
    """What came back from the identity platform does not verify, and nobody was signed in; begin again on the page of signing in."""

    code = "PROVIDER_ANSWER_INVALID"


class ProviderClockError(ProviderAnswerError):
    """The identity platform's word is over already, or of the future: one of the two clocks is wrong. The hub's administrator compares them."""

    code = "PROVIDER_CLOCK"


class ProviderLevelError(ProviderAnswerError):
    """The identity platform does not say that the person proved as much as this hub asks for; sign in there by another method."""

    code = "PROVIDER_LEVEL"


class SubjectUnknownError(AccessError):
    """No account of this hub is linked to this person of the identity platform; a hub administrator links it, or he himself once he is signed in."""

    code = "SUBJECT_UNKNOWN"


class SubjectTakenError(StateError):
    """Another account is linked to this person of the identity platform; unlink it there first."""

    code = "SUBJECT_TAKEN"


class StaffEnrolledError(StateError):
    """This person has a password and an authenticator of his own: he links his account himself, or it is reset first."""

    code = "STAFF_ENROLLED"


class ProviderUnavailableError(UnavailableError):
    """The identity platform did not answer, or with nothing that can be used, so nobody could be signed in by it. Try again; the hub's log says why."""

    code = "PROVIDER_UNAVAILABLE"
