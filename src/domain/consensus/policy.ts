import { Result, Schema } from "effect";
import {
  AggregateId,
  accept,
  bounds,
  type CommandOf,
  canonicalJson,
  command,
  type DecisionContext,
  type DecisionOf,
  defineDecider,
  defined,
  event,
  refuse,
  Text,
} from "../kernel/mod.ts";
import { canDecide, membersOf } from "./electorate.ts";
import { PolicyDocument, WrittenPolicy } from "./policy-document.ts";
import { rulesFrom } from "./rules.ts";

export const policyCommands = {
  set: command(WrittenPolicy, "Sets the policy; proposals that were submitted keep theirs.", {
    by: ["admin"],
    creates: true,
  }),
  retire: command(
    Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }),
    "Takes the policy out of force; it can be set again.",
    { by: ["admin"] },
  ),
};

const policyEvents = {
  "policy-set": event(PolicyDocument, "The policy for proposals from now on."),
  "policy-retired": event(Schema.Struct({ reason: Schema.optionalKey(Schema.String) }), "The policy is out of force."),
};

/** A policy's document, the number of the event that set it, and whether it is in force; null before it was set. */
export const PolicyState = Schema.NullOr(
  Schema.Struct({ document: PolicyDocument, version: Schema.Int, retired: Schema.Boolean }),
);
export type PolicyState = typeof PolicyState.Type;

type Decision = DecisionOf<typeof policyEvents>;

const set = (written: WrittenPolicy, state: PolicyState, aggregateId: string): Decision => {
  const { description, electorate: requested, binding, ...rules } = written;
  const electorate = requested === undefined ? undefined : membersOf(requested);
  if (electorate !== undefined && !canDecide(electorate))
    return refuse("empty-electorate", `policy \`${aggregateId}\`: nobody in its electorate has a vote that counts`);
  return Result.map(rulesFrom(rules, `policy \`${aggregateId}\``), (complete) => {
    const document: PolicyDocument = { ...complete, ...defined({ description, electorate, binding }) };
    const isSame = state?.retired === false && canonicalJson(state.document) === canonicalJson(document);
    return isSame ? [] : [{ type: "policy-set", data: document }];
  });
};

const decide = (
  command: CommandOf<typeof policyCommands>,
  state: PolicyState,
  { aggregateId }: DecisionContext,
): Decision => {
  if (command.type === "set") return set(command.payload, state, aggregateId);
  if (state === null) return refuse("not-found", `policy \`${aggregateId}\` does not exist; set it first`);
  return state.retired ? accept() : accept({ type: "policy-retired", data: command.payload });
};

/** The rules by which a kind of proposals is decided. */
export const policy = defineDecider()({
  name: "policy",
  description: "The rules by which a kind of proposals is decided.",
  id: AggregateId,
  commands: policyCommands,
  events: policyEvents,
  relations: {},
  state: PolicyState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve: (state, event, { version }): PolicyState => {
    if (event.type === "policy-set") return { document: event.data, version, retired: false };
    return state === null ? null : { ...state, retired: true };
  },
});
