import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { baseFolder } from "./folders.ts";

/** Programs, and the Debian packages that bring them. */
const needed = [
  ["systemd-nspawn", "systemd-container"],
  ["ip", "iproute2"],
  ["ssh", "openssh-client"],
  ["ssh-keygen", "openssh-client"],
  ["nix", "nix-bin"],
  ["unshare", "util-linux"],
] as const;

/** Namespaces, a network, an overlay and a control group, tried and gone. */
const trial = `set -e
unshare --mount --net --pid --fork --mount-proc sh -ec '
  ip link add trial0 type bridge; ip link add trial1 type veth peer name trial2
  mount -t tmpfs trial /mnt; mkdir /mnt/1 /mnt/2 /mnt/3 /mnt/4
  mount -t overlay trial -o lowerdir=/mnt/1,upperdir=/mnt/2,workdir=/mnt/3 /mnt/4'
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
  [ ! -e $hierarchy/cgroup.procs ] || { mkdir $hierarchy/cim-trial-$$; rmdir $hierarchy/cim-trial-$$; }
done`;

const isInstalled = (program: string): boolean =>
  spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status === 0;

/** Why machines cannot be started here; undefined where they can. */
export const machinesReason = (): string | undefined => {
  if (process.platform !== "linux") return "they need Linux";
  if (process.getuid?.() !== 0) return "they need root (namespaces, mounts, a bridge)";
  const programs = existsSync(baseFolder()) ? needed : ([...needed, ["debootstrap", "debootstrap"]] as const);
  const missing = programs.filter(([program]) => !isInstalled(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(" ");
    return `${missing.map(([program]) => program).join(", ")} not installed: apt-get install ${packages}`;
  }
  const { status, stderr } = spawnSync("sh", ["-c", trial], { encoding: "utf8" });
  return status === 0 ? undefined : `no namespaces, mounts or control groups here: ${stderr.trim()}`;
};
