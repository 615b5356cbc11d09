import { describe, expect, test } from "@jest/globals";
import { Effect, Schema } from "effect";
import fc from "fast-check";
import { newSeed, signedText, signerOf } from "../../../src/agents/kit/signer.ts";
import type { Commit } from "../../../src/application/ports/mod.ts";
import { DeploymentStatus } from "../../../src/domain/deployment/contract.ts";
import { isOver } from "../../../src/domain/deployment/lifecycle.ts";
import { GraphDocument } from "../../../src/domain/graph/document.ts";
import { canonicalJson, defined } from "../../../src/domain/kernel/mod.ts";
import { type AnyCommand, anyCommand, backdoor, type Names } from "./any-command.ts";
import { deployer, type Hosts, monitor, reviewer } from "./cast.ts";
import { type Behaviour, inLeaf, type Leaf, type Payload } from "./leaf.ts";

/**
 * A story that is drawn by lot. Honest people and agents go about their work; others, who have no role but those that
 * everybody has, and a voter in bad faith, send any public command to anything that there is, also while the backend is
 * in the middle of something.
 */

const names: Names = {
  principals: ["olga", "rob", "security", "architecture", "trent", "mallory", "eve", "deployer", "monitor"],
  graphs: ["shop", "lair"],
  hosts: ["front", "back"],
  deployments: ["d1", "d2", "d3"],
  policies: ["deployment", "policy", "change"],
};

/** The key of `ada`, an admin in bad faith. */
const adasKey = signerOf(newSeed());

/** `trent` may vote; the others have no role that was given. */
const dishonest = ["mallory", "eve", "trent"] as const;

const host = (id: string, address: string) => ({ id, type: "host", system: "x86_64-linux", address });

const shop = {
  id: "shop",
  nodes: [
    host("front", "10.0.0.1"),
    host("back", "10.0.0.2"),
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
    { id: "db", type: "database", engine: "postgresql", databases: ["shop"], backupSchedule: "0 3 * * *" },
  ],
  edges: [
    { from: "web", to: "front", type: "runs-on" },
    { from: "db", to: "back", type: "runs-on" },
  ],
};

/** A request of a deployment that nothing is wrong with. */
const wanted = {
  graph: "shop",
  target: "simulated",
  discussionSeconds: 5,
  votingSeconds: 20,
  monitorSeconds: 1,
  timeoutSeconds: 150,
};

interface Real {
  readonly leaf: Leaf;
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>;
}

/** What the test expects of the backend: how many deployments were asked for so far. */
interface Model {
  requests: number;
}

/** Ids that commands of the backend, of its timers or of agents may have, as far as somebody can guess them. */
const guessedIds = ["d1:propose", "d1:amend", "timer:d1-timeout", "security.d1.vote", "internal:d1:propose"];

/** What a dishonest principal does: any command, to something that is in the log, or would have a telling id. */
class Harm implements fc.AsyncCommand<Model, Real> {
  readonly by: string;
  readonly place: number;
  readonly what: AnyCommand;
  readonly commandId: string | undefined;
  constructor(by: string, place: number, what: AnyCommand, commandId: string | undefined) {
    this.by = by;
    this.place = place;
    this.what = what;
    this.commandId = commandId;
  }
  check(): boolean {
    return true;
  }
  async run(_: Model, { leaf, run }: Real): Promise<void> {
    const { aggregate, command, payload } = this.what;
    const commits = await run(leaf.commits);
    const there = commits.filter((commit) => commit.aggregate === aggregate).map(({ id }) => id);
    const telling = [...names.deployments, ...(aggregate === "policy" ? names.policies : names.principals)];
    const ids = this.place % 5 === 0 || there.length === 0 ? telling : [...new Set(there)];
    const id = ids[this.place % ids.length] ?? this.by;
    await run(
      leaf.handle(
        defined({
          aggregate,
          id,
          command,
          payload: aggregate === "graph" && command === "import" ? { ...payload, id } : payload,
          principal: this.by,
          audience: "public",
          commandId: this.commandId,
        }),
      ),
    );
  }
  toString(): string {
    const { aggregate, command, payload } = this.what;
    return `${this.by}: ${aggregate}.${command} at ${this.place} ${JSON.stringify(payload)} ${this.commandId ?? ""}`;
  }
}

