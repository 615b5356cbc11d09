export * from "./canonical-json.ts";
export * from "./decider.ts";
export * from "./ids.ts";
export * from "./log-entry.ts";
export * from "./nkey.ts";
export * from "./recorded-event.ts";
export * from "./rejection.ts";
export * from "./time.ts";
