import type { ReactNode } from "react";
import { useRefusal } from "../data/standing.tsx";
import classes from "./parts.module.css";

/** Shows what gives a command. To somebody who may not give it, it says whom the command is for. */
export const Offer = ({
  command,
  how = "change",
  what,
  children,
}: {
  /** `deployment.cancel`. */
  readonly command: string;
  /** Whether something is made by it, or what there is is changed. */
  readonly how?: "make" | "change";
  /** What one would do by it, as the beginning of a sentence: `Freezing`. */
  readonly what: string;
  readonly children: ReactNode;
}) => {
  const refusal = useRefusal(command, how);
  if (refusal === "unknown") return null;
  if (refusal === undefined) return children;
  return (
    <p className={classes.notOffered}>
      {what} is {refusal.because}.
    </p>
  );
};
