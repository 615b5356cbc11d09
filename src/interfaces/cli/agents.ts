import { Argument, type Command } from "commander";
import { agent } from "../../domain/agent/decider.ts";
import { capability } from "../../domain/capability/decider.ts";
import { roles as allRoles, defined } from "../../domain/kernel/mod.ts";
import { principal } from "../../domain/principal/decider.ts";
import { addAggregate, aggregateGroup, giveSigned } from "./aggregate-commands.ts";
import type { Listed } from "./documents.ts";
import type { CommandGroup, Runner } from "./invocation.ts";
import { signWith } from "./key.ts";
import { columns, type Listing } from "./listing.ts";

type Agent = Listed<"agents">;

/** People send no heartbeats, so they have no presence. */
const presenceText = ({ registered, metadata, status }: Agent): string | undefined => {
  if (registered === false) return "deregistered";
  return metadata?.kind === "person" ? "person" : status;
};

/** `review, plan 2.1 (3 at once)` */
const capabilitiesText = ({ capabilities = [], capabilityDetails = {} }: Agent): string =>
  capabilities
    .map((name) => {
      const { version, maxConcurrent } = capabilityDetails[name] ?? {};
      return [name, version, maxConcurrent === undefined ? undefined : `(${maxConcurrent} at once)`]
        .filter((part) => part !== undefined)
        .join(" ");
    })
    .join(", ");

/** What an agent can do, and what it says it can and nobody has granted. */
const abilityText = (document: Agent): string => {
  const { askedFor = [] } = document;
  const asked = askedFor.length === 0 ? [] : [`asked for: ${askedFor.join(", ")}`];
  return [capabilitiesText(document), ...asked].filter((part) => part !== "").join("; ");
};

/** The roles of an agent's principal, or why it may do nothing. Documents of a watched view do not have them. */
const rolesText = (document: Agent): string | undefined => {
  if ("stopped" in document && typeof document.stopped === "string") return document.stopped;
  return "roles" in document && Array.isArray(document.roles) ? document.roles.join(", ") : undefined;
};

/** The list shows the presence of each agent, since when, its load, and what it can do. */
export const agentListing: Listing<Agent> = {
  headings: ["ID", "PRESENCE", "SINCE", "LOAD", "ROLES", "CAPABILITIES", "NAME"],
  row: (document) => [
    document.id,
    presenceText(document),
    document.lastSeen ?? document.registeredAt,
    `${document.activeTasks?.length ?? 0} of ${document.maxConcurrentTasks}`,
    rolesText(document),
    abilityText(document),
    document.name,
  ],
};

type Principal = Listed<"principals">;

const principalStateText = ({ admitted, suspended, signedOff }: Principal): string => {
  if (signedOff !== undefined) return "signed off";
  if (suspended !== undefined) return "suspended";
  return admitted === true ? "admitted" : "not admitted";
};

/** The list shows what each principal may do, who answers for it, and whether it may do anything. */
export const principalListing: Listing<Principal> = {
  headings: ["ID", "KIND", "OWNER", "STATE", "ROLES", "CAPABILITIES"],
  row: (document) => [
    document.id,
    document.kind,
    document.owner,
    principalStateText(document),
    document.roles?.join(", "),
    document.capabilities?.join(", "),
  ],
};

/** `cim capabilities`: what an agent's own word is not enough for. */
export const guardedCapabilities: CommandGroup = aggregateGroup(
  capability,
  "capabilities",
  columns<"capabilities">("id", "guarded", "since", "by", "reason"),
);

/** `cim principals`: who may do what. */
export const principals: CommandGroup = aggregateGroup(principal, "principals", principalListing);

interface Authorization {
  readonly reason?: string;
  readonly kind?: string;
  readonly owner?: string;
  readonly publicKey?: string;
  readonly capability?: ReadonlyArray<string>;
  readonly signWith?: string;
}

/** A command on a principal, whose roles are words of the command line. */
const authorize =
  (name: keyof typeof principal.commands) =>
  (runner: Runner) =>
  (id: string, roles: ReadonlyArray<string> | undefined, options: Authorization, command: Command) =>
    runner.run(command, (cli) => {
      // The options of the whole program are among them: only what the command takes is sent.
      const { signWith: file, reason, kind, owner, publicKey, capability: capabilities } = options;
      const named = roles?.length === 0 ? undefined : roles;
      const payload = defined({ reason, kind, owner, publicKey, capabilities, roles: named });
      return giveSigned(cli, file, { aggregate: principal.name, id, command: name, payload });
    });

const capabilities = [
  "--capability <names...>",
  "capabilities that are guarded: see `cim capabilities guard`",
] as const;

/** The commands of admins: who may do what. `cim principals` has them too, with an option for each field. */
const addAuthority = (group: Command, runner: Runner): void => {
  const roles = (form: string) => new Argument(form, `of ${allRoles.join(", ")}`).choices(allRoles);
  const describe = (name: keyof typeof principal.commands) => principal.commands[name].description;
  group
    .command("admit <id>")
    .description(describe("admit"))
    .addArgument(roles("[roles...]"))
    .option("--kind <kind>", "person, agent or service (default: agent)")
    .option("--owner <principal>", "the person that answers for it (default: you, or a person themself)")
    .option("--public-key <key>", "the key that it signs with")
    .option("--reason <text>", "why")
    .option(...signWith)
    .action(authorize("admit")(runner));
  group
    .command("grant <id>")
    .description(describe("grant"))
    .addArgument(roles("[roles...]"))
    .option(...capabilities)
    .option("--reason <text>", "why")
    .option(...signWith)
    .action(authorize("grant")(runner));
  group
    .command("revoke <id>")
    .description(describe("revoke"))
    .addArgument(roles("[roles...]"))
    .option(...capabilities)
    .requiredOption("--reason <text>", "why")
    .option(...signWith)
    .action(authorize("revoke")(runner));
  const suspend = authorize("suspend")(runner);
  group
    .command("suspend <id>")
    .description(describe("suspend"))
    .requiredOption("--reason <text>", "why")
    .option(...signWith)
    .action((id: string, options: Authorization, command: Command) => suspend(id, undefined, options, command));
  const reinstate = authorize("reinstate")(runner);
  group
    .command("reinstate <id>")
    .description(describe("reinstate"))
    .option("--reason <text>", "why")
    .option(...signWith)
    .action((id: string, options: Authorization, command: Command) => reinstate(id, undefined, options, command));
};

/** `cim agents`. */
export const agents: CommandGroup = (program, runner) =>
  addAuthority(addAggregate(program, agent, "agents", agentListing, runner), runner);
