#!/usr/bin/env bash
# Reads what a host has besides its services. These functions come before `host.sh`. They change nothing.

# system CLOSURE: prints the description that a built system has of itself.
system() { cat "$1/etc/cim-leaf/system.json" 2>/dev/null || true; }

# Prints the kind of boot loader that a system sets up. The program that the system names for this shows it.
loader_of() {
  local line
  line=$(grep -aoE '/nix/store/[0-9a-z]{32}-[A-Za-z0-9._/+-]*' "$1/bin/switch-to-configuration" 2>/dev/null |
    grep -oE 'install-grub|systemd-boot|extlinux|limine|lanza|refind' | head -n 1)
  case $line in
    install-grub) echo grub ;;
    lanza) echo lanzaboote ;;
    *) printf '%s' "$line" ;;
  esac
}

# Prints the device of a name in fstab; nothing if the device is not there.
device_of() {
  case $1 in
    UUID=* | LABEL=* | PARTUUID=* | PARTLABEL=*) set -- "$(findfs "$1" 2>/dev/null)" ;;
  esac
  [ -e "$1" ] && readlink -f "$1"
}

# Prints the drivers of the disk of the root file system, from the disk up to its bus.
root_drivers() {
  local place
  place=$(readlink -f "/sys/dev/block/$(findmnt --noheadings --nofsroot --output MAJ:MIN / | tr -d ' ')" 2>/dev/null)
  while [ -n "$place" ] && [ "$place" != /sys ]; do
    [ ! -e "$place/driver/module" ] || basename "$(readlink -f "$place/driver/module")"
    place=${place%/*}
  done
}

keys_of() { # USER KIND FILE
  [ ! -r "$3" ] || sed -n "s|^[^#]|key=$1\t$2\t&|p" "$3"
}

# look USER CLOSURE DEVICE…: prints what the host has besides its services, as lines key=value, and which DEVICEs it
# has.
look() {
  local user=$1 closure=$2 device path name home line
  shift 2
  for device in "$@"; do
    [ -z "$(device_of "$device")" ] || printf 'device=%s\t%s\n' "$device" "$(device_of "$device")"
  done
  while read -r device path _; do
    case $device in '' | '#'* | none | tmpfs | proc | sysfs) continue ;; esac
    case $path in /*) ;; *) continue ;; esac
    [ "$path" != / ] || continue
    printf 'mount=%s\t%s\n' "$path" "$(device_of "$device" || printf '%s' "$device")"
  done < <(cat /etc/fstab 2>/dev/null)
  device=$(findmnt --noheadings --nofsroot --output SOURCE / </dev/null)
  [ ! -b "$device" ] || printf 'mount=/\t%s\n' "$(readlink -f "$device")"
  while read -r device _; do
    case $device in Filename | /dev/zram*) ;; *) printf 'swap=%s\n' "$(readlink -f "$device")" ;; esac
  done </proc/swaps
  printf 'loader=%s\nnew-loader=%s\n' "$(loader_of /run/current-system)" "$(loader_of "$closure")"
  if [ -d /sys/firmware/efi ]; then printf 'firmware=uefi\n'; else printf 'firmware=bios\n'; fi
  root_drivers | sed 's/^/driver=/'
  # Interfaces with hardware behind them, and those that lead away from here.
  ip -o addr show scope global permanent </dev/null | while read -r _ name _ line _; do
    [ -e "/sys/class/net/${name%@*}/device" ] || ip route show default dev "${name%@*}" </dev/null | grep -q . || continue
    printf 'address=%s\t%s\n' "$line" "${name%@*}"
  done
  { ip route show default </dev/null; ip -6 route show default </dev/null; } | grep -vE 'proto (dhcp|ra|kernel)' |
    sed -nE 's/^default via ([^ ]+) dev ([^ ]+).*/gateway=\1\t\2/p' | sort -u
  { sshd -T 2>/dev/null || /usr/sbin/sshd -T 2>/dev/null; } </dev/null | sed -nE 's/^port ([0-9]+)$/ssh-port=\1/p'
  for name in root "$user"; do
    home=$(getent passwd "$name" | cut -d: -f6)
    keys_of "$name" system "/etc/ssh/authorized_keys.d/$name"
    keys_of "$name" home "$home/.ssh/authorized_keys"
    [ "$user" != root ] || break
  done
  [ "$user" = root ] || printf 'sudoer=%s\n' "$user"
  awk -F: '$2 ~ /^[$_.\/A-Za-z0-9]/ && length($2) > 2 && $1 != "root" { print "password=" $1 }' /etc/shadow
  tr ' ' '\n' </var/lib/nixos/declarative-users 2>/dev/null | sed -n 's/./declared=&/p'
  return 0
}
