#!/bin/bash
# switch-to-configuration switch|boot|test|dry-activate
#
# What NixOS' program of this name does, for machines of tests that run Debian with systemd: units go to /run/systemd/system,
# files to /etc, the "boot loader" is a link whose system the machine activates at boot. Exit codes: 0 done, 1 wrong use or
# another activation is running, 2 the activation failed, 3 systemd was not reloaded, 4 a unit failed.
set -uo pipefail
shopt -s extglob nullglob
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
top=@toplevel@
# What sets up the boot loader: @installer@
# Tests of this script itself put another root before all paths.
root=${SWITCH_ROOT:-}
units=$top/etc/systemd/system
loaded=$root/run/systemd/system
current=$root/run/current-system

action=${1:-}
case $action in
  switch | boot | test | dry-activate) ;;
  *)
    echo "usage: $0 switch|boot|test|dry-activate" >&2
    exit 1
    ;;
esac

old=$(readlink -f "$current")
[ -d "$old" ] || old=/nonexistent
old_units=$old/etc/systemd/system

read_units() { # FOLDER NAME: into the array NAME, what systemd reads of each unit there, of parts of units too
  local -n into=$2
  local path text
  for path in "$1"/* "$1"/*.d/*.conf; do
    [ ! -d "$path" ] || continue
    # A masked unit is empty.
    IFS= read -rd '' text < "$path"
    path=${path#"$1/"}
    into[${path%.d/*}]+=$'\n'$text
  done
}

declare -A before=() after=() active=() wanted=()
read_units "$old_units" before
read_units "$units" after
while read -r unit _; do
  active[$unit]=1
done < <(systemctl list-units --plain --no-legend --all --state=active,activating,reloading)
# What a target that is there after the boot asks for.
for link in "$units"/{multi-user,timers,sockets,paths,network-online,default,graphical,local-fs,remote-fs}.target.{wants,requires}/*; do
  wanted[${link##*/}]=1
done

says() { # UNIT LINE: whether the new unit has this line
  [[ ${after[$1]} == *$'\n'$2$'\n'* ]]
}

stop=() skip=() reload=() restart=() start=()

for unit in "${!before[@]}"; do
  [[ -v after[$unit] || ! -v active[$unit] ]] || stop+=("$unit")
done
for unit in "${!after[@]}"; do
  if [[ ! -v active[$unit] ]]; then
    [[ ! -v wanted[$unit] ]] || start+=("$unit")
  elif [[ ${before[$unit]-} != "${after[$unit]}" ]]; then
    triggers="X-Reload-Triggers=*([!"$'\n'"])"
    if [[ $unit == *.target ]]; then
      start+=("$unit")
    elif [[ ${before[$unit]-} && ${before[$unit]//$triggers/} == "${after[$unit]//$triggers/}" ]] || says "$unit" X-ReloadIfChanged=true; then
      reload+=("$unit")
    elif says "$unit" X-RestartIfChanged=false || says "$unit" RefuseManualStop=true; then
      skip+=("$unit")
    elif says "$unit" X-StopIfChanged=false; then
      restart+=("$unit")
    else
      stop+=("$unit")
      start+=("$unit")
    fi
  fi
done

list() { # SENTENCE UNIT...
  [ $# -eq 1 ] || echo "$1: $(printf '%s\n' "${@:2}" | sort | paste -sd, | sed 's/,/, /g')" >&2
}

if [ "$action" = dry-activate ]; then
  list "would stop the following units" "${stop[@]}"
  list "would NOT restart the following changed units" "${skip[@]}"
  echo "would activate the configuration..." >&2
  list "would reload the following units" "${reload[@]}"
  list "would restart the following units" "${restart[@]}"
  list "would start the following units" "${start[@]}"
  exit 0
fi

mkdir -p "$root/run/nixos" "$loaded"
exec 9> "$root/run/nixos/switch-to-configuration.lock"
flock -n 9 || {
  echo "Could not acquire lock" >&2
  exit 1
}

if [ "$action" != test ]; then
  boot=$root/nix/var/nix/gcroots/boot-system
  mkdir -p "${boot%/*}" && ln -sfn "$top" "$boot.new" && mv -T "$boot.new" "$boot" && sync "${boot%/*}" || exit 1
  [ "$action" != boot ] || exit 0
fi

result=0
if [ ${#stop[@]} -gt 0 ]; then
  list "stopping the following units" "${stop[@]}"
  systemctl stop -- "${stop[@]}"
fi
list "NOT restarting the following changed units" "${skip[@]}"
echo "activating the configuration..." >&2
"$top/activate" || result=2
systemctl reset-failed
systemctl daemon-reload || result=3
systemd-tmpfiles --create --remove ${root:+--root="$root"} "$top"/etc/tmpfiles.d/*.conf || result=2

act() { # VERB SENTENCE UNIT...
  [ $# -gt 2 ] || return 0
  list "${@:2}"
  systemctl "$1" -- "${@:3}" || result=4
}
act reload "reloading the following units" "${reload[@]}"
act restart "restarting the following units" "${restart[@]}"
act start "starting the following units" "${start[@]}"

failed=()
while read -r unit _ _ state _; do
  [ "$state" = failed ] || [ "$(systemctl show --property=ExecMainStatus --value "$unit")" != 0 ] || continue
  failed+=("$unit")
done < <(systemctl list-units --plain --no-legend --all --state=failed,auto-restart)
if [ ${#failed[@]} -gt 0 ]; then
  list "warning: the following units failed" "${failed[@]}"
  result=4
fi
exit $result
