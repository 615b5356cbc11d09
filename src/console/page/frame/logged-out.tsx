import { useLiveness } from "../data/follow.ts";
import { useProvider } from "../data/session.tsx";
import { Notice } from "../design/notice.tsx";

/** Says that the session has ended, above a page that stays as it is. */
export const LoggedOut = () => (useLiveness().stream === "logged-out" ? <Alert /> : null);

const Alert = () => {
  const provider = useProvider();
  return (
    <div role="alert">
      <Notice tone="bad">
        You are logged out.{" "}
        {provider === undefined ? (
          "Open a new log-in link in another tab"
        ) : (
          <a href={provider.address} target="_blank" rel="noreferrer">
            Log in with {provider.name} in another tab
          </a>
        )}
        : this page goes on then, and what you have typed stays.
      </Notice>
    </div>
  );
};
