import { describe, expect, test } from "@jest/globals";
import { toDot, toMermaid } from "../../../../src/domain/graph/picture.ts";
import { bus, document, host, runsOn, service } from "./fixtures.ts";

const nasty = 'a"] --> b; #quot; \\N & <b>\n`';
const graph = document(
  [host("end"), bus("bus"), service("web", { port: 80 })],
  [runsOn("web", "end"), { from: "web", to: "bus", type: "publishes-to", topic: nasty }, runsOn("web", "nowhere")],
);

describe("pictures", () => {
  test("as Mermaid hold any text, and no id that is a word of its language", () => {
    expect(toMermaid(graph)).toBe(
      [
        "flowchart LR",
        '  n0(["bus<br/>message-bus, nats"])',
        '  n1[["end<br/>host, 10.0.0.1"]]',
        '  n2["web<br/>service, port 80"]',
        '  n2 -->|"publishes-to a#34;#93; --#62; b#59; #35;quot#59; #92;N #38; #60;b#62;#10;#96;"| n0',
        '  n2 -.->|"runs-on"| n1',
        "",
      ].join("\n"),
    );
  });

  test("as DOT hold any text", () => {
    expect(toDot(graph)).toBe(
      [
        'digraph "shop" {',
        "  rankdir=LR;",
        '  n0 [label="bus\\nmessage-bus, nats", shape=cds];',
        '  n1 [label="end\\nhost, 10.0.0.1", shape=box3d];',
        '  n2 [label="web\\nservice, port 80", shape=box];',
        '  n2 -> n0 [label="publishes-to a\\"] --> b; #quot; \\\\N &amp; <b>\\n`"];',
        '  n2 -> n1 [label="runs-on", style=dotted];',
        "}",
        "",
      ].join("\n"),
    );
  });
});
