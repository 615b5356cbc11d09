import type { deployment } from "../../../domain/deployment/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import type { RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { give } from "../actions.ts";
import type { Course } from "./state.ts";

/** What a host's new state means for the host itself. */
export const tellHost = (
  { id, graph, target, revision, execution: { activation }, touched }: Course,
  { data }: RecordedEventOf<typeof deployment.events> & { type: "host-step-recorded" },
): ReadonlyArray<Action> => {
  const plan = revision.waves.flat().find((one) => one.host === data.host);
  const known = touched.find((one) => one.host === data.host);
  if (plan === undefined || known === undefined) return [];
  const { previous } = known;
  if (data.step === "recorded") return [give(host, data.host, { type: "begin-change", payload: { deployment: id } })];
  if (data.step === "reverted")
    return [give(host, data.host, { type: "record-reverted", payload: { deployment: id, closure: previous } })];
  const closure = data.closure ?? known.closure;
  if (data.step !== "confirmed" || closure === undefined) return [];
  const { address, system, ssh, nodes = [], checks } = plan;
  const placement = { graph, graphVersion: revision.graphVersion, nodes, checks };
  const reach = { address, system, target, ...(ssh === undefined ? {} : { ssh }) };
  return [
    give(host, data.host, { type: "enrol", payload: { ...reach, graph } }),
    give(host, data.host, {
      type: "record-deployed",
      payload: { deployment: id, closure, previous, placement, ...(activation === undefined ? {} : { activation }) },
    }),
  ];
};

/** The hosts that a rollback did not reach: they should be put back all the same, when they are there again. */
export const tellUnrestored = ({ id, touched }: Course): ReadonlyArray<Action> =>
  touched
    .filter(({ step }) => step !== "reverted")
    .map(({ host: name, previous }) =>
      give(
        host,
        name,
        { type: "record-unrestored", payload: { deployment: id, closure: previous } },
        `${name}.record-unrestored`,
      ),
    );
