#!/bin/bash
# activate
#
# What a system does to a machine that does not need systemd to run: its files in /etc, its users, its units where systemd
# reads them, /run/current-system. `switch-to-configuration` runs it, and a machine before it starts systemd.
set -uo pipefail
shopt -s nullglob
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
top=@toplevel@
# Tests put another root before all paths.
root=${SWITCH_ROOT:-}
units=$top/etc/systemd/system
loaded=$root/run/systemd/system
current=$root/run/current-system
# After a boot /run is empty, and /etc as the last system left it.
old_units=$(readlink -f "$current")/etc/systemd/system
old_etc=$(readlink -f "$root/etc/static")
[ -n "$old_etc" ] || old_etc=/nonexistent

move() { # TARGET LINK: the link changes at once
  ln -sfn "$1" "$2.new" && mv -T "$2.new" "$2"
}

entries_of() { # FOLDER: the paths in it of what is no folder, but for the units
  [ ! -d "$1" ] || find "$1/" ! -type d ! -path "*/etc/systemd/system" -printf '%P\n'
}

link_all() { # FOLDER SAME TARGET OLD: TARGET gets the entries of FOLDER, as links into SAME, and loses those of OLD
  local -a gone=() folders
  local -A links=()
  local entry folder names
  while read -r entry; do
    folder=.
    [[ $entry != */* ]] || folder=${entry%/*}
    links[$folder]+=$2/$entry$'\n'
  done < <(entries_of "$1")
  while read -r entry; do gone+=("$3/$entry"); done < <(entries_of "$4")
  [ ${#gone[@]} -eq 0 ] || rm -f "${gone[@]}"
  folders=("${!links[@]}")
  [ ${#folders[@]} -eq 0 ] || mkdir -p "${folders[@]/#/$3/}" || return
  for folder in "${folders[@]}"; do
    mapfile -t names <<< "${links[$folder]%$'\n'}"
    ln -sfnt "$3/$folder" "${names[@]}" || return
  done
}

activate() {
  local file mode user group
  mkdir -p "$root/etc" "$loaded" || return
  move "$top/etc" "$root/etc/static" || return
  link_all "$top/etc" /etc/static "$root/etc" "$old_etc" || return
  while IFS=$'\t' read -r file mode user group; do
    rm -f "$root/etc/$file"
    install -m "$mode" -o "$user" -g "$group" "$top/etc/$file" "$root/etc/$file" || return
  done < "$top/etc-modes"
  systemd-sysusers ${root:+--root="$root"} "$top/etc/sysusers.d/nixos.conf" || return
  move "$top" "$current" || return
  link_all "$units" "$units" "$loaded" "$old_units"
}
activate
