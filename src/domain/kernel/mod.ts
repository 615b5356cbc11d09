export * from "./bounds.ts";
export * from "./decider.ts";
export * from "./defined.ts";
export * from "./ids.ts";
export * from "./json.ts";
export * from "./recorded-event.ts";
export * from "./rejection.ts";
export * from "./time.ts";
