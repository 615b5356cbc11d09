import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import fc from "fast-check";
import type { CommandRequest } from "../../../src/application/command-request.ts";
import { secretAtDoor } from "../../../src/application/secrets-at-door.ts";
import { certainSecretIn } from "../../../src/domain/graph/secrets.ts";
import { atOnce, roles } from "../../../src/domain/kernel/mod.ts";
import { redacted } from "../../../src/infrastructure/nixos/redact.ts";
import { anyCommand, type Names } from "./any-command.ts";
import { inLeaf } from "./leaf.ts";

const letters = (pattern: string): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^${pattern}$`));

/** Secrets as they are found in configurations and logs. */
const anySecret = fc.oneof(
  letters("[A-Za-z0-9]{24}").map((body) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`),
  letters("S[AUO][A-Z2-7]{56}"),
  letters("AKIA[A-Z0-9]{16}"),
  letters("gh[pousr]_[A-Za-z0-9]{36}"),
  letters("glpat-[A-Za-z0-9]{20}"),
  letters("xoxb-[0-9]{11}-[A-Za-z0-9]{24}"),
  letters("sk_live_[A-Za-z0-9]{24}"),
  letters("AIza[A-Za-z0-9]{35}"),
  letters("sk-[A-Za-z0-9]{48}"),
  letters("eyJ[A-Za-z0-9]{20}\\.eyJ[A-Za-z0-9]{20}\\.[A-Za-z0-9]{20}"),
  letters("[a-f]{3}[A-Za-z0-9]{9}").map((password) => `postgresql://shop:${password}@db:5432/shop`),
);

/** A text that has a secret in it, or is one. */
const around = fc.tuple(fc.constantFrom("", "see ", '{"a": "'), fc.constantFrom("", " please", '"}'));

interface Place {
  readonly put: (text: string) => unknown;
}

/** Every place for a text in a payload: each text in it, each name of a member, and a member more for each object. */
const placesIn = (value: unknown): ReadonlyArray<Place> => {
  if (typeof value === "string") return [{ put: (text) => text }];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, at) =>
      placesIn(item).map(({ put }) => ({ put: (text: string) => value.toSpliced(at, 1, put(text)) })),
    );
  if (typeof value !== "object" || value === null) return [];
  const members = Object.entries(value);
  return [
    { put: (text) => ({ ...value, [text]: "x" }) },
    { put: (text) => ({ ...value, more: text }) },
    ...members.flatMap(([name, inner]) =>
      placesIn(inner).map(({ put }) => ({ put: (text: string) => ({ ...value, [name]: put(text) }) })),
    ),
  ];
};

const names: Names = {
  principals: ["olga", "eve"],
  graphs: ["shop"],
  hosts: ["front"],
  deployments: ["d1"],
  policies: ["deployment"],
};

const headers = ["id", "commandId", "correlationId", "causationId"] as const;

