import { Copy } from "./copy.tsx";
import classes from "./hash.module.css";

/** What is shown of a digest, a content id, a key or a store path: the part that differs. */
const shortOf = (text: string): string => {
  const name = text.replace(/^(?:\/nix\/store\/|sha256-)/, "");
  if (name.length <= 14) return name;
  // Keys and content ids begin alike: their ends differ.
  return /^(?:U[A-Z2-7]{55}|baf)/.test(name) ? `${name.slice(0, 4)}…${name.slice(-4)}` : name.slice(0, 8);
};

/** A digest, content id, key or store path: shortened, whole on hover, with a button that copies it. */
export const Hash = ({ text, name = "digest" }: { readonly text: string; readonly name?: string }) => (
  <span className={classes.hash}>
    <code title={text}>
      {shortOf(text)}
      <span className="unseen"> ({name})</span>
    </code>
    <Copy text={text} label={`Copy the ${name}`} />
  </span>
);
