import type { StreamView } from "#lib/contracts/views/stream-view.ts";

/** A stream in the middle of a canary, for component tests. */
export const runningStream: StreamView = {
  asOf: "2026-11-23T14:11:30.000Z",
  say: "credit answers loans into scores. 1,204 records wait.",
  stream: {
    name: "credit-events",
    endpointName: "credit",
    environmentName: "production",
    inputTopic: "loans",
    outputTopic: "scores",
    health: "running",
    lag: 1204,
    recordsPerSecond: 210.5,
    latencyMs: { p50: 12.3, p99: 84.1 },
    deadLettered: 8,
    reportedAt: "2026-11-23T14:11:29.000Z",
  },
  deadLetterTopic: "loans-dead",
  shadowTopic: null,
  groupId: "credit-events",
  maxInFlight: 64,
  state: "running",
  createdAt: "2026-11-20T09:00:00.000Z",
  createdBy: "Ines Albrecht",
  arms: [
    { arm: "stable", versionName: "1.0.0", weightBp: 9000 },
    { arm: "candidate", versionName: "1.1.0", weightBp: 1000 },
  ],
  answered: 40_392,
  shadowed: 0,
  retried: 1,
  partitions: [
    { partition: 0, next: 20_100, end: 21_304, lag: 1204, runtime: "rt-1", reportedAt: "2026-11-23T14:11:29.000Z" },
    { partition: 1, next: 20_300, end: 20_300, lag: 0, runtime: "rt-2", reportedAt: "2026-11-23T14:11:29.000Z" },
  ],
  runtimes: [
    { runtime: "rt-1", state: "running", problem: null, reportedAt: "2026-11-23T14:11:29.000Z", partitions: 1 },
    { runtime: "rt-2", state: "failing", problem: "The coordinator is not available.", reportedAt: "2026-11-23T14:11:29.000Z", partitions: 1 },
  ],
  replays: [
    {
      epoch: 7,
      recordedAt: "2026-11-23T13:00:00.000Z",
      arms: [{ arm: "candidate", versionName: "1.1.0", weightBp: 1000 }],
      records: 4100,
      ranges: [
        { partition: 0, from: 18_000, to: 20_100, count: 2100 },
        { partition: 1, from: 18_300, to: 20_300, count: 2000 },
      ],
    },
  ],
  rollback: null,
  mayRun: { open: true, closedBecause: null },
  mayRollBack: { open: true, closedBecause: null },
};