describe("a secret, wherever it is in a public command", () => {
  test("is refused and does not get into the log", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const run = Effect.runPromiseWith(yield* Effect.context<never>());
        yield* leaf.grant("olga", ...roles);
        yield* leaf.give("olga", "graph", "shop", "import", {
          id: "shop",
          nodes: [
            { id: "front", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
            { id: "web", type: "service", command: "/bin/web" },
          ],
          edges: [],
        });
        yield* leaf.give("olga", "task", "t1", "submit", { type: "x" });
        yield* leaf.give("olga", "dialog", "d1", "open", { type: "group", topic: "x", participants: ["olga"] });
        const before = (yield* leaf.commits).length;
        const drawn = fc.record({
          what: anyCommand(names),
          secret: anySecret,
          around,
          at: fc.nat(),
          header: fc.option(fc.constantFrom(...headers), { freq: 8, nil: undefined }),
        });
        const refused = fc.asyncProperty(drawn, async ({ what, secret, around: [start, end], at, header }) => {
          const { aggregate, command, payload } = what;
          const id = { graph: "shop", task: "t1", dialog: "d1" }[aggregate as string] ?? "x1";
          const places = placesIn(payload);
          const text = `${start}${secret}${end}`;
          const plain: CommandRequest = {
            aggregate,
            id,
            command,
            payload: header === undefined ? places[at % places.length]?.put(text) : payload,
            principal: "olga",
            audience: "public",
          };
          const request = header === undefined ? plain : { ...plain, [header]: secret };
          expect(Result.isFailure(await run(leaf.handle(request)))).toBe(true);
        });
        yield* Effect.promise(() => fc.assert(refused, { numRuns: 1_000 }));
        expect(yield* leaf.commits).toHaveLength(before);
      }),
    ));

  test.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ["task", "submit", { type: "x", payload: { db: { urls: ["a", "SECRET"] } } }, "payload.db.urls.1"],
    ["task", "complete", { result: "SECRET" }, "result"],
    ["task", "fail", { reason: "it printed SECRET" }, "reason"],
    ["task", "report-progress", { data: { SECRET: 1 } }, "data"],
    ["dialog", "say", { text: "try SECRET" }, "text"],
    ["knowledge", "assert-fact", { subject: "db", predicate: "url", object: "SECRET" }, "object"],
    ["freeze", "freeze", { reason: "SECRET" }, "reason"],
    ["policy", "propose", { description: "SECRET" }, "description"],
    ["agent", "register", { capabilities: [], metadata: { key: "SECRET" } }, "metadata.key"],
    ["proposal", "vote", { choice: "approve", conditions: [{ text: "SECRET" }] }, "conditions.0.text"],
    ["deployment", "review", { findings: [{ message: "SECRET" }] }, "findings.0.message"],
  ])("%s.%s: the refusal names the field and the remedy, not the secret", (aggregate, command, payload, field) => {
    const secret = `ghp_${"a1B2".repeat(9)}`;
    const asked = JSON.parse(JSON.stringify(payload).replace("SECRET", secret)) as unknown;
    const refusal = doorFor({ aggregate, command, payload: asked });
    expect(refusal).toMatchObject({ code: "invalid-command", details: [{ field }] });
    expect(refusal?.message).toContain(`${field}: it holds a token of GitHub`);
    expect(refusal?.message).toContain("say here only where it is");
    expect(JSON.stringify(refusal)).not.toContain(secret);
    expect(doorFor({ aggregate, command, payload })).toBeUndefined();
  });
});

const doorFor = (request: Pick<CommandRequest, "aggregate" | "command" | "payload">) =>
  atOnce(secretAtDoor({ ...request, id: "x", principal: "olga", audience: "public" }));

const token = `glpat-${"x1Y2z".repeat(4)}`;

test("a field of a ballot or a review that was allowed is let through", () => {
  const vote = { aggregate: "proposal", command: "vote", payload: { choice: "approve", reason: token } };
  expect(doorFor(vote)?.message).toContain("name the field in `allowSecretLike`");
  expect(doorFor({ ...vote, payload: { ...vote.payload, allowSecretLike: ["reason"] } })).toBeUndefined();
  const others = { aggregate: "task", command: "submit", payload: { payload: { a: token, allowSecretLike: ["a"] } } };
  expect(doorFor(others)).toBeDefined();
});

test.each([
  "the password is hunter2, or was",
  "password=hunter2 TOKEN=abc",
  "see https://example.org/a:b@c and postgresql://db:5432/shop",
  `postgresql://shop:<password>@db and nats://u:\${PW}@h`,
  "sk-warehouse-of-the-second-district-in-bratislava",
  `the public key is U${"A2".repeat(27)}A`,
  "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  "/run/secrets/ghp_token",
])("people may say: %s", (text) => expect(certainSecretIn(text)).toBeUndefined());

test("a secret in a long text, or among many values, is found in time that grows with the payload", () => {
  const fillers = ["x ".repeat(5e5), "A".repeat(1e6), "eyJ".repeat(3e5), "://a:b".repeat(1.5e5), "SU".repeat(5e5)];
  for (const filler of fillers) {
    const steps = secretAtDoor({
      aggregate: "task",
      id: "x",
      command: "submit",
      payload: { payload: { long: `${filler} ${token} ${filler}` } },
      principal: "olga",
      audience: "public",
    });
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses++;
    expect(step.value).toMatchObject({ code: "invalid-command" });
    expect(pauses).toBeGreaterThan(5);
  }
  const many = Array.from({ length: 200_000 }, (_, at) => `v${at}`);
  expect(doorFor({ aggregate: "task", command: "submit", payload: { payload: many } })).toBeUndefined();
  expect(doorFor({ aggregate: "task", command: "submit", payload: { payload: [...many, token] } })).toBeDefined();
  let deep: unknown = token;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  expect(doorFor({ aggregate: "task", command: "submit", payload: { payload: deep } })).toBeDefined();
});

test("what programs print holds no such secret when it was redacted, so that a report of it is not refused", () => {
  fc.assert(
    fc.property(anySecret, around, (secret, [start, end]) => {
      expect(certainSecretIn(redacted(`${start}${secret}${end}`))).toBeUndefined();
    }),
  );
});