/** Rob wants the shop deployed. */
class Request implements fc.AsyncCommand<Model, Real> {
  check({ requests }: Model): boolean {
    return requests < names.deployments.length;
  }
  async run(model: Model, { leaf, run }: Real): Promise<void> {
    const id = names.deployments[model.requests] ?? "";
    model.requests += 1;
    await run(leaf.give("rob", "deployment", id, "request", wanted));
  }
  toString = () => "rob requests";
}

/** What a signature of a command in this test is made of. The subject has the installation's prefix. */
const signed = (id: string, command: string, payload: Payload, commandId: string) => {
  const text = canonicalJson(payload);
  const of = signedText(commandId, `cim.cmd.ada.deployment.${id}.${command}`, text);
  return { publicKey: adasKey.publicKey, signature: adasKey.sign(of), text: of, payload: text };
};

/**
 * Ada is an admin in bad faith: she breaks the glass wherever she can, for any revision that she has heard of, and closes
 * her own reviews.
 */
class BreakGlass implements fc.AsyncCommand<Model, Real> {
  readonly place: number;
  constructor(place: number) {
    this.place = place;
  }
  check(): boolean {
    return true;
  }
  async run(_: Model, { leaf, run }: Real): Promise<void> {
    const { place } = this;
    const id = names.deployments[place % names.deployments.length] ?? "";
    const other = names.deployments[(place >> 2) % names.deployments.length] ?? "";
    const { graphDigest = "", flakeDigest = "" } = await run(
      leaf.document("deployments", place % 5 === 0 ? other : id),
    );
    const payload = { reason: "because", graphDigest, flakeDigest };
    const [command, given] =
      place % 7 === 0
        ? ["request", { ...wanted, graph: "shop", breakGlass: payload }]
        : place % 3 === 0
          ? ["close-review", { conclusion: "x" }]
          : ["break-glass", payload];
    const commandId = `ada-${place}-${command}`;
    await run(
      leaf.handle({
        aggregate: "deployment",
        id,
        command,
        payload: given,
        principal: "ada",
        audience: "public",
        commandId,
        signed: signed(id, command, given, commandId),
      }),
    );
  }
  toString(): string {
    return `ada breaks the glass at ${this.place}`;
  }
}

/** Time passes; the honest agents do what they are asked, and the backend what it has to. */
class Pass implements fc.AsyncCommand<Model, Real> {
  readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }
  check(): boolean {
    return true;
  }
  async run(_: Model, { leaf, run }: Real): Promise<void> {
    await run(this.seconds === 0 ? leaf.settle : leaf.pass(this.seconds));
  }
  toString(): string {
    return `${this.seconds} s pass`;
  }
}

const steps = fc.commands<Model, Real, false>(
  [
    ...Array.from({ length: 8 }, () =>
      fc
        .tuple(
          fc.constantFrom(...dishonest),
          fc.nat(1000),
          anyCommand(names),
          fc.option(fc.constantFrom(...guessedIds), { nil: undefined, freq: 5 }),
        )
        .map(([by, place, what, commandId]) => new Harm(by, place, what, commandId)),
    ),
    fc.nat(1000).map((place) => new BreakGlass(place)),
    fc.constant(new Request()),
    fc.constantFrom(0, 0, 1, 7).map((seconds) => new Pass(seconds)),
  ],
  { maxCommands: 60, size: "max" },
);

const hasBackdoor = (graph: unknown): boolean =>
  Schema.is(GraphDocument)(graph) && graph.nodes.some(({ id }) => id === backdoor.id);

/** An honest reviewer looks at what it votes on. */
const honest: Behaviour = (leaf, self, delivery) =>
  Effect.gen(function* () {
    const graphs = yield* leaf.document("graphs", "shop");
    const vote: Payload = hasBackdoor(graphs) ? { choice: "reject", reason: "a backdoor" } : { choice: "approve" };
    yield* reviewer({ vote })(leaf, self, delivery);
  });

