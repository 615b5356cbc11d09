import { Result } from "effect";
import type {
  CommandOf,
  CommandSpecs,
  Decider,
  DecisionContext,
  EventOf,
  EventSpecs,
  Rejection,
} from "../../src/domain/kernel/mod.ts";

/** Defaults of the context in specifications; each can be replaced by `.as`, `.at` or `.knowing`. */
const midnight = "2026-01-01T00:00:00.000Z";

/**
 * Given/when/then for a decider: `specification(task).given([...events]).when(command)` is the decider's answer,
 * `.refuses(command)` the reason of its refusal. The assertion library compares.
 *
 * @example
 * const given = specification(task).given;
 * expect(given([submitted]).when(acknowledge)).toEqual(Result.succeed([acknowledged]));
 * expect(given([]).refuses(acknowledge)).toBe("not-assigned");
 */
export const specification = <State, C extends CommandSpecs, E extends EventSpecs, Known>(
  decider: Decider<State, C, E, Known>,
  defaults: Partial<DecisionContext<Known>> & { readonly known: NoInfer<Known> },
) => {
  const context: DecisionContext<Known> = {
    aggregateId: "subject-1",
    commandId: "command-1",
    principal: "someone",
    time: midnight,
    ...defaults,
  };
  const replay = (events: ReadonlyArray<EventOf<E>>, time = context.time, actor = context.principal): State =>
    events.reduce<State>(
      (state, event, index) =>
        decider.evolve(state, event, { aggregateId: context.aggregateId, version: index + 1, actor, time }),
      decider.initial,
    );
  return {
    /** The state that a history leads to. */
    stateAfter: replay,
    given: (history: ReadonlyArray<EventOf<E>>) => ({
      when: (
        command: CommandOf<C>,
        overrides: Partial<DecisionContext<Known>> = {},
      ): Result.Result<ReadonlyArray<EventOf<E>>, Rejection> =>
        decider.decide(command, replay(history), { ...context, ...overrides }),
      /** The reason of the refusal, or `undefined` where the command was accepted. */
      refuses: (command: CommandOf<C>, overrides: Partial<DecisionContext<Known>> = {}): string | undefined => {
        const result = decider.decide(command, replay(history), { ...context, ...overrides });
        return Result.isFailure(result) ? result.failure.reason : undefined;
      },
    }),
  };
};
