import { hostInUrl } from "../host/addresses.ts";
import {
  attributes,
  type Binding,
  binding,
  type Expression,
  integer,
  list,
  merge,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine, quotedPath, specifiersEscaped } from "../unit/command-line.ts";
import { hardening } from "../unit/hardening.ts";
import { identityBindings } from "../unit/program-unit.ts";
import { programPath } from "../unit/programs.ts";
import { preparations, startTimeoutBindings, type UnitRequirements } from "../unit/systemd.ts";
import { credentialsFile } from "./object-store.ts";

/** A folder that a host serves by S3, with rclone, as the one bucket of its name. */
export interface ObjectServer {
  readonly id: string;
  readonly path: string;
  readonly group: string;
  readonly listen: string;
  readonly port: number;
}

/** An item of a list of rclone, which separates by spaces and quotes as CSV does. */
const item = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** What its unit runs, once the folder is prepared. The key is in a file that only root can read. */
export const objectServerBindings = (
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
