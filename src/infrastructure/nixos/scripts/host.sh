#!/usr/bin/env bash
# The steps of a deployer on a NixOS host. The script comes over ssh as `bash -s -- FUNCTION ARGUMENT…`, and runs as
# root.
#
# Every function may be repeated, and first looks at the state that an earlier call has left. A change of the system
# runs in its own systemd unit, so that it continues when the connection breaks. Exit codes: 0 done, 10 refused (stderr
# says why), 11 not healthy, 12 an activation ended with an exit code other than 0 (ask `outcome`).
set -u

profile=/nix/var/nix/profiles/system
roots=/nix/var/nix/gcroots
kept=/run/cim-leaf
# A reboot that a deployment has asked for. The guard of the new system reads this file when it starts.
reboot_file=/nix/var/cim-leaf/reboot
# The seconds that an activation under way has to end before it is stopped. systemd gives a unit 90 to stop.
patience=120

fail() {
  printf '%s\n' "$*" >&2
  exit 10
}

unhealthy() {
  printf '%s\n' "$*" >&2
  exit 11
}

running() { readlink -f /run/current-system; }

# Succeeds if the boot loader has not been set up completely for the closure that we have put into the profile.
unsettled() { [ -L "$roots/cim-boot-to" ] && [ "$(readlink "$roots/cim-boot-to")" = "$(readlink -f "$profile")" ]; }

# Prints the closure that runs after a reboot.
booting() { if unsettled; then readlink "$roots/cim-boot-from"; else readlink -f "$profile"; fi; }

state_of() { systemctl is-active "$1" 2>/dev/null </dev/null; }
# Prints the exit code of a unit's last run; 0 if it never ran.
status_of() { systemctl show --property=ExecMainStatus --value "$1" </dev/null; }

# Waits until the journal has every line that was written until now. On a busy host lines arrive late, and a failed
# reload is reported only there.
written() { timeout 20 journalctl --sync 2>/dev/null </dev/null; }

# Prints the lines of a unit's last run.
log_of() {
  journalctl --quiet --no-pager --output=cat --lines="${2:-200}" \
    "_SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value "$1")" 2>/dev/null </dev/null
}

# Prints the lines of a unit's last run since the last call.
news_of() {
  journalctl --quiet --no-pager --output=cat --cursor-file="$kept/seen-$1" \
    "_SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value "$1")" 2>/dev/null </dev/null
}

# Prints the units that have failed, or that systemd restarts again and again, without our own units.
failed_units() {
  local unit
  systemctl list-units --all --state=failed,auto-restart --plain --no-legend </dev/null | while read -r unit _; do
    case $unit in
      cim-activate-* | cim-revert-* | cim-boot-* | cim-rollback-*) ;;
      *) printf '%s\n' "$unit" ;;
    esac
  done | LC_ALL=C sort
}

# switch UNIT CLOSURE ACTION: runs the closure's switch-to-configuration in UNIT, or waits for one that is under way.
# The checks that NixOS makes before a switch must not stop a way back, so a way back skips them.
switch() {
  local unit=$1 closure=$2 action=$3 environment=()
  case $unit in cim-revert-*) environment=(--setenv=NIXOS_NO_CHECK=1) ;; esac
  if [ "$(state_of "$unit")" != activating ]; then
    systemctl stop "$unit" 2>/dev/null </dev/null
    systemctl reset-failed "$unit" 2>/dev/null </dev/null
    systemd-run --quiet --unit="$unit" --service-type=oneshot --remain-after-exit "${environment[@]}" \
      "$closure/bin/switch-to-configuration" "$action" </dev/null 2>/dev/null
  fi
  follow "$unit"
}

# follow UNIT: waits for the end of a unit, and returns its exit code. Prints its new lines every second.
follow() {
  local unit=$1 waited=0
  mkdir -p "$kept" && rm -f "$kept/seen-$unit"
  while [ "$(state_of "$unit")" = activating ]; do
    sleep 0.1
    waited=$((waited + 1))
    [ $((waited % 10)) -ne 0 ] || news_of "$unit"
  done
  written
  news_of "$unit"
  return "$(status_of "$unit")"
}

# The way back on a host. The failure that it prevents: an activation cuts the host off (firewall, sshd, network), and
# the deployer can neither confirm nor undo it. So a guard on the host itself goes back to the previous closure at a
# deadline, unless the deployer disarms it. Each call of the deployer is a new connection, so a confirmation proves that
# the host is in reach.
#
# The guard is a service that sleeps, not a timer: `OnActiveSec=` begins again at every daemon-reload, and every
# activation reloads. The deadline is a file, in seconds since the boot, so that it can be extended. To go back, to
# disarm and to begin an activation each take the lock. Otherwise a confirmation could arrive while the guard goes back.

