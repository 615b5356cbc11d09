import { describe, expect, test } from "@jest/globals";
import { toDot, toMermaid } from "../../../../src/domain/graph/picture.ts";
import { bus, document, host, runsOn, service } from "./fixtures.ts";

const nasty = 'a"] --> b; #quot; \\N & <b>\n\u202e`';
const graph = document(
  [host("end"), bus("bus"), service("web", { port: 80 })],
  [runsOn("web", "end"), { from: "web", to: "bus", type: "publishes-to", topic: nasty }, runsOn("web", "nowhere")],
);

describe("pictures", () => {
  test("as Mermaid hold any text, and no id that is a word of its language", () => {
    expect(toMermaid(graph)).toBe(
      [
        "flowchart LR",
        '  n_bus(["bus<br/>message-bus, nats"])',
        '  n_end[["end<br/>host, 10.0.0.1"]]',
        '  n_web["web<br/>service, port 80"]',
        '  n_web -->|"publishes-to a#34;#93; --#62; b#59; #35;quot#59; #92;N #38; #60;b#62;#92;n#92;u202e#96;"| n_bus',
        '  n_web -.->|"runs-on"| n_end',
        "",
      ].join("\n"),
    );
  });

  test("as DOT hold any text", () => {
    expect(toDot(graph)).toBe(
      [
        'digraph "shop" {',
        "  rankdir=LR;",
        '  n_bus [label="bus\\nmessage-bus, nats", shape=cds];',
        '  n_end [label="end\\nhost, 10.0.0.1", shape=box3d];',
        '  n_web [label="web\\nservice, port 80", shape=box];',
        '  n_web -> n_bus [label="publishes-to a\\"] --> b; #quot; \\\\N &amp; <b>\\\\n\\\\u202e`"];',
        '  n_web -> n_end [label="runs-on", style=dotted];',
        "}",
        "",
      ].join("\n"),
    );
  });
});
