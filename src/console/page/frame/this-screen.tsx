import { useSession } from "../data/session.tsx";
import { Code } from "../design/code.tsx";
import { type Screen, useShownScreen } from "./screen.tsx";
import classes from "./this-screen.module.css";

/** A word as a shell takes it. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command line that shows what the screen shows. */
export const cimLine = ({ cim }: Pick<Screen, "cim">): string => ["cim", ...cim].map(shellWord).join(" ");

/** The request over NATS that the screen is made of. */
export const natsLine = ({ request }: Pick<Screen, "request">, prefix: string): string =>
  `nats req ${prefix}.qry.${request.view}.${request.operation} ${shellWord(JSON.stringify(request.input))}`;

/** How one gets the same without a browser. */
export const ThisScreen = () => {
  const screen = useShownScreen();
  const { prefix } = useSession();
  if (screen === undefined) return null;
  return (
    <section className={classes.screen} aria-label="This screen elsewhere">
      <h2>this screen</h2>
      <Code text={cimLine(screen)} label="Copy the command line" isCommand />
      <Code text={natsLine(screen, prefix)} label="Copy the NATS request" isCommand />
    </section>
  );
};
