import type { DocumentOf } from "../../../contract/views/mod.ts";
import { Badge } from "../design/badge.tsx";
import { Panel } from "../design/list.tsx";
import { TextOf } from "../design/text-of.tsx";
import classes from "./parts.module.css";

type Finding = DocumentOf<"deployments">["findings"][number];

const severities = ["blocking", "warning", "note"] as const;

const Line = ({ finding: { reviewer, rule, message } }: { readonly finding: Finding }) => (
  <li>
    <TextOf text={message} />{" "}
    <span className={classes.quiet}>
      <TextOf text={`${reviewer} · ${rule}`} />
    </span>
  </li>
);

/** What reviewers found, by how much it matters; what is only to know is folded. */
export const Findings = ({
  findings,
  missingReviews = [],
}: {
  readonly findings: ReadonlyArray<Finding>;
  readonly missingReviews?: ReadonlyArray<string> | undefined;
}) =>
  findings.length === 0 && missingReviews.length === 0 ? null : (
    <Panel title="Findings" hint={`${findings.length} of this deployment`}>
      {missingReviews.length > 0 && (
        <p>
          <Badge state="missing" tone="warn" /> the review of {missingReviews.join(", ")} is required
        </p>
      )}
      {severities.map((severity) => {
        const those = findings.filter((one) => one.severity === severity);
        if (those.length === 0) return null;
        return (
          <details key={severity} open={severity !== "note"}>
            <summary>
              <Badge state={severity} /> {those.length}
            </summary>
            <ul className={classes.lines}>
              {those.map((finding) => (
                <Line key={`${finding.reviewer} ${finding.rule} ${finding.message}`} finding={finding} />
              ))}
            </ul>
          </details>
        );
      })}
    </Panel>
  );
