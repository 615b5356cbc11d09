import { Refused } from "../../client/mod.ts";
import classes from "./failure.module.css";
import { TextOf } from "./text-of.tsx";

/** What helps, by the code of a refusal. */
const remedies: Readonly<Record<string, string>> = {
  "invalid-command": "What was sent does not fit. Change what the message names, and send it again.",
  "unknown-command": "This installation does not know it. It may be older than this page, or the thing is gone.",
  rejected: "A rule is against it. The message names the rule and what would have to be different.",
  conflict: "Somebody else was faster. Look at what has changed, and do it again if it still makes sense.",
  unauthorized: "You may not do this. An admin can give you the role that the message names.",
  unavailable: "It passes. Try it again in a moment.",
  timeout: "No answer came in time. Trying again changes nothing twice.",
};

/** The code of the contract, and the rule that it names, if there is one. */
const codeOf = ({ code, details }: Refused): string =>
  typeof details === "object" && details !== null && "reason" in details && typeof details.reason === "string"
    ? `${code} · ${details.reason}`
    : code;

/** An error: the sentence of the contract, its code, and what helps. */
export const Failure = ({ error }: { readonly error: unknown }) => (
  <div className={classes.failure} role="alert">
    <p>
      <span aria-hidden="true">✕ </span>
      <TextOf text={error instanceof Error ? error.message : String(error)} />
    </p>
    {error instanceof Refused && (
      <p className={classes.remedy}>
        <code>{codeOf(error)}</code> {remedies[error.code]}
      </p>
    )}
  </div>
);