now() { read -r up _ </proc/uptime && printf '%s\n' "${up%.*}"; }

locked() { mkdir -p "$kept" && exec 9>"$kept/lock-$1" && flock 9; }
unlocked() { exec 9>&-; }

# settle DEPLOYMENT: waits until no activation of the deployment is under way. Stops an activation that hangs.
settle() {
  local unit="cim-activate-$1" latest=$(($(now) + patience)) state
  while :; do
    state=$(state_of "$unit")
    [ "$state" = activating ] || [ "$state" = deactivating ] || return 0
    [ "$(now)" -lt "$latest" ] || systemctl stop "$unit" </dev/null
    sleep 0.2
  done
}

# guard DEPLOYMENT PREVIOUS: sleeps until the deadline, then goes back. It first waits for an unfinished activation:
# until its end the old closure may seem to run, and the new one would still follow. The old closure is activated even
# if it runs, because a stopped activation may have stopped units. Exit code 1 means that another activation has the
# lock.
guard() {
  local deadline code
  while :; do
    locked "$1"
    deadline=$(cat "$kept/deadline-$1" 2>/dev/null) || exit 0
    [ "$(now)" -lt "$deadline" ] || break
    unlocked
    sleep 1
  done
  settle "$1"
  for _ in $(seq 600); do
    NIXOS_NO_CHECK=1 "$2/bin/switch-to-configuration" test 9>&-
    code=$?
    if [ "$code" -ne 1 ] && [ "$(running)" = "$2" ]; then
      rm -f "$kept/deadline-$1"
      exit 0
    fi
    sleep 1
  done
  exit 1
}

# extend DEPLOYMENT SECONDS: sets the deadline to SECONDS from now. Does not arm: a host that went back stays there.
extend() {
  locked "$1"
  [ ! -e "$kept/deadline-$1" ] || deadline "$1" "$2"
  unlocked
}

deadline() {
  printf '%s\n' "$(($(now) + $2))" >"$kept/deadline-$1.new" && mv "$kept/deadline-$1.new" "$kept/deadline-$1"
}

# arm DEPLOYMENT PREVIOUS SECONDS: starts the guard. Call it under the lock. The guard runs the programs of the closure
# that it goes back to.
arm() {
  local unit="cim-rollback-$1.service" program
  deadline "$1" "$3"
  # After a reboot that the deployment has asked for, the guard of the new system is active.
  [ "$(state_of "$unit")" != active ] && [ "$(state_of cim-way-back.service)" != active ] || return 0
  program=$(readlink -f "$(command -v bash)")
  {
    printf 'kept=%q\npatience=%q\n' "$kept" "$patience"
    declare -f now locked unlocked running state_of settle guard
    # shellcheck disable=SC2016 # the arguments of the guard
    printf 'guard "$@"\n'
  } >"$kept/way-back-$1"
  systemd-run --quiet --collect --unit="$unit" --service-type=exec --setenv=PATH="$2/sw/bin:$PATH" \
    "$program" "$kept/way-back-$1" "$1" "$2" </dev/null
  [ "$(state_of "$unit")" = active ] || fail "the way back could not be armed, so nothing was changed"
}

# disarm DEPLOYMENT: stops the guard. If a way back is under way, waits for its end first.
disarm() {
  locked "$1"
  rm -f "$kept/deadline-$1"
  systemctl stop "cim-rollback-$1.service" 2>/dev/null </dev/null
  if [ "$(cut -d ' ' -f 1 "$reboot_file" 2>/dev/null)" = "$1" ]; then
    rm -f "$reboot_file"
    systemctl stop cim-way-back.service 2>/dev/null </dev/null
  fi
  [ "$(state_of "cim-rollback-$1.service")" != active ] || fail "the guard of the way back could not be stopped"
  unlocked
}

# keep DEPLOYMENT NAME CLOSURE: protects a closure from garbage collection while the deployment lasts.
keep() { ln -sfn "$3" "$roots/cim-$1-$2"; }

