import { type Binding, binding, boolean, string } from "../../language/expression.ts";

/** What a host sends of its journal, and where. */
export interface LogShipping {
  readonly host: string;
  /** Push addresses of Loki. */
  readonly urls: ReadonlyArray<string>;
  /** The units whose logs are sent; those of all where it is undefined. */
  readonly units?: ReadonlyArray<string>;
}

/** A string of Alloy's language, which are those of Go; those of JSON are among them. */
const quoted = (text: string): string => JSON.stringify(text);

/** https://grafana.com/docs/alloy: the journal goes through rules that name its units to every Loki. */
const configuration = ({ host, urls, units }: LogShipping): string =>
  [
    'loki.write "monitoring" {',
    ...urls.flatMap((url) => ["  endpoint {", `    url = ${quoted(url)}`, "  }"]),
    "}",
    "",
    'loki.relabel "journal" {',
    "  forward_to = []",
    "  rule {",
    '    source_labels = ["__journal__systemd_unit"]',
    '    target_label  = "unit"',
    "  }",
    "  rule {",
    '    source_labels = ["__journal_priority_keyword"]',
    '    target_label  = "level"',
    "  }",
    "}",
    "",
    'loki.source.journal "host" {',
    "  forward_to    = [loki.write.monitoring.receiver]",
    "  relabel_rules = loki.relabel.journal.rules",
    `  labels        = { job = "journal", host = ${quoted(host)} }`,
    ...(units === undefined
      ? []
      : [`  matches       = ${quoted(units.map((unit) => `_SYSTEMD_UNIT=${unit}`).join(" "))}`]),
    "}",
    "",
  ].join("\n");

/** Alloy reads its configuration anew when it changes. */
export const alloyOptions = (shipping: LogShipping): ReadonlyArray<Binding> => [
  binding("services.alloy.enable", boolean(true)),
  binding(["environment", "etc", "alloy/config.alloy", "text"], string(configuration(shipping))),
];
