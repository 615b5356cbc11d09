import { useLiveness } from "../data/follow.ts";
import { Notice } from "../design/notice.tsx";

/** Says that the session has ended, above a page that stays as it is. */
export const LoggedOut = () => {
  if (useLiveness().stream !== "logged-out") return null;
  return (
    <div role="alert">
      <Notice tone="bad">
        You are logged out. Open a new log-in link in another tab: this page goes on then, and what you have typed
        stays.
      </Notice>
    </div>
  );
};
