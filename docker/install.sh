#!/bin/sh
# Makes one environment from the locked requirements. The Makefile and the Dockerfile both call this script, so that
# what is tested is what is shipped.
#
#   docker/install.sh FOLDER run|test|clients editable|wheel|none
#
# FOLDER    the virtual environment to make; made anew when its lock changed, otherwise only the project is installed again
# run       which lock: requirements/run.txt (what the hub needs), test.txt (that, and the tools of the tests) or clients.txt
#           (what makes a client from the schema)
# editable  the project stays in this folder (development); wheel: it is built and copied in (images); none: it is left out
#
# Every distribution must match a hash in the lock. The build backend is locked too and never stays in the environment;
# the project itself is installed without a network.
set -eu

folder=$1
lock=$2
form=$3
python=${PYTHON:-python3}
root=$(cd "$(dirname "$0")/.." && pwd)

started=$(date +%s)
say() { echo "[$(($(date +%s) - started)) s] $folder: $*"; }
fail() {
    echo "$*" >&2
    exit 1
}

case $lock in run | test | clients) ;; *) fail "which lock? run, test or clients, not '$lock'" ;; esac
case $form in
    editable) set -- --editable "$root" ;;
    wheel) set -- "$root" ;;
    none) set -- ;;
    *) fail "which form? editable, wheel or none, not '$form'" ;;
esac

command -v "$python" >/dev/null 2>&1 ||
    fail "Licence Hub needs Python 3.11 or newer; there is no '$python' here. Name one: PYTHON=/path/to/python3.11"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Licence Hub needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Name one: PYTHON=/path/to/python3.11"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "'$python' cannot make virtual environments; on Debian and Ubuntu install python3-venv first."

# Binary distributions only: a source distribution would run its own build code, unlocked.
install() {
    "$folder/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input --no-deps "$@"
}
locked() { install --only-binary :all: --require-hashes --requirement "$@"; }

if ! cmp -s "$root/requirements/$lock.txt" "$folder/requirements.txt"; then
    say "new environment from $("$python" -V 2>&1)"
    "$python" -m venv --clear "$folder"
    say "$(grep -c '==' "$root/requirements/$lock.txt") locked distributions (requirements/$lock.txt)"
    locked "$root/requirements/$lock.txt"
    cp "$root/requirements/$lock.txt" "$folder/requirements.txt"
fi

if [ $# -gt 0 ]; then
    say "the project ($form)"
    backend=$(mktemp -d)
    trap 'rm -rf "$backend"' EXIT
    locked "$root/requirements/build.txt" --target "$backend"
    PYTHONPATH=$backend install --no-index --no-build-isolation --force-reinstall "$@"
fi
say "ready"
