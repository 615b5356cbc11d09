import { Effect } from "effect";
import type { KnownToAgents } from "../../domain/agent/contract.ts";
import type { agent } from "../../domain/agent/decider.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import type { KnownToPrincipals } from "../../domain/principal/contract.ts";
import type { principal } from "../../domain/principal/decider.ts";
import type { Standing } from "../../domain/principal/standing.ts";
import { Authority } from "../authority.ts";

const standingOf = (id: string) => Effect.flatMap(Authority, (authority) => authority.standingOf(id));

/** Returns the rights of an agent's principal, which limit the capabilities that the agent may claim. */
export const lookUpForAgent = ({ type }: CommandOf<typeof agent.commands>, id: string) =>
  type === "register" || type === "update-capabilities"
    ? Effect.gen(function* () {
        const authority = yield* Authority;
        const known: KnownToAgents = { ...(yield* authority.standingOf(id)), guarded: yield* authority.guarded };
        return known;
      })
    : undefined;

/** Returns the key with which the sender of a key change must sign. */
export const lookUpForPrincipal = (
  { type }: CommandOf<typeof principal.commands>,
  _id: string,
  _state: unknown,
  by: string,
) =>
  type === "rotate-key" || type === "revoke-key"
    ? Effect.map(standingOf(by), (standing: Standing): KnownToPrincipals => standing)
    : undefined;
