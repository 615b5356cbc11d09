#!/bin/bash
# lab.sh RUN BASE: keeps the namespaces (processes, mounts, network) in which a run's machines live, until its input ends.
#
# RUN is the run's folder; it is removed at the end. BASE is what base.sh made. Says "ready SUBNET PID" when machine.sh can be
# used: PID is the process whose namespaces it enters, SUBNET (10.x.y) the network. All that a run has is either in the
# namespaces, and gone with their first process, or found by its folder: the next run removes what a killed one has left.
set -euo pipefail

inside() { # the first process of the namespaces
  local run=$1 base=$2
  mount -t tmpfs -o mode=755 machines "$run/lab"
  mount -t tmpfs -o mode=755 run /run
  mkdir -p /run/netns
  ip link set lo up
  ip link add machines type bridge
  ip link set machines up
  echo "$base" > "$run/lab/base"
  echo inside
  # Ends with the process that holds the other end.
  while read -r _; do :; done
}

remove() { # FOLDER: what is left of a run
  local run=$1 group
  for group in /sys/fs/cgroup/"cim-${run##*/}" /sys/fs/cgroup/*/"cim-${run##*/}"; do
    [ -d "$group" ] || continue
    find "$group" -depth -type d -exec rmdir {} \; || true
  done
  rm -rf --one-file-system "$run"
}

if [ "$1" = --inside ]; then
  inside "$2" "$3"
  exit
fi

run=$1 base=$2
# One at a time: nobody takes a run for dead that is about to lock its folder.
exec 7> "${run%/*}/.lock"
flock 7
exec 9> "$run/lock"
flock -n 9
# Every process of a run holds its lock.
for other in "${run%/*}"/*/; do
  other=${other%/}
  [ "$other" != "$run" ] && [ -e "$other/lock" ] && flock -n "$other/lock" true && remove "$other"
done
exec 7>&-

mkdir "$run/lab"
mkfifo "$run/up"
exec 8<> "$run/up"
unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --inside "$run" "$base" <&0 >&8 &
outer=$!
close() {
  kill -KILL $outer 2> /dev/null || true
  wait $outer || true
  remove "$run"
}
trap close EXIT
read -r -t 20 -u 8 word && [ "$word" = inside ]
pid=$(cat "/proc/$outer/task/$outer/children")
pid=${pid%% *}

# The name of the interface is taken once, and so is its subnet.
for number in $(shuf -i 0-255); do
  subnet=10.203.$number
  ! ip -4 route show | grep -qF "$subnet." || continue
  ip link add "cimtest$number" type veth peer name outside netns "$pid" 2> /dev/null || continue
  break
done
ip addr add "$subnet.1/24" dev "cimtest$number"
ip link set "cimtest$number" up
nsenter -t "$pid" -n ip link set outside master machines up
echo "ready $subnet $pid"
wait $outer || true
