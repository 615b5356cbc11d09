import type { AdoptableHost } from "../../host/adoptable.ts";
import { attributes, binding, boolean, list, string, strings } from "../language/expression.ts";
import type { Part } from "./part.ts";

/** Whether an entry of fstab comes from the system and not from the operator. */
const isOwn = ({ device, path, type }: AdoptableHost["fileSystems"][number]): boolean =>
  !path.startsWith("/") ||
  ["tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "swap", "efivarfs"].includes(type) ||
  device === "none";

/** Returns a path of fstab with its spaces. fstab writes a space as `\040`. */
const plain = (text: string): string => text.replaceAll("\\040", " ");

const mountsIn = (hardware: string): ReadonlySet<string> =>
  new Set([...hardware.matchAll(/fileSystems\."([^"]+)"/g)].flatMap(([, path]) => path ?? []));

const hasSwapDevice = (hardware: string): boolean => /swapDevices\s*=\s*\[\s*\{/.test(hardware);

/**
 * Returns the options for the file systems and swap that the hardware module lacks: file systems that are not mounted
 * now, network shares and swap files.
 */
export const adoptedStorage = ({ hardware, fileSystems, swaps, zram }: AdoptableHost): Part => {
  const there = mountsIn(hardware);
  const more = fileSystems.filter((entry) => !isOwn(entry) && !there.has(plain(entry.path)));
  const swap = swaps.filter((device) => !device.startsWith("/dev/") || !hasSwapDevice(hardware));
  const secret = more.filter(({ options }) => options.some((option) => /^(?:credentials|password|pass)=/.test(option)));
  return {
    options: [
      ...more.map(({ device, path, type, options }) =>
        binding(
          ["fileSystems", plain(path)],
          attributes([
            binding("device", string(plain(device))),
            binding("fsType", string(type)),
            binding(
              "options",
              strings(options.filter((option) => !/^(?:pass|password)=/.test(option) && option !== "x-initrd.mount")),
            ),
          ]),
        ),
      ),
      ...(swap.length === 0
        ? []
        : [binding("swapDevices", list(swap.map((device) => attributes([binding("device", string(device))]))))]),
      ...(zram ? [binding("zramSwap.enable", boolean(true))] : []),
    ],
    missing: secret.map(
      ({ path }) => `the secret with which ${plain(path)} is mounted: it stays in a file on this host`,
    ),
  };
};
