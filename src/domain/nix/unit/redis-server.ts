import { shortened } from "../hash.ts";
import { type Binding, binding, integer, string } from "../language/expression.ts";
import { certificateFile, keyFile } from "./certificate.ts";
import { longestAccount } from "./names.ts";

/* What all Redis servers have in common, be they databases or buses. */

/** What NixOS calls the server of a node; its unit and its user have `redis-` before that. */
export const serverName = (id: string): string => shortened(id, longestAccount - "redis-".length);

/** Unit, without its suffix, and user of a node's server. */
export const redisUnit = (id: string): string => `redis-${serverName(id)}`;

/** Where a server has what is gone when it stops. */
export const runtimeFolder = (id: string): string => `/run/${redisUnit(id)}`;

/** Where NixOS has a server listen for programs on its host. */
export const socketOf = (id: string): string => `${runtimeFolder(id)}/redis.sock`;

/** The settings of a server that speaks TLS on a port. */
export const tlsSettings = (id: string, port: number): ReadonlyArray<Binding> => [
  binding("settings.tls-port", integer(port)),
  binding("settings.tls-cert-file", string(certificateFile(redisUnit(id)))),
  binding("settings.tls-key-file", string(keyFile(redisUnit(id)))),
  binding("settings.tls-auth-clients", string("no")),
];
