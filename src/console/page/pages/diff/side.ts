/** One of two things that are compared, as the address names it. */
export type Side =
  /** `graphs/shop`, `graphs/shop@12`; without a version the newest. */
  | { readonly kind: "graph"; readonly graph: string; readonly version?: number }
  /** `deployments/shop-1`: the version of the graph that it deploys. */
  | { readonly kind: "deployment"; readonly deployment: string }
  /** `running/shop`: the version that most of its hosts should run. */
  | { readonly kind: "running"; readonly graph: string }
  /** `hosts/web-1/desired`, `hosts/web-1/observed`. */
  | { readonly kind: "host"; readonly host: string; readonly state: "desired" | "observed" };

const id = "[A-Za-z0-9_-]{1,128}";
const graph = new RegExp(`^graphs/(${id})(?:@([1-9]\\d{0,8}))?$`);
const deployment = new RegExp(`^deployments/(${id})$`);
const running = new RegExp(`^running/(${id})$`);
const host = new RegExp(`^hosts/(${id})/(desired|observed)$`);

/** Reads one side of an address; undefined if it names nothing that can be compared. */
export const sideOf = (text: string): Side | undefined => {
  const [, ofGraph, version] = graph.exec(text) ?? [];
  if (ofGraph !== undefined)
    return version === undefined
      ? { kind: "graph", graph: ofGraph }
      : { kind: "graph", graph: ofGraph, version: Number(version) };
  const [, ofDeployment] = deployment.exec(text) ?? [];
  if (ofDeployment !== undefined) return { kind: "deployment", deployment: ofDeployment };
  const [, ofRunning] = running.exec(text) ?? [];
  if (ofRunning !== undefined) return { kind: "running", graph: ofRunning };
  const [, ofHost, state] = host.exec(text) ?? [];
  if (ofHost !== undefined && (state === "desired" || state === "observed"))
    return { kind: "host", host: ofHost, state };
  return undefined;
};

/** A side in words. */
export const sideText = (side: Side): string => {
  switch (side.kind) {
    case "graph":
      return `${side.graph}, ${side.version === undefined ? "the newest version" : `version ${side.version}`}`;
    case "deployment":
      return `what ${side.deployment} deploys`;
    case "running":
      return `what runs of ${side.graph}`;
    case "host":
      return `what is ${side.state} of ${side.host}`;
  }
};
