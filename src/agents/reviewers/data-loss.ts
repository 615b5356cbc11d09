import { type DataFate, fateText, isAtRisk, isLoss } from "../../domain/deployment/data/fate.ts";
import type { Finding } from "../../domain/deployment/review.ts";
import { finding } from "./rule.ts";

/**
 * What a deployment does to data that are on the hosts now. A loss blocks unless the request accepts it by node; whether
 * the loss is right is then for the voters to say.
 */
export const dataFindings = (
  data: ReadonlyArray<DataFate>,
  accepted: ReadonlyArray<string> = [],
): ReadonlyArray<Finding> =>
  data.filter(isAtRisk).map((one) => {
    const nodes = [one.node, one.host];
    const text = fateText(one);
    if (!isLoss(one)) return finding("continuity/data-at-risk", "warning", text, { nodes });
    return accepted.includes(one.node)
      ? finding("continuity/data-loss-accepted", "warning", `${text}. The request accepts that`, { nodes })
      : finding(
          "continuity/data-loss",
          "blocking",
          `${text}. Keep the data, or request it again with \`--accept-data-loss ${one.node}\``,
          { nodes },
        );
  });
