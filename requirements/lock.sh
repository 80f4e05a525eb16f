#!/bin/sh
# Writes run.txt, test.txt, clients.txt and build.txt: every distribution at one version, with its hashes, for every platform.
# The files name no index, no download address and no local path: whoever installs chooses where from.
# test.txt keeps the versions of run.txt, and build.txt those of test.txt: what is tested is what is shipped.
set -eu
cd "$(dirname "$0")/.."

command -v "$UV" >/dev/null 2>&1 || {
    echo "make lock needs uv; name it: make lock UV=/path/to/uv" >&2
    exit 1
}

compile() {
    "$UV" pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate --python-version 3.11 "$@"
}
backend() {
    "$PYTHON" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'
}

compile "$@" pyproject.toml --output-file requirements/run.txt
compile "$@" pyproject.toml --group test --constraints requirements/run.txt --output-file requirements/test.txt
compile "$@" --group clients --output-file requirements/clients.txt
backend | compile "$@" - --constraints requirements/test.txt --output-file requirements/build.txt
grep -c '==' requirements/*.txt
requirements/npm/lock.sh "$@"
