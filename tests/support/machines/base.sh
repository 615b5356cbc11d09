#!/bin/bash
# base.sh FOLDER: makes the Debian that all test machines start from, where it is not there yet. About a minute; needs the network.
set -euo pipefail
base=$1
[ ! -e "$base/.made" ] || exit 0
mkdir -p "${base%/*}"
exec 9> "$base.lock"
flock 9
[ ! -e "$base/.made" ] || exit 0

# With systemd, sshd and nix, what generated units run (curl, jq, nftables …), and programs that serve: busybox, perl, python3.
# libdbi-perl: debootstrap does not find who provides the virtual package perl-dbdabi-94.
packages=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,nix-bin,nix-setup-systemd,libdbi-perl
packages+=,iproute2,nftables,procps,acl,curl,jq,gawk,netcat-openbsd,openssl,ca-certificates,busybox,python3,sudo
suite=bookworm
# shellcheck disable=SC2016 # apt-get replaces these
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2> /dev/null |
  awk -v suite=$suite '$2 == suite { print $1; exit }') || true

new=$base.new
rm -rf --one-file-system "$new"
debootstrap --variant=minbase --include="$packages" $suite "$new" "${mirror:-http://deb.debian.org/debian}" > "$base.log" 2>&1 || {
  echo "debootstrap cannot make $base (see $base.log):" >&2
  # Addresses of mirrors may have passwords in them.
  tail -5 "$base.log" | sed -E 's#[a-z]+://[^ ]*#ADDRESS#g' >&2
  exit 1
}
rm -f "$base.log"
cd "$new"
rm -rf var/cache/apt/* var/lib/apt/lists/* var/log/*.log etc/apt/sources.list usr/share/{doc,man,locale}
# What each machine has of its own; machines with an empty machine-id make themselves one.
rm -f etc/ssh/ssh_host_* etc/hostname etc/hosts var/lib/dbus/machine-id
: > etc/machine-id

mkdir -p var/log/journal root/.ssh
chmod 700 root/.ssh
cat > etc/nix/nix.conf << 'CONF'
sandbox = false
substituters =
build-users-group = nixbld
trusted-users = root
experimental-features = nix-command flakes
CONF
cat > etc/ssh/sshd_config.d/machine.conf << 'CONF'
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
MaxStartups 100
MaxSessions 100
CONF
# Nothing that asks the network, waits for devices or works at night.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service \
  systemd-timesyncd.service systemd-networkd.service systemd-resolved.service networking.service nftables.service \
  getty.target console-getty.service; do
  rm -f etc/systemd/system/*/"$unit"
  ln -sf /dev/null "etc/systemd/system/$unit"
done
rm etc/systemd/system/nftables.service # a system of ours brings one
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target

# What NixOS does between the kernel and systemd (its "stage 2"): the system that `switch` or `boot` recorded is activated
# before systemd starts, so that its units start with the boot.
cat > usr/lib/stage-2 << 'INIT'
#!/bin/bash
PATH=/usr/sbin:/usr/bin:/sbin:/bin
for system in /nix/var/nix/gcroots/boot-system /nix/var/nix/profiles/system; do
  system=$(readlink -f "$system") && [ -x "$system/activate" ] || continue
  ln -sfn "$system" /run/booted-system
  "$system/activate" || echo "$system: the activation failed" >&2
  break
done
exec /lib/systemd/systemd
INIT
chmod +x usr/lib/stage-2
touch .made
mv "$new" "$base"
