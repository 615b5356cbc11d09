import { type Binding, binding, integer, string } from "../language/expression.ts";
import { certificateFile, keyFile } from "./certificate.ts";
import { longestAccount, shortened } from "./names.ts";

/* The names and settings that all Redis servers share: databases and message buses. */

/** Returns the name of a node's server for NixOS. The names of its unit and its user add `redis-` before it. */
export const serverName = (id: string): string => shortened(id, longestAccount - "redis-".length);

/** Returns the unit of a node's server, without its suffix. Its user has the same name. */
export const redisUnit = (id: string): string => `redis-${serverName(id)}`;

/** Returns the folder of a server that disappears when the server stops. */
export const runtimeFolder = (id: string): string => `/run/${redisUnit(id)}`;

/** Returns the socket on which a server listens for programs on its host. */
export const socketOf = (id: string): string => `${runtimeFolder(id)}/redis.sock`;

/** Returns the settings of a server that uses TLS on a port. */
export const tlsSettings = (id: string, port: number): ReadonlyArray<Binding> => [
  binding("settings.tls-port", integer(port)),
  binding("settings.tls-cert-file", string(certificateFile(redisUnit(id)))),
  binding("settings.tls-key-file", string(keyFile(redisUnit(id)))),
  binding("settings.tls-auth-clients", string("no")),
];
