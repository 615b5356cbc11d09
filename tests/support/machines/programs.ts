/** A node of type `service` in a graph document, without its edges. */
export type ServiceNode = Readonly<Record<string, unknown>> & { readonly id: string };

/** Patient while it starts, since the machine that runs tests may be busy; often while it runs. */
const check = { intervalSeconds: 2, timeoutSeconds: 5, retries: 20 };

/** A server that answers HTTP requests: `/` with the files of /etc, `/os-release` with a file, other paths with 404. */
export const httpService = (id: string, port: number): ServiceNode => ({
  id,
  type: "service",
  package: "python3",
  command: "python3",
  args: ["-m", "http.server", String(port), "--directory", "/etc"],
  port,
  public: true,
  healthCheck: { kind: "http", path: "/os-release", ...check },
});

/** A nats-server, which is well when its port takes connections. */
export const tcpService = (id: string, port: number): ServiceNode => ({
  id,
  type: "service",
  package: "nats-server",
  command: "nats-server",
  args: ["--port", String(port)],
  port,
  public: true,
  healthCheck: { kind: "tcp", ...check },
});

/** Runs and listens, and answers its health check with 404: it starts, and is never well. */
export const neverHealthyService = (id: string, port: number): ServiceNode => ({
  ...httpService(id, port),
  healthCheck: { kind: "http", path: "/not-there", ...check, retries: 2 },
});

/** Ends with exit code 1 as soon as it is started, again and again. */
export const crashingService = (id: string): ServiceNode => ({
  id,
  type: "service",
  package: "coreutils",
  command: "false",
});
