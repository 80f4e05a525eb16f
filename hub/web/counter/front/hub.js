// What the page asks of the hub, and how it knows that the hub cannot be asked.
const PATIENCE = 8000; // milliseconds; then a queue is better served without the hub

export class OfflineError extends Error {}

export class RefusedError extends Error {
  constructor(status, code) {
    super(code);
    Object.assign(this, { status, code });
  }
}

// Returns the JSON of an answer; `token` is that of the page's forms. Throws OfflineError or RefusedError.
export async function ask(address, { method = "GET", body, token, patience = PATIENCE } = {}) {
  const headers = { Accept: "application/json", ...(token && { "X-Form-Token": token }) };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  let answer;
  try {
    const signal = AbortSignal.timeout(patience);
    answer = await fetch(address, { method, body, headers, signal, cache: "no-store", credentials: "same-origin" });
  } catch {
    throw new OfflineError("the hub did not answer");
  }
  const told = await answer.json().catch(() => null);
  if (answer.ok && told) return told;
  if (answer.status >= 500 || !told) throw new OfflineError(`the hub answered ${answer.status}`);
  throw new RefusedError(answer.status, told.code);
}
