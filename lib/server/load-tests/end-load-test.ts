import { z } from "zod";
import { loadTestResult } from "#lib/contracts/load-test.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { recordFacts } from "../governance/record-facts.ts";
import { systemActor } from "../ports.ts";
import type { Store } from "../store.ts";
import { LOAD_TEST_PRODUCER, loadTestedFact, verdictOfTest } from "./load-test-facts.ts";
import { locateLoadTest } from "./locate-load-test.ts";

/** Takes what came of a load test, once and only from the holder of its lease: the figures, and what they prove as evidence of the version. */
export const recordLoadTest = command({
  name: "record-load-test",
  permission: "runtime:serve",
  input: z.strictObject({ loadTestId: z.uuid(), result: loadTestResult }),
  locate: ({ tx, input: { loadTestId } }) => locateLoadTest(tx, { id: loadTestId }),
  async run({ tx, input: { loadTestId, result }, now, located: { test, endpoint, version, targets } }) {
    const { leaseToken, report, problem } = result;
    const startedAt = await tx.loadTestWork.leaseBegan({ loadTestId, leaseToken });
    if (test.state !== "open" || startedAt === null) return unchanged({ accepted: false });
    const verdict = report === null ? null : verdictOfTest(report, test);
    if (report === null || verdict === null || verdict.inconclusive !== null) {
      const why = verdict?.inconclusive ?? problem ?? "The runtime did not say why.";
      await tx.loadTests.endLoadTest(test, { state: "failed", startedAt, finishedAt: now, problem: why, ...(report === null ? {} : { report }) });
      return { result: { accepted: true }, audit: { action: "load_test.failed", targets, reason: why, after: { state: "failed" } } };
    }
    await tx.loadTests.endLoadTest(test, { state: "succeeded", startedAt, finishedAt: now, report });
    const { digest: configurationDigest } = await tx.runtimeConfigurations.configurationOf(endpoint.id);
    const fact = loadTestedFact({ test, endpoint, version, report, measuredAt: now, configurationDigest });
    const facts = await recordFacts(tx, [fact], { ...LOAD_TEST_PRODUCER, targets, now });
    const { headroom, faults } = verdict;
    return { result: { accepted: true }, audit: [{ action: "load_test.succeeded", targets, after: { state: "succeeded", headroom, faults: [...faults], report: contentDigest(asJson(report)) } }, ...facts] };
  },
});

/** Ends a load test before it is through; the runtime that carries it out stops within seconds. */
export const cancelLoadTest = command({
  name: "cancel-load-test",
  permission: "endpoint:load_test",
  input: z.strictObject({ number: z.number().int().positive(), reason: z.string().trim().max(2000).nullable().default(null) }),
  locate: ({ tx, input: { number } }) => locateLoadTest(tx, { number }),
  async run({ tx, input: { number, reason }, now, located: { test, targets } }) {
    if (test.state === "cancelled") return unchanged({ number, state: test.state });
    if (test.state !== "open") throw new AppError("illegal_transition", `Load test ${number} has ended.`);
    await tx.loadTests.endLoadTest(test, { state: "cancelled", startedAt: test.startedAt, finishedAt: now, problem: reason ?? "Cancelled." });
    return { result: { number, state: "cancelled" as const }, audit: { action: "load_test.cancelled", targets, reason, after: { state: "cancelled" } } };
  },
});

const giveUp = command({
  name: "give-up-load-test",
  permission: "endpoint:load_test",
  input: z.strictObject({ number: z.number() }),
  locate: ({ tx, input: { number } }) => locateLoadTest(tx, { number }),
  async run({ tx, now, located: { test, targets } }) {
    if (test.state !== "open") return unchanged(null);
    const problem = "The runtime that carried it out went silent or started again. Look at its log: the load may be why.";
    await tx.loadTests.endLoadTest(test, { state: "failed", startedAt: null, finishedAt: now, problem });
    return { result: null, audit: { action: "load_test.failed", targets, reason: problem, after: { state: "failed" } } };
  },
});

/** Ends load tests whose runtime is gone. Safe to run anywhere and twice. */
export async function giveUpLostLoadTests(store: Store): Promise<void> {
  for (const number of await store.read((db) => db.loadTestWork.lostLoadTests())) await giveUp(store)(systemActor("Load tests"), { number });
}
