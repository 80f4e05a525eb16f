// The explorer: GraphiQL with a place for a token and three ready examples. It keeps nothing: no history, and a storage
// that ends with the tab, for variables and answers hold personal data. It speaks to the hub that served it and to no other.
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { buildSchema } from "graphql";
import { StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { EXAMPLES } from "./examples.js";
import "./explorer.css";
import { forgetful } from "./forgetful.js";
import { until } from "./token.js";

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(WORKERS[label] ?? WORKERS.editor, import.meta.url), { type: "module" }),
};

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

async function ask(token, { query, variables, operationName }) {
  // Right after a change of tabs GraphiQL still names the operation of the tab before.
  const named = query.includes(operationName) ? operationName : undefined;
  const headers = { "content-type": "application/json", accept: ACCEPT };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch("graphql", {
    method: "POST",
    headers,
    body: JSON.stringify({ query, variables, operationName: named }),
    credentials: "omit",
    cache: "no-store",
  });
  return answer.json();
}

// The schema as the hub publishes it, also where introspection is off; null until it is there, undefined asks by introspection.
function useSchema() {
  const [schema, setSchema] = useState(null);
  useEffect(() => {
    fetch(".well-known/licence-hub/schema.graphql", { credentials: "omit" })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((text) => setSchema(buildSchema(text)))
      .catch(() => setSchema(undefined));
  }, []);
  return schema;
}

function TokenField({ onToken }) {
  const [token, setToken] = useState("");
  const take = (event) => {
    const given = event.target.value.trim();
    setToken(given);
    onToken(given);
  };
  return (
    <form className="token" autoComplete="off" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor="token">访问令牌 Access token</label>
      <input id="token" type="password" autoComplete="off" spellCheck="false" value={token} onChange={take} />
      <output htmlFor="token">{until(token)}</output>
    </form>
  );
}

function Explorer() {
  const token = useRef(""); // never in a URL, in a cookie or in storage
  const [storage] = useState(forgetful);
  const schema = useSchema();
  const [fetcher] = useState(() => (request) => ask(token.current, request));
  return (
    <>
      <header>
        <h1>
          证照共享 <span>Licence Hub</span>
        </h1>
        <TokenField onToken={(given) => (token.current = given)} />
      </header>
      <main>
        <GraphiQL
          forcedTheme="light"
          fetcher={fetcher}
          schema={schema}
          storage={storage}
          plugins={[]}
          defaultTabs={EXAMPLES}
          defaultEditorToolsVisibility="variables"
          isHeadersEditorEnabled={false}
          showPersistHeadersSettings={false}
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo> </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById("explorer")).render(
  <StrictMode>
    <Explorer />
  </StrictMode>,
);
