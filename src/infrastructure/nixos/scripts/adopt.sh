#!/usr/bin/env bash
# Reads the facts that a base of a host is made from. These functions come after `look.sh` and before `host.sh`. They
# change nothing.

# Prints the users who log in: people, and other users with a key.
login_users() {
  local name uid home
  getent passwd </dev/null | while IFS=: read -r name _ uid _ _ home _; do
    [ "$name" != root ] || continue
    if { [ "$uid" -ge 1000 ] && [ "$uid" -lt 29000 ]; } || [ -s "/etc/ssh/authorized_keys.d/$name" ] ||
      [ -s "$home/.ssh/authorized_keys" ]; then printf '%s\n' "$name"; fi
  done
}

# Prints the rules of sudo's configuration, one a line.
sudo_lines() {
  cat /etc/sudoers /etc/sudoers.d/* 2>/dev/null | sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}' |
    sed -E 's/[[:space:]]+/ /g; /^ ?#/d; /^ ?@include/d; /^ ?$/d'
}

# Prints the disk with the file system of /boot. On a BIOS, GRUB was written to it if GRUB's own record is missing.
boot_disk() {
  local device
  device=$(findmnt --noheadings --nofsroot --output SOURCE --target /boot </dev/null)
  [ ! -b "$device" ] || lsblk --noheadings --inverse --paths --list --output TYPE,NAME "$device" </dev/null |
    sed -nE 's/^disk +/boot-disk=/p' | head -n 1
}

# Prints the interfaces that software makes, such as bridges. Their configuration cannot be read here.
made_interfaces() {
  local kind name
  for kind in bridge bond vlan wireguard team vxlan; do
    ip -o link show type "$kind" </dev/null 2>/dev/null | while read -r _ name _; do
      name=${name%:}
      case $name in docker* | br-* | veth* | virbr* | cni* | podman*) continue ;; esac
      printf 'made-interface=%s\t%s\n' "${name%@*}" "$kind"
    done
  done
}

# adopt: prints the facts that no graph has, as lines key=value, after those of `look`.
adopt() {
  local name
  PATH=$PATH:/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin
  look root /run/current-system
  printf 'machine=%s\nhostname=%s\n' "$(uname -m)" "$(cat /proc/sys/kernel/hostname)"
  sed -nE 's/^VERSION_ID="?([0-9.]+)"?$/release=\1/p' /etc/os-release 2>/dev/null
  grep -rhoE --include='*.nix' 'stateVersion *= *"[0-9.]+"' /etc/nixos/ 2>/dev/null |
    sed -E 's/.*"(.*)"/state-version=\1/' | sort -u
  readlink /etc/localtime | sed -nE 's|.*/zoneinfo/|time-zone=|p'
  sed -nE 's/^LANG=/locale=/p' /etc/locale.conf 2>/dev/null
  sed -nE 's/^KEYMAP=([A-Za-z0-9_.-]+)$/keymap=\1/p' /etc/vconsole.conf 2>/dev/null
  ! command -v nixos-generate-config >/dev/null ||
    { { nixos-generate-config --show-hardware-config </dev/null | sed 's/^/hardware=/'; } 2>&1 1>&3 |
      sed 's/^/hardware-said=/'; } 3>&1
  sed -E 's/[[:space:]]+/\t/g; /^\t?(#|$)/d; s/^/fstab=/' /etc/fstab 2>/dev/null
  ! grep -q '^/dev/zram' /proc/swaps || printf 'zram=1\n'
  getent group </dev/null | sed 's/^/group=/'
  login_users | while read -r name; do
    getent passwd "$name" </dev/null | sed 's/^/user=/'
    keys_of "$name" system "/etc/ssh/authorized_keys.d/$name"
    keys_of "$name" home "$(getent passwd "$name" </dev/null | cut -d: -f6)/.ssh/authorized_keys"
  done
  sudo_lines | sed 's/^/sudo=/'
  ! sudo --version 2>/dev/null </dev/null | grep -q sudo-rs || printf 'sudo-rs=1\n'
  ip -o addr show dynamic </dev/null | while read -r _ name _; do printf 'dynamic=%s\n' "${name%@*}"; done | sort -u
  made_interfaces
  sed -nE 's/^nameserver ([^ ]+).*/nameserver=\1/p' /etc/resolv.conf 2>/dev/null
  for name in NetworkManager systemd-networkd; do
    ! systemctl is-active --quiet "$name" 2>/dev/null </dev/null || printf 'network=%s\n' "$name"
  done
  bootctl --print-esp-path 2>/dev/null </dev/null | sed 's/^/esp=/'
  sed 's/^/grub-state=/' /boot/grub/state 2>/dev/null
  boot_disk
  tr ' ' '\n' </run/current-system/kernel-params 2>/dev/null | sed -n 's/./kernel-param=&/p'
  { sshd -T 2>/dev/null || /usr/sbin/sshd -T 2>/dev/null; } </dev/null |
    sed -nE 's/^(permitrootlogin|passwordauthentication|kbdinteractiveauthentication) /sshd=\1\t/p'
  sed -nE 's/^ *(extra-)?(trusted-users|trusted-public-keys|substituters) *= */nix=\2\t/p' /etc/nix/nix.conf 2>/dev/null
  systemctl list-units --type=service --state=running --plain --no-legend </dev/null | while read -r name _; do
    printf 'service=%s\n' "$name"
  done
  [ ! -e /run/secrets.d ] || printf 'secrets=sops-nix\n'
  [ ! -e /run/agenix.d ] || printf 'secrets=agenix\n'
  return 0
}
