import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import type { CommandError } from "../../../src/application/command-error.ts";
import type { CommandAccepted } from "../../../src/application/command-request.ts";
import { processes } from "../../../src/application/processes/mod.ts";
import { isOwnPrincipal } from "../../../src/domain/kernel/mod.ts";
import { inLeaf } from "./leaf.ts";

const refusal = (result: Result.Result<CommandAccepted, CommandError>) =>
  Result.isFailure(result) ? { code: result.failure.code, message: result.failure.message } : undefined;

const graph = { id: "shop", nodes: [], edges: [] };

test("every process manager acts under a name that nobody outside can speak as", () => {
  expect(processes.map(({ name }) => name).filter((name) => !isOwnPrincipal(name))).toEqual([]);
});

describe("a command", () => {
  test("is refused without a role or relation of its row; the refusal names who may, and the remedy", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        expect(refusal(yield* leaf.give("bob", "principal", "bob", "grant", { roles: ["voter"] }))).toEqual({
          code: "unauthorized",
          message:
            "`bob` may not give `principal.grant` to `bob`, which is for the role `admin`; `bob` has `viewer`, `participant`, `designer`, `operator`; an admin can give the role: `cim agents grant bob admin`",
        });
        yield* leaf.give("ada", "graph", "shop", "import", graph);
        expect(refusal(yield* leaf.give("bob", "graph", "shop", "archive"))).toMatchObject({
          code: "unauthorized",
          message: expect.stringContaining("which is for its owner"),
        });
        expect(refusal(yield* leaf.give("ada", "graph", "shop", "archive"))).toBeUndefined();
      }),
    ));

  test("may need one role to make an aggregate, and a relation to change it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.give("cim", "principal", "vera", "admit", { roles: ["viewer"] });
        expect(refusal(yield* leaf.give("vera", "graph", "shop", "import", graph))?.code).toBe("unauthorized");
        yield* leaf.give("ada", "graph", "shop", "import", graph);
        yield* leaf.grant("vera", "designer");
        expect(refusal(yield* leaf.give("vera", "graph", "shop", "import", graph))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("vera", "graph", "own", "import", { ...graph, id: "own" }))).toBeUndefined();
      }),
    ));

  test("is judged by the roles of the moment: what changes them is answered when it holds", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        const host = { health: "healthy" };
        expect(refusal(yield* leaf.give("watch", "host", "h1", "report-state", host))?.code).toBe("unauthorized");
        yield* leaf.give("op", "principal", "watch", "grant", { roles: ["monitor"] });
        expect(refusal(yield* leaf.give("watch", "host", "h1", "report-state", host))).toBeUndefined();
        yield* leaf.give("op", "principal", "watch", "suspend", { reason: "it lies" });
        expect(refusal(yield* leaf.give("watch", "host", "h1", "report-state", { health: "unhealthy" }))).toEqual({
          code: "unauthorized",
          message: "`watch` may not give `host.report-state`: it is suspended by `op`: it lies",
        });
        yield* leaf.give("op", "principal", "watch", "reinstate");
        expect(
          refusal(yield* leaf.give("watch", "host", "h1", "report-state", { health: "unhealthy" })),
        ).toBeUndefined();
      }),
    ));

  test("of the backend's own proposals, tasks and dialogs is not given by an admin either", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* leaf.grant("op", "admin");
        const electorate = [{ id: "ann", weight: 1 }];
        const subject = { kind: "any", title: "t", subject: {}, electorate };
        yield* leaf.give("deployment-workflow", "proposal", "d1", "submit", subject);
        yield* leaf.give("bob", "proposal", "p1", "submit", subject);
        expect(refusal(yield* leaf.give("op", "proposal", "d1", "cancel"))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("bob", "proposal", "d1", "withdraw"))?.code).toBe("unauthorized");
        expect(refusal(yield* leaf.give("op", "proposal", "p1", "cancel"))).toBeUndefined();
      }),
    ));
});

test("the first start makes the admin and admits the agents, once in the life of a log", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const security = { id: "security", kind: "agent", roles: ["voter"] } as const;
      yield* leaf.firstStart([security]);
      expect(yield* leaf.document("principals", "security")).toMatchObject({ owner: "cim", roles: ["voter"] });
      yield* leaf.give("admin", "principal", "security", "revoke", { roles: ["voter"], reason: "it sleeps" });
      yield* leaf.firstStart([security]);
      expect(yield* leaf.document("principals", "security")).toMatchObject({ admitted: true, roles: [] });
      expect(yield* leaf.events("principal", "admin")).toHaveLength(1);
    }),
  ));
