import { type Binding, binding, string } from "../language/expression.ts";
import { commandLine } from "../unit/command-line.ts";
import { programPath } from "../unit/programs.ts";
import { beforeUnits, taskOptions } from "../unit/task.ts";

/** The password with which an exporter logs in to the server on its host. */
export interface MonitorPassword {
  /** The name of the server in the names of the unit and the folder. */
  readonly server: string;
  /** The units that need the password when they start. */
  readonly before: ReadonlyArray<string>;
  /** A secret that all hosts of the server have. It is set if all of them must make the same password. */
  readonly key?: string;
}

const nameOf = (server: string): string => `cim-${server}-monitor`;

export const monitorPasswordUnit = (server: string): string => `${nameOf(server)}.service`;

/** Returns the file with the password. Only root can read it. The server and its exporter get it as a credential. */
export const monitorPasswordFile = (server: string): string => `/var/lib/${nameOf(server)}/password`;

/**
 * Returns the unit that makes the password, which is never in the store. Without a key it makes a random password once.
 * With a key it hashes the key, so that all hosts have the same password and the key cannot be computed from it.
 */
export const monitorPasswordOptions = ({ server, before, key }: MonitorPassword): Binding => {
  const name = nameOf(server);
  return taskOptions({
    name,
    description: `Makes the password of the exporter of ${server}`,
    settings: before.length === 0 ? [] : beforeUnits(before),
    remains: true,
    serviceConfig: [binding("StateDirectory", string(name)), binding("StateDirectoryMode", string("0700"))],
    command: commandLine(programPath("monitorPassword"), [
      monitorPasswordFile(server),
      ...(key === undefined ? [] : [key]),
    ]),
  });
};
