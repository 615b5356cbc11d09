import { Schema } from "effect";
import type { Names } from "../../../contract/names.ts";
import { publishedViews } from "../../../contract/views/mod.ts";
import { AggregateId } from "../../../domain/kernel/mod.ts";
import { refused } from "../answers.ts";

/** One thing that a tab follows: the feed, a view, or one document or aggregate of them. */
export interface Selected {
  /** As the address has it, and the place of the tab: `feed`, `feed/graph`, `graphs`, `graphs/web-shop`. */
  readonly name: string;
  /** The stream in NATS that it is read from. */
  readonly stream: string;
  /** The subject of that stream which it covers. */
  readonly subject: string;
  /** The name of the view; undefined for the feed. */
  readonly view?: string;
}

/** Things that one tab may follow. */
const most = 32;

const isId = Schema.is(AggregateId);
const isAggregate = (text: string): boolean => /^[a-z][a-z0-9-]{0,63}$/.test(text);

const wrong = (message: string) => refused(400, "invalid-command", message, "unknown-selection");

const selected = (names: Names, name: string): Selected => {
  const [first = "", second, ...more] = name.split("/");
  if (more.length > 0) throw wrong(`\`${name}\`: at most one \`/\` is allowed`);
  if (first === "feed") {
    if (second !== undefined && !isAggregate(second)) throw wrong(`\`${name}\`: after \`feed/\` comes an aggregate`);
    const subject = second === undefined ? names.subjects.allFeed : `${names.prefix}.feed.${second}.>`;
    return { name, stream: names.streams.feed, subject };
  }
  if (!Object.hasOwn(publishedViews, first))
    throw wrong(`there is no view \`${first}\`: choose of ${Object.keys(publishedViews).join(", ")}, or \`feed\``);
  if (second !== undefined && !isId(second)) throw wrong(`\`${name}\`: after \`${first}/\` comes the id of a document`);
  const bucket = names.buckets.view(first);
  return { name, stream: `KV_${bucket}`, subject: `$KV.${bucket}.${second ?? ">"}`, view: first };
};

/** Returns what a tab wants to follow, each once, from the values of `follow` in its address. */
export const selectionOf = (names: Names, follow: ReadonlyArray<string>): ReadonlyArray<Selected> => {
  const wanted = [...new Set(follow.flatMap((list) => list.split(",")))].filter((name) => name !== "");
  if (wanted.length === 0) throw wrong("nothing is followed: `?follow=graphs,deployments/shop-1,feed`");
  if (wanted.length > most) throw wrong(`${wanted.length} things are followed: at most ${most} are allowed`);
  return wanted.map((name) => selected(names, name));
};
