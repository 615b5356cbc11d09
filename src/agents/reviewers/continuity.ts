import type { GraphChange } from "../../domain/graph/contract.ts";
import type { DatabaseNode } from "../../domain/graph/node.ts";
import { backups } from "../../domain/graph/node-types/database.ts";
import { finding, quoted, type Rule, usersOf } from "./rule.ts";

/** When nothing else is said: every night, when there is little to do. */
const nightly = "0 3 * * *";

const isPersistent = ({ persistent }: DatabaseNode): boolean => persistent !== false;

/** A database whose data would be lost with its disk. */
export const noBackup: Rule = (graph) =>
  backups(graph.nodesOf("database"), graph).map(({ nodes, message }) => {
    const [id = ""] = nodes;
    const changes: ReadonlyArray<GraphChange> = [{ type: "update-node", id, changes: { backupSchedule: nightly } }];
    return finding("continuity/no-backup", "warning", message, { nodes, changes });
  });

/** A database that several nodes need and nothing can stand in for. */
export const noStandby: Rule = (graph) =>
  graph.nodesOf("database").flatMap((node) => {
    const users = usersOf(graph, node.id);
    const replicated = graph.to(node.id, "replicates").length > 0 || graph.from(node.id, "replicates").length > 0;
    if (!isPersistent(node) || replicated || users.length < 2) return [];
    const message = `\`${node.id}\` has no standby, and ${quoted(users)} need it: after a failure they wait for a restore`;
    return [finding("continuity/no-standby", "note", message, { nodes: [node.id] })];
  });

/** A standby that fails together with its primary. */
export const standbyBesidePrimary: Rule = (graph) =>
  graph.nodesOf("database").flatMap(({ id }) => {
    const here = new Set(graph.hostsOf(id).map((host) => host.id));
    return graph.from(id, "replicates").flatMap(({ to }) => {
      const shared = graph.hostsOf(to).filter((host) => here.has(host.id));
      return shared.map((host) => {
        const message = `the standby \`${id}\` runs on \`${host.id}\` like its primary \`${to}\`: it would fail with it`;
        return finding("continuity/standby-beside-primary", "warning", message, { nodes: [id, to, host.id] });
      });
    });
  });

/** Data that something depends on, and that a restart removes. */
export const volatileDatabase: Rule = (graph) =>
  graph
    .nodesOf("database")
    .filter((node) => !isPersistent(node))
    .flatMap(({ id }) => {
      const users = usersOf(graph, id);
      if (users.length === 0) return [];
      const message = `\`${id}\` keeps nothing over a restart: ${quoted(users)} must cope with that`;
      return [finding("continuity/volatile-database", "note", message, { nodes: [id] })];
    });

/** A bus that is told to retain messages and does not keep them. (Kafka always does, on its disk.) */
export const retentionWithoutPersistence: Rule = (graph) =>
  graph
    .nodesOf("message-bus")
    .filter(({ engine, persistence }) => engine !== "kafka" && persistence !== true)
    .filter(({ topics = [] }) => topics.some((topic) => "retentionHours" in topic))
    .map(({ id }) => {
      const changes = [{ type: "update-node", id, changes: { persistence: true } }] as const;
      const message = `\`${id}\` shall retain messages and has no \`persistence\`: a restart loses them`;
      return finding("continuity/retention-without-persistence", "warning", message, { nodes: [id], changes });
    });

/** What is lost when something breaks. */
export const continuityRules: ReadonlyArray<Rule> = [
  noBackup,
  noStandby,
  standbyBesidePrimary,
  volatileDatabase,
  retentionWithoutPersistence,
];
