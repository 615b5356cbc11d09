import type { DeployContext } from "../../../../src/agents/deployer/deploy.ts";
import { type HostStatus, isStep, steps } from "../../../../src/agents/deployer/protocol.ts";
import { isObject, type Json } from "../../../../src/agents/kit/json.ts";
import type { Accepted, Client, Progress } from "../../../../src/agents/kit/mod.ts";
import type { HostPlan } from "../../../../src/domain/deployment/waves.ts";
import { flakeText } from "../../../../src/domain/nix/mod.ts";
import { digests } from "../../../../src/infrastructure/digests.ts";

/** The digest of a flake without files. */
const flakeDigest = digests.sha256(flakeText({ files: {} }));

/** A deployment as the backend keeps it: what was reported, and the views that follow from it. */
export interface FakeBackend {
  /** `<host> <step>`, in the order of the reports. */
  readonly reports: Array<string>;
  readonly statuses: Map<string, HostStatus>;
  /** Called before a report is recorded; may throw a refusal. */
  before: (report: string) => void;
  /** Called after a report was recorded; may throw as if the deployer died. */
  after: (report: string) => void;
  /** Answers of `deployments.get` that show nothing yet. */
  behind: number;
  /** The ids of what is frozen. */
  freezes: ReadonlyArray<string>;
  /** What else the task says. */
  wishes: Readonly<Record<string, unknown>>;
  readonly context: (waves: ReadonlyArray<ReadonlyArray<HostPlan>>, signal?: AbortSignal) => DeployContext;
}

const accepted: Accepted = {
  aggregate: "task",
  id: "d-deploy",
  version: 1,
  position: 1,
  commandId: "c",
  events: [],
  duplicate: false,
};

export const fakeBackend = (): FakeBackend => {
  const reports: Array<string> = [];
  const statuses = new Map<string, HostStatus>();
  let last: Json = null;

  const record = async ({ data }: Progress): Promise<Accepted> => {
    if (!isObject(data)) throw new Error("a report without data");
    const { host, closure, previous } = data;
    const step = String(data.step);
    const report = `${host} ${step}`;
    backend.before(report);
    reports.push(report);
    last = { host: String(host), step };
    if (isStep(step))
      statuses.set(String(host), {
        ...statuses.get(String(host)),
        id: String(host),
        status: step,
        ...(typeof closure === "string" ? { closure } : {}),
        ...(typeof previous === "string" ? { previous } : {}),
      });
    backend.after(report);
    return accepted;
  };

  const answer = (view: string, operation: string): Json => {
    if (view === "graphs" && operation === "flake") return { digest: flakeDigest, files: {} };
    if (view === "tasks") return { id: "d-deploy", ...(last === null ? {} : { progress: { data: last } }) };
    backend.behind -= 1;
    return { hosts: backend.behind >= 0 ? [] : [...statuses.values()].map((status) => ({ ...status })) };
  };

  const backend: FakeBackend = {
    reports,
    statuses,
    before: () => undefined,
    after: () => undefined,
    behind: 0,
    freezes: [],
    wishes: {},
    context: (waves, signal = new AbortController().signal) => ({
      task: {
        id: "d-deploy",
        type: "deploy",
        priority: "normal",
        attempt: 1,
        payload: JSON.parse(
          JSON.stringify({
            deployment: "d",
            target: "simulated",
            graph: "g",
            graphVersion: 1,
            flakeDigest,
            waves,
            ...backend.wishes,
          }),
        ),
      },
      resumed: false,
      position: 1,
      signal,
      client: {
        query: (async (view: string, operation: string) => ({
          position: 1,
          data: view === "freezes" ? { items: backend.freezes.map((id) => ({ id })) } : answer(view, operation),
        })) as Client["query"],
      },
      delegate: async () => [],
      progress: record,
    }),
  };
  return backend;
};

/** The steps of a host that is not rebooted. */
export const usualSteps = steps.filter((step) => step !== "rebooted");

/** All reports of a host that is deployed. */
export const allSteps = (host: string) => usualSteps.map((step) => `${host} ${step}`);
