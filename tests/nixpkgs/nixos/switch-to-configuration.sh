#!/bin/bash
# switch-to-configuration switch|boot|test|dry-activate
#
# What NixOS' program of this name does, for machines of tests that run Debian with systemd: units go to /run/systemd/system,
# files to /etc, the "boot loader" is a link that a unit of the machine activates at boot. Exit codes: 0 done, 1 wrong use or
# another activation is running, 2 the activation failed, 3 systemd was not reloaded, 4 a unit failed.
set -uo pipefail
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
top=@toplevel@
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

units_of() { # FOLDER: the names of its units, those with parts only too
  [ -d "$1" ] || return 0
  for path in "$1"/*; do
    name=${path##*/}
    case $name in
      *.wants | *.requires | *.upholds) ;;
      *.d) echo "${name%.d}" ;;
      *) [ ! -e "$path" ] && [ ! -L "$path" ] || echo "$name" ;;
    esac
  done | sort -u
}

text_of() { # FOLDER UNIT: what systemd reads of it
  cat "$1/$2" "$1/$2".d/*.conf 2> /dev/null || true
}

says() { # UNIT LINE: whether the new unit has this line
  text_of "$units" "$1" | grep -ix "$2" > /dev/null
}

is_active() {
  case $(systemctl show --property=ActiveState --value "$1" 2> /dev/null) in
    active | activating | reloading) ;;
    *) false ;;
  esac
}

is_wanted() { # UNIT: whether a target that is there after the boot asks for it
  for target in multi-user timers sockets paths network-online default graphical local-fs remote-fs; do
    [ ! -L "$units/$target.target.wants/$1" ] && [ ! -L "$units/$target.target.requires/$1" ] || return 0
  done
  false
}

stop=() skip=() reload=() restart=() start=()

for unit in $(units_of "$old_units"); do
  [ -n "$(text_of "$units" "$unit")" ] || ! is_active "$unit" || stop+=("$unit")
done

for unit in $(units_of "$units"); do
  if ! is_active "$unit"; then
    ! is_wanted "$unit" || start+=("$unit")
  elif ! diff -q <(text_of "$old_units" "$unit") <(text_of "$units" "$unit") > /dev/null; then
    if [[ $unit == *.target ]]; then
      start+=("$unit")
    elif diff -q <(text_of "$old_units" "$unit" | grep -v ^X-Reload-Triggers=) \
      <(text_of "$units" "$unit" | grep -v ^X-Reload-Triggers=) > /dev/null; then
      reload+=("$unit")
    elif says "$unit" X-ReloadIfChanged=true; then
      reload+=("$unit")
    elif says "$unit" X-RestartIfChanged=false || says "$unit" 'RefuseManualStop=\(true\|yes\)'; then
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
  sentence=$1
  shift
  [ $# -eq 0 ] || echo "$sentence: $(printf '%s\n' "$@" | sort | paste -sd, | sed 's/,/, /g')" >&2
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

move() { # TARGET LINK: the link changes at once
  ln -sfn "$1" "$2.new" && mv -T "$2.new" "$2"
}

if [ "$action" != test ]; then
  boot=$root/nix/var/nix/gcroots/boot-system
  mkdir -p "${boot%/*}" && move "$top" "$boot" && sync -f "${boot%/*}" || exit 1
  [ "$action" != boot ] || exit 0
fi

files_of() { # SYSTEM: its files below /etc
  [ ! -d "$1/etc" ] || find "$1/etc" ! -type d ! -path "$1/etc/systemd/system" -printf '%P\n'
}

activate() {
  move "$top/etc" "$root/etc/static" || return
  files_of "$old" | while read -r file; do
    [ -e "$top/etc/$file" ] || rm -f "$root/etc/$file"
  done
  files_of "$top" | while read -r file; do
    mkdir -p "$(dirname "$root/etc/$file")"
    ln -sfn "/etc/static/$file" "$root/etc/$file" || exit
  done || return
  while IFS=$'\t' read -r file mode user group; do
    rm -f "$root/etc/$file"
    install -m "$mode" -o "$user" -g "$group" "$top/etc/$file" "$root/etc/$file" || return
  done < "$top/etc-modes"
  systemd-sysusers ${root:+--root="$root"} "$top/etc/sysusers.d/nixos.conf" || return
  move "$top" "$current"
}

entries_of() { # FOLDER: units, their parts and their links, as paths in it
  [ ! -d "$1" ] || (cd "$1/" && find . ! -type d -printf '%P\n')
}

load_units() {
  entries_of "$old_units" | while read -r entry; do rm -f "$loaded/$entry"; done
  entries_of "$units" | while read -r entry; do
    mkdir -p "$(dirname "$loaded/$entry")"
    ln -sfn "$units/$entry" "$loaded/$entry" || exit
  done
}

result=0
if [ ${#stop[@]} -gt 0 ]; then
  list "stopping the following units" "${stop[@]}"
  systemctl stop -- "${stop[@]}"
fi
list "NOT restarting the following changed units" "${skip[@]}"
echo "activating the configuration..." >&2
activate && load_units || result=2
systemctl reset-failed
systemctl daemon-reload || result=3
systemd-tmpfiles --create --remove ${root:+--root="$root"} "$top"/etc/tmpfiles.d/*.conf || result=2

act() { # VERB SENTENCE UNIT...
  verb=$1
  shift
  [ $# -gt 1 ] || return 0
  list "$@"
  shift
  systemctl "$verb" -- "$@" || result=4
}
act reload "reloading the following units" "${reload[@]}"
act restart "restarting the following units" "${restart[@]}"
act start "starting the following units" "${start[@]}"

failed=()
for unit in $(systemctl list-units --plain --no-legend --state=failed | awk '{ print $1 }'); do failed+=("$unit"); done
for unit in $(systemctl list-units --plain --no-legend --state=auto-restart | awk '{ print $1 }'); do
  [ "$(systemctl show --property=ExecMainStatus --value "$unit")" = 0 ] || failed+=("$unit")
done
if [ ${#failed[@]} -gt 0 ]; then
  list "warning: the following units failed" "${failed[@]}"
  result=4
fi
exit $result
