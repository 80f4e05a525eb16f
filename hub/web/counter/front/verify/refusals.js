// How this library says no: as keys/errors.py does, with the sub-indications of ETSI EN 319 102-1. "It does not verify" and "it could not be
// checked" are different classes.

export class VerificationError extends Error {
  constructor(message, subIndication = "SIG_CRYPTO_FAILURE") {
    super(message);
    this.subIndication = subIndication;
  }
}

// The input is malformed; nothing in it may be believed.
export class FormatError extends VerificationError {
  constructor(message) {
    super(message, "FORMAT_FAILURE");
  }
}

// It could not be checked: that is neither a yes nor a no.
export class UncheckableError extends Error {}
