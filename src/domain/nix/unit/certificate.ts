import { addressFamily } from "../../graph/addresses.ts";
import type { HostNode } from "../../graph/node.ts";
import { type Binding, binding, interpolation, reference, string } from "../language/expression.ts";
import { commandLine } from "./command-line.ts";
import { beforeUnits, taskOptions } from "./task.ts";

/** The certificate of a server and its key. The host makes both. */
export interface Certificate {
  /** The name of the server in the names of the unit and the folder. */
  readonly server: string;
  /** The user of the server. */
  readonly user: string;
  /** The server's unit. */
  readonly unit: string;
  /** Whether the certificate and the key are in one file, as some servers need. */
  readonly joined?: boolean;
}

/** The TLS of a server: the addresses and DNS names that its certificate is valid for. */
export interface Tls {
  readonly subjects: ReadonlyArray<string>;
}

/** Returns the addresses and names that clients can use for a node on a host. */
export const subjectsOf = (node: string, { id, address }: HostNode): ReadonlyArray<string> => [
  ...new Set([address, id, "localhost", "127.0.0.1", "::1", node]),
];

const nameOf = (server: string): string => `cim-${server}-tls`;

export const certificateUnit = (server: string): string => `${nameOf(server)}.service`;

const folderOf = (server: string): string => `/var/lib/${nameOf(server)}`;

export const certificateFile = (server: string): string => `${folderOf(server)}/server.crt`;

export const keyFile = (server: string): string => `${folderOf(server)}/server.key`;

/** Returns the file with a certificate and its key. */
export const joinedFile = (server: string): string => `${folderOf(server)}/server.pem`;

const alternativeName = (subject: string): string =>
  `${addressFamily(subject) === undefined ? "DNS" : "IP"}:${subject}`;

/**
 * Returns the unit that makes the certificate once; none for a server without TLS. The key never leaves the host and is
 * never in the store. An operator may replace the certificate with another one.
 */
export const certificateOptions = (tls: Tls | undefined, certificate: Certificate): ReadonlyArray<Binding> =>
  tls === undefined ? [] : [certificateTask(tls, certificate)];

const certificateTask = ({ subjects }: Tls, { server, user, unit, joined = false }: Certificate): Binding => {
  const name = nameOf(server);
  const certificate = joined ? joinedFile(server) : certificateFile(server);
  const key = joined ? certificate : keyFile(server);
  return taskOptions({
    name,
    description: `Makes the certificate of ${unit}`,
    settings: [...beforeUnits([unit]), binding("unitConfig.ConditionPathExists", string(`!${certificate}`))],
    user,
    serviceConfig: [
      binding("StateDirectory", string(name)),
      binding("StateDirectoryMode", string("0700")),
      binding("UMask", string("0077")),
    ],
    command: commandLine(interpolation(reference("pkgs", "openssl"), "/bin/openssl"), [
      "req",
      "-new",
      "-x509",
      "-nodes",
      "-newkey",
      "rsa:4096",
      "-days",
      "3650",
      "-subj",
      `/CN=${name}`,
      "-addext",
      `subjectAltName=${subjects.map(alternativeName).join(",")}`,
      "-keyout",
      key,
      "-out",
      certificate,
    ]),
  });
};
