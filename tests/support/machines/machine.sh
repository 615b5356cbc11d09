#!/bin/bash
# machine.sh RUN PID COMMAND NAME [ARGUMENT…]: what can be done to a machine from outside it, in the lab of process PID.
#
#   create NAME ADDRESS STORE_MIB KEY SYSTEM STORE    its disk, its network, and its first system out of the nix store STORE
#   boot NAME [FROM:TO…]                                starts it, with files of this machine; answers at once
#   wait NAME                                         until systemd has started everything
#   exec NAME COMMAND…                                runs a command in it, past its network
#   kill NAME                                         a power cut; the disk stays
#   cut|heal NAME                                     pulls the network cable; plugs it in
#   fill|free NAME                                    fills the file system of /nix/store; frees it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
run=$1 pid=$2
shift 2
# A number is a process as everyone sees it; inside the lab its processes have numbers of their own.
if [ "$pid" != inside ]; then
  exec nsenter -t "$pid" -m -n -p -- "$here/${0##*/}" "$run" inside "$@"
fi

command=$1 name=$2
shift 2
folder=$run/lab/$name
root=$folder/root
# Names of interfaces are short.
link=m-$(cat "$folder/number" 2> /dev/null) || true

pid_of_nspawn() {
  local pid
  pid=$(cat "$folder/nspawn.pid" 2> /dev/null) && [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = systemd-nspawn ] && echo "$pid"
}

pid_of_init() { # nspawn's child; before it is there, fails
  local nspawn children
  nspawn=$(pid_of_nspawn) && children=$(cat "/proc/$nspawn/task/$nspawn/children") && [ -n "$children" ] && echo "${children%% *}"
}

inside() { # COMMAND…
  local init
  init=$(pid_of_init) || {
    echo "machine $name is not running; its console: $(tail -3 "$run/$name.console" 2> /dev/null)" >&2
    return 125
  }
  nsenter -t "$init" -m -u -i -n -p -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}

create() {
  local address=$1 size=$2 key=$3 system=$4 store=$5
  mkdir -p "$folder"/{upper,work,root}
  echo "${address##*.}" > "$folder/number"
  link=m-${address##*.}
  mount -t overlay "machine-$name" -o "lowerdir=$(cat "$run/lab/base"),upperdir=$folder/upper,workdir=$folder/work" "$root"
  mkdir -p "$root/nix/store"
  mount -t tmpfs -o "size=${size}m,mode=1775" nix-store "$root/nix/store"
  chown "0:$(awk -F: '$1 == "nixbld" { print $3 }' "$root/etc/group")" "$root/nix/store"
  echo "$name" > "$root/etc/hostname"
  ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
  install -m 600 "$key" "$root/root/.ssh/authorized_keys"

  NIX_REMOTE=$store nix --extra-experimental-features nix-command copy --no-check-sigs --to "local?root=$root" "$system"
  mkdir -p "$root"/nix/var/nix/{profiles,gcroots}
  ln -s "$system" "$root/nix/var/nix/profiles/system-1-link"
  ln -s system-1-link "$root/nix/var/nix/profiles/system"
  ln -s "$system" "$root/nix/var/nix/gcroots/boot-system"

  ip netns add "$name"
  ip link add "$link" type veth peer name eth0 netns "$name"
  ip -n "$name" addr add "$address/24" dev eth0
  ip -n "$name" link set lo up
  ip -n "$name" link set eth0 up
  ip -n "$name" route add default via "${address%.*}.1"
  ip link set "$link" master machines up
  cat "$root/etc/ssh/ssh_host_ed25519_key.pub"
}

supervise() { # enters the machine's control groups and runs it; again when it reboots
  local hierarchy group code
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/{systemd,unified,memory,pids,cpu}; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    group=$hierarchy/cim-${run##*/}
    mkdir -p "$group"
    echo "+memory +pids +cpu" > "$group/cgroup.subtree_control" || true
    mkdir -p "$group/$name"
    echo 0 > "$group/$name/cgroup.procs" || true
  done 2> /dev/null
  while :; do
    code=0
    env -i PATH="$PATH" SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --directory="$root" --machine="$name" \
      --register=no --keep-unit --network-namespace-path="/run/netns/$name" --capability=CAP_NET_ADMIN --resolv-conf=off \
      --timezone=off --link-journal=no --console=read-only --kill-signal=SIGRTMIN+3 "$@" -- /usr/lib/stage-2 &
    echo $! > "$folder/nspawn.pid"
    wait $! || code=$?
    [ $code -eq 133 ] || break
  done
  rm -f "$folder/nspawn.pid"
}

boot() {
  local program bound=()
  ! pid_of_nspawn > /dev/null || return 0
  for program in "$@"; do bound+=("--bind-ro=$program"); done
  setsid "$here/${0##*/}" "$run" inside supervise "$name" "${bound[@]}" < /dev/null >> "$run/$name.console" 2>&1 &
}

wait_for() {
  local state end=$((SECONDS + 120)) away=0
  while [ $SECONDS -lt $end ] && [ $away -lt 50 ]; do
    state=$(inside systemctl is-system-running --wait 2> /dev/null) || true
    case $state in running | degraded) return ;; esac
    # nspawn is away for a moment while the machine reboots.
    if pid_of_nspawn > /dev/null; then away=0; else away=$((away + 1)); fi
    sleep 0.1
  done
  inside systemctl list-jobs >&2 || true
  echo "machine $name has not come up: ${state:-no answer}" >&2
  return 1
}

power_off() { # a process space ends with its first process
  local nspawn init
  nspawn=$(pid_of_nspawn) && init=$(pid_of_init) || return 0
  kill -KILL "$init"
  for try in $(seq 400); do
    [ -d "/proc/$nspawn" ] || return 0
    # It waits for a process space that does not end.
    [ "$try" -ne 200 ] || kill -KILL "$nspawn"
    sleep 0.02
  done
  echo "machine $name does not go off" >&2
  return 1
}

case $command in
  create) create "$@" ;;
  supervise) supervise "$@" ;;
  boot) boot "$@" ;;
  wait) wait_for ;;
  exec) inside "$@" ;;
  kill) power_off ;;
  cut) ip link set "$link" down ;;
  heal) ip link set "$link" up ;;
  # Less than a page is left.
  fill) dd if=/dev/zero of="$root/nix/store/.full" bs=4k 2> /dev/null || true ;;
  free) rm -f "$root/nix/store/.full" ;;
  *)
    echo "machine.sh: what is $command?" >&2
    exit 2
    ;;
esac
