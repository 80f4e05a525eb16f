// Checks printed codes in a browser by an offline pack, without the network. Time and pack are passed in; nothing here reads a clock, a store or an
// address. The same rows and words as the hub's own (keys/qr_verification.py, hub/counters/verdict.py), which a test compares.
export { FRESH, OLD, REFUSED, openPack } from "./pack.js";
export { FormatError, UncheckableError, VerificationError } from "./refusals.js";
export { verdictOf } from "./verdict.js";
