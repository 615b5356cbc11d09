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

/** Who may do what, as this backend knows it: from memory, so that a command costs no round trip more. */
export class Authority extends Context.Service<
  Authority,
  {
    readonly standingOf: (principal: string) => Effect.Effect<Standing, CommandError>;
    /** The same for many principals, as they are now. */
    readonly standings: Effect.Effect<(principal: string) => Standing, CommandError>;
    /** The capabilities that are guarded. */
    readonly guarded: Effect.Effect<ReadonlySet<string>, CommandError>;
    /** Waits until this backend knows what was appended up to there. */
    readonly upTo: (position: number) => Effect.Effect<void, CommandError>;
  }
>()("cim/application/Authority") {
  /** Reads the view of principals. `unadmitted` are the roles of those that nobody admitted. */
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

/** Whether a command may change what somebody may do: it is about a principal, a capability, or somebody else's agent. */
export const changesAuthority = ({ aggregate, id, principal: by }: CommandRequest): boolean =>
  aggregate === principal.name ||
  aggregate === capability.name ||
  (aggregate === agent.name && by !== id && !isOwnPrincipal(by));

const quoted = (names: Iterable<string>): string => [...names].map((name) => `\`${name}\``).join(", ");

const refusal = (message: string, details: Readonly<Record<string, Schema.Json>>) =>
  new CommandError({ code: "unauthorized", message, details });

/**
 * Refuses a command that the table does not permit to its principal, before the decider is asked. The backend itself may
 * give every command. The message names who may give it, and what to do.
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
