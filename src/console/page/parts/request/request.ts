import type { CommandPayload } from "../../../../contract/commands.ts";
import { Protocol } from "../../../../domain/consensus/protocols.ts";
import { Target } from "../../../../domain/host/contract.ts";
import { Activation } from "../../../../domain/host/desired.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { namesIn } from "../names.ts";

/** What the policy says unless one chooses: the first of the choices that may be left to it. */
export const byPolicy = "as the policy says";

export const targets = Target.literals;
export const protocols = [byPolicy, ...Protocol.literals] as const;
export const activations = Activation.literals;

/** A request for a deployment as it is filled in: every field a text, so that nothing that one types is lost. */
export interface RequestForm {
  readonly id: string;
  readonly target: (typeof targets)[number];
  readonly reason: string;
  readonly protocol: (typeof protocols)[number];
  readonly threshold: string;
  readonly activation: (typeof activations)[number];
  readonly hosts: ReadonlySet<string>;
  readonly maxParallel: string;
  readonly discussionSeconds: string;
  readonly votingSeconds: string;
  readonly monitorSeconds: string;
  readonly timeoutSeconds: string;
  readonly insist: boolean;
  /** The nodes whose data may be lost. */
  readonly acceptDataLoss: ReadonlySet<string>;
  /** What a first deployment may take from hosts, each as `web-1:mount:/data`, apart by lines or spaces. */
  readonly acceptRemovals: string;
  /** The inputs that may stay unpinned. */
  readonly unpinned: ReadonlySet<string>;
  readonly reboot: boolean;
  /** Why the glass is broken at once; empty if it is not. */
  readonly breakGlass: string;
}

/** The fields that are whole numbers, and the least that each may be. */
export const numbers = {
  maxParallel: 1,
  discussionSeconds: 0,
  votingSeconds: 1,
  monitorSeconds: 0,
  timeoutSeconds: 1,
} as const;
export type NumberField = keyof typeof numbers;

/** Returns a form with nothing but the name of the deployment. `hosts` are all that the graph has. */
export const emptyForm = (id: string, hosts: ReadonlyArray<string>): RequestForm => ({
  id,
  target: "simulated",
  reason: "",
  protocol: byPolicy,
  threshold: "",
  activation: "switch",
  hosts: new Set(hosts),
  maxParallel: "",
  discussionSeconds: "",
  votingSeconds: "",
  monitorSeconds: "",
  timeoutSeconds: "",
  insist: false,
  acceptDataLoss: new Set(),
  acceptRemovals: "",
  unpinned: new Set(),
  reboot: false,
  breakGlass: "",
});

const longestGraph = 63;

/** Returns a name for a deployment: the graph, the time and chance, so that those of a graph sort by time. */
export const newDeploymentId = (graph: string, now: number, chance: number): string =>
  `${graph.slice(0, longestGraph)}-${now.toString(36)}${Math.floor(chance * 36 ** 4)
    .toString(36)
    .padStart(4, "0")}`;

/** What is wrong with a form, by field; empty if it can be sent. */
export const faultsOf = (
  form: RequestForm,
): Readonly<Partial<Record<NumberField | "id" | "hosts" | "acceptRemovals" | "reboot", string>>> => {
  const numberFault = (field: NumberField): string | undefined => {
    const text = form[field].trim();
    if (text === "" || (/^\d{1,9}$/.test(text) && Number(text) >= numbers[field])) return undefined;
    return `a whole number from ${numbers[field]}, or nothing`;
  };
  return defined({
    id: /^[A-Za-z0-9_-]{1,100}$/.test(form.id) ? undefined : "1 to 100 characters of A-Z a-z 0-9 _ -",
    hosts: form.hosts.size === 0 ? "choose at least one host" : undefined,
    acceptRemovals: namesIn(form.acceptRemovals).every((name) => /^[^:]+:./.test(name))
      ? undefined
      : "HOST:NAME each, such as web-1:mount:/data",
    reboot: form.reboot && form.activation === "test" ? "a reboot ends the activation test" : undefined,
    maxParallel: numberFault("maxParallel"),
    discussionSeconds: numberFault("discussionSeconds"),
    votingSeconds: numberFault("votingSeconds"),
    monitorSeconds: numberFault("monitorSeconds"),
    timeoutSeconds: numberFault("timeoutSeconds"),
  });
};

/** The payload of `deployment.request`: what was left as it is stays away, so that policy and defaults hold. */
export const requestOf = (
  form: RequestForm,
  {
    graph,
    version,
    hosts,
    digests,
  }: {
    readonly graph: string;
    readonly version: number;
    readonly hosts: ReadonlyArray<string>;
    /** What the revision is known by, if the glass is broken for it. */
    readonly digests?: { readonly graphDigest: string; readonly flakeDigest: string };
  },
): CommandPayload<"deployment", "request"> => {
  const numberOf = (text: string) => (text.trim() === "" ? undefined : Number(text));
  const textOf = (text: string) => (text.trim() === "" ? undefined : text.trim());
  const why = textOf(form.breakGlass);
  const removals = namesIn(form.acceptRemovals);
  return {
    graph,
    version,
    target: form.target,
    ...defined({
      reason: textOf(form.reason),
      protocol: form.protocol === byPolicy ? undefined : form.protocol,
      threshold: textOf(form.threshold),
      activation: form.activation === "switch" ? undefined : form.activation,
      hosts: form.hosts.size === hosts.length ? undefined : hosts.filter((host) => form.hosts.has(host)),
      maxParallel: numberOf(form.maxParallel),
      discussionSeconds: numberOf(form.discussionSeconds),
      votingSeconds: numberOf(form.votingSeconds),
      monitorSeconds: numberOf(form.monitorSeconds),
      timeoutSeconds: numberOf(form.timeoutSeconds),
      insist: form.insist ? true : undefined,
      acceptDataLoss: form.acceptDataLoss.size === 0 ? undefined : [...form.acceptDataLoss],
      unpinned: form.unpinned.size === 0 ? undefined : [...form.unpinned],
      acceptRemovals: removals.length === 0 ? undefined : removals,
      reboot: form.reboot ? true : undefined,
      breakGlass:
        why === undefined || digests === undefined
          ? undefined
          : { reason: why, graphDigest: digests.graphDigest, flakeDigest: digests.flakeDigest },
    }),
  };
};