forget() {
  local unit
  for unit in "cim-activate-$1" "cim-boot-$1" "cim-revert-$1"; do
    systemctl stop "$unit" 2>/dev/null </dev/null
    systemctl reset-failed "$unit" 2>/dev/null </dev/null
    rm -f "$kept/seen-$unit"
  done
  rm -f "$roots/cim-$1-new" "$roots/cim-$1-previous" "$kept/failed-$1" "$kept/way-back-$1"
}

# persist DEPLOYMENT CLOSURE: sets the closure that runs after a reboot. The boot loader reads the profile, so the
# profile comes first. The two links record what a reboot between the two steps would boot.
persist() {
  ln -sfn "$(booting)" "$roots/cim-boot-from"
  ln -sfn "$2" "$roots/cim-boot-to"
  nix-env --profile "$profile" --set "$2" </dev/null || fail "the system profile could not be set to $2"
  switch "cim-boot-$1" "$2" boot || fail "the boot loader could not be set up for $2 (exit code $?)"
  rm -f "$roots/cim-boot-to" "$roots/cim-boot-from"
}

current() { running; }

received() { keep "$1" new "$2"; }

# activate CLOSURE PREVIOUS DEPLOYMENT SECONDS: activates CLOSURE provisionally. SECONDS are for the confirmation, and
# begin again when the activation is over.
activate() {
  local closure=$1 previous=$2 deployment=$3 seconds=$4 unit="cim-activate-$3" now
  [ -x "$closure/bin/switch-to-configuration" ] || fail "$closure is not on the host, or is no NixOS system"
  locked "$deployment"
  if [ "$(state_of "$unit")" = activating ]; then
    arm "$deployment" "$previous" "$seconds"
    unlocked
    follow "$unit"
  else
    # Read under the lock, so that no step of ours changes it now.
    now=$(running)
    [ "$now" = "$closure" ] || [ "$now" = "$previous" ] ||
      fail "it runs $now, not $previous as was recorded: someone has changed it meanwhile"
    keep "$deployment" previous "$previous"
    [ "$now" = "$closure" ] || failed_units >"$kept/failed-$deployment"
    arm "$deployment" "$previous" "$seconds"
    unlocked
    [ "$now" = "$closure" ] || switch "$unit" "$closure" test
  fi
  extend "$deployment" "$seconds"
  [ "$(status_of "$unit")" = 0 ] || exit 12
  [ "$(running)" = "$closure" ] || fail "it runs $(running) after the activation, not $closure"
}

# outcome DEPLOYMENT: prints the result of an activation, as lines key=value.
outcome() {
  local unit="cim-activate-$1"
  written
  printf 'code=%s\n' "$(status_of "$unit")"
  sed 's/^/before=/' "$kept/failed-$1" 2>/dev/null
  failed_units | sed 's/^/failed=/'
  log_of "$unit" | sed 's/^/said=/'
}

# confirm CLOSURE DEPLOYMENT switch|test|boot: disarms the guard and keeps CLOSURE.
confirm() {
  local closure=$1 deployment=$2 activation=$3
  disarm "$deployment"
  [ "$activation" = boot ] || [ "$(running)" = "$closure" ] ||
    fail "it was not confirmed in time and has gone back to $(running)"
  [ "$activation" = test ] || persist "$deployment" "$closure"
  forget "$deployment"
}

