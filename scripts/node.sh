#!/bin/sh
# Sees to it that there are Node.js and npm that can build the globe; as root on Debian installs them where they are missing and the
# distribution's will do. Fails with what to do.
set -eu

LEAST=20.19 # what Vite 7 needs

enough() { # VERSION
    [ -n "$1" ] && [ "$(printf '%s\n%s\n' "$LEAST" "${1#v}" | sort -V | head -n 1)" = "$LEAST" ]
}

ready() { command -v npm >/dev/null && command -v node >/dev/null && enough "$(node --version)"; }

ready && exit
found=$(node --version 2>/dev/null || echo missing)
if [ "$found" = missing ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    if enough "$(apt-cache policy nodejs | awk '/Candidate:/ { print $2 }')"; then
        echo "Installing Node.js, which builds the globe ..." >&2
        apt-get install -y -qq --no-install-recommends nodejs >&2
        command -v npm >/dev/null || apt-get install -y -qq --no-install-recommends npm >&2
    fi
    ready && exit
fi
cat >&2 <<WORDS
Building the globe needs Node.js $LEAST or newer, and npm. Node.js is: $found; npm is: $(npm --version 2>/dev/null || echo missing).
Debian 12 has 18, which is too old; Debian 13 has 20.19: sudo apt-get install nodejs npm. Elsewhere see nodejs.org, or: nvm install 22
Only the globe (closedsky serve) needs it; make demo does not.
WORDS
exit 1
