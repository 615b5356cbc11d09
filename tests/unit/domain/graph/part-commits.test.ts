import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { diff } from "../../../../src/domain/graph/changes.ts";
import type { RecordedGraphEvent } from "../../../../src/domain/graph/contract.ts";
import { graph } from "../../../../src/domain/graph/decider.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { indexOf } from "../../../../src/domain/graph/graph-index.ts";
import { commitsOfPart, type GraphPart, noPlaces } from "../../../../src/domain/graph/part-commits.ts";
import { documentOf } from "../../../../src/domain/graph/state.ts";
import type { CommandOf } from "../../../../src/domain/kernel/mod.ts";
import { anyDocument, database, dependsOn, document, host, runsOn, service } from "./fixtures.ts";

type Command = CommandOf<typeof graph.commands>;

/** A graph made by commands, a commit each; those that are refused or change nothing make none. */
const history = (commands: ReadonlyArray<Command>) => {
  let state = graph.initial;
  let version = 0;
  const documents: Array<GraphDocument> = [];
  const commits = commands.flatMap((command, index) => {
    const context = { aggregateId: "shop", commandId: `c${index}`, principal: "ada", time: "", known: undefined };
    const decided = Result.getOrElse(graph.decide(command, state, context), () => []);
    const events = decided.map((event): RecordedGraphEvent => {
      version += 1;
      state = graph.evolve(state, event, { aggregateId: "shop", version, actor: "ada", time: "" });
      return {
        ...event,
        eventId: `graph.shop.${version}`,
        aggregate: "graph",
        id: "shop",
        schemaVersion: 1,
        version,
        position: index + 1,
        lastOfCommit: true,
        time: "",
        actor: "ada",
        commandId: `c${index}`,
        correlationId: "",
        cid: `cid-${version}`,
      };
    });
    if (events.length === 0 || state === null) return [];
    documents.push(documentOf("shop", state));
    return [{ number: index + 1, events }];
  });
  return { commits, documents };
};

const imported = (payload: GraphDocument): Command => ({ type: "import", payload });

/** The numbers of the commits that concern a part, with what they say. */
const told = (commands: ReadonlyArray<Command>, part: GraphPart) =>
  commitsOfPart(history(commands).commits, part).map(({ commit, changes }) => [
    commit.number,
    ...changes.map(({ text }) => text),
  ]);

const two = document([host("h"), host("g"), service("a"), database("db")], [runsOn("a", "h"), runsOn("db", "g")]);

describe("the commits of a node", () => {
  test("are those that change it, its edges and its place", () => {
    const commands: ReadonlyArray<Command> = [
      imported(two),
      { type: "update-node", payload: { id: "a", changes: { port: 80 } } },
      { type: "update-node", payload: { id: "db", changes: { version: "16" } } },
      { type: "connect", payload: { edge: dependsOn("a", "db") } },
      { type: "disconnect", payload: { id: "a/depends-on/db" } },
      { type: "disconnect", payload: { from: "a", type: "runs-on", to: "h" } },
      { type: "connect", payload: { edge: runsOn("a", "g") } },
      { type: "update-node", payload: { id: "a", changes: { port: null } } },
    ];
    expect(told(commands, { node: "a" })).toEqual([
      [1, "adds service `a`", "places `a` on `h`"],
      [2, "`a`: `port` is 80"],
      [4, "adds the edge `a` depends-on `db`"],
      [5, "removes the edge `a` depends-on `db`"],
      [6, "takes `a` off `h`"],
      [7, "places `a` on `g`"],
      [8, "`a`: `port` is removed"],
    ]);
  });

  test("are those too that move it without a word", () => {
    const commands: ReadonlyArray<Command> = [
      { type: "import", payload: document([service("a")]) },
      { type: "add-node", payload: { node: host("h") } },
      { type: "add-node", payload: { node: host("g") } },
      { type: "remove-node", payload: { id: "h" } },
    ];
    expect(told(commands, { node: "a" })).toEqual([
      [1, "adds service `a`"],
      [2, "`a` runs on `h`, the only host"],
      [3, "`a` has no place any more"],
      [4, "`a` runs on `g`, the only host"],
    ]);
  });
});

