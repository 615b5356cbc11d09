import { Result } from "effect";
import { accept, type CommandOf, type DataOf, type Rejection, refuse } from "../kernel/mod.ts";
import type { HostContext, HostDecision, hostCommands, hostEvents, KnownToHosts } from "./contract.ts";
import { changeIdOf, type Wish } from "./operation.ts";
import { type HostState, unitsOf } from "./state.ts";

/** For a context without look-up: nobody may do anything. */
export const nothingKnown: KnownToHosts = { manages: [], hosts: [], proposers: [] };

type Change = DataOf<typeof hostEvents, "change-proposed">;
type Wished = Extract<CommandOf<typeof hostCommands>, { type: "operate" | "propose-change" }>;

/** Returns the change for a request, or why it is impossible for anyone. */
const changeOf = (
  wish: Wish,
  host: HostState,
  { aggregateId: id, principal: by, known }: HostContext,
): Result.Result<Change, Rejection> => {
  const { action, node, hosts, acceptDataLoss } = wish;
  const subject = `host \`${id}\``;
  const units = unitsOf(host, node);
  const nodes = (host.desired?.placement?.nodes ?? []).map((resident) => resident.node);
  if (units === undefined)
    return refuse(
      "unknown-node",
      nodes.length === 0
        ? `${subject}: no deployment has placed nodes there; deploy a graph first`
        : `${subject}: node \`${node}\` does not run there; these do: ${nodes.join(", ")}`,
      { nodes },
    );
  if (host.changing !== undefined)
    return refuse(
      "deployment-in-progress",
      `${subject}: deployment \`${host.changing}\` is changing it; wait for its end`,
    );
  if (action === "scale") {
    if (hosts === undefined || hosts.length === 0)
      return refuse("hosts-missing", `${subject}: \`scale\` needs \`hosts\`: the hosts that \`${node}\` is to run on`);
    const strange = hosts.find((one) => known?.hosts.includes(one) !== true);
    if (strange !== undefined)
      return refuse(
        "unknown-host",
        `${subject}: the graph has no host \`${strange}\`; it has ${known?.hosts.join(", ")}`,
      );
  } else if (hosts !== undefined)
    return refuse("hosts-not-taken", `${subject}: only \`scale\` takes \`hosts\`; \`${action}\` is done on \`${id}\``);
  else if (acceptDataLoss !== undefined)
    return refuse("loss-not-taken", `${subject}: only \`scale\` takes \`acceptDataLoss\`; \`${action}\` loses no data`);
  else if (units.length === 0) return refuse("no-units", `${subject}: node \`${node}\` has no unit there to ${action}`);
  const change: Change = { ...wish, change: host.serial + 1, units, by };
  return Result.succeed(change);
};

/** Returns the permissions of the principal for the node, from edges to the node or to its whole host. */
const permissionsOf = (node: string, { aggregateId: host, principal, known = nothingKnown }: HostContext) =>
  known.manages
    .filter(({ from, to }) => from === principal && (to === node || to === host))
    .flatMap(({ permissions }) => permissions);

const notPermitted = ({ node, action }: Wish, { aggregateId: id, principal }: HostContext) =>
  refuse(
    "not-permitted",
    `host \`${id}\`: \`${principal}\` may not ${action} \`${node}\`: the deployed graph has no \`manages\` edge from \`${principal}\` to \`${node}\` or \`${id}\` with the permission \`${action}\`; ask for it with \`propose-change\`, or deploy a graph that has it`,
    { permission: action, node, remedy: "propose-change" },
  );

const mayNotPropose = ({ node }: Wish, { aggregateId: id, principal }: HostContext) =>
  refuse(
    "not-permitted",
    `host \`${id}\`: \`${principal}\` may not propose anything for \`${node}\`: that is for the role \`operator\` or \`voter\`, or deploy a graph with a \`manages\` edge from \`${principal}\` to \`${node}\` or \`${id}\``,
    { node, remedy: "grant" },
  );

/**
 * Decides about a request. `operate` starts at once if a `manages` edge of the deployed graph permits it.
 * `propose-change` becomes a proposal if the principal may propose changes: operators, voters, and holders of any
 * permission.
 */
export const takeWish = (command: Wished, host: HostState, context: HostContext): HostDecision => {
  const { payload: wish } = command;
  const asked = changeOf(wish, host, context);
  if (Result.isFailure(asked)) return Result.fail(asked.failure);
  const change = asked.success;
  const permissions = permissionsOf(wish.node, context);
  if (command.type === "operate") {
    if (!permissions.includes(wish.action)) return notPermitted(wish, context);
    const frozen = context.known?.frozen;
    return frozen === undefined
      ? accept({ type: "operation-requested", data: change })
      : refuse("frozen", `host \`${context.aggregateId}\`: no operation is possible while ${frozen}`);
  }
  if (permissions.length === 0 && context.known?.proposers.includes(context.principal) !== true)
    return mayNotPropose(wish, context);
  const open = host.changes.find(
    (one) =>
      !one.underWay && one.node === wish.node && one.action === wish.action && one.hosts?.join() === wish.hosts?.join(),
  );
  return open === undefined
    ? accept({ type: "change-proposed", data: change })
    : refuse(
        "already-proposed",
        `host \`${context.aggregateId}\`: proposal \`${changeIdOf(context.aggregateId, open.change)}\` is about the same; vote on it`,
        { proposal: changeIdOf(context.aggregateId, open.change) },
      );
};
