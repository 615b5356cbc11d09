import { natsClusterPort } from "../../../graph/node-types/message-bus-engines.ts";
import { loopback } from "../../host/addresses.ts";
import {
  apply,
  type Binding,
  binding,
  force,
  interpolation,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateFile, certificateOptions } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, type UnitAdditions, unitBindings } from "../../unit/systemd.ts";
import { passwordFile } from "../clients.ts";
import type { NatsSpecification } from "./mod.ts";
import { leafPassword, natsSettings, userPassword } from "./settings.ts";
import { type StreamAccess, streamOptions } from "./streams.ts";
import { streamMaker } from "./users.ts";

/** Where the settings are put together with the passwords; gone when the server stops. */
const folder = "cim-nats";

/** The options of a host with a NATS server. */
export const natsOptions = (specification: NatsSpecification): ReadonlyArray<Binding> => {
  const { unit, tls, makesStreams, streams } = specification;
  return [
    binding("services.nats", natsSettings(specification, natsClusterPort)),
    ...unitBindings("nats", unit, additionsOf(specification)),
    ...certificateOptions(tls, { server: "nats", user: "nats", unit: "nats.service" }),
    ...(makesStreams ? streamOptions(streams, streamAccessOf(specification)) : []),
  ];
};

/** The files with the passwords that the server needs, by the names that stand for them in its settings. */
const passwordsOf = ({ id, permissions, leaves, leafRemotes }: NatsSpecification): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...[...permissions.map(({ node }) => node), ...(leaves?.users ?? [])].map((user) => [
      userPassword(user),
      passwordFile(id, user),
    ]),
    ...leafRemotes.flatMap(({ hub }) => (hub === undefined ? [] : [[leafPassword(hub), passwordFile(hub, id)]])),
  ]);

/** NixOS would put the settings into the store, and check them where neither passwords nor certificates are. */
const additionsOf = (specification: NatsSpecification): UnitAdditions => {
  const passwords = passwordsOf(specification);
  const memoryMb = specification.unit.limits.memoryMb;
  const environment = memoryMb === undefined ? [] : [memoryBinding(memoryMb)];
  if (Object.keys(passwords).length === 0 && specification.tls === undefined) return { settings: environment };
  const settings = apply(
    reference("pkgs", "writeText"),
    string("nats.json"),
    apply(reference("builtins", "toJSON"), reference("config", "services", "nats", "settings")),
  );
  const madeUp = specification.users.filter(({ name }) => name === streamMaker).map(({ name }) => userPassword(name));
  return {
    settings: environment,
    preparations: [commandLine(programPath("natsSettings"), [interpolation(settings), `/run/${folder}`, ...madeUp])],
    serviceConfig: [
      binding("RuntimeDirectory", strings([folder])),
      ...credentialBindings(passwords),
      binding(
        "ExecStart",
        force(interpolation(reference("pkgs", "nats-server"), `/bin/nats-server -c /run/${folder}/nats.json`)),
      ),
    ],
  };
};

/** Makes the server's garbage collector keep a tenth of its memory free, so that it is not killed at the limit. */
const memoryBinding = (memoryMb: number): Binding =>
  binding("environment.GOMEMLIMIT", string(`${Math.max(1, Math.floor(memoryMb * 0.9))}MiB`));

const streamAccessOf = ({ port, tls, users }: NatsSpecification): StreamAccess => ({
  url: `${tls === undefined ? "nats" : "tls"}://${loopback}:${port}`,
  ...(users.some(({ name }) => name === streamMaker)
    ? { user: { name: streamMaker, passwordFile: `/run/${folder}/${userPassword(streamMaker)}` } }
    : {}),
  ...(tls === undefined ? {} : { certificateFile: certificateFile("nats") }),
});
