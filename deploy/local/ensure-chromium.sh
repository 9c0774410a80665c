#!/usr/bin/env bash
# The browser tests drive the machine's own Chromium. As root on Debian or Ubuntu it is installed when missing.
set -euo pipefail
for candidate in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$candidate" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Chromium for the browser tests" >&2
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  exit 0
fi
echo "The browser tests need Chromium (or Chrome) on the PATH, and there is none. Install it with your package" >&2
echo "manager, for example: sudo apt-get install chromium" >&2
exit 1
