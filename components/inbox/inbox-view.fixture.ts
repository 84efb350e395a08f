import type { InboxItem, InboxView } from "#lib/contracts/views/inbox-view.ts";

/** A made-up inbox for the development gallery and component tests. */

const item = (over: Partial<InboxItem>): InboxItem => ({
  kind: "held",
  releaseId: "r142",
  number: 142,
  rowVersion: 3,
  state: "HOLDING",
  holdReason: "UNDECIDED",
  title: "tumour-triage 3.2.0, 25 % of production",
  say: "tumour-triage 3.2.0 takes 25 % of production. Holding at step 3 of 4 for 4 min: p95 latency is undecided. Candidate is at 1.62 times stable (band 1.21 to 2.19), limit 2. About 2,100 more keys, 3 min 30 s at the present rate, will settle it.",
  sinceWord: "since",
  since: "2026-11-23T14:07:30.000Z",
  gauge: {
    name: "p95 latency",
    band: { estimate: 1.62, low: 1.21, high: 2.19 },
    limits: { upper: 2, lower: null },
  },
  steps: [],
  stableVersionName: "3.1.4",
  endpointName: "tumour-triage",
  environmentName: "production",
  demo: true,
  rollback: { open: true, closedBecause: null, severity: "moderate" },
  ...over,
});

const firstSteps: InboxView["firstSteps"] = [
  {
    key: "watch_promote",
    title: "Watch a release promote itself",
    href: "/releases/1",
    done: true,
  },
  { key: "see_rollback", title: "See one rolled back", href: "/releases/2", done: true },
  { key: "read_record", title: "Read its record", href: "/releases/2#log", done: false },
  { key: "register_model", title: "Register your own model", href: "/models/new", done: false },
  { key: "send_prediction", title: "Send a prediction", href: "/endpoints", done: false },
  { key: "invite_reviewer", title: "Invite a reviewer", href: "/settings", done: false },
];

export const inboxFixture: InboxView = {
  asOf: "2026-11-23T14:11:30.000Z",
  firstSteps,
  needsYou: [
    item({}),
    item({
      kind: "approve",
      releaseId: "r143",
      number: 143,
      state: "PENDING_APPROVAL",
      holdReason: null,
      title: "credit-default 2.5.0, to start at 5 % of production",
      say: "credit-default 2.5.0 is not live yet; 2.4.0 serves all of production. 1 approval is missing, 1 of 2 given.",
      sinceWord: "asked",
      since: "2026-11-23T12:48:00.000Z",
      gauge: null,
      rollback: { open: false, closedBecause: "Nothing to roll back.", severity: "moderate" },
    }),
  ],
  alerts: [],
  moving: [
    item({
      kind: "moving",
      releaseId: "r141",
      number: 141,
      state: "STEP_ACTIVE",
      holdReason: null,
      title: "digits 1.9.0, 50 % of production",
      say: "digits 1.9.0 takes 50 % of production. Step 4 of 4: minimum time at this step, 4 min left.",
      sinceWord: "started",
      since: "2026-11-23T13:12:00.000Z",
      gauge: {
        name: "Error rate",
        band: { estimate: 0.94, low: 0.7, high: 1.43 },
        limits: { upper: 2, lower: null },
      },
      steps: [
        { weightBp: 500, phase: "done", progress: 1 },
        { weightBp: 1000, phase: "done", progress: 1 },
        { weightBp: 2500, phase: "done", progress: 1 },
        { weightBp: 5000, phase: "now", progress: 0.6 },
        { weightBp: 10_000, phase: "next", progress: 0 },
      ],
    }),
  ],
  decided: [
    item({
      kind: "decided",
      releaseId: "r140",
      number: 140,
      state: "ROLLED_BACK",
      holdReason: null,
      title: "credit-default 2.4.1, back on 2.4.0 in 1.42 s",
      say: "Rolled back by its own metrics at 10 %: wrong labels 13.2 % against 3.0 % on 2.4.0 (at least 3.1 times, limit 2), after 280 labelled answers of the candidate.",
      sinceWord: "ended",
      since: "2026-11-23T13:31:08.000Z",
      gauge: {
        name: "Wrong labels",
        band: { estimate: 4.4, low: 3.1, high: 6.2 },
        limits: { upper: 2, lower: null },
      },
      rollback: { open: false, closedBecause: "It has been rolled back.", severity: "moderate" },
    }),
  ],
  decidedTotal: 1,
  has: { models: true, endpoints: true, releases: true },
};

export const emptyInboxFixture: InboxView = {
  ...inboxFixture,
  firstSteps: null,
  needsYou: [],
  alerts: [],
  moving: [],
  decided: [],
  decidedTotal: 0,
  has: { models: false, endpoints: false, releases: false },
};
