import { useEffect, useRef, useState } from "react";
import { logOut } from "../data/client.ts";
import { useLiveness } from "../data/follow.ts";
import { useSession } from "../data/session.tsx";
import { useStanding } from "../data/standing.tsx";
import { spanText, useNow } from "../design/age.tsx";
import { useAnnounce } from "../design/live-region.tsx";
import { Menu } from "../design/menu.tsx";
import { To } from "../design/to.tsx";
import { sections } from "../page.ts";
import { useMatch } from "./match.ts";
import { Palette } from "./palette.tsx";
import { useShownScreen } from "./screen.tsx";
import { SigningKey } from "./signing-key.tsx";
import { themes, useTheme } from "./theme.ts";
import classes from "./top-bar.module.css";

/** Where one is, search and commands, how live it is, as whom one acts. */
export const TopBar = () => (
  <header className={classes.bar}>
    <To href="/" className={classes.brand}>
      CIM Leaf
    </To>
    <Crumbs />
    <div className={classes.right}>
      <Palette />
      <Live />
      <Who />
    </div>
  </header>
);

const Crumbs = () => {
  const section = useMatch()?.page.section;
  const title = useShownScreen()?.title;
  if (section === undefined) return null;
  const { name, href } = sections[section];
  return (
    <nav aria-label="Where you are" className={classes.crumbs}>
      <ol>
        <li>
          <To href={href}>{name}</To>
        </li>
        {title !== undefined && title !== name && <li aria-current="page">{title}</li>}
      </ol>
    </nav>
  );
};

/** Milliseconds for which the page says that it has resumed. */
const resumedFor = 5_000;
/** Milliseconds without a stream before that is called a loss. */
const briefly = 1_000;

/** How live the page is: said in words, and to screen readers when it changes. */
const Live = () => {
  const { stream, backend } = useLiveness();
  const announce = useAnnounce();
  const now = useNow();
  const [change, setChange] = useState({ at: Date.now(), resumed: false });
  const isLive = stream === "live" && backend;
  const before = useRef<boolean>(undefined);
  useEffect(() => {
    if (before.current === isLive) return;
    if (before.current !== undefined) {
      setChange({ at: Date.now(), resumed: isLive });
      announce(isLive ? "Connected again. Nothing is missing." : "The connection is lost. It is tried again.");
    }
    // Before the first connection, nothing was lost.
    if (isLive || before.current !== undefined) before.current = isLive;
  }, [isLive, announce]);
  const since = now - change.at;
  if (isLive)
    return (
      <span className={`${classes.pill} ${classes.live}`}>
        <span aria-hidden="true">●</span> {change.resumed && since < resumedFor ? "resumed" : "live"}
      </span>
    );
  // A stream that begins to follow something else is open again in a moment.
  const isBrief = before.current === undefined || (stream === "connecting" && since < briefly);
  const lost = stream === "live" ? "no nats-server" : stream === "connecting" ? "reconnecting" : "logged out";
  return (
    <span className={isBrief ? classes.pill : `${classes.pill} ${classes.lost}`}>
      <span aria-hidden="true">◌</span> {isBrief ? "connecting" : `${lost} · ${spanText(since)}`}
    </span>
  );
};

const roleText = ({ roles, stopped }: NonNullable<ReturnType<typeof useStanding>>): string => {
  if (stopped !== undefined) return `You may do nothing: you are ${stopped.replaceAll("`", "")}`;
  return roles.length === 0 ? "You have no role here" : `Your roles: ${roles.join(", ")}`;
};

const Who = () => {
  const { principal } = useSession();
  const standing = useStanding();
  const [theme, setTheme] = useTheme();
  const [isKeyOpen, setIsKeyOpen] = useState(false);
  return (
    <>
      <SigningKey isOpen={isKeyOpen} onClose={() => setIsKeyOpen(false)} />
      <Menu
        label={principal}
        hint="You act as"
        note={standing && roleText(standing)}
        items={[
          ...themes.map((one) => ({
            name: `Theme: ${one}`,
            isOn: theme === one,
            run: () => setTheme(one),
          })),
          { name: "Signing key …", run: () => setIsKeyOpen(true) },
          { name: "Log out", run: () => void logOut() },
        ]}
      />
    </>
  );
};
