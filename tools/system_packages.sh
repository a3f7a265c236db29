#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are still missing; quiet and quick when none is.
#
#   system_packages.sh run     what the program needs: sound and the window
#   system_packages.sh test    also a sound server and a display without hardware, for the tests
#   system_packages.sh train   also a synthesizer with its sound font, for music that is rendered
set -euo pipefail

run="
  python3 python3-venv
  libportaudio2 libasound2-plugins
  libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 fonts-dejavu-core
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-util1
  libxcb-shape0 libxcb-xkb1 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxkbcommon-x11-0 libx11-xcb1
"
test="pulseaudio pulseaudio-utils xvfb"
train="fluidsynth fluid-soundfont-gm"

case ${1:-} in
run) wanted=$run ;;
test) wanted="$run $test" ;;
train) wanted="$run $train" ;;
*) sed -n '2,6p' "$0"; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "This is not Debian or Ubuntu: install PortAudio and Qt's libraries yourself (see docs/manual.md)."
  exit 0
fi

missing=()
for package in $wanted; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing system packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "shellac: run this as root first: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
"${as_root[@]}" apt-get -q update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get -q install -y --no-install-recommends "${missing[@]}"
