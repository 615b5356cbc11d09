import { Combobox as Base } from "@base-ui/react/combobox";
import { useId } from "react";
import classes from "./combobox.module.css";

/** As many are offered at once: of ten thousand, one types a part of the name. */
const mostShown = 100;

/** A choice of many: one types a part of it. */
export const Combobox = ({
  label,
  value,
  choices,
  onChange,
  placeholder,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly choices: ReadonlyArray<string>;
  readonly onChange: (value: string | undefined) => void;
  readonly placeholder?: string;
}) => {
  const id = useId();
  return (
    <Base.Root
      items={choices}
      limit={mostShown}
      value={value ?? null}
      onValueChange={(chosen: string | null) => onChange(chosen ?? undefined)}
    >
      <div className={classes.field}>
        <label htmlFor={id} className={classes.label}>
          {label}
        </label>
        <Base.Input id={id} className={classes.input} placeholder={placeholder} />
      </div>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className={classes.positioner}>
          <Base.Popup className={classes.popup}>
            <Base.Empty className={classes.none}>Nothing has these words.</Base.Empty>
            <Base.List className={classes.list}>
              {(choice: string) => (
                <Base.Item key={choice} value={choice} className={classes.item}>
                  {choice}
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
};
