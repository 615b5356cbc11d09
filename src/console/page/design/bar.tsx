import type { Tone } from "./badge.tsx";
import classes from "./bar.module.css";

/** A part of a bar: how much, of what. */
export interface Part {
  readonly name: string;
  readonly amount: number;
  readonly tone: Tone;
}

/** A line across a bar, such as the quorum. */
export interface Mark {
  readonly name: string;
  readonly at: number;
  /** A dashed line: something that is computed, not a rule. */
  readonly dashed?: boolean;
}

/** Names of lines that are near each other stand below each other. */
const nameClass = (isBefore: boolean, isBelow: boolean): string =>
  [classes.name, ...(isBefore ? [classes.before] : []), ...(isBelow ? [classes.below] : [])].join(" ");

/** A bar of parts of a whole, with lines across it. What it shows stands in words for those who do not see it. */
export const Bar = ({
  label,
  whole,
  parts,
  marks = [],
}: {
  readonly label: string;
  readonly whole: number;
  readonly parts: ReadonlyArray<Part>;
  readonly marks?: ReadonlyArray<Mark>;
}) => {
  const share = (amount: number) => `${whole <= 0 ? 0 : Math.min(100, (100 * amount) / whole)}%`;
  const words = [
    ...parts.map(({ name, amount }) => `${name} ${amount}`),
    ...marks.map(({ name, at }) => `${name} at ${at}`),
  ];
  return (
    <figure className={marks.length > 1 ? `${classes.figure} ${classes.twoRows}` : classes.figure}>
      <figcaption className="unseen">
        {label}: {words.join(", ")}, of {whole}
      </figcaption>
      <div aria-hidden="true" className={classes.bar}>
        {parts.map(({ name, amount, tone }) => (
          <div
            key={name}
            className={`${classes.part} ${classes[tone]}`}
            style={{ width: share(amount) }}
            title={`${name} ${amount}`}
          />
        ))}
        {marks.map(({ name, at, dashed }, row) => (
          <div
            key={name}
            className={dashed === true ? `${classes.mark} ${classes.dashed}` : classes.mark}
            style={{ left: share(at) }}
          >
            <span className={nameClass(at > whole * 0.7, row > 0)}>{name}</span>
          </div>
        ))}
      </div>
    </figure>
  );
};
