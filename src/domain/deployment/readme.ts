import type { GraphDocument } from "../graph/document.ts";
import { toMermaid } from "../graph/picture.ts";
import { type Admission, type HostSummary, hostFile } from "../nix/mod.ts";
import type { Waves } from "./waves.ts";

/** Returns text of a graph as Markdown on one line, with special characters escaped. */
const text = (value: string): string => value.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|~&$]/g, "\\$&");

/** Returns the same text as a line of its own that is neither a heading nor a list. */
const paragraph = (value: string): string =>
  text(value.trim())
    .replace(/^[#+=-]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2");

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => [
  `| ${head.join(" | ")} |`,
  `| ${head.map(() => "---").join(" | ")} |`,
  ...rows.map((row) => `| ${row.join(" | ")} |`),
];

const hostsTable = (hosts: ReadonlyArray<HostSummary>, waves: Waves): ReadonlyArray<string> => {
  const waveOf = new Map(waves.flatMap((wave, index) => wave.map(({ host }) => [host, index + 1] as const)));
  return table(
    ["Host", "Address", "System", "Wave", "Nodes"],
    hosts.map(({ id, address, system, nodes }) => [
      `[${id}](${hostFile(id)})`,
      text(address),
      system,
      String(waveOf.get(id) ?? 1),
      nodes.join(", "),
    ]),
  );
};

const admission = ({ host, transport, port, from, to, encrypted }: Admission): ReadonlyArray<string> => [
  host,
  `${port}/${transport}`,
  to === host ? "ssh" : to,
  from === undefined ? "everyone" : `${from.node} on ${from.host} (${text(from.address)})`,
  encrypted === true ? "yes" : "",
];

/** The content of the page besides the graph. */
interface Page {
  readonly hosts: ReadonlyArray<HostSummary>;
  readonly waves: Waves;
  /** The fields of the graph that look like secrets. */
  readonly secretLike: ReadonlyArray<string>;
}

/**
 * Returns what was searched for secrets, and the fields that look like one. Everyone on a host can read the flake, so
 * the text claims no more than that.
 */
const checkedForSecrets = (secretLike: ReadonlyArray<string>): string => {
  const everyone = "Everyone on a host can read this flake in the Nix store.";
  const checked = "The texts of the graph were looked through, and the modules that hosts import were not.";
  if (secretLike.length === 0)
    return `${checked} Nothing in the graph looks like a secret by its name or form. ${everyone}`;
  return [
    `${checked} ${everyone} These fields look like secrets by their names or forms, and are in this flake because it was said that they are not (\`--allow-secret-like\`):`,
    "",
    ...secretLike.map((field) => `- ${text(field)}`),
  ].join("\n");
};

const secretsSection = ({ hosts, secretLike }: Page): ReadonlyArray<string> => {
  const rows = hosts.flatMap(({ id, secrets }) =>
    secrets.map(({ path, node, content }) => [id, node, text(path), text(content)]),
  );
  const files = [
    "Put these files on the hosts, readable by root alone, for example with sops-nix or agenix:",
    "",
    ...table(["Host", "Node", "File", "Content"], rows),
    "",
  ];
  return ["## Secrets", "", checkedForSecrets(secretLike), "", ...(rows.length === 0 ? [] : files)];
};

/** Returns the page that people read first: what the flake deploys, who may connect to what, and how to deploy it. */
export const readme = (document: GraphDocument, page: Page): string => {
  const { hosts, waves } = page;
  const { id, description } = document;
  const [first = "HOST"] = hosts.map((host) => host.id);
  return [
    `# ${id}`,
    "",
    ...(description === undefined ? [] : [paragraph(description), ""]),
    "This flake was rendered from `graph.json` by CIM Leaf. Change the graph, not these files: the same graph gives the same files.",
    "",
    "```mermaid",
    toMermaid(document).trimEnd(),
    "```",
    "",
    "## Hosts",
    "",
    "A host of a wave is deployed when all hosts of the wave before are well.",
    "",
    ...hostsTable(hosts, waves),
    "",
    "## What the firewalls let in",
    "",
    ...table(
      ["Host", "Port", "To", "From", "Encrypted"],
      hosts.flatMap(({ admissions }) => admissions.map(admission)),
    ),
    "",
    ...secretsSection(page),
    "## Deploy",
    "",
    "`cim deploy` does all of it: review, vote, waves, health checks and the way back. With other tools:",
    "",
    "```sh",
    `nixos-rebuild switch --flake .#${first} --target-host ${first}`,
    "git init && git add -A # nix finds the flake in tools/ in a git repository only",
    'colmena apply -f "git+file:$PWD?dir=tools"',
    'deploy "git+file:$PWD?dir=tools"',
    "nix flake check",
    "```",
    "",
  ].join("\n");
};
