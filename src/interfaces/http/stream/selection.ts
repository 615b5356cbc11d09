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

/**
 * What nothing keeps, and is heard while it comes: the output of a deployment's programs, talk about a draft, or only who
 * has which draft open.
 */
export interface Heard {
  readonly kind: "output" | "draft" | "presence";
  /** `output/shop-1`, `drafts/shop-v12-k3f9`, `drafting`. */
  readonly name: string;
  readonly subject: string;
}

/** What a tab wants: what it follows from a place, and what it hears. */
export interface Selection {
  readonly followed: ReadonlyArray<Selected>;
  readonly heard: ReadonlyArray<Heard>;
}

/** Things that one tab may follow. */
const most = 64;

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

/** Who has which draft open. */
const drafting = "drafting";

const isHeard = (name: string): boolean =>
  name === drafting || name.startsWith("output/") || name.startsWith("drafts/");

const heard = (names: Names, name: string): Heard => {
  if (name === drafting) return { kind: "presence", name, subject: names.subjects.draft("*", "*") };
  const [first, ...rest] = name.split("/");
  const id = rest.join("/");
  if (!isId(id))
    throw wrong(`\`${name}\`: after \`${first}/\` comes the id of a ${first === "output" ? "deployment" : "draft"}`);
  return first === "output"
    ? { kind: "output", name, subject: names.subjects.output("*", id) }
    : { kind: "draft", name, subject: names.subjects.draft("*", id) };
};

/** Returns what a tab wants to follow, each once, from the values of `follow` in its address. */
export const selectionOf = (names: Names, follow: ReadonlyArray<string>): Selection => {
  const wanted = [...new Set(follow.flatMap((list) => list.split(",")))].filter((name) => name !== "");
  if (wanted.length === 0) throw wrong("nothing is followed: `?follow=graphs,deployments/shop-1,feed`");
  if (wanted.length > most) throw wrong(`${wanted.length} things are followed: at most ${most} are allowed`);
  return {
    followed: wanted.filter((name) => !isHeard(name)).map((name) => selected(names, name)),
    heard: wanted.filter(isHeard).map((name) => heard(names, name)),
  };
};
