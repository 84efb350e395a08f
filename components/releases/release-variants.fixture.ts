import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { iso, START } from "./guard-view.fixture.ts";
import { holdingRelease, open, person, shut } from "./release-view.fixture.ts";

/** The holding release in other states, for the development gallery and component tests. */

const shutAll = Object.fromEntries(
  Object.keys(holdingRelease.actions).map((name) => [name, shut("Not possible now.")]),
) as ReleaseView["actions"];

/** Waits for the viewer's approval; nothing has traffic. */
export const pendingRelease: ReleaseView = {
  ...holdingRelease,
  number: 143,
  state: "PENDING_APPROVAL",
  holdReason: null,
  weightBp: 0,
  stepIndex: 0,
  startedAt: null,
  evidenceSince: null,
  sentence:
    "tumour-triage 3.2.0 is not live yet; 3.1.4 serves all of production. 1 approval is missing, 1 of 2 given.",
  wait: { code: "awaiting_approval", endedBy: "approver", endsAt: null, nextCheckAt: null },
  steps: holdingRelease.steps.map((one) => ({
    ...one,
    phase: "next",
    startedAt: null,
    endedAt: null,
    candidateUnits: 0,
    snapshot: null,
  })),
  guards: [],
  predictions: null,
  traffic: null,
  approvals: {
    ...holdingRelease.approvals,
    given: 1,
    rows: holdingRelease.approvals.rows.slice(1),
    expiresAt: iso(START + 12_000_000),
  },
  actions: {
    ...shutAll,
    approve: open("moderate"),
    reject: open("moderate"),
    rollback: shut("Nothing to roll back: 3.2.0 has no traffic."),
    hold: shut("Not possible while the release is awaiting approval."),
  },
};

/** The order is given; two of three routers have confirmed. */
export const rollingBackRelease: ReleaseView = {
  ...holdingRelease,
  number: 144,
  state: "ROLLING_BACK",
  holdReason: null,
  weightBp: 0,
  sentence:
    "production goes back to tumour-triage 3.1.4. 2 of 3 runtimes have confirmed; waiting for rt-3.",
  wait: { code: "rolling_back", endedBy: "runtime", endsAt: null, nextCheckAt: null },
  actions: { ...shutAll, rollback: shut("It is being rolled back.") },
  stopwatch: {
    orderedAt: iso(START + 1_799_100),
    orderedBy: person("Ines Albrecht", "ML lead"),
    toVersionName: "3.1.4",
    runtimes: [
      { name: "rt-1", state: "drained", acknowledgedMs: 84, drainedMs: 140, lateResponses: 2 },
      {
        name: "rt-2",
        state: "acknowledged",
        acknowledgedMs: 97,
        drainedMs: null,
        lateResponses: 1,
      },
      { name: "rt-3", state: "waiting", acknowledgedMs: null, drainedMs: null, lateResponses: 0 },
    ],
    acknowledgedMs: null,
    drainedMs: null,
    lateResponses: 3,
    finalSentence: null,
    reason: {
      kind: "latency",
      text: "Reporting deadline at 15:00; not waiting for latency.",
      dueAt: null,
    },
  },
};

/** Rolled back in an emergency: measured, reason still owed. */
export const rolledBackRelease: ReleaseView = {
  ...rollingBackRelease,
  number: 145,
  state: "ROLLED_BACK",
  open: false,
  endedAt: iso(START + 1_800_520),
  sentence: "tumour-triage 3.2.0 has no traffic. Nothing is waiting.",
  wait: null,
  actions: { ...shutAll, completeReason: open("mild"), rollback: shut("It has been rolled back.") },
  stopwatch: {
    orderedAt: iso(START + 1_799_100),
    orderedBy: person("Ines Albrecht", "ML lead"),
    toVersionName: "3.1.4",
    runtimes: ["rt-1", "rt-2", "rt-3"].map((name) => ({
      name,
      state: "drained",
      acknowledgedMs: 97,
      drainedMs: 1_420,
      lateResponses: 3,
    })),
    acknowledgedMs: 97,
    drainedMs: 1_420,
    lateResponses: 9,
    finalSentence: "Back on 3.1.4 in 1.42 s; 9 requests reached the candidate after the order.",
    reason: { kind: null, text: null, dueAt: iso(START + 88_199_100) },
  },
};

/** Promoted, baking against the rates from before. */
export const bakingRelease: ReleaseView = {
  ...holdingRelease,
  number: 146,
  state: "BAKING",
  holdReason: null,
  weightBp: 10_000,
  sentence:
    "tumour-triage 3.2.0 takes all of production; 3.1.4 stays loaded. Baking for another 23 h 40 min; roll back takes one message.",
  wait: {
    code: "baking",
    endedBy: "time",
    endsAt: iso(START + 87_000_000),
    nextCheckAt: iso(START + 1_802_000),
  },
  steps: holdingRelease.steps.map((one) => ({
    ...one,
    phase: "done",
    startedAt: one.startedAt ?? iso(START + 960_000),
    endedAt: one.endedAt ?? iso(START + 1_500_000),
  })),
  bake: {
    seconds: 86_400,
    startedAt: iso(START + 600_000),
    endsAt: iso(START + 87_000_000),
    endedAt: null,
    guards: [
      {
        metric: "error",
        name: "Error rate",
        unitNote: "% of requests",
        bad: 31,
        of: 14_020,
        rate: 0.0022,
        referenceRate: 0.0024,
        limitRate: 0.0072,
        word: "CLEAR",
      },
      {
        metric: "wrongLabel",
        name: "Wrong labels",
        unitNote: "% of labels reported",
        bad: 0,
        of: 0,
        rate: null,
        referenceRate: 0.031,
        limitRate: 0.093,
        word: "NO_DATA",
      },
    ],
  },
  actions: { ...shutAll, rollback: open("moderate"), passGate: open("moderate") },
};
