import { parkedStep } from "../../domain/parked-step/decider.ts";
import { aggregateGroup } from "./aggregate-commands.ts";
import { columns } from "./listing.ts";

/** `cim parked`: steps that kept failing. */
export const parked = aggregateGroup(parkedStep, "parked", {
  ...columns<"parked">("id", "status", "manager", "event", "attempts", "since", "reason"),
  things: "parked steps",
});
