import { useEffect, useMemo, useRef, useState } from "react";
import { useAt, useTravel } from "../data/at.ts";
import { useQuery } from "../data/query.ts";
import { momentText, useNow } from "../design/age.tsx";
import { Button } from "../design/button.tsx";
import { type Tick, useTicks } from "./ticks.ts";
import classes from "./time-line.module.css";

/** Steps of the slider over the whole line. */
const steps = 2_000;
/** Milliseconds after the last move of the knob at which one travels. */
const rest = 150;
/** Milliseconds that the line shows if nothing has happened. */
const hour = 3_600_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const number = new Intl.NumberFormat("en-US");

/** The time line at the bottom of every page: a knob to travel, and where decisions, deployments and failures were. */
export const TimeLine = () => {
  const at = useAt();
  const travel = useTravel();
  const now = useNow(60_000) + 60_000;
  const ticks = useTicks();
  const counted = { now: true, refresh: ["deployment", "proposal", "graph"], rest: 2_000 };
  const { data: health } = useQuery("audit", "health", {}, counted);
  const begin = Math.min(now - hour, ...ticks.map(({ time }) => time));
  const position = at !== undefined && "position" in at ? at.position : undefined;
  // The last thing that was done until then says when that was.
  const last = useQuery("audit", "list", { order: "newest", limit: 1 }, { enabled: position !== undefined });
  const shown = at === undefined ? now : Date.parse("time" in at ? at.time : (last.data?.items[0]?.updatedAt ?? ""));
  const share = (time: number) => Math.min(1, Math.max(0, (time - begin) / (now - begin)));
  const go = (time: number) => travel({ time: new Date(time).toISOString() });
  return (
    <section className={classes.line} aria-label="Time">
      <p className={classes.where}>
        {at === undefined
          ? `now${health === undefined ? "" : ` · ${number.format(health.checked)}`}`
          : position === undefined
            ? momentText(new Date(shown).toISOString())
            : `position ${number.format(position)}`}
      </p>
      <Step ticks={ticks} from={shown} forward={false} go={go} />
      <div className={classes.rail}>
        <Ticks ticks={ticks} share={share} />
        <Knob
          value={share(Number.isNaN(shown) ? now : shown)}
          timeOf={(part) => begin + part * (now - begin)}
          // The line ends a little after now.
          go={(time) => (time < Date.now() ? go(time) : travel(undefined))}
        />
      </div>
      <Step ticks={ticks} from={shown} forward={true} go={go} />
      <p className={classes.span}>
        {clock.format(begin)} – {clock.format(now)}
      </p>
      {at !== undefined && <Button onClick={() => travel(undefined)}>Now</Button>}
    </section>
  );
};

const tones: { readonly [T in Tick["tone"]]: string | undefined } = {
  moving: classes.moving,
  bad: classes.bad,
  back: classes.back,
  quiet: classes.quiet,
};

/** Where something was. The buttons beside the line lead to the same places by keyboard. */
const Ticks = ({ ticks, share }: { readonly ticks: ReadonlyArray<Tick>; readonly share: (time: number) => number }) => (
  <svg className={classes.ticks} aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 1000 10">
    {ticks.map(({ key, time, tone, name }) => (
      <line key={key} x1={share(time) * 1000} x2={share(time) * 1000} y1="0" y2="10" className={tones[tone]}>
        <title>{name}</title>
      </line>
    ))}
  </svg>
);

const Knob = ({
  value,
  timeOf,
  go,
}: {
  readonly value: number;
  readonly timeOf: (part: number) => number;
  readonly go: (time: number) => void;
}) => {
  const [moved, setMoved] = useState<number>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const part = moved ?? value;
  const move = (next: number) => {
    setMoved(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setMoved(undefined);
      go(timeOf(next));
    }, rest);
  };
  return (
    <input
      type="range"
      className={classes.knob}
      min={0}
      max={steps}
      value={Math.round(part * steps)}
      onChange={({ target }) => move(Number(target.value) / steps)}
      aria-label="Travel in time"
      aria-valuetext={part >= 1 ? "now" : momentText(new Date(timeOf(part)).toISOString())}
    />
  );
};

/** Goes to what happened before or after the moment that is shown. */
const Step = ({
  ticks,
  from,
  forward,
  go,
}: {
  readonly ticks: ReadonlyArray<Tick>;
  readonly from: number;
  readonly forward: boolean;
  readonly go: (time: number) => void;
}) => {
  const next = useMemo(
    () => (forward ? ticks.find(({ time }) => time > from + 500) : ticks.findLast(({ time }) => time < from - 500)),
    [ticks, from, forward],
  );
  return (
    <Button
      kind="quiet"
      disabled={next === undefined}
      onClick={() => next !== undefined && go(next.time)}
      label={next === undefined ? `Nothing happened ${forward ? "after" : "before"} this` : `Go to: ${next.name}`}
    >
      {forward ? "▸" : "◂"}
    </Button>
  );
};
