import type { Command } from "commander";
import { Struct } from "effect";
import { usageFailure } from "../errors.ts";
import { type Environment, givenTo } from "../settings.ts";
import { type Context, filledUp, findContext, findSelected, places } from "./contexts.ts";

/** Commands that have a server of their own, or are about contexts themselves. */
const withoutContext = new Set(["up", "demo", "context", "completion"]);

const firstWord = (command: Command): string =>
  command.parent?.parent == null ? command.name() : firstWord(command.parent);

type Given = ReturnType<typeof givenTo>;

/**
 * Returns what a named context adds. Its keys are only for its own server: another one could use them against the
 * installation.
 */
const partsFor = (name: string, context: Context, given: Given, env: Environment): Context => {
  const server = typeof given.nats === "string" ? given.nats : env.CIM_NATS || context.servers;
  const hasKeys = context.credentials !== undefined || context.secure !== undefined;
  if (server === context.servers || !hasKeys) return context;
  if ("secure" in given || env.CIM_CREDENTIALS || env.CIM_SECURE)
    return Struct.omit(context, ["credentials", "secure"]);
  throw usageFailure(
    `the keys of the context \`${name}\` are for ${context.servers ?? "its own server"}, and this command names ${server}: leave out one of the two, or name the keys for that server (--secure, CIM_CREDENTIALS)`,
  );
};

/**
 * The environment of a command, filled up from its context: the one that the line or the environment names, else the
 * selected one. A line that says where or with which keys to connect is not about the selected installation. Otherwise its
 * credentials would be shown to another server.
 */
export const environmentOf = (command: Command, env: Environment): Environment => {
  const given = givenTo(command);
  const named = typeof given.context === "string" ? given.context : env.CIM_CONTEXT || undefined;
  if (withoutContext.has(firstWord(command))) return env;
  if (named !== undefined) return filledUp(env, partsFor(named, findContext(env, named)[0], given, env));
  if ("nats" in given || "secure" in given || places.some((name) => (env[name] ?? "") !== "")) return env;
  return filledUp(env, findSelected(env) ?? {});
};
