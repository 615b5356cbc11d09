export * from "./event-store.ts";
export * from "./libraries.ts";
export * from "./messaging.ts";
export * from "./storage.ts";
