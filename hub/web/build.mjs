// Builds the fronts of the pages: node build.mjs NODE_MODULES [PAGE...] reads PAGE/front/front.json and writes PAGE/built, whose names
// carry the hash of their content, and PAGE/built/manifest.json, which names the files that the page begins with. Nothing in them comes
// from another host.
//
// front.json: `page`, the module the page begins with; `workers`, modules that run beside it, which it finds by WORKERS[name]; `files`,
// files of packages that are served as they are, found by FILES[name]; `alone`, modules whose names stay as they are (a service
// worker's address may not change). They know by BUILT all that was built, and by EDITION its digest.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname, join, resolve } from "node:path";

const [folder, ...asked] = process.argv.slice(2);
const modules = resolve(folder);
const { build } = createRequire(join(modules, "/"))("esbuild");
const web = import.meta.dirname;

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();

function entry({ metafile }, source) {
  const [name, { cssBundle }] = Object.entries(metafile.outputs).find(([, each]) => each.entryPoint?.endsWith(source));
  return { script: basename(name), ...(cssBundle && { style: basename(cssBundle) }) };
}

function copied(source, built) {
  const from = join(modules, source);
  const end = extname(source);
  const name = `${basename(source, end)}-${digest(readFileSync(from))}${end}`;
  copyFileSync(from, join(built, name));
  return name;
}

async function front(page) {
  const [source, built] = [join(web, page, "front"), join(web, page, "built")];
  const asks = { workers: {}, files: {}, alone: {}, ...JSON.parse(readFileSync(join(source, "front.json"), "utf8")) };
  const defined = { "process.env.NODE_ENV": '"production"' };
  const bundled = (entryPoints, more = {}) =>
    build({
      entryPoints,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      outdir: built,
      entryNames: "[name]-[hash]",
      assetNames: "[name]-[hash]",
      chunkNames: "part-[hash]",
      nodePaths: [modules],
      absWorkingDir: source,
      jsx: "automatic",
      loader: { ".ttf": "file" },
      define: { ...defined },
      metafile: true,
      legalComments: "linked",
      logLevel: "error",
      ...more,
    });

  rmSync(built, { recursive: true, force: true });
  mkdirSync(built);
  const names = (table, made) => Object.fromEntries(Object.entries(table).map(([name, each]) => [name, made(each)]));
  defined.FILES = JSON.stringify(names(asks.files, (each) => copied(each, built)));
  const workers = {};
  for (const [name, module] of Object.entries(asks.workers)) {
    workers[name] = entry(await bundled({ [`${name}-worker`]: module }), module).script;
  }
  defined.WORKERS = JSON.stringify(workers);
  const begins = entry(await bundled({ [page]: asks.page }, { splitting: true }), asks.page);
  defined.BUILT = JSON.stringify(readdirSync(built).filter((name) => !name.endsWith(".LEGAL.txt")).sort());
  defined.EDITION = JSON.stringify(digest(defined.BUILT));
  if (Object.keys(asks.alone).length) await bundled(asks.alone, { entryNames: "[name]" });
  writeFileSync(join(built, "manifest.json"), JSON.stringify(begins));
}

const pages = readdirSync(web).filter((name) => existsSync(join(web, name, "front", "front.json")));
for (const page of asked.length ? asked : pages) await front(page);
