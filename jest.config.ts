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
  // Modules of ended test files stay in a worker's heap. Without a limit, after some 300 files a worker does little else
  // than collect garbage, and then ends for want of memory.
  workerIdleMemoryLimit: "1GB",
  // A bound for what hangs, not for what is slow: a busy machine makes any test ten times as long.
  testTimeout: 400_000,
};

export default config;
