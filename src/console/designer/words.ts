import type { EdgeOf } from "../../domain/graph/edge.ts";
import type { NodeOf } from "../../domain/graph/node.ts";
import type { EdgeType, NodeType } from "../../domain/graph/types.ts";
import type { Fields } from "./draft.ts";

/** The fields of each type of node in the order of its form: what one thinks of first stands first. */
export const nodeFieldOrder: { readonly [T in NodeType]: ReadonlyArray<Exclude<keyof NodeOf<T>, "type">> } = {
  host: [
    "id",
    "address",
    "system",
    "rootDevice",
    "resources",
    "ssh",
    "stateVersion",
    "imports",
    "files",
    "inputs",
    "labels",
  ],
  service: [
    "id",
    "command",
    "args",
    "package",
    "port",
    "public",
    "healthCheck",
    "environment",
    "environmentFiles",
    "user",
    "resources",
  ],
  agent: ["id", "capabilities", "command", "subscriptions", "rateLimit", "resources"],
  database: [
    "id",
    "engine",
    "version",
    "port",
    "databases",
    "persistent",
    "backupSchedule",
    "backupCopyTo",
    "resources",
  ],
  "message-bus": ["id", "engine", "persistence", "topics", "leafRemotes", "resources"],
  "load-balancer": ["id", "port", "public", "serverName", "tls", "strategy", "healthCheckIntervalSeconds"],
  storage: ["id", "kind", "size", "mountPath", "accessMode", "device"],
  monitoring: ["id", "retentionDays", "dashboards", "logs"],
};

/** The same of edges. A name of its own is the last that an edge needs. */
export const edgeFieldOrder: { readonly [T in EdgeType]: ReadonlyArray<Exclude<keyof EdgeOf<T>, "type">> } = {
  "runs-on": ["from", "to", "id"],
  "depends-on": ["from", "to", "required", "startupDelaySeconds", "id"],
  "connects-to": ["from", "to", "protocol", "port", "encrypted", "id"],
  "data-flow": ["from", "to", "direction", "format", "volume", "id"],
  "load-balances": ["from", "to", "weight", "healthCheck", "id"],
  "mounts-volume": ["from", "to", "mountPath", "readOnly", "id"],
  "publishes-to": ["from", "to", "topic", "rateLimit", "consumerGroup", "id"],
  "subscribes-to": ["from", "to", "topic", "consumerGroup", "rateLimit", "id"],
  replicates: ["from", "to", "id"],
  manages: ["from", "to", "permissions", "id"],
  monitors: ["from", "to", "id"],
};

/** What fields are called, if the words of their names do not say it. */
const labels: Readonly<Record<string, string>> = {
  id: "Name",
  from: "From",
  to: "To",
  args: "Arguments",
  cpuCores: "Processor cores",
  memoryMb: "Memory, MiB",
  diskGb: "Disk, GiB",
  ssh: "Log-in by ssh",
  tls: "Certificate (TLS)",
  url: "URL",
  stateVersion: "NixOS release",
  imports: "NixOS modules of your own",
  rateLimit: "Rate limit",
  public: "Open to everyone",
  persistent: "Keeps data over a restart",
  persistence: "Keeps messages on disk",
  databases: "Databases",
  dashboards: "Dashboards (Grafana)",
  logs: "Logs (Loki)",
  required: "Cannot run without it",
  encrypted: "Encrypted (TLS)",
  readOnly: "Read only",
  leafRemotes: "Joins as a leaf node",
  intervalSeconds: "Interval, s",
  timeoutSeconds: "Time-out, s",
  startupDelaySeconds: "Start-up delay, s",
  healthCheckIntervalSeconds: "Between health checks, s",
  retentionHours: "Kept for, h",
  retentionDays: "Kept for, days",
};

/** What a field is called: `identityFile` is "Identity file". */
export const labelOf = (name: string): string => {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return labels[name] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

/** What new ones begin with beside their empty fields: values that most keep. */
export const starts: Readonly<Partial<Record<NodeType | EdgeType, Fields>>> = {
  "load-balancer": { port: 80 },
  storage: { size: "10Gi", mountPath: "/srv/data" },
  "connects-to": { protocol: "tcp" },
};

/** What switches mean that are not given. */
export const trueUnlessGiven: ReadonlySet<string> = new Set(["persistent", "required", "healthCheck"]);
