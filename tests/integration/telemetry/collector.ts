import { createServer } from "node:http";

/** A span, as far as a test asks. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/** One number of a metric, with its attributes. */
export interface CollectedPoint {
  readonly metric: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface Resource {
  readonly resource: { readonly attributes: ReadonlyArray<Attribute> };
}
interface Traces {
  readonly resourceSpans: ReadonlyArray<
    Resource & { readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<CollectedSpan> }> }
  >;
}
interface Points {
  readonly dataPoints: ReadonlyArray<{ readonly attributes: ReadonlyArray<Attribute> }>;
}
interface Metrics {
  readonly resourceMetrics: ReadonlyArray<
    Resource & {
      readonly scopeMetrics: ReadonlyArray<{
        readonly metrics: ReadonlyArray<{ readonly name: string; readonly sum?: Points; readonly histogram?: Points }>;
      }>;
    }
  >;
}

const textsOf = (attributes: ReadonlyArray<Attribute>): Readonly<Record<string, string>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? ""]));

const spansOf = ({ resourceSpans }: Traces): ReadonlyArray<CollectedSpan> =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, service: textsOf(resource.attributes)["service.name"] ?? "" })),
    ),
  );

const pointsOf = ({ resourceMetrics }: Metrics): ReadonlyArray<CollectedPoint> =>
  resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(
        ({ name, sum, histogram }) =>
          (sum ?? histogram)?.dataPoints.map(({ attributes }) => ({ metric: name, attributes: textsOf(attributes) })) ??
          [],
      ),
    ),
  );

/** An OpenTelemetry collector that keeps what it gets. */
export const startCollector = async () => {
  const spans: Array<CollectedSpan> = [];
  const points: Array<CollectedPoint> = [];
  const server = createServer(async (request, response) => {
    const chunks: Array<Buffer> = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    if (request.url === "/v1/traces") spans.push(...spansOf(body));
    if (request.url === "/v1/metrics") points.push(...pointsOf(body));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    points,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};
