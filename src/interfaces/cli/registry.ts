import type { Commanded } from "./aggregate-commands.ts";
import type { CommandGroup } from "./invocation.ts";

/** A command, or a family of commands, in a file of its own. */
interface Entry {
  /** The first words of its command lines. A file is loaded only if a command line has one of its words. */
  readonly names: ReadonlyArray<string>;
  /** The aggregate whose commands it has. */
  readonly aggregate?: string;
  readonly load: () => Promise<CommandGroup>;
}

/** Every command in the order of the help. A new command is one line here. */
const entries: ReadonlyArray<Entry> = [
  { names: ["up"], load: async () => (await import("./up.ts")).up },
  { names: ["console"], load: async () => (await import("./console.ts")).httpConsole },
  { names: ["demo"], load: async () => (await import("./demo.ts")).demo },
  { names: ["init"], load: async () => (await import("./init.ts")).initGroup },
  { names: ["deploy"], load: async () => (await import("./deploy/mod.ts")).deploy },
  { names: ["graph"], aggregate: "graph", load: async () => (await import("./graph/mod.ts")).graph },
  { names: ["explain"], load: async () => (await import("./explain.ts")).explaining },
  { names: ["plan"], load: async () => (await import("./plan.ts")).plan },
  { names: ["agents"], aggregate: "agent", load: async () => (await import("./agents.ts")).agents },
  { names: ["principals"], aggregate: "principal", load: async () => (await import("./agents.ts")).principals },
  {
    names: ["capabilities"],
    aggregate: "capability",
    load: async () => (await import("./agents.ts")).guardedCapabilities,
  },
  { names: ["tasks"], aggregate: "task", load: async () => (await import("./tasks.ts")).tasks },
  { names: ["deployments"], aggregate: "deployment", load: async () => (await import("./deploy/mod.ts")).deployments },
  { names: ["hosts"], aggregate: "host", load: async () => (await import("./hosts.ts")).hosts },
  { names: ["proposals"], aggregate: "proposal", load: async () => (await import("./proposals.ts")).proposals },
  { names: ["policies", "policy"], aggregate: "policy", load: async () => (await import("./policies.ts")).policies },
  { names: ["break-glass"], load: async () => (await import("./break-glass.ts")).breaking },
  { names: ["review"], load: async () => (await import("./break-glass.ts")).review },
  { names: ["freeze"], load: async () => (await import("./freezes.ts")).freeze },
  { names: ["unfreeze"], load: async () => (await import("./freezes.ts")).unfreeze },
  { names: ["freezes"], aggregate: "freeze", load: async () => (await import("./freezes.ts")).freezes },
  { names: ["dialogs"], aggregate: "dialog", load: async () => (await import("./dialogs.ts")).dialogs },
  { names: ["facts"], aggregate: "knowledge", load: async () => (await import("./facts.ts")).facts },
  { names: ["vote"], load: async () => (await import("./proposals.ts")).vote },
  { names: ["key"], load: async () => (await import("./key.ts")).key },
  { names: ["parked"], aggregate: "parked-step", load: async () => (await import("./parked.ts")).parked },
  { names: ["keys"], load: async () => (await import("./keys.ts")).keys },
  { names: ["security"], load: async () => (await import("./security/mod.ts")).securityGroup },
  { names: ["context"], load: async () => (await import("./context/mod.ts")).contextGroup },
  { names: ["why"], load: async () => (await import("./why.ts")).why },
  { names: ["audit"], load: async () => (await import("./audit.ts")).audit },
  { names: ["status"], load: async () => (await import("./condition/mod.ts")).status },
  { names: ["doctor"], load: async () => (await import("./condition/mod.ts")).doctor },
  { names: ["backup"], load: async () => (await import("./transfer/backup.ts")).backup },
  { names: ["restore"], load: async () => (await import("./transfer/backup.ts")).restore },
  { names: ["events"], load: async () => (await import("./events.ts")).events },
  { names: ["completion"], load: async () => (await import("./completion.ts")).completion },
  { names: ["bench"], load: async () => (await import("./bench.ts")).bench },
];

const words = new Set(entries.flatMap(({ names }) => names));
const aggregates = new Set(entries.map(({ aggregate }) => aggregate));

/** Groups of the contexts that have no file here: `list`, `get`, and the public commands of the aggregate. */
export const groupsOfOthers = async (contexts: ReadonlyArray<Commanded>): Promise<ReadonlyArray<CommandGroup>> => {
  const { plainGroup } = await import("./aggregate-commands.ts");
  return contexts.filter(({ name }) => !aggregates.has(name)).map(plainGroup);
};

const others = async () => groupsOfOthers((await import("../../application/contexts.ts")).contexts);

/**
 * The commands that a command line may mean. Loading all of them takes longer than most commands run, so only those are
 * loaded whose names are among the words; all of them if none is, for the help and for a misspelt word. The groups of
 * other contexts come with them unless the first word is the name of a command.
 */
export const groupsFor = async (argv: ReadonlyArray<string>): Promise<ReadonlyArray<CommandGroup>> => {
  const [first = ""] = argv;
  if (first === "--version" || first === "-V") return [];
  // A script of completions has all of them.
  const wantsAll = first === "completion";
  const meant = wantsAll ? [] : entries.filter(({ names }) => names.some((name) => argv.includes(name)));
  const groups = await Promise.all((meant.length === 0 ? entries : meant).map(({ load }) => load()));
  return words.has(first) && !wantsAll ? groups : [...groups, ...(await others())];
};
