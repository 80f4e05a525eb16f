#!/bin/sh
# Writes NAME/package-lock.json for each NAME here: every package at one version, with its integrity, for every platform.
# The locks name no registry and no address: whoever installs chooses where from. --upgrade moves versions.
set -eu
cd "$(dirname "$0")"

command -v npm >/dev/null 2>&1 || {
    echo "the npm locks are left as they are: npm is not installed" >&2
    exit 0
}

case ${1-} in --upgrade) how=update ;; *) how=install ;; esac

for name in */; do
    npm "$how" --prefix "$name" --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error
    node -e '
        const { readFileSync, writeFileSync } = require("node:fs");
        const lock = JSON.parse(readFileSync(process.argv[1], "utf8"));
        for (const each of Object.values(lock.packages)) { delete each.resolved; delete each.funding; delete each.deprecated; }
        writeFileSync(process.argv[1], `${JSON.stringify(lock, null, 2)}\n`);
        console.log(`requirements/npm/${process.argv[1]}: ${Object.keys(lock.packages).length - 1}`);
    ' "${name}package-lock.json"
done
