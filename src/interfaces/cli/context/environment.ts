import type { Command } from "commander";
import { type Environment, givenTo } from "../settings.ts";
import { filledUp, findContext, findSelected, places } from "./contexts.ts";

/** Commands that have a server of their own, or are about contexts themselves. */
const withoutContext = new Set(["up", "demo", "context", "completion"]);

const firstWord = (command: Command): string =>
  command.parent?.parent == null ? command.name() : firstWord(command.parent);

/**
 * The environment of a command, filled up from its context: the one that the line or the environment names, else the
 * selected one. A line that says where or with which keys to connect is not about the selected installation. Otherwise its
 * credentials would be shown to another server.
 */
export const environmentOf = (command: Command, env: Environment): Environment => {
  const given = givenTo(command);
  const named = typeof given.context === "string" ? given.context : env.CIM_CONTEXT || undefined;
  if (withoutContext.has(firstWord(command))) return env;
  if (named !== undefined) return filledUp(env, findContext(env, named)[0]);
  if ("nats" in given || "secure" in given || places.some((name) => (env[name] ?? "") !== "")) return env;
  return filledUp(env, findSelected(env) ?? {});
};