describe("the commits of a host", () => {
  test("are those of the host and of what is on it, before or after", () => {
    const commands: ReadonlyArray<Command> = [
      imported(two),
      { type: "update-node", payload: { id: "g", changes: { rootDevice: "/dev/vda1" } } },
      { type: "update-node", payload: { id: "a", changes: { port: 80 } } },
      { type: "connect", payload: { edge: dependsOn("a", "db") } },
      { type: "remove-node", payload: { id: "a" } },
      { type: "update-node", payload: { id: "h", changes: { address: "10.9.9.9" } } },
    ];
    expect(told(commands, { host: "h" })).toEqual([
      [1, "adds service `a`", "adds host `h`", "places `a` on `h`"],
      [3, "`a`: `port` is 80"],
      [4, "adds the edge `a` depends-on `db`"],
      [5, "removes the edge `a` depends-on `db`", "takes `a` off `h`", "removes `a`"],
      [6, '`h`: `address` is "10.9.9.9"'],
    ]);
    expect(told(commands, { host: "g" }).map(([number]) => number)).toEqual([1, 2, 4, 5]);
  });

  test("go back to before a node came there, where it is there in the end", () => {
    const commands: ReadonlyArray<Command> = [
      imported(document([host("h"), host("g")])),
      { type: "add-node", payload: { node: service("a") } },
      { type: "update-node", payload: { id: "a", changes: { port: 80 } } },
      { type: "connect", payload: { edge: runsOn("a", "h") } },
    ];
    expect(told(commands, { host: "h" }).map(([number]) => number)).toEqual([1, 2, 3, 4]);
    expect(told(commands.slice(0, 3), { host: "h" }).map(([number]) => number)).toEqual([1]);
  });
});

const anyHistory = fc
  .array(anyDocument, { minLength: 1, maxLength: 5 })
  .chain((documents) => fc.tuple(fc.constant(documents), fc.boolean()))
  .map(([documents, stepwise]): ReadonlyArray<Command> => {
    const [first = document([]), ...others] = documents;
    if (!stepwise) return documents.map((one) => imported({ ...one, id: "shop" }));
    const steps = others.flatMap((next, index) =>
      diff(documents[index] ?? first, next).map(({ type, ...payload }) => ({ type, payload }) as Command),
    );
    return [imported({ ...first, id: "shop" }), ...steps];
  });

describe("in any history", () => {
  test("every change of a node or an edge is named for a node", () => {
    fc.assert(
      fc.property(anyHistory, (commands) => {
        const { commits, documents } = history(commands);
        const nodes = new Set(documents.flatMap((one) => one.nodes.map(({ id }) => id)));
        const named = new Set<string>();
        for (const node of nodes)
          for (const { changes } of commitsOfPart(commits, { node })) for (const { event } of changes) named.add(event);
        const changing = commits.flatMap(({ events }) =>
          events
            .filter(({ type }) => type.startsWith("node-") || type.startsWith("edge-"))
            .map(({ eventId }) => eventId),
        );
        expect(changing.filter((event) => !named.has(event))).toEqual([]);
      }),
    );
  });

  test("a host is concerned by all that concerns what is on it in the end", () => {
    fc.assert(
      fc.property(anyHistory, (commands) => {
        const { commits, documents } = history(commands);
        const end = documents.at(-1);
        if (end === undefined) return;
        for (const [node, hosts] of indexOf(end).placements)
          for (const on of hosts) {
            const ofHost = commitsOfPart(commits, { host: on }).map(({ commit }) => commit.number);
            const ofNode = commitsOfPart(commits, { node }).map(({ commit }) => commit.number);
            const touching = ofNode.filter((number) =>
              commits.some(
                (commit) =>
                  commit.number === number && commit.events.some(({ data }) => "node" in data && data.node.id === node),
              ),
            );
            expect(ofHost).toEqual(expect.arrayContaining(touching));
          }
      }),
    );
  });

  test("a commit that moves a node concerns it, the host it leaves and the host it comes to", () => {
    fc.assert(
      fc.property(anyHistory, (commands) => {
        const { commits, documents } = history(commands);
        const concerned = (part: GraphPart) => commitsOfPart(commits, part).map(({ commit }) => commit.number);
        commits.forEach(({ number }, index) => {
          const was = indexOf(documents[index - 1] ?? document([])).placements;
          const is = indexOf(documents[index] ?? document([])).placements;
          for (const node of new Set([...was.keys(), ...is.keys()])) {
            const [from, to] = [was.get(node) ?? [], is.get(node) ?? []];
            if (from.join() === to.join()) continue;
            expect(concerned({ node })).toContain(number);
            for (const on of [...from, ...to]) expect(concerned({ host: on })).toContain(number);
          }
        });
      }),
    );
  });

  test("nodes are where their document places them", () => {
    fc.assert(
      fc.property(anyHistory, (commands) => {
        const { commits, documents } = history(commands);
        const places = noPlaces();
        commits.forEach(({ events }, index) => {
          events.forEach(places.read);
          const expected = indexOf(documents[index] ?? document([])).placements;
          const ids = documents[index]?.nodes.map(({ id }) => id) ?? [];
          expect(ids.map((id) => [id, places.of(id)])).toEqual(ids.map((id) => [id, expected.get(id) ?? []]));
        });
      }),
    );
  });
});
