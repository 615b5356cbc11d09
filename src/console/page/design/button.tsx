import type { ReactNode } from "react";
import classes from "./button.module.css";

/** A button. `main` is the one that a screen is about; `bad` and `back` are for what destroys and for the way back. */
export const Button = ({
  children,
  onClick,
  kind = "plain",
  type = "button",
  disabled = false,
  busy = false,
  pressed,
  label,
}: {
  readonly children: ReactNode;
  readonly onClick?: (() => void) | undefined;
  readonly kind?: "plain" | "main" | "bad" | "back" | "quiet";
  readonly type?: "button" | "submit";
  readonly disabled?: boolean;
  /** What it does is under way: it takes no second click, and keeps the focus. */
  readonly busy?: boolean;
  /** Whether it is on, if it is a switch. */
  readonly pressed?: boolean | undefined;
  /** What it does, if its text alone does not say it. */
  readonly label?: string | undefined;
}) => (
  <button
    type={type}
    className={`${classes.button} ${classes[kind]}`}
    onClick={busy ? undefined : onClick}
    disabled={disabled}
    aria-disabled={busy || undefined}
    aria-busy={busy || undefined}
    aria-pressed={pressed}
    aria-label={label}
  >
    {busy && <span aria-hidden="true">◌ </span>}
    {children}
  </button>
);
