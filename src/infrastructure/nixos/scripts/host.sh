#!/usr/bin/env bash
# What a deployer does on a NixOS host. Comes over ssh, as `bash -s -- FUNCTION ARGUMENT…`, and runs as root.
#
# Every function may be repeated, and first looks at what an earlier call has left. What changes the system runs in a
# systemd unit of its own, so that it goes on when the connection breaks. Exit codes: 0 done, 10 refused (stderr says
# why), 11 not healthy.
set -u

profile=/nix/var/nix/profiles/system
roots=/nix/var/nix/gcroots
kept=/run/cim-leaf

fail() {
  printf '%s\n' "$*" >&2
  exit 10
}

running() { readlink -f /run/current-system; }

# The boot loader has not been set up yet, or not to its end, for what we have put into the profile.
unsettled() { [ -L "$roots/cim-boot-to" ] && [ "$(readlink "$roots/cim-boot-to")" = "$(readlink -f "$profile")" ]; }

# What runs after a reboot.
booting() { if unsettled; then readlink "$roots/cim-boot-from"; else readlink -f "$profile"; fi; }

state_of() { systemctl is-active "$1" 2>/dev/null </dev/null; }
# The exit code of a unit's last run; 0 where it never ran.
status_of() { systemctl show --property=ExecMainStatus --value "$1" </dev/null; }

# The lines that a unit wrote in its last run.
log_of() {
  journalctl --quiet --no-pager --output=cat --lines="${2:-200}" \
    "_SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value "$1")" 2>/dev/null </dev/null
}

# The lines that a unit has written in its last run since the last call.
news_of() {
  journalctl --quiet --no-pager --output=cat --cursor-file="$kept/seen-$1" \
    "_SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value "$1")" 2>/dev/null </dev/null
}

# Units that have failed, or that systemd starts again and again; without our own.
failed_units() {
  local unit
  systemctl list-units --all --state=failed,auto-restart --plain --no-legend </dev/null | while read -r unit _; do
    case $unit in
      cim-activate-* | cim-revert-* | cim-boot-* | cim-rollback-*) ;;
      *) printf '%s\n' "$unit" ;;
    esac
  done | LC_ALL=C sort
}

# switch UNIT CLOSURE ACTION: the closure's switch-to-configuration in UNIT; waits for one that is under way already.
switch() {
  local unit=$1 closure=$2 action=$3
  if [ "$(state_of "$unit")" != activating ]; then
    systemctl stop "$unit" 2>/dev/null </dev/null
    systemctl reset-failed "$unit" 2>/dev/null </dev/null
    systemd-run --quiet --unit="$unit" --service-type=oneshot --remain-after-exit \
      "$closure/bin/switch-to-configuration" "$action" </dev/null 2>/dev/null
  fi
  follow "$unit"
}

# follow UNIT: waits for the end of a unit, and returns its exit code. Prints what it writes, every second.
follow() {
  local unit=$1 waited=0
  mkdir -p "$kept" && rm -f "$kept/seen-$unit"
  while [ "$(state_of "$unit")" = activating ]; do
    sleep 0.1
    waited=$((waited + 1))
    [ $((waited % 10)) -ne 0 ] || news_of "$unit"
  done
  news_of "$unit"
  return "$(status_of "$unit")"
}

# The ways back of a deployment that are armed: timers whose names no other deployment has, for ids have no dot.
disarm() {
  systemctl stop "cim-rollback-$1.*.timer" </dev/null || fail "the timer of the way back could not be stopped"
  while [ -n "$(systemctl list-units --plain --no-legend --state=active,activating,deactivating \
    "cim-rollback-$1.*.service" </dev/null)" ]; do sleep 0.1; done
}

# What an armed timer runs, with PREVIOUS as $1: an activation that still goes on has a lock, so it is tried again.
way_back() {
  cat <<'END'
for attempt in $(seq 600); do
  "$1/bin/switch-to-configuration" test
  [ "$(readlink -f /run/current-system)" != "$1" ] || exit 0
  sleep 1
done
exit 1
END
}

# arm DEPLOYMENT PREVIOUS SECONDS: the new timer is there before the old ones go.
arm() {
  local old unit new
  new="cim-rollback-$1.$(date +%s%N)"
  way_back >"$kept/way-back"
  old=$(systemctl list-units --all --plain --no-legend "cim-rollback-$1.*.timer" </dev/null)
  systemd-run --quiet --collect --unit="$new" --on-active="$3" --timer-property=AccuracySec=100ms \
    --setenv=PATH="$PATH" /bin/sh "$kept/way-back" "$2" </dev/null
  systemctl is-active --quiet "$new.timer" </dev/null || fail "the way back could not be armed, so nothing was changed"
  [ -z "$old" ] || printf '%s\n' "$old" | while read -r unit _; do systemctl stop "$unit" </dev/null; done
}

# keep DEPLOYMENT NAME CLOSURE: not collected as garbage while the deployment lasts.
keep() { ln -sfn "$3" "$roots/cim-$1-$2"; }

