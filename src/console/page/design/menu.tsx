import { Menu as Base } from "@base-ui/react/menu";
import classes from "./menu.module.css";

/** An entry of a menu. With `isOn` it is one of a choice. */
export interface MenuItem {
  readonly name: string;
  readonly run: () => void;
  readonly isOn?: boolean;
}

/** A button that opens a menu. */
export const Menu = ({
  label,
  hint,
  note,
  items,
}: {
  readonly label: string;
  /** Said before the label to screen readers. */
  readonly hint?: string;
  /** What one should know, above the entries. */
  readonly note?: string | undefined;
  readonly items: ReadonlyArray<MenuItem>;
}) => (
  <Base.Root modal={false}>
    <Base.Trigger className={classes.trigger}>
      {hint !== undefined && <span className="unseen">{hint} </span>}
      {label} <span aria-hidden="true">▾</span>
    </Base.Trigger>
    <Base.Portal>
      <Base.Positioner sideOffset={6} align="end" className={classes.positioner}>
        <Base.Popup className={classes.popup}>
          {note !== undefined && <p className={classes.note}>{note}</p>}
          {items.map(({ name, run, isOn }) => (
            <Base.Item key={name} className={classes.item} onClick={run}>
              <span aria-hidden="true" className={classes.sign}>
                {isOn === true ? "✓" : ""}
              </span>
              {name}
              {isOn === true && <span className="unseen"> (on)</span>}
            </Base.Item>
          ))}
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  </Base.Root>
);
