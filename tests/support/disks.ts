import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describeIfPossible } from "./describe-if-possible.ts";

/** A small disk, mounted on a folder of its own. */
export interface Disk {
  readonly folder: string;
  /** Lets a process write so often in a second and not more. Returns how to end it. Only an ext4 has this. */
  readonly slowDown: (pid: number, writes: number) => () => void;
  /** An error of the file system: it goes read-only at once, whoever has files open. Only an ext4 has this. */
  readonly becomeReadOnly: () => void;
  /** Checks it and mounts it again. Nobody may have files open. */
  readonly repair: () => void;
  readonly dispose: () => Promise<void>;
}

const run = (program: string, ...given: ReadonlyArray<string>): string => {
  const { status, stdout, stderr } = spawnSync(program, given, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  if (status !== 0) throw new Error(`${program} ${given.join(" ")}: ${stderr}`);
  return stdout.trim();
};

const freshFolder = () => mkdtempSync(join(tmpdir(), "cim-disk-"));
const impossible = () => {
  throw new Error("only an ext4 can do that");
};

/** A disk in memory. */
export const tmpfsDisk = (size: string): Disk => {
  const folder = freshFolder();
  run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
  return {
    folder,
    slowDown: impossible,
    becomeReadOnly: impossible,
    repair: impossible,
    dispose: async () => {
      run("umount", "-l", folder);
      await rm(folder, { recursive: true });
    },
  };
};

const groups = "/sys/fs/cgroup/blkio";

/** Why no disk can be made slow here. */
export const slowReason = existsSync(join(groups, "blkio.throttle.write_iops_device"))
  ? undefined
  : "there is no control group of version 1 for block devices";

/** Puts a process into a control group that bounds what it writes to a device. */
const slowDown = (device: string) => (pid: number, writes: number) => {
  const group = join(groups, `cim-slow-${pid}`);
  const { rdev } = statSync(device);
  mkdirSync(group);
  const bound = `${(rdev >> 8) & 0xfff}:${rdev & 0xff} ${writes}`;
  writeFileSync(join(group, "blkio.throttle.write_iops_device"), bound);
  writeFileSync(join(group, "cgroup.procs"), `${pid}`);
  return () => {
    writeFileSync(join(groups, "cgroup.procs"), `${pid}`);
    rmdirSync(group);
  };
};

const triggerOf = (device: string) => `/sys/fs/ext4/${basename(device)}/trigger_fs_error`;

/** A disk of 96 MiB in a file, with an ext4 that goes read-only when it finds an error, as most are mounted. */
export const ext4Disk = (): Disk => {
  const folder = freshFolder();
  const image = `${folder}.img`;
  writeFileSync(image, "");
  truncateSync(image, 96 * 1024 * 1024);
  run("mkfs.ext4", "-q", "-F", image);
  const device = run("losetup", "--find", "--show", image);
  const mount = () => run("mount", "-o", "errors=remount-ro", device, folder);
  const dispose = async () => {
    spawnSync("umount", ["-l", folder]);
    run("losetup", "--detach", device);
    rmSync(folder, { recursive: true });
    await rm(image);
  };
  try {
    mount();
    if (!existsSync(triggerOf(device))) throw new Error("this kernel cannot be told of an error of its ext4");
  } catch (error) {
    void dispose();
    throw error;
  }
  return {
    folder,
    slowDown: slowDown(device),
    becomeReadOnly: () => writeFileSync(triggerOf(device), "1"),
    repair: () => {
      run("umount", folder);
      // It ends with 1 if it has mended something.
      spawnSync("fsck.ext4", ["-p", device], { env: { PATH: "/usr/sbin:/sbin:/usr/bin:/bin" } });
      mount();
    },
    dispose,
  };
};

/** A group of tests on disks of this kind. If none can be mounted it is skipped, and a warning says why. */
export const describeWithDisk = (name: string, make: () => Disk, tests: () => void): void => {
  let reason: string | undefined;
  try {
    void make().dispose();
  } catch (error) {
    reason = error instanceof Error ? error.message.trim() : String(error);
  }
  describeIfPossible(name, "a disk of its own", reason, tests);
};
