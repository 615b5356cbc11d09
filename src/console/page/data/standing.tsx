import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { AnswerOf } from "../../../contract/views/mod.ts";
import type { Role } from "../../../domain/kernel/mod.ts";
import { useQuery } from "./query.ts";
import { useSession } from "./session.tsx";

type Answered = AnswerOf<"principals", "standing">;

/** What the one who acts may do, as the backend checks it. */
interface Standing {
  /** Undefined while it is not known. */
  readonly standing: Answered | undefined;
  /** Why the backend does not say it. */
  readonly error: unknown;
}

const StandingContext = createContext<Standing>({ standing: undefined, error: undefined });

/** Asks the backend what the one who acts may do, and again whenever somebody's roles change. */
export const WithStanding = ({ children }: { readonly children: ReactNode }) => {
  const { principal: id } = useSession();
  const { data, error } = useQuery("principals", "standing", { id }, { now: true, refresh: ["principal"] });
  const value = useMemo(() => ({ standing: data, error }), [data, error]);
  return <StandingContext value={value}>{children}</StandingContext>;
};

/** What the one who acts may do now; undefined while it is not known. */
export const useStanding = (): Answered | undefined => useContext(StandingContext).standing;

const none: ReadonlyArray<Role> = [];

/** The roles of the one who acts. None while they are not known, or if they may do nothing. */
export const useRoles = (): ReadonlyArray<Role> => useStanding()?.roles ?? none;

/** What is said of a command that somebody may not give. Undefined: they may, as far as their roles say. */
export type Refusal = "unknown" | { readonly because: string } | undefined;

const rolesText = ({ roles, stopped }: Answered): string => {
  if (stopped !== undefined) return `you are ${stopped}`;
  return roles.length === 0 ? "you have no role" : `you have ${roles.join(", ")}`;
};

/**
 * Why the one who acts may not give a command (`graph.import`): to make something by it, or to change what there is. Who is
 * needed is said in the words in which the backend would refuse it.
 */
export const useRefusal = (command: string, how: "make" | "change"): Refusal => {
  const { standing, error } = useContext(StandingContext);
  return useMemo(() => {
    if (standing === undefined)
      return error === undefined ? "unknown" : { because: "the backend does not say what you may do" };
    const whom = standing.mayNot[command]?.[how];
    return whom === undefined ? undefined : { because: `for ${whom.replaceAll("`", "")}; ${rolesText(standing)}` };
  }, [standing, error, command, how]);
};
