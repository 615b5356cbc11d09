#!/usr/bin/env bash
# Starts a docker daemon if none answers, and waits until it does. If there can be none here, it says why and ends with 1.
set -u
PATH="$PATH:/usr/sbin:/sbin"

answers() { timeout 20 docker version >/dev/null 2>&1; }
impossible() {
  echo "$1" >&2
  exit 1
}

command -v docker >/dev/null || impossible "docker is not installed: apt-get install docker.io"
answers && exit 0
command -v dockerd >/dev/null || impossible "no docker daemon answers, and dockerd is not installed: apt-get install docker.io"
[ "$(id -u)" -eq 0 ] || impossible "no docker daemon answers, and only root can start one"

# Suites run side by side: one of them starts it, the others wait.
exec 9>/tmp/cim-docker.lock
flock 9
log=/tmp/cim-dockerd.log
# The second time without rules of a firewall, which some machines refuse. Published ports work all the same.
for options in "" "--iptables=false"; do
  answers && exit 0
  # shellcheck disable=SC2086 # No option at all is not an empty one.
  setsid dockerd $options >"$log" 2>&1 </dev/null 9>&- &
  daemon=$!
  for _ in $(seq 120); do
    answers && exit 0
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.5
  done
  kill "$daemon" 2>/dev/null
  wait "$daemon" 2>/dev/null
done
impossible "dockerd does not start, see $log: $(tail -n 1 "$log")"
