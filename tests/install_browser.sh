#!/bin/sh
# Make sure that a Chromium is there for the browser stories: an installed one, the system's package, or Playwright's own.
set -eu
python=$1
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium && exit 0
fi
exec "$python" -m playwright install --with-deps chromium
