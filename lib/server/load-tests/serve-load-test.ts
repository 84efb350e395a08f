import { inputContract } from "#lib/contracts/artifact.ts";
import type { LoadTestWork } from "#lib/contracts/load-test.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import { seededRequest } from "#lib/domain/contract/seeded-request.ts";
import { AppError } from "#lib/domain/errors.ts";
import { LOAD_FACTORS, WARM_UP_SECONDS } from "#lib/domain/load-test/stages.ts";
import { authorise } from "../access.ts";
import { LOAD_TEST_LEASE_SECONDS } from "../db/load-test-work.ts";
import type { LoadTestRecord } from "../db/load-test-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";

/** Requests that are made from a contract when nothing was recorded: enough that no cache answers for the model. */
const MADE = 64;

function requestOf(golden: unknown): unknown {
  return typeof golden === "object" && golden !== null && "request" in golden ? golden.request : golden;
}

function requestsFor({ settings }: LoadTestRecord, { golden, signature, contract }: VersionRecord): Pick<LoadTestWork, "requests" | "source"> {
  if (settings.requests !== null) return { requests: settings.requests, source: "recorded" };
  if (golden.length > 0) return { requests: golden.map(requestOf), source: "golden" };
  const [inputs, rules] = [modelSignature.parse(signature), inputContract.parse(contract)];
  return { requests: Array.from({ length: MADE }, (_, seed) => seededRequest(inputs, rules, seed + 1)), source: "generated" };
}

/** The next load test for this boot with all it needs, or none. */
export const leaseLoadTest =
  (store: Store) =>
  async (actor: Actor, bootId: string): Promise<{ work: LoadTestWork | null }> => {
    authorise(actor, "runtime:serve", null);
    const leased = await store.telemetry(async (telemetry) => {
      const known = await telemetry.runtimes.touchRuntime(bootId);
      if (known === null) throw new AppError("conflict", "This process start is not known here.", { hint: "Register, then ask again." });
      return telemetry.loadTestWork.leaseLoadTest(bootId, newId());
    });
    if (leased === null) return { work: null };
    return store.readSnapshot(async (db) => {
      const test = await db.loadTests.getLoadTest({ id: leased.loadTestId });
      const [endpoint, version] = await Promise.all([db.endpoints.getEndpoint({ id: test.endpointId }), db.models.getVersionById(test.versionId)]);
      const { ratePerSecond, seconds } = test.settings;
      return {
        work: {
          ...leased,
          number: test.number,
          leaseSeconds: LOAD_TEST_LEASE_SECONDS,
          endpointName: endpoint.name,
          versionId: version.id,
          versionName: version.name,
          ratePerSecond,
          seconds,
          factors: [...LOAD_FACTORS],
          warmUpSeconds: WARM_UP_SECONDS,
          ...requestsFor(test, version),
        },
      };
    });
  };

/** Renews a lease and notes progress. False: stop. */
export const tickLoadTest =
  (store: Store) =>
  async (actor: Actor, loadTestId: string, tick: { bootId: string; leaseToken: string; sent: number }): Promise<{ goOn: boolean }> => {
    authorise(actor, "runtime:serve", null);
    return store.telemetry(async (telemetry, _now, publish) => {
      await telemetry.runtimes.touchRuntime(tick.bootId);
      const goOn = await telemetry.loadTestWork.renewLoadTest({ loadTestId, leaseToken: tick.leaseToken, sent: tick.sent });
      if (goOn) await publish([`load_test:${loadTestId}`]);
      return { goOn };
    });
  };
