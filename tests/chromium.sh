#!/bin/sh
# Makes sure that there is a Chromium for the browser tests: through the system's package manager where that is
# allowed, else it says what to do. Missing is an error only with CI=true.
set -u
[ -n "${PLUMBLINE_CHROMIUM:-}" ] && exit 0
command -v chromium >/dev/null 2>&1 && exit 0
command -v chromium-browser >/dev/null 2>&1 && exit 0

if [ "$(id -u)" = 0 ]; then become=""
elif sudo -n true 2>/dev/null; then become="sudo -n"
else become="no"
fi
if [ "$become" != no ]; then
  echo "Installing chromium for the browser tests"
  if command -v apt-get >/dev/null 2>&1; then
    $become apt-get update -q >/dev/null && $become env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium >/dev/null
  elif command -v dnf >/dev/null 2>&1; then $become dnf install -q -y chromium
  elif command -v apk >/dev/null 2>&1; then $become apk add -q chromium
  elif command -v pacman >/dev/null 2>&1; then $become pacman -S --noconfirm -q chromium
  fi
  command -v chromium >/dev/null 2>&1 && exit 0
  command -v chromium-browser >/dev/null 2>&1 && exit 0
fi
echo "No Chromium: the browser tests need the system's package \"chromium\" (or PLUMBLINE_CHROMIUM=/path/to/it)." >&2
[ "${CI:-}" = true ] && exit 1
echo "Without it they are skipped." >&2
exit 0
