import type { Finding } from "../../domain/deployment/review.ts";
import { finding, quoted } from "./rule.ts";

/** Inputs that a request leaves unpinned. What is built of them is not what was reviewed; whether that may be is for the voters. */
export const unpinnedFindings = (inputs: ReadonlyArray<string> = []): ReadonlyArray<Finding> =>
  inputs.length === 0
    ? []
    : [
        finding(
          "security/unpinned-inputs",
          "warning",
          `${quoted(inputs)}: not pinned, as the request asks for. Each machine that builds finds out what that means, and a later deployment may bring another kernel. Pin with \`cim graph pin\``,
          {},
        ),
      ];
