import type { Config } from "jest";

const shared = {
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { target: "es2024", parser: { syntax: "typescript" } },
        module: { type: "es6" },
      },
    ],
  },
} satisfies Config;

const project = (name: string, extra: Config = {}) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  ...extra,
});

const config: Config = {
  projects: [
    project("unit"),
    project("integration"),
    project("end-to-end"),
    project("chaos"),
    project("browser"),
  ] as never,
  maxWorkers: 2,
  // A bound for what hangs, not for what is slow: a busy machine makes any test ten times as long.
  testTimeout: 400_000,
};

export default config;
