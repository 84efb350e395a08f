import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import { recordFacts } from "../governance/record-facts.ts";
import type { UnitOfWork } from "../ports.ts";
import { LOAD_TEST_PRODUCER, loadTestedFact } from "./load-test-facts.ts";
import { loadTestTargets } from "./locate-load-test.ts";

const LOOKED_AT = 20;

/**
 * Limits were edited after the run: what the newest load test of what is live here proved is said again, now of another configuration, which does not
 * count. Back at the tested configuration it counts again until its own end. Nothing where no test was run.
 */
export async function endLoadTestEvidence(tx: UnitOfWork, endpoint: EndpointRecord, configurationDigest: string, now: Date): Promise<AuditDraft[]> {
  const tests = await tx.loadTests.loadTestsOf(endpoint.id, LOOKED_AT);
  const test = tests.find(({ state, versionId }) => state === "succeeded" && versionId === endpoint.stableVersionId);
  if (test === undefined || test.report === null || test.finishedAt === null) return [];
  const version = await tx.models.getVersionById(test.versionId);
  const fact = loadTestedFact({ test, endpoint, version, report: test.report, measuredAt: test.finishedAt, configurationDigest });
  return recordFacts(tx, [fact], { ...LOAD_TEST_PRODUCER, targets: loadTestTargets(test, endpoint, version), now });
}
