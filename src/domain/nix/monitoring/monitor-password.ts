import { type Binding, binding, string } from "../language/expression.ts";
import { commandLine } from "../unit/command-line.ts";
import { programPath } from "../unit/programs.ts";
import { beforeUnits, taskOptions } from "../unit/task.ts";

/** The password by which a server knows the exporter beside it. */
export interface MonitorPassword {
  /** The server that it is for; part of names of units and folders. */
  readonly server: string;
  /** What has to know it before it starts. */
  readonly before: ReadonlyArray<string>;
  /** A secret that all hosts of the server have, where they have to have the same password. */
  readonly key?: string;
}

const nameOf = (server: string): string => `cim-${server}-monitor`;

export const monitorPasswordUnit = (server: string): string => `${nameOf(server)}.service`;

/** Where root finds the password; the server and its exporter get it as a credential. */
export const monitorPasswordFile = (server: string): string => `/var/lib/${nameOf(server)}/password`;

/**
 * A unit that makes the password, which is never in the store: at random and once, or from a key, of which it tells
 * nothing.
 */
export const monitorPasswordOptions = ({ server, before, key }: MonitorPassword): Binding => {
  const name = nameOf(server);
  return taskOptions({
    name,
    description: `Makes the password of the exporter of ${server}`,
    ...(before.length === 0 ? {} : { settings: beforeUnits(before) }),
    remains: true,
    serviceConfig: [binding("StateDirectory", string(name)), binding("StateDirectoryMode", string("0700"))],
    command: commandLine(programPath("monitorPassword"), [
      monitorPasswordFile(server),
      ...(key === undefined ? [] : [key]),
    ]),
  });
};
