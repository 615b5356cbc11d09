# way-back FILE
# After a reboot that a deployment has asked for: goes back to the system of before, unless somebody confirms the new
# one. FILE has the deployment, the system to go back to, and for how many seconds from now on to wait. It is gone when
# the deployment is confirmed. A deployer can extend the deadline, a file, as for the guard of an activation.
# The seconds count from the start of this program: the clock of /proc/uptime begins before it, by hours in a container.
# Prevents that a host which comes up without its network is lost: a guard in memory does not survive a reboot.
kept=/run/cim-leaf
read -r deployment previous seconds _ < "$1"
mkdir -p "$kept"
deadline=$kept/deadline-$deployment
now() { read -r up _ < /proc/uptime && printf '%s\n' "${up%.*}"; }
[ -e "$deadline" ] || printf '%s\n' "$(($(now) + seconds))" > "$deadline"
while :; do
  exec 9> "$kept/lock-$deployment"
  flock 9
  [ -e "$1" ] && [ -e "$deadline" ] || exit 0
  [ "$(now)" -lt "$(cat "$deadline")" ] || break
  exec 9>&-
  sleep 1
done
nix-env --profile /nix/var/nix/profiles/system --set "$previous"
NIXOS_NO_CHECK=1 "$previous/bin/switch-to-configuration" boot 9>&-
rm -f "$1"
systemctl reboot
