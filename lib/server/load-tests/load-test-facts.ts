import type { LoadTestReport } from "#lib/contracts/load-test.ts";
import { judgeLoad, memoryNeeded, sayLoad, type LoadVerdict } from "#lib/domain/load-test/judge.ts";
import { asJson } from "../content-digest.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { LoadTestRecord } from "../db/load-test-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { NewFact } from "../governance/record-facts.ts";
import { versionSubject } from "../governance/subjects.ts";

export const LOAD_TEST_PRODUCER = { producer: "Load test", producerVersion: "load-test/1" } as const;

const VALID_DAYS = 90;
const DAY_MS = 86_400_000;

/** Until when what was measured at this moment counts: machines and traffic change. */
export const validUntil = (measuredAt: Date): Date => new Date(measuredAt.getTime() + VALID_DAYS * DAY_MS);

export const verdictOfTest = (report: LoadTestReport, { settings, configuration }: Pick<LoadTestRecord, "settings" | "configuration">): LoadVerdict =>
  judgeLoad(report, { latencyLimitMs: settings.latencyLimitMs, memoryLimitBytes: configuration.hosts.memoryLimitBytes });

type Done = {
  readonly test: LoadTestRecord;
  readonly endpoint: EndpointRecord;
  readonly version: Pick<VersionRecord, "id" | "digest">;
  readonly report: LoadTestReport;
  readonly measuredAt: Date;
  /** The runtime configuration in force now. Another than the one that was tested, and the fact no longer counts. */
  readonly configurationDigest: string;
};

/** What a load test proves of its version: what it held, with which limits, and how much is left above the planned rate. */
export function loadTestedFact({ test, endpoint, version, report, measuredAt, configurationDigest }: Done): NewFact {
  const verdict = verdictOfTest(report, test);
  const [planned] = report.stages;
  const { limits, hosts } = test.configuration;
  return {
    kind: "load_test_profile",
    subject: versionSubject(version),
    summary: [sayLoad(report, verdict, test.settings.ratePerSecond), ...verdict.faults.slice(verdict.headroom === 0 ? 1 : 0)].join(" "),
    expiresAt: validUntil(measuredAt),
    details: {
      loadTest: test.number,
      endpoint: endpoint.name,
      environment: endpoint.environment.name,
      runtime: report.runtimeName,
      hardware: report.hardware,
      inputs: report.source,
      runs: report.stages.reduce((sum, { sent }) => sum + sent, 0),
      plannedPerSecond: test.settings.ratePerSecond,
      headroom: verdict.headroom,
      latencyMsP95: planned?.latencyMsP95 ?? null,
      latencyMsP99: planned?.latencyMsP99 ?? null,
      latencyLimitMs: test.settings.latencyLimitMs,
      // Whatever kept the planned rate from being held counts, a rate that was not reached and a p99 past its limit too.
      errors: verdict.faults.length === 0 ? 0 : Math.max(1, (planned?.failed ?? 0) + (planned?.refused ?? 0)),
      peakMemoryBytes: Math.max(0, ...report.stages.map(({ peakMemoryBytes }) => peakMemoryBytes ?? 0)),
      memoryNeededBytes: memoryNeeded(report.stages),
      memoryLimitBytes: hosts.memoryLimitBytes,
      memoryLimitEvents: report.hostRestarts,
      limits: asJson({ ...limits, hosts: hosts.count }),
      stages: asJson(report.stages),
      testedConfigurationDigest: test.configurationDigest,
      configurationDigest,
    },
  };
}
