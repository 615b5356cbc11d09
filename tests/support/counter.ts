import { Schema } from "effect";
import {
  AggregateId,
  accept,
  command,
  defineDecider,
  event,
  internalCommand,
  refuse,
} from "../../src/domain/kernel/mod.ts";

/** An aggregate as small as can be, for tests of what is around any aggregate. `increased` had `by` as text once. */
export const counter = defineDecider<{ readonly limit: number }>()({
  name: "counter",
  description: "Counts.",
  id: AggregateId,
  commands: {
    open: command(Schema.Struct({}), "Opens it", { by: ["participant"], creates: true }),
    increase: command(Schema.Struct({ by: Schema.Int }), "Adds", { by: ["participant"] }),
    touch: command(Schema.Struct({}), "Changes nothing", { by: ["participant"] }),
    reset: internalCommand(Schema.Struct({}), "Starts over"),
  },
  events: {
    opened: event(Schema.Struct({}), "It is there"),
    increased: event(Schema.Struct({ by: Schema.Int }), "It grew", {
      version: 2,
      upcasters: { 1: (data) => ({ by: Number((data as { readonly by: string }).by) }) },
    }),
    "was-reset": event(Schema.Struct({}), "It is at nought again"),
  },
  relations: {},
  state: Schema.Struct({ open: Schema.Boolean, total: Schema.Int }),
  stateVersion: 1,
  initial: { open: false, total: 0 },
  decide: (given, state, { known }) => {
    switch (given.type) {
      case "open":
        return state.open ? refuse("already-open", "it is open") : accept({ type: "opened", data: {} });
      case "increase":
        return state.total + given.payload.by > known.limit
          ? refuse("over-limit", `more than ${known.limit}`, { total: state.total })
          : accept({ type: "increased", data: { by: given.payload.by } });
      case "touch":
        return accept();
      case "reset":
        return accept({ type: "was-reset", data: {} });
    }
  },
  evolve: (state, happened) => {
    switch (happened.type) {
      case "opened":
        return { ...state, open: true };
      case "increased":
        return { ...state, total: state.total + happened.data.by };
      case "was-reset":
        return { ...state, total: 0 };
    }
  },
});