# revert PREVIOUS DEPLOYMENT CLOSURE: goes back to PREVIOUS, and prints what then runs. If CLOSURE would run after a
# reboot (`any`: any closure), PREVIOUS does instead.
revert() {
  local previous=$1 deployment=$2 closure=$3 code boot
  disarm "$deployment"
  settle "$deployment"
  if [ "$(running)" != "$previous" ]; then
    [ -x "$previous/bin/switch-to-configuration" ] || fail "$previous is not on the host any more"
    switch "cim-revert-$deployment" "$previous" test >&2
    code=$?
    [ "$(running)" = "$previous" ] || fail "it runs $(running), not $previous (exit code $code)"
  fi
  # If another program has chosen what runs after a reboot, that choice stays.
  boot=$(booting)
  if unsettled || { [ "$boot" != "$previous" ] && { [ "$closure" = any ] || [ "$boot" = "$closure" ]; }; }; then
    persist "$deployment" "$previous" >&2
  fi
  forget "$deployment"
  running
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# outdated CLOSURE: prints the parts of CLOSURE that differ from the booted system, one a line. They need a reboot.
outdated() {
  local part booted
  booted=$(readlink -f /run/booted-system) || return 0
  for part in kernel initrd kernel-modules; do
    [ ! -e "$booted/$part" ] || [ ! -e "$1/$part" ] ||
      [ "$(readlink -f "$booted/$part")" = "$(readlink -f "$1/$part")" ] || printf '%s\n' "$part"
  done
}

# restart CLOSURE PREVIOUS DEPLOYMENT SECONDS: reboots into CLOSURE. The guard of CLOSURE waits SECONDS for a
# confirmation, and then goes back to PREVIOUS by another reboot. Reboots once a deployment, even if it is called again.
restart() {
  local closure=$1 previous=$2 deployment=$3 seconds=$4
  [ "$(cut -d ' ' -f 1 "$reboot_file" 2>/dev/null)" != "$deployment" ] || return 0
  [ ! -e "$reboot_file" ] || fail "it reboots for another deployment: $(cat "$reboot_file")"
  keep "$deployment" previous "$previous"
  keep "$deployment" new "$closure"
  disarm "$deployment"
  mkdir -p "${reboot_file%/*}"
  printf '%s %s %s %s\n' "$deployment" "$previous" "$seconds" "$(boot_id)" >"$reboot_file.new"
  mv "$reboot_file.new" "$reboot_file"
  persist "$deployment" "$closure"
  sync "${reboot_file%/*}"
  systemd-run --quiet --collect --on-active=1 systemctl reboot </dev/null
}

# returned DEPLOYMENT: succeeds if the host has rebooted and systemd has started its units. Prints what runs.
returned() {
  local named _ before
  if read -r named _ _ before <"$reboot_file" 2>/dev/null && [ "$named" = "$1" ]; then
    [ "$before" != "$(boot_id)" ] || unhealthy "it has not gone down yet"
  fi
  [ "$(systemctl is-system-running 2>/dev/null </dev/null)" != starting ] || unhealthy "it is starting"
  running
}

# would CLOSURE: prints what an activation would do. Changes nothing.
would() { "$1/bin/switch-to-configuration" dry-activate 2>&1 </dev/null; }

# packages CLOSURE: prints the packages whose version or size differs from the running system, one a line; nothing if
# nix cannot compare them.
packages() {
  nix --extra-experimental-features nix-command store diff-closures "$(running)" "$1" 2>/dev/null </dev/null |
    sed $'s/\x1b\\[[0-9;]*m//g'
}

# http PORT PATH SECONDS
http() {
  local answer
  answer=$(curl --fail --silent --show-error --globoff --max-time "$3" --output /dev/null \
    "http://127.0.0.1:$1$2" 2>&1 </dev/null) || unhealthy "${answer:-no answer}"
}

# tcp PORT SECONDS
tcp() {
  timeout "$2" bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null </dev/null || unhealthy "nothing listens on port $1"
}

restarts() { systemctl show --property=NRestarts --value "$1" </dev/null; }

# steady UNIT: succeeds if the unit runs and does not restart within a second.
steady() {
  local before
  before=$(restarts "$1")
  sleep 1
  if [ "$(state_of "$1")" != active ] || [ "$(restarts "$1")" != "$before" ]; then
    unhealthy "$1 is $(systemctl show --property=ActiveState,SubState --value "$1" </dev/null | tr '\n' ' ')after $(restarts "$1") restarts"
  fi
}

# passes UNIT: starts a unit that checks and ends. Succeeds if it does.
passes() {
  systemctl start "$1" 2>/dev/null </dev/null || unhealthy "$(log_of "$1" 3 | tail -n 1)"
}

# operate start|stop|restart UNIT
operate() {
  systemctl "$1" "$2" 2>/dev/null </dev/null && return 0
  log_of "$2" 10
  fail "systemctl $1 $2 failed: $(systemctl show --property=Result --value "$2")"
}

observe() {
  local link blocks free size load unit
  printf 'closure=%s\nboot=%s\n' "$(running)" "$(booting)"
  link=$(readlink "$profile")
  link=${link##*system-}
  printf 'generation=%s\n' "${link%-link}"
  read -r load _ </proc/loadavg && printf 'load=%s\n' "$load"
  read -r uptime _ </proc/uptime && printf 'uptime=%s\n' "$uptime"
  read -r blocks free size < <(stat --file-system --format='%b %a %S' /nix/store)
  printf 'total=%s\nfree=%s\n' "$((blocks * size))" "$((free * size))"
  failed_units | while read -r unit; do printf 'failed=%s\n' "$unit"; done
  outdated /run/current-system | sed 's/^/outdated=/'
}

"$@"
