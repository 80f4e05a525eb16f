// A real OpenID provider (oidc-provider) on this machine. It is told what to be by JSON on its command line, and what to do by POST /control:
//   {who}       whose browser it is from now on: he is signed in without being asked; null: a page asks
//   {answer}    what every endpoint but /control answers instead: {status, type, body, wait} in milliseconds; null: the provider again
//   {keys}      another JWK Set to sign with
//   {amr, acr}  how he authenticated
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const told = JSON.parse(process.argv[2]);
const state = { who: null, answer: null, keys: told.keys, acr: undefined, amr: undefined };

function made() {
  const provider = new Provider(told.issuer, {
    clients: told.clients,
    jwks: { keys: state.keys },
    cookies: { keys: ["only for tests"] },
    clientAuthMethods: ["private_key_jwt", "client_secret_basic"],
    enabledJWA: { idTokenSigningAlgValues: ["ES256", "RS256", "PS256", "EdDSA"] },
    acrValues: ["urn:example:two-factors", "urn:example:password"],
    claims: { openid: ["sub"], acr: null, amr: null, auth_time: null },
    clockTolerance: 900,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
    renderError: (context, out) => { context.type = "text/plain"; context.body = JSON.stringify(out); },
  });
  return { provider, answer: provider.callback() };
}

let current = made();
process.on("uncaughtException", (error) => console.error(error)); // a client that hangs up is what is tested

const body = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};

const PAGE = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Identity platform of the tests</title>
<h1>Identity platform of the tests</h1><form method="post"><label>Person <input name="who"></label> <button>Sign in</button></form></html>`;

async function interaction(request, response) {
  const who = request.method === "POST" ? new URLSearchParams(await body(request)).get("who") : state.who;
  if (!who) return response.setHeader("Content-Type", "text/html").end(PAGE);
  const login = { accountId: who, acr: state.acr, amr: state.amr };
  const result = who === "nobody" ? { error: "access_denied" } : { login };
  return current.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function control(request, response) {
  const wanted = JSON.parse(await body(request));
  Object.assign(state, wanted);
  if ("keys" in wanted) current = made();
  response.end("{}");
}

createServer(async (request, response) => {
  if (request.url === "/control") return control(request, response);
  if (state.answer) {
    await new Promise((done) => setTimeout(done, state.answer.wait ?? 0));
    return response.writeHead(state.answer.status, { "Content-Type": state.answer.type }).end(state.answer.body);
  }
  return request.url.startsWith("/interaction/") ? interaction(request, response) : current.answer(request, response);
}).listen(told.port, "127.0.0.1", () => console.log("ready"));
