import { useEffect, useState } from "react";
import classes from "./copy.module.css";
import { useAnnounce } from "./live-region.tsx";

/** A small button that copies a text. */
export const Copy = ({ text, label = "Copy" }: { readonly text: string; readonly label?: string }) => {
  const [copied, setCopied] = useState(false);
  const announce = useAnnounce();
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        announce("Copied");
      },
      () => announce("The browser does not let the page copy"),
    );
  return (
    <button type="button" className={classes.copy} onClick={copy} aria-label={label} title={label}>
      <span aria-hidden="true">{copied ? "✓" : "❐"}</span>
    </button>
  );
};
