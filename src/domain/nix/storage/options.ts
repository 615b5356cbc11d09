import { hostInUrl } from "../host/network.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  list,
  merge,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine, quotedPath, specifiersEscaped } from "../unit/command-line.ts";
import { hardening } from "../unit/hardening.ts";
import { unitName } from "../unit/names.ts";
import { identityBindings } from "../unit/program-unit.ts";
import { programPath } from "../unit/programs.ts";
import {
  orderingBindings,
  preparations,
  serviceConfigBindings,
  startTimeoutBindings,
  type UnitRequirements,
} from "../unit/systemd.ts";
import { credentialsFile } from "./sources.ts";
import type { ObjectServer, StorageSpecification } from "./specification.ts";

/** Returns the unit of a volume on the hosts that it runs on. */
export const volumeUnit = (id: string): string => `${unitName(id)}.service`;

/** Returns the unit of a volume. It prepares the folder, and serves it if the volume is an object store. */
export const storageOptions = ({ id, unit, path, writers, objectServer }: StorageSpecification): Binding => {
  const prepare = (prefix: string) =>
    writers === undefined
      ? commandLine(interpolation(prefix, reference("pkgs", "util-linux"), "/bin/mountpoint"), ["--quiet", path])
      : commandLine(programPath("prepareVolume", prefix), [
          path,
          writers.group,
          ...(writers.user === undefined ? [] : [writers.user]),
        ]);
  return binding(
    ["systemd", "services", unitName(id)],
    attributes([
      binding("description", string(`${id}, a volume of the deployment graph`)),
      binding("wantedBy", strings(["multi-user.target"])),
      ...orderingBindings(unit, objectServer === undefined ? [] : ["network-online.target"]),
      ...(objectServer === undefined
        ? [
            binding(
              "serviceConfig",
              attributes([
                ...serviceConfigBindings(unit),
                binding("Type", string("oneshot")),
                binding("RemainAfterExit", boolean(true)),
                binding("ExecStart", prepare("")),
              ]),
            ),
          ]
        : // `+` runs it as root, although the server is another user.
          objectServerBindings(objectServer, unit, prepare("+"))),
    ]),
  );
};

/** Returns an item for a list of rclone, which separates with spaces and quotes like CSV. */
const item = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/**
 * Returns the settings of an object store's server. It starts once the folder is prepared. The key is in a file that
 * only root can read.
 */
const objectServerBindings = (
  { id, path, group, listen, port }: ObjectServer,
  unit: UnitRequirements,
  prepare: Expression,
): ReadonlyArray<Binding> => [
  binding("environment.RCLONE_CONFIG_STORE_TYPE", string("combine")),
  binding("environment.RCLONE_CONFIG_STORE_UPSTREAMS", string(specifiersEscaped(item(`${id}=${path}`)))),
  binding(
    "serviceConfig",
    merge(
      hardening,
      attributes([
        binding("Type", string("exec")),
        binding("ExecStartPre", list([...preparations(unit), prepare])),
        ...startTimeoutBindings(unit),
        binding("ExecStart", commandLine(programPath("serveBucket"), [`${hostInUrl(listen)}:${port}`])),
        binding("Restart", string("always")),
        binding("RestartSec", integer(5)),
        ...identityBindings({ id }),
        binding("SupplementaryGroups", strings([group])),
        binding("ReadWritePaths", strings([quotedPath(path)])),
        binding("LoadCredential", strings([`credentials:${credentialsFile(id)}`])),
      ]),
    ),
  ),
];
