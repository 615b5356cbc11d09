import type { CommandGroup } from "./invocation.ts";

/** A group of commands by the first words of their command lines. */
interface NamedGroup {
  readonly names: ReadonlyArray<string>;
  readonly load: () => Promise<CommandGroup>;
}

/** Every group of commands, in the order of the help. */
const groups: ReadonlyArray<NamedGroup> = [
  { names: ["up"], load: async () => (await import("./up.ts")).upCommand },
  { names: ["demo"], load: async () => (await import("./demo.ts")).demoCommand },
  { names: ["deploy"], load: async () => (await import("./deploy/mod.ts")).deployCommand },
  { names: ["graph"], load: async () => (await import("./graph/mod.ts")).graph },
  { names: ["plan"], load: async () => (await import("./plan.ts")).planCommand },
  {
    names: ["agents", "tasks", "proposals", "policies", "policy", "deployments", "hosts"],
    load: async () => (await import("./aggregates.ts")).aggregates,
  },
  { names: ["dialogs"], load: async () => (await import("./dialogs.ts")).dialogs },
  { names: ["facts"], load: async () => (await import("./facts.ts")).facts },
  { names: ["vote"], load: async () => (await import("./proposals.ts")).vote },
  { names: ["key"], load: async () => (await import("./key.ts")).key },
  { names: ["why"], load: async () => (await import("./why.ts")).whyCommand },
  { names: ["audit"], load: async () => (await import("./audit.ts")).audit },
  { names: ["events"], load: async () => (await import("./events.ts")).events },
  { names: ["bench"], load: async () => (await import("./bench.ts")).bench },
];

/**
 * The groups that a command line may mean: those whose names are in it, since loading them all takes longer than most
 * commands; all of them where none is (the help, a word that is none). The version needs none.
 */
export const groupsFor = (argv: ReadonlyArray<string>): Promise<ReadonlyArray<CommandGroup>> => {
  if (argv[0] === "--version") return Promise.resolve([]);
  const meant = groups.filter(({ names }) => names.some((name) => argv.includes(name)));
  return Promise.all((meant.length === 0 ? groups : meant).map(({ load }) => load()));
};
