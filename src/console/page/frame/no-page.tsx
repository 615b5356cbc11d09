import { useEffect } from "react";
import { Link } from "wouter";
import { useProvider } from "../data/session.tsx";
import { Empty } from "../design/empty.tsx";
import { Failure } from "../design/failure.tsx";
import classes from "./no-page.module.css";

/** What is shown before one is logged in. */
export const Beginning = ({ state }: { readonly state: "asking" | "logged-out" | { readonly error: unknown } }) => {
  if (state === "asking") return <main className={classes.alone} aria-busy="true" aria-label="CIM Leaf" />;
  return (
    <main className={classes.alone}>
      <h1>CIM Leaf</h1>
      {state === "logged-out" ? <NotLoggedIn /> : <Failure error={state.error} />}
    </main>
  );
};

const NotLoggedIn = () => {
  const provider = useProvider();
  return (
    <>
      {provider !== undefined && (
        <a className={classes.provider} href={provider.address}>
          Log in with {provider.name}
        </a>
      )}
      <Empty title={provider === undefined ? "You are not logged in" : "Or by a link"}>
        Open the link that <code>cim up</code>, <code>cim demo</code> or <code>cim console</code> has printed. It works
        once, for 15 minutes.
      </Empty>
    </>
  );
};

/** There is no page at this address. */
export const NotFound = () => {
  useEffect(() => {
    document.title = "Nothing here · CIM Leaf";
  }, []);
  return (
    <Empty title="There is no page at this address">
      <Link href="/">Go to what needs you</Link>, or search with Ctrl-K.
    </Empty>
  );
};