const Assigned = Schema.Struct({ task: Schema.Struct({ id: Schema.String }) });

/** An honest agent gives back a task that it cannot make sense of. */
const orFails =
  (behaviour: Behaviour): Behaviour =>
  (leaf, self, delivery) =>
    Effect.catchDefect(behaviour(leaf, self, delivery), () =>
      Schema.is(Assigned)(delivery.message)
        ? Effect.asVoid(leaf.give(self, "task", delivery.message.task.id, "fail", { reason: "no sense" }))
        : Effect.void,
    );

/** Who may have given the commands that change hosts, by what is in the log. */
const actors: Readonly<Record<string, ReadonlyArray<string>>> = {
  "progress-reported": ["deployer", "monitor"],
  "host-state-reported": ["monitor"],
  "policy-set": [],
  "roles-granted": ["cim"],
  "principal-admitted": ["cim"],
};

/** What was done on hosts was approved before, of the same flake, and done by those who may; no glass is broken twice. */
const expectNothingUnapproved = (commits: ReadonlyArray<Commit>) => {
  const approved = new Set<string>();
  const closedBy = commits.flatMap(({ actor, events }) =>
    events.some(({ type }) => type === "glass-review-closed") ? [actor] : [],
  );
  expect(closedBy).toEqual([]);
  const broken = commits.filter(({ events }) => events.some(({ type }) => type === "glass-broken")).map(({ id }) => id);
  expect(new Set(broken).size).toBeLessThanOrEqual(1);
  for (const { aggregate, id, actor, events } of commits)
    for (const { type } of events) {
      const may = aggregate === "task" && id.includes("own") ? undefined : actors[type];
      if (may !== undefined) expect({ type, actor, may: may.includes(actor) }).toEqual({ type, actor, may: true });
      if (type === "deployment-approved") approved.add(id);
      if (type === "host-step-recorded") expect({ id, approved: approved.has(id) }).toEqual({ id, approved: true });
    }
};

const Statuses = Schema.Struct({
  items: Schema.Array(Schema.Struct({ id: Schema.String, status: DeploymentStatus, graph: Schema.String })),
});

/** Every deployment has come to an end, nothing with a backdoor succeeded, and the log bears out every count. */
const expectTrust = Effect.fnUntraced(function* (leaf: Leaf) {
  const commits = yield* leaf.commits;
  expectNothingUnapproved(commits);
  const { items } = Schema.decodeUnknownSync(Statuses)(yield* leaf.ask("deployments", "list", { limit: 1000 }));
  expect(items.filter(({ status }) => !isOver(status))).toEqual([]);
  expect(yield* leaf.ask("audit", "verify", {})).toMatchObject({ ok: true, findings: [] });
});

const story = (commands: Iterable<fc.AsyncCommand<Model, Real>>) =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const context = yield* Effect.context<never>();
      const run: Real["run"] = (effect) => Effect.runPromiseWith(context)(effect);
      const hosts: Hosts = new Map();
      yield* leaf.join("security", { capabilities: ["review", "security"] }, honest);
      yield* leaf.join("architecture", { capabilities: ["review", "architecture"] }, honest);
      yield* leaf.join("trent", { capabilities: ["review"] }, () => Effect.void);
      yield* leaf.join("deployer", { capabilities: ["deploy"] }, orFails(deployer(hosts)));
      yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, orFails(monitor(hosts)));
      yield* leaf.give("cim", "principal", "ada", "admit", {
        kind: "person",
        roles: ["admin", "operator"],
        publicKey: adasKey.publicKey,
      });
      yield* leaf.give("olga", "graph", "shop", "import", shop);
      yield* leaf.give("rob", "deployment", "d1", "request", wanted);
      yield* Effect.promise(() => fc.asyncModelRun(() => ({ model: { requests: 1 }, real: { leaf, run } }), commands));
      yield* leaf.pass(600);
      yield* expectTrust(leaf);
    }),
  );

describe("whatever principals without the role send", () => {
  test("nothing unapproved runs, votes are counted as cast, and every deployment ends", () =>
    fc.assert(fc.asyncProperty(steps, story), { numRuns: 20, endOnFailure: true }));
});
