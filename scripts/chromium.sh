#!/bin/sh
# Prints which Chromium the browser tests drive: $CHROMIUM, or what is on the path. With --install, as root on Debian, installs one
# where there is none. Fails with the command to type.
set -eu

find_it() {
    if [ -n "${CHROMIUM:-}" ]; then
        command -v "$CHROMIUM" && return
        echo "CHROMIUM=$CHROMIUM is no program that can be run." >&2
        exit 1
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

find_it && exit
if [ "${1:-}" = --install ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium, which the browser tests drive ..." >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >&2 && find_it && exit
fi
cat >&2 <<'WORDS'
The browser tests need Chromium, and there is none on the path.
On Debian: sudo apt-get install chromium. Elsewhere install Chromium or Chrome, and name it if need be: CHROMIUM=/path/to/chrome make test
WORDS
exit 1
