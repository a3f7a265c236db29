#!/usr/bin/env bash
# A private PulseAudio with two null sinks, so that the sound path can be tested without hardware.
#
#   virtual_sound.sh start    start it (again: does nothing; says so when it had ended by itself)
#   virtual_sound.sh stop     end it and remove its folder
#   virtual_sound.sh status   0 when it is up, 3 when not
#   virtual_sound.sh env      print the export lines:  eval "$(tests/virtual_sound.sh env)"
#
# Play into the sink `turntable`, capture from the device `turntable`, play to the device
# `headphones`, record `headphones.monitor`. Samples pass bit for bit (float32, one rate).
# Everything lives in $VIRTUAL_SOUND_DIR; nothing in the home folder or in /etc is touched.
#
# VIRTUAL_SOUND_DIR   (/tmp/shellac_sound)   VIRTUAL_SOUND_RATE  (44100)
# VIRTUAL_SOUND_CHANNELS (2)
set -u
dir=${VIRTUAL_SOUND_DIR:-/tmp/shellac_sound}
rate=${VIRTUAL_SOUND_RATE:-44100}
channels=${VIRTUAL_SOUND_CHANNELS:-2}
map= # the one that ALSA gives four channels, so that nothing is mixed
[ "$channels" != 4 ] || map="channel_map=front-left,front-right,rear-left,rear-right"
socket=$dir/native

fail() { echo "virtual_sound: $*" >&2; exit 1; }

server_pid() { # prints it if the recorded process lives and still is a PulseAudio
  local pid state
  pid=$(cat "$dir/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = pulseaudio ] || return 1
  state=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) || return 1
  [ "${state:0:1}" != Z ] && echo "$pid"
}

may_take_precedence() { chrt -r 4 true 2>/dev/null; }

answers() { PULSE_SERVER=unix:$socket pactl list short sinks 2>/dev/null | grep -q headphones; }

write_files() {
  cat >"$dir/env" <<EOF
export XDG_RUNTIME_DIR='$dir'
export PULSE_SERVER='unix:$socket'
export PULSE_COOKIE='$dir/cookie'
export ALSA_CONFIG_PATH='$dir/asound.conf'
EOF
  cat >"$dir/asound.conf" <<EOF
</usr/share/alsa/alsa.conf>
pcm.turntable { type pulse device "turntable.monitor" hint { show on description "Turntable" } }
pcm.headphones { type pulse device "headphones" hint { show on description "Headphones" } }
pcm.!default { type asym capture.pcm "turntable" playback.pcm "headphones" }
ctl.!default { type pulse }
EOF
  cat >"$dir/server.pa" <<EOF
.fail
load-module module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket=$socket
load-module module-null-sink sink_name=turntable norewinds=1 format=float32le rate=$rate channels=$channels $map
load-module module-null-sink sink_name=headphones norewinds=1 format=float32le rate=$rate channels=$channels $map
set-default-sink headphones
set-default-source turntable.monitor
EOF
  local realtime=no
  may_take_precedence && realtime=yes
  # Memory shared with clients loses its blocks where one client's sound goes on to another (PulseAudio
  # bug 824), and now and then the server crashes of it: sound goes through the socket.
  cat >"$dir/daemon.conf" <<EOF
exit-idle-time = -1
enable-shm = no
flat-volumes = no
default-sample-format = float32le
default-sample-rate = $rate
alternate-sample-rate = $rate
default-sample-channels = $channels
resample-method = trivial
realtime-scheduling = $realtime
high-priority = $realtime
EOF
}

take_precedence() { # the server's main thread hands on every sample, but leaves itself behind
  ! may_take_precedence || chrt -r -p 4 "$(cat "$dir/pid")"
}

start() {
  command -v pulseaudio >/dev/null && command -v pactl >/dev/null ||
    fail "missing: apt-get install pulseaudio pulseaudio-utils libasound2-plugins"
  mkdir -p "$dir" && chmod 700 "$dir"
  exec 9>"$dir/lock" && flock 9 # two callers cannot both start one
  if server_pid >/dev/null && answers; then return; fi
  if [ -e "$dir/pid" ]; then
    echo "the sound server had ended: $(tail -n 3 "$dir/log" | tr '\n' ' ')"
  fi
  local pid
  ! pid=$(server_pid) || kill -KILL "$pid" # it lives, and does not answer
  write_files
  # shellcheck disable=SC1091
  . "$dir/env"
  unset DISPLAY DBUS_SESSION_BUS_ADDRESS
  PULSE_CONFIG=$dir/daemon.conf PULSE_STATE_PATH=$dir/state PULSE_RUNTIME_PATH=$dir/runtime \
    setsid pulseaudio -n -F "$dir/server.pa" --daemonize=no --use-pid-file=no --disallow-exit \
    --exit-idle-time=-1 --log-target=stderr --log-level=notice \
    </dev/null >"$dir/log" 2>&1 9>&- &
  echo $! >"$dir/pid"
  for _ in $(seq 1500); do
    answers && take_precedence && return
    sleep 0.02
  done
  cat "$dir/log" >&2
  fail "PulseAudio did not come up"
}

stop() {
  local pid
  if pid=$(server_pid); then
    kill -TERM "$pid"
    for _ in $(seq 100); do
      server_pid >/dev/null || break
      sleep 0.02
    done
    server_pid >/dev/null && kill -KILL "$pid"
  fi
  rm -rf "$dir"
}

case ${1:-} in
start) start ;;
stop) stop ;;
status) server_pid >/dev/null || exit 3 ;;
env) cat "$dir/env" ;;
*) sed -n '2,14p' "$0"; exit 2 ;;
esac
