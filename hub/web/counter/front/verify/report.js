// What a verification tells: one row a check, as keys/report.py. A check that could not be made is never a pass.
import { UncheckableError, VerificationError } from "./refusals.js";

export const [PASSED, FAILED, INDETERMINATE] = ["PASSED", "FAILED", "INDETERMINATE"];
export const [TOTAL_PASSED, TOTAL_FAILED] = ["TOTAL_PASSED", "TOTAL_FAILED"];
const OPEN = new Set(["NO_CERTIFICATE_CHAIN_FOUND", "CHAIN_CONSTRAINTS_FAILURE", "NO_POE", "TRY_LATER", "GENERIC"]);

// Makes the checks in order; rows are [name, the checks it stands on, how it is made of what is examined].
export async function examine(rows, examined) {
  const [checks, unpassed] = [[], new Set()];
  for (const [name, needs, make] of rows) {
    const unmet = needs.filter((need) => unpassed.has(need));
    const check = unmet.length ? notMade(name, unmet) : await made(name, make, examined);
    if (check.outcome !== PASSED) unpassed.add(name);
    checks.push(check);
  }
  return checks;
}

// One failure fails all; one doubt leaves all in doubt.
export function resultOf(checks) {
  if (checks.some((one) => one.outcome === FAILED)) return TOTAL_FAILED;
  return checks.every((one) => one.outcome === PASSED) ? TOTAL_PASSED : INDETERMINATE;
}

async function made(name, make, examined) {
  try {
    return { name, outcome: PASSED, subIndication: null, detail: await make(examined) };
  } catch (error) {
    return { name, ...refusalOf(error), detail: error.message };
  }
}

// Anything else that is thrown is a fault of ours: let it be seen.
function refusalOf(error) {
  if (error instanceof UncheckableError) return { outcome: INDETERMINATE, subIndication: "GENERIC" };
  if (!(error instanceof VerificationError)) throw error;
  return { outcome: OPEN.has(error.subIndication) ? INDETERMINATE : FAILED, subIndication: error.subIndication };
}

const notMade = (name, unmet) => ({
  name, outcome: INDETERMINATE, subIndication: "GENERIC", detail: `not made, because of ${unmet.join(", ")}`,
});
