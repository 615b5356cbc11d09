import { access, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Option as Found, Schema } from "effect";
import { isAddress } from "../../domain/graph/addresses.ts";
import { HostNode } from "../../domain/graph/node.ts";
import { type Fields, isFields } from "../../domain/graph/survey.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { type AdoptedBase, adoptedBase } from "../../domain/nix/mod.ts";
import { NixosHosts } from "../../infrastructure/nixos/nixos-hosts.ts";
import { CliFailure, exitCode, messageOf, usageFailure } from "./errors.ts";
import { withValue } from "./graph/graph-file.ts";
import type { Invocation } from "./invocation.ts";
import { nixosOptions } from "./nixos-options.ts";
import { documentOf, nameOf, readText } from "./read-input.ts";

/** The options of `cim hosts adopt`. */
export interface AdoptOptions {
  readonly graph?: string;
  readonly address?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly updateGraph?: boolean;
  readonly sshOption: ReadonlyArray<string>;
}

type HostFields = Pick<HostNode, "address" | "ssh">;

const decodeReach = Schema.decodeUnknownOption(
  Schema.Struct({ address: HostNode.fields.address, ssh: HostNode.fields.ssh }),
);

/** A graph's file: its text, what that says, and the host if it has it. */
interface GraphFile {
  readonly path: string;
  readonly text: string;
  readonly document: Fields & { readonly nodes: ReadonlyArray<unknown> };
  readonly node: Fields | undefined;
}

const readGraphFile = async (cli: Invocation, path: string, id: string): Promise<GraphFile> => {
  if (path === "-") throw usageFailure("--graph names a file, because the modules are written beside it");
  const text = await readText(cli.host, path);
  const document = documentOf(text, path);
  const { nodes } = isFields(document) ? document : {};
  if (!isFields(document) || !Array.isArray(nodes))
    throw new CliFailure(
      `${nameOf(path)} is not a graph document: export it with \`cim graph show --format json\` first`,
    );
  const node = nodes.find((one: unknown) => isFields(one) && one.id === id);
  if (isFields(node) && node.type !== "host")
    throw new CliFailure(`${nameOf(path)}: \`${id}\` is a ${String(node.type)}, not a host: name a host`);
  return { path, text, document: { ...document, nodes }, node: isFields(node) ? node : undefined };
};

/** How the host is reached: as the command says, otherwise as the graph does. */
const reachOf = (id: string, graph: GraphFile | undefined, options: AdoptOptions): HostFields => {
  const { address, user, port, identityFile } = options;
  const known = graph?.node === undefined ? undefined : Found.getOrUndefined(decodeReach(graph.node));
  const ssh = { ...known?.ssh, ...defined({ user, port, identityFile }) };
  const named = address ?? known?.address ?? id;
  if (!isAddress(named)) throw usageFailure(`\`${named}\` is neither an IP address nor a name: correct --address`);
  return { address: named, ...(Object.keys(ssh).length === 0 ? {} : { ssh }) };
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Writes the modules, all or none. Returns their paths. */
const writeModules = async (folder: string, { files }: AdoptedBase, force: boolean): Promise<ReadonlyArray<string>> => {
  const paths = Object.keys(files).map((name) => join(folder, name));
  for (const path of paths)
    if (!force && (await isThere(path)))
      throw new CliFailure(`${path} is there already: choose another folder with --out, or give --force to replace it`);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  } catch (error) {
    throw new CliFailure(`${folder} cannot be written (${messageOf(error)}): choose another --out`, { cause: error });
  }
  return paths;
};

/** The node of the host for a graph: what the graph says of it stays. */
const nodeWith = (
  id: string,
  known: Fields | undefined,
  reach: HostFields,
  base: AdoptedBase,
  entry: string,
): Fields => {
  const imports = Array.isArray(known?.imports) ? known.imports : [];
  return {
    ...defined({ id, type: "host", system: base.system, stateVersion: base.stateVersion }),
    ...reach,
    ...known,
    imports: imports.includes(entry) ? imports : [...imports, entry],
  };
};

const updateGraph = async ({ path, text, document, node }: GraphFile, adopted: Fields): Promise<void> => {
  const place = node === undefined ? "end" : document.nodes.indexOf(node);
  await writeFile(path, withValue(path, text, ["nodes", place], adopted));
};

/**
 * Makes a base of a host from what runs there: modules beside the graph's file, and the host's node for the graph. It only
 * reads on the host. What could not be taken over is said, because the first deployment takes it away.
 */
export const adopt =
  (id: string, options: AdoptOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { output, signal, host } = cli;
    if (options.updateGraph === true && options.graph === undefined)
      throw usageFailure("--update-graph needs --graph FILE");
    const graph = options.graph === undefined ? undefined : await readGraphFile(cli, options.graph, id);
    const reach = reachOf(id, graph, options);
    const wishes = { pin: {}, sshOption: options.sshOption, buildOn: "local", checkSignatures: false } as const;
    const hosts = await NixosHosts.open(nixosOptions(host.env, wishes));
    const read = await hosts.adoptable({ host: id, ...reach }, signal);
    const base = adoptedBase(read, { id, port: reach.ssh?.port ?? 22 });
    const beside = graph === undefined ? "." : dirname(graph.path);
    const folder = options.out ?? join(beside, "hosts", id);
    const written = await writeModules(folder, base, options.force === true);
    const node = nodeWith(id, graph?.node, reach, base, relative(beside, join(folder, base.entry)));
    if (graph !== undefined && options.updateGraph === true) await updateGraph(graph, node);
    const { missing } = base;
    if (output.json) output.document({ host: id, node, files: base.files, written, missing });
    const place = graph === undefined ? "a graph's `nodes`" : `the \`nodes\` of ${graph.path}`;
    output.result([
      ...written.map((path) => `wrote ${path}`),
      ...(options.updateGraph === true
        ? [`wrote the host into ${graph?.path}`]
        : [`put this into ${place}:`, ...JSON.stringify(node, null, 2).split("\n")]),
      "not taken over, or to be looked at:",
      ...missing.map((one) => `  ${one}`),
    ]);
    return exitCode.done;
  };
