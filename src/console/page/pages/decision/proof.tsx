import { useEffect, useState } from "react";
import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { canonicalJson } from "../../../../domain/kernel/mod.ts";
import { Badge } from "../../design/badge.tsx";
import { Code } from "../../design/code.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { To } from "../../design/to.tsx";
import classes from "./decision.module.css";

type Decision = AnswerOf<"audit", "decision">;

/** `sha256-` and the SHA-256 of a value's canonical JSON, computed here. */
const digestOf = async (value: Parameters<typeof canonicalJson>[0]): Promise<string> => {
  const bytes = new TextEncoder().encode(canonicalJson(value));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `sha256-${[...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0")).join("")}`;
};

/** The result with its hash, counted again in this browser, and where in the log it is. */
export const Proof = ({ decision }: { readonly decision: Decision }) => {
  const { proposal, result, resultHash, submitted, decided, enacted } = decision;
  const [own, setOwn] = useState<string>();
  useEffect(() => {
    let ended = false;
    digestOf(result).then((digest) => !ended && setOwn(digest));
    return () => {
      ended = true;
    };
  }, [result]);
  const last = enacted ?? decided;
  return (
    <Panel title="Proof">
      <p className={classes.row}>
        {decided === undefined ? "result so far" : "result"} <Hash text={resultHash} name="hash of the result" />
        {own !== undefined && (
          <Badge
            state={own === resultHash ? "the same when computed here" : "another hash was computed here"}
            tone={own === resultHash ? "ok" : "bad"}
          />
        )}
      </p>
      <p>
        log{" "}
        <To href={`/audit?aggregate=proposal&id=${proposal}`}>
          {submitted.position}
          {last === undefined ? " and on" : `–${last.position}`}
        </To>
      </p>
      <Code
        text={`cim audit show ${proposal} --json | jq -cSj .result | sha256sum`}
        label="Copy the command that computes the hash"
      />
      <p className={classes.quiet}>
        The result has rules, electorate, ballots and tally without times: whoever counts it again gets the same hash.
      </p>
    </Panel>
  );
};