forget() {
  local unit
  for unit in "cim-activate-$1" "cim-boot-$1" "cim-revert-$1"; do
    systemctl stop "$unit" 2>/dev/null </dev/null
    systemctl reset-failed "$unit" 2>/dev/null </dev/null
    rm -f "$kept/seen-$unit"
  done
  rm -f "$roots/cim-$1-new" "$roots/cim-$1-previous" "$kept/failed-$1"
}

# persist DEPLOYMENT CLOSURE: the closure that runs after a reboot. A boot loader reads the profile, so that comes first; a
# reboot between the two is not forgotten.
persist() {
  ln -sfn "$(booting)" "$roots/cim-boot-from"
  ln -sfn "$2" "$roots/cim-boot-to"
  nix-env --profile "$profile" --set "$2" </dev/null || fail "the system profile could not be set to $2"
  switch "cim-boot-$1" "$2" boot || fail "the boot loader could not be set up for $2 (exit code $?)"
  rm -f "$roots/cim-boot-to" "$roots/cim-boot-from"
}

current() { running; }

received() { keep "$1" new "$2"; }

# activate CLOSURE PREVIOUS DEPLOYMENT SECONDS
activate() {
  local closure=$1 previous=$2 deployment=$3 seconds=$4 unit="cim-activate-$3" code now before new
  [ -x "$closure/bin/switch-to-configuration" ] || fail "$closure is not on the host, or is no NixOS system"
  if [ "$(state_of "$unit")" = activating ]; then
    follow "$unit"
    code=$?
  else
    # Asked for now, when nothing of ours changes it.
    now=$(running)
    if [ "$now" = "$closure" ]; then
      code=$(status_of "$unit")
    else
      [ "$now" = "$previous" ] || fail "it runs $now, not $previous as was recorded: someone has changed it meanwhile"
      mkdir -p "$kept" && failed_units >"$kept/failed-$deployment"
      keep "$deployment" previous "$previous"
      arm "$deployment" "$previous" "$seconds"
      switch "$unit" "$closure" test
      code=$?
    fi
  fi
  case $code in
    0) ;;
    2) fail "the activation script of $closure failed" ;;
    4)
      before=$(cat "$kept/failed-$deployment" 2>/dev/null)
      new=$(comm -13 <(printf '%s\n' "$before") <(failed_units))
      if [ -n "$new" ]; then
        for unit in $new; do log_of "$unit" 10; done
        fail "units that did not fail before: ${new//$'\n'/, }"
      fi
      ;;
    100) fail "this system can only be switched to by a reboot: deploy it with the activation boot" ;;
    *) fail "switch-to-configuration ended with exit code $code" ;;
  esac
  [ "$(running)" = "$closure" ] || fail "it runs $(running) after the activation, not $closure"
}

# confirm CLOSURE DEPLOYMENT switch|test|boot
confirm() {
  local closure=$1 deployment=$2 activation=$3
  disarm "$deployment"
  [ "$activation" = boot ] || [ "$(running)" = "$closure" ] ||
    fail "it was not confirmed in time and has gone back to $(running)"
  [ "$activation" = test ] || persist "$deployment" "$closure"
  forget "$deployment"
}

# revert PREVIOUS DEPLOYMENT CLOSURE: prints what then runs. CLOSURE (`any`: whatever it is) does not boot any more.
revert() {
  local previous=$1 deployment=$2 closure=$3 code boot
  disarm "$deployment"
  while [ "$(state_of "cim-activate-$deployment")" = activating ]; do sleep 0.1; done
  if [ "$(running)" != "$previous" ]; then
    [ -x "$previous/bin/switch-to-configuration" ] || fail "$previous is not on the host any more"
    switch "cim-revert-$deployment" "$previous" test >&2
    code=$?
    [ "$(running)" = "$previous" ] || fail "it runs $(running), not $previous (exit code $code)"
  fi
  # Somebody else's choice of what runs after a reboot is left alone.
  boot=$(booting)
  if unsettled || { [ "$boot" != "$previous" ] && { [ "$closure" = any ] || [ "$boot" = "$closure" ]; }; }; then
    persist "$deployment" "$previous" >&2
  fi
  forget "$deployment"
  running
}

# would CLOSURE: what an activation would do; nothing is changed.
would() { "$1/bin/switch-to-configuration" dry-activate 2>&1 </dev/null; }

unhealthy() {
  printf '%s\n' "$*" >&2
  exit 11
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

# steady UNIT: it runs, and has not been started again for a second.
steady() {
  local before
  before=$(restarts "$1")
  sleep 1
  if [ "$(state_of "$1")" != active ] || [ "$(restarts "$1")" != "$before" ]; then
    unhealthy "$1 is $(systemctl show --property=ActiveState,SubState --value "$1" </dev/null | tr '\n' ' ')after $(restarts "$1") restarts"
  fi
}

# passes UNIT: starts a unit that checks and ends.
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
}

"$@"
