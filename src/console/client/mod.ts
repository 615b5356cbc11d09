/**
 * What a page of the console asks, follows and shows, without any view. It is plain TypeScript, and takes what a browser
 * has (`fetch`, `EventSource`, `BroadcastChannel`, Web Locks) as arguments.
 *
 * `Api` gives commands and asks queries. `Sharing` keeps a `Store` in step with the installation, over one event stream
 * for all tabs.
 */

export { Api, type ApiOptions, type CommandOptions, Refused } from "./api.ts";
export type { DraftTalk, FeedEvent, Frame, Output } from "./frames.ts";
export { type Channel, type Locks, type Message, Sharing, type SharingOptions } from "./sharing.ts";
export { type Liveness, Store } from "./store.ts";
export type { Source } from "./stream.ts";
