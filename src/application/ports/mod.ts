export * from "./event-store.ts";
export * from "./libraries.ts";
export * from "./log-clock.ts";
export * from "./messaging.ts";
export * from "./storage.ts";
