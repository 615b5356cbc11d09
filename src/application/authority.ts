import { Context, Effect, Layer, type Schema } from "effect";
import { agent } from "../domain/agent/decider.ts";
import { capability } from "../domain/capability/decider.ts";
import {
  type Condition,
  isOwnPrincipal,
  isPermitted,
  permittedBy,
  permittedText,
  type Role,
  rolesIn,
} from "../domain/kernel/mod.ts";
import { principal } from "../domain/principal/decider.ts";
import { type Standing, standingOf } from "../domain/principal/standing.ts";
import type { Aggregate, DecodedCommand } from "./aggregate.ts";
import { CommandError } from "./command-error.ts";
import type { CommandRequest } from "./command-request.ts";
import { ReadModels } from "./read-models.ts";

/**
 * The rights of principals as this backend knows them. They are in memory, so that a command needs no extra round trip.
 */
export class Authority extends Context.Service<
  Authority,
  {
    readonly standingOf: (principal: string) => Effect.Effect<Standing, CommandError>;
    /** Returns the rights of any number of principals at one moment. */
    readonly standings: Effect.Effect<(principal: string) => Standing, CommandError>;
    /** The guarded capabilities. */
    readonly guarded: Effect.Effect<ReadonlySet<string>, CommandError>;
    /** Waits until this backend has read the log up to a position. */
    readonly upTo: (position: number) => Effect.Effect<void, CommandError>;
  }
>()("cim/application/Authority") {
  /** Reads the view of principals. `unadmitted` are the roles of principals that were not admitted. */
  static readonly layer = (unadmitted: ReadonlyArray<Role>) =>
    Layer.effect(
      Authority,
      Effect.map(ReadModels, (readModels) => {
        const standings = Effect.map(
          readModels.documents("principals"),
          ({ documents }) =>
            (id: string) =>
              standingOf(documents.get(id), unadmitted),
        );
        const guarded = Effect.map(
          readModels.documents("capabilities"),
          ({ documents }) => new Set([...documents.values()].flatMap(({ id, guarded }) => (guarded ? [id] : []))),
        );
        return Authority.of({
          standings,
          guarded,
          standingOf: (id) => Effect.map(standings, (of) => of(id)),
          upTo: (position) =>
            Effect.all([readModels.documents("principals", position), readModels.documents("capabilities", position)], {
              concurrency: "unbounded",
              discard: true,
            }),
        });
      }),
    );
}

/** Returns whether a command may change rights: it concerns a principal, a capability, or another principal's agent. */
export const changesAuthority = ({ aggregate, id, principal: by }: CommandRequest): boolean =>
  aggregate === principal.name ||
  aggregate === capability.name ||
  (aggregate === agent.name && by !== id && !isOwnPrincipal(by));

const quoted = (names: Iterable<string>): string => [...names].map((name) => `\`${name}\``).join(", ");

const refusal = (message: string, details: Readonly<Record<string, Schema.Json>>) =>
  new CommandError({ code: "unauthorized", message, details });

/**
 * Refuses a command that the permission table does not allow to its principal, before the decider sees it. The backend
 * may give every command. The message names who may give it, and the remedy.
 */
export const checkAuthority = Effect.fnUntraced(function* <R>(
  { name, commands, relates }: Aggregate<R>,
  { id, principal: by, audience }: Pick<CommandRequest, "id" | "principal" | "audience">,
  command: DecodedCommand,
  { state, version }: { readonly state: unknown; readonly version: number },
) {
  const row = commands[command.type]?.by;
  if (audience === "internal" || row === undefined) return;
  const { roles, stopped } = yield* (yield* Authority).standingOf(by);
  const asked = `${name}.${command.type}`;
  if (stopped !== undefined)
    return yield* refusal(`\`${by}\` may not give \`${asked}\`: it is ${stopped}`, { reason: "stopped" });
  const permitted = permittedBy(row, version > 0);
  if (isPermitted(permitted, roles, (relation) => relates(relation, state, { id, principal: by, command }))) return;
  const [missing] = rolesIn(permitted).filter((role) => !roles.has(role));
  const remedy = missing === undefined ? "" : `; an admin can give the role: \`cim agents grant ${by} ${missing}\``;
  const has = roles.size === 0 ? "no role" : quoted(roles);
  return yield* refusal(
    `\`${by}\` may not give \`${asked}\` to \`${id}\`, which is for ${permittedText(permitted)}; \`${by}\` has ${has}${remedy}`,
    { reason: "not-permitted", command: asked, by: rowJson(permitted), roles: [...roles] },
  );
});

const rowJson = (permitted: ReturnType<typeof permittedBy>): Schema.Json =>
  typeof permitted === "string"
    ? permitted
    : permitted.map((alternative): string | ReadonlyArray<Condition> => alternative);
