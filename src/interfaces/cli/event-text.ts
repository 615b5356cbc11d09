import { printable } from "./output.ts";

/** What the log and the feed both tell of an event. */
export interface EventLine {
  readonly time: string;
  readonly position: string;
  readonly aggregate: string;
  readonly id: string;
  readonly version: string;
  readonly type: string;
  readonly actor: string;
  readonly data: unknown;
}

const dataLength = 100;

/** An event on one line: when, what, by whom, and the beginning of its data. */
export const eventText = ({ time, position, aggregate, id, version, type, actor, data }: EventLine): string => {
  const json = printable(JSON.stringify(data));
  const short = json.length > dataLength ? `${json.slice(0, dataLength)}…` : json;
  return `${time}  ${position.padStart(6)}  ${aggregate}.${id}.${version}  ${type}  by ${actor}  ${short}`;
};
