// Builds the explorer: node build.mjs NODE_MODULES writes ../built, whose names carry the hash of their content, and
// ../built/manifest.json, which names the two files that the page begins with. Nothing in it comes from another host.
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";

const modules = resolve(process.argv[2]);
const { build } = createRequire(join(modules, "/"))("esbuild");
const front = import.meta.dirname;
const built = resolve(front, "../built");

// Monaco's workers have names of their own: `main.jsx` starts each from its address in the manifest.
const WORKERS = {
  editor: "monaco-editor/esm/vs/editor/editor.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
};
const bundling = {
  bundle: true,
  minify: true,
  format: "esm",
  outdir: built,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  nodePaths: [modules],
  absWorkingDir: front,
  jsx: "automatic",
  loader: { ".ttf": "file" },
  metafile: true,
  legalComments: "linked",
  logLevel: "error",
};

function entry({ metafile }, source) {
  const [name, { cssBundle }] = Object.entries(metafile.outputs).find(([, each]) => each.entryPoint?.endsWith(source));
  return { script: basename(name), style: cssBundle && basename(cssBundle) };
}

rmSync(built, { recursive: true, force: true });
const workers = {};
for (const [name, source] of Object.entries(WORKERS)) {
  const worker = await build({ ...bundling, entryPoints: { [`${name}-worker`]: source } });
  workers[name] = entry(worker, source).script;
}
const page = await build({
  ...bundling,
  entryPoints: { explorer: "main.jsx" },
  splitting: true,
  define: { "process.env.NODE_ENV": '"production"', WORKERS: JSON.stringify(workers) },
});
writeFileSync(join(built, "manifest.json"), JSON.stringify(entry(page, "main.jsx")));
