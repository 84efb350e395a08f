import type { NewReleaseView } from "#lib/contracts/views/new-release-view.ts";

/** A made-up form for the development gallery and component tests. */
export const newReleaseFixture: NewReleaseView = {
  asOf: "2026-11-23T14:11:30.000Z",
  endpoints: [
    {
      endpointId: "e1",
      name: "tumour-triage",
      environmentName: "production",
      modelName: "tumour-triage",
      stableVersionName: "3.1.4",
      openReleaseNumber: 142,
    },
    {
      endpointId: "e2",
      name: "digits-staging",
      environmentName: "staging",
      modelName: "digits",
      stableVersionName: null,
      openReleaseNumber: null,
    },
  ],
  chosen: {
    endpointId: "e1",
    strategies: [],
    candidates: [
      {
        versionId: "v2",
        versionName: "3.2.0",
        digest: `sha256:${"c27d90e4".repeat(8)}`,
        createdAt: "2026-11-22T10:00:00.000Z",
        authorName: "Priya Nair",
        blockers: [],
      },
      {
        versionId: "v3",
        versionName: "3.3.0-rc1",
        digest: `sha256:${"18ab77cd".repeat(8)}`,
        createdAt: "2026-11-23T09:00:00.000Z",
        authorName: "Tomasz Wilk",
        blockers: ["No load profile yet.", "The contract is not sealed."],
      },
    ],
    plan: {},
    steps: [
      { weightBp: 500, dwellSeconds: 600, minUnits: 1000, advance: "no-harm" },
      { weightBp: 1000, dwellSeconds: 600, minUnits: 1000, advance: "no-harm" },
      { weightBp: 2500, dwellSeconds: 900, minUnits: 2000, advance: "safe" },
      { weightBp: 5000, dwellSeconds: 900, minUnits: 2000, advance: "safe" },
    ],
    guards: [
      {
        metric: "error",
        name: "Error rate",
        text: "rolls back when proven over 2 times stable; must be proven below that, or below 1 %, before promotion.",
      },
      {
        metric: "latencyP95",
        name: "p95 latency",
        text: "rolls back when twice as many requests are slower than stable's p95; must be proven below that before promotion.",
      },
    ],
    bakeSeconds: 86_400,
    exposureCapBp: 1000,
    approvalsRequired: 1,
    approverRoles: ["ML Lead", "Validator"],
    rolesNeeded: [],
    requestsPerSecond: 43,
  },
  mayCreate: { open: true, closedBecause: null },
};
