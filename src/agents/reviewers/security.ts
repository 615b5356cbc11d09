import { type ConnectsToEdge, edgeIdentity, isUdp } from "../../domain/graph/edge.ts";
import { plaintext } from "../../domain/graph/rules/plaintext.ts";
import { finding, nodesOf, quoted, type Rule } from "./rule.ts";

/** Names of variables that hold secrets, unless they end so that they only say where one is. */
const secretName =
  /(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|MASTER)[_-]?KEY|SECRET[_-]?KEY[_-]?BASE)$/i;
/** Short ones that are also the ends of other words; `PWD` alone is where a program runs. */
const shortSecretName = /((^|[_-])PASS|[_-]PWD)$/i;

/** `scheme://user:password@host`. */
const passwordInUrl = /^(jdbc:)?[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@/i;
/** `Server=host;Password=password`, `scheme://host/?password=password` and `host=host password=password`. */
const passwordInParameters = /(^|[;?&\s])(password|passwd|passphrase|pass|pwd)\s*=\s*[^;&\s]/i;
/** PEM, whatever kind of key it is (RFC 7468). */
const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/;

const namesSecret = (name: string): boolean => secretName.test(name) || shortSecretName.test(name);
const holdsSecret = (value: string): boolean =>
  [passwordInUrl, passwordInParameters, privateKey].some((pattern) => pattern.test(value));

/** Open to the world, and not encrypted. */
export const publicPlaintext: Rule = ({ survey }) =>
  plaintext(survey).map(({ nodes, message }) => finding("security/public-plaintext", "warning", message, { nodes }));

/** A database that is one step from the world. */
export const databaseExposed: Rule = (graph) =>
  nodesOf(graph, "database").flatMap(({ id }) =>
    graph.to(id, "connects-to").flatMap((edge) => {
      const client = graph.nodes.get(edge.from);
      if (client === undefined || !("public" in client) || client.public !== true) return [];
      const subject = { nodes: [client.id, id], edges: [edgeIdentity(edge)] };
      const rule = "security/database-exposed";
      return client.type === "load-balancer"
        ? [
            finding(
              rule,
              "blocking",
              `\`${client.id}\` opens the database \`${id}\` to the world: remove the path`,
              subject,
            ),
          ]
        : [
            finding(
              rule,
              "warning",
              `\`${client.id}\` is public and reads the database \`${id}\` itself: put a service between them`,
              subject,
            ),
          ];
    }),
  );

/** A secret in the graph would be in the event log and in the world-readable Nix store, for good. */
export const secretInEnvironment: Rule = (graph) =>
  nodesOf(graph, "service").flatMap(({ id, environment = {} }) => {
    const secrets = Object.entries(environment)
      .filter(([name, value]) => value !== "" && (namesSecret(name) || holdsSecret(value)))
      .map(([name]) => name)
      .sort();
    if (secrets.length === 0) return [];
    const message = `\`${id}\` has secrets in its environment (${quoted(secrets)}): move them to a file on the host and name it in \`environmentFiles\``;
    return [finding("security/secret-in-environment", "blocking", message, { nodes: [id] })];
  });

/** A connection to a database that could be encrypted and is not. (SQLite databases are files.) */
export const unencryptedConnection: Rule = (graph) =>
  nodesOf(graph, "database")
    .filter(({ engine }) => engine !== "sqlite")
    .flatMap(({ id }) =>
      graph
        .to(id, "connects-to")
        .filter(({ encrypted, protocol }) => encrypted !== true && !isUdp(protocol))
        .map((edge) => {
          const message = `\`${edge.from}\` talks to the database \`${id}\` unencrypted: set \`encrypted\``;
          const subject = { nodes: [edge.from, id], edges: [edgeIdentity(edge)], changes: encrypting(edge) };
          return finding("security/unencrypted-connection", "warning", message, subject);
        }),
    );

/** An edge cannot be changed: it is replaced by one of the same identity. */
const encrypting = (edge: ConnectsToEdge) => [
  { type: "disconnect", id: edgeIdentity(edge) } as const,
  { type: "connect", edge: { ...edge, encrypted: true } } as const,
];

/** A way through the firewall to a port on which the target does not listen. */
export const needlessPath: Rule = (graph) =>
  [...graph.nodes.values()].flatMap((target) => {
    if (!("port" in target) || target.port === undefined) return [];
    return graph
      .to(target.id, "connects-to")
      .filter(({ port }) => port !== undefined && port !== target.port)
      .map((edge) => {
        const message = `\`${edge.from}\` may reach port ${edge.port} of \`${target.id}\`, which listens on ${target.port}: leave \`port\` out of the edge`;
        const subject = { nodes: [edge.from, target.id], edges: [edgeIdentity(edge)] };
        return finding("security/needless-path", "warning", message, subject);
      });
  });

/** What can be reached, read and overheard by those who should not. */
export const securityRules: ReadonlyArray<Rule> = [
  publicPlaintext,
  databaseExposed,
  secretInEnvironment,
  unencryptedConnection,
  needlessPath,
];
