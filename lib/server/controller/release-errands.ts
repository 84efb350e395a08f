import { randomUUID } from "node:crypto";
import { isGoldenAnswer } from "#lib/domain/release/golden-answer.ts";
import type { Release } from "#lib/domain/release/release.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { RuntimeRecord } from "../db/runtime-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { policyActor } from "../ports.ts";
import { profileInputs } from "../registry/record-job-result.ts";
import { recordSmokeTest } from "../releases/record-smoke-test.ts";
import type { Store } from "../store.ts";

const LEASE = "release-errands";
const LEASE_SECONDS = 15;
const ASK_TIMEOUT_MS = 5_000;
/** Inputs asked of each runtime through a preview. */
const MOST_INPUTS = 16;
/** Slices of a second in which a drill's requests are spread. */
const SLICES = 10;
const DRILLING: readonly Release["state"][] = ["WARMING", "STEP_ACTIVE", "HOLDING", "AWAITING_GATE", "ROLLING_BACK"];

type Answer = { readonly status: number; readonly body: unknown; readonly ms: number };

/** One inference at a runtime's public address. Status 0: no answer. */
async function ask(httpUrl: string, endpoint: string, request: unknown, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const startMs = performance.now();
  try {
    const response = await fetch(new URL(`/v2/models/${encodeURIComponent(endpoint)}/infer`, httpUrl), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(request),
      redirect: "error",
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    const body: unknown = await response.json().catch(() => null);
    return { status: response.status, body, ms: performance.now() - startMs };
  } catch {
    return { status: 0, body: null, ms: performance.now() - startMs };
  }
}

const isPreviewed = ({ plan, state, stepIndex }: Release): boolean =>
  plan.strategy === "blue_green" && state === "STEP_ACTIVE" && stepIndex === 0;

/** Asks every runtime through the preview, as a caller would: route, contract, model. */
async function smokeTest(record: ReleaseRecord, version: VersionRecord, runtimes: readonly RuntimeRecord[]) {
  const golden = version.golden.slice(0, MOST_INPUTS);
  const requests = golden.length > 0 ? golden.map(({ request }) => request) : profileInputs(version).slice(0, MOST_INPUTS);
  return Promise.all(
    runtimes.map(async (runtime) => {
      let passed = 0;
      let slowestMs = 0;
      for (const [at, request] of requests.entries()) {
        const answer = await ask(runtime.httpUrl, record.endpointName, request, { "slipway-preview": record.release.id });
        const expected = golden[at];
        const isRight = expected === undefined || isGoldenAnswer(expected.response, answer.body, expected.tolerance);
        if (answer.status === 200 && isRight) passed += 1;
        slowestMs = Math.max(slowestMs, answer.ms);
      }
      return { runtime: runtime.name, passed, total: requests.length, slowestMs: Math.round(100 * slowestMs) / 100 };
    }),
  );
}

export type ReleaseErrands = { round(): Promise<void>; stop(): Promise<void> };

/**
 * What a release needs done outside of the database: golden inputs through a preview, and the requests of a rollback drill.
 * One replica does it, by lease; nothing is decided here, and what is lost by a crash is done again.
 */
export function createReleaseErrands(store: Store, onError: (error: unknown, releaseId: string) => void): ReleaseErrands {
  const holder = randomUUID();
  const record = recordSmokeTest(store);
  const underWay = new Map<string, Promise<void>>();
  let isStopped = false;

  async function previewErrand(release: ReleaseRecord): Promise<void> {
    const known = await store.read((db) => db.evidence.evidenceOf("release", release.release.id));
    if (known.some(({ kind }) => kind === "smoke_test")) return;
    const [version, runtimes] = await sceneOf(release);
    const inForce = runtimes.filter((runtime) => runtime.acks?.endpoints.some(({ endpointId, epoch }) => endpointId === release.release.endpointId && epoch === release.release.stepEpoch));
    if (runtimes.length === 0 || inForce.length < runtimes.length) return;
    const results = await smokeTest(release, version, runtimes);
    await record(policyActor(), { releaseId: release.release.id, inputs: version.golden.length > 0 ? "golden" : "from_contract", results });
  }

  const sceneOf = (release: ReleaseRecord): Promise<[VersionRecord, RuntimeRecord[]]> =>
    store.readSnapshot(async (db, now) => [
      await db.models.getVersionById(release.release.candidateVersionId),
      (await db.runtimes.listRuntimes(now)).filter(({ live }) => live),
    ]);

  /** A second of a drill's traffic, spread evenly, each request a caller of its own. */
  async function drillErrand(release: ReleaseRecord, requestsPerSecond: number): Promise<void> {
    const [version, runtimes] = await sceneOf(release);
    if (runtimes.length === 0 || requestsPerSecond <= 0) return;
    const requests = profileInputs(version);
    const sent: Promise<Answer>[] = [];
    for (let slice = 0; slice < SLICES && !isStopped; slice += 1) {
      const count = Math.round(((slice + 1) * requestsPerSecond) / SLICES) - Math.round((slice * requestsPerSecond) / SLICES);
      for (let n = 0; n < count; n += 1) {
        const at = Math.floor(Math.random() * requests.length);
        const runtime = runtimes[Math.floor(Math.random() * runtimes.length)];
        if (runtime) sent.push(ask(runtime.httpUrl, release.endpointName, requests[at], { "slipway-key": randomUUID() }));
      }
      await new Promise((resolve) => setTimeout(resolve, 1000 / SLICES));
    }
    await Promise.all(sent);
  }

  function errandOf(release: ReleaseRecord): Promise<void> | null {
    const { drill } = release.release.plan;
    if (drill !== undefined && DRILLING.includes(release.release.state)) return drillErrand(release, drill.requestsPerSecond);
    return isPreviewed(release.release) ? previewErrand(release) : null;
  }

  return {
    async round() {
      const token = await store.telemetry((telemetry) => telemetry.leases.holdLease(LEASE, holder, LEASE_SECONDS));
      if (token === null) return;
      for (const releaseId of await store.read((db) => db.releases.releasesWithErrands())) {
        if (underWay.has(releaseId) || isStopped) continue;
        const release = await store.read((db) => db.releases.getRelease({ id: releaseId }));
        const errand = errandOf(release);
        if (errand === null) continue;
        const settled = errand.catch((error: unknown) => onError(error, releaseId)).finally(() => underWay.delete(releaseId));
        underWay.set(releaseId, settled);
      }
    },
    async stop() {
      isStopped = true;
      await Promise.all(underWay.values());
      await store.telemetry((telemetry) => telemetry.leases.releaseLease(LEASE, holder)).catch(() => undefined);
    },
  };
}
