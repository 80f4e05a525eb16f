#!/bin/sh
# Installs locked npm packages. The Makefile and the Dockerfile both call this script.
#
#   requirements/npm/install.sh NAME [FOLDER]
#
# NAME    which lock: requirements/npm/NAME/package-lock.json
# FOLDER  where to: FOLDER/node_modules; .venv/npm/NAME unless given. Made anew when its lock changed.
#
# Every package must match its integrity in the lock, and none runs a script of its own while it is installed: those that
# bring a program (esbuild, typescript, node) carry it in a package for the platform.
# Exit status 3: left out with a word, because node or npm is missing or too old. Nothing else of Licence Hub needs them.
set -eu

name=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${2:-$root/.venv/npm/$name}
source=$root/requirements/npm/$name

skip() {
    echo "npm packages for $name are skipped: $*"
    exit 3
}

[ -f "$source/package-lock.json" ] || {
    echo "which lock? $(cd "$root/requirements/npm" && echo */ | tr -d /), not '$name'" >&2
    exit 1
}
command -v node >/dev/null 2>&1 || skip "node is not installed (20.19 or newer)"
command -v npm >/dev/null 2>&1 || skip "npm is not installed"
node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)' ||
    skip "node 20.19 or newer is needed, this is $(node --version)"

cmp -s "$source/package-lock.json" "$folder/installed.json" && exit 0

started=$(date +%s)
echo "npm packages for $name: $(grep -c '"integrity"' "$source/package-lock.json") locked (requirements/npm/$name)"
mkdir -p "$folder"
rm -f "$folder/installed.json"
cp "$source/package.json" "$source/package-lock.json" "$folder"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
cp "$source/package-lock.json" "$folder/installed.json"
echo "[$(($(date +%s) - started)) s] $folder: ready"
