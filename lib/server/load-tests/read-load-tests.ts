import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";
import type { LoadTestListView, LoadTestView } from "#lib/contracts/views/load-test-view.ts";
import type { OpenAct } from "#lib/contracts/views/registry-parts.ts";
import { sayLoad, type LoadVerdict } from "#lib/domain/load-test/judge.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { LoadTestRecord } from "../db/load-test-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { Actor, ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { actIn, closed } from "../registry/views/open-acts.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";
import { placeProblem, requestsOf } from "./create-load-test.ts";
import { validUntil, verdictOfTest } from "./load-test-facts.ts";
import { locateLoadTest } from "./locate-load-test.ts";

const MOST_SHOWN = 50;
const TESTERS = "engineers, ML leads and validators";

const rateText = (rate: number): string => `${rate.toLocaleString("en-GB")} requests/s`;

function sayTest({ state, settings, isTaken, sent, report }: LoadTestRecord, verdict: LoadVerdict | null): string {
  if (state === "cancelled") return "It was cancelled and proves nothing.";
  if (state === "failed") return "It could not be carried out and proves nothing.";
  if (report !== null && verdict !== null) return sayLoad(report, verdict, settings.ratePerSecond);
  return isTaken
    ? `A runtime sends 1, 1.5 and 2 times ${rateText(settings.ratePerSecond)}: ${sent.toLocaleString("en-GB")} of ${requestsOf(settings).toLocaleString("en-GB")} are sent.`
    : "It waits for a runtime that serves the endpoint.";
}

type Around = { readonly endpoint: EndpointRecord; readonly version: VersionRecord; readonly currentDigest: string; readonly actor: Actor };

/** What is known once it is through. */
function resultOf(verdict: LoadVerdict | null, finishedAt: Date | null, areCurrent: boolean): Pick<LoadTestView, "passed" | "headroom" | "isOpenEnded" | "faults" | "evidenceExpiresAt"> {
  if (verdict === null) return { passed: null, headroom: null, isOpenEnded: false, faults: [], evidenceExpiresAt: null };
  const { faults, headroom, isOpenEnded } = verdict;
  const counts = faults.length === 0 && areCurrent && finishedAt !== null;
  return { passed: faults.length === 0, headroom, isOpenEnded, faults: [...faults], evidenceExpiresAt: counts ? validUntil(finishedAt).toISOString() : null };
}

function viewOf(test: LoadTestRecord, { endpoint, version, currentDigest, actor }: Around): LoadTestView {
  const { settings, state, report, finishedAt } = test;
  const verdict = report === null || state !== "succeeded" ? null : verdictOfTest(report, test);
  const areCurrent = test.configurationDigest === currentDigest;
  return {
    number: test.number,
    endpointName: endpoint.name,
    environmentName: endpoint.environment.name,
    modelName: endpoint.modelName,
    versionName: version.name,
    state: state === "open" ? (test.isTaken ? "running" : "waiting") : state,
    say: sayTest(test, verdict),
    ratePerSecond: settings.ratePerSecond,
    seconds: settings.seconds,
    latencyLimitMs: settings.latencyLimitMs,
    sent: report === null ? test.sent : report.stages.reduce((sum, { sent }) => sum + sent, 0),
    toSend: requestsOf(settings),
    ...resultOf(verdict, finishedAt, areCurrent),
    problem: test.problem,
    report,
    limits: { configuration: test.configuration, digest: test.configurationDigest, areCurrent },
    createdBy: test.createdBy,
    createdAt: test.createdAt.toISOString(),
    startedAt: test.startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    mayCancel: state === "open" ? actIn(actor, "endpoint:load_test", endpoint.environment.id, TESTERS) : closed("It has ended."),
  };
}

async function mayTest(db: ReadModels, actor: Actor, endpoint: EndpointRecord, rows: readonly LoadTestRecord[]): Promise<OpenAct> {
  const problem = placeProblem(endpoint);
  if (problem !== null) return closed(problem);
  const release = await db.releases.openReleaseOf(endpoint.id);
  if (release !== null) return closed(`Release ${release.number} is open here; the load would count as its traffic.`);
  if (rows.some(({ state }) => state === "open")) return closed("A load test of this endpoint is not done yet.");
  return actIn(actor, "endpoint:load_test", endpoint.environment.id, TESTERS);
}

/** Load tests of an endpoint, newest first, and whether another one may begin. */
export const listLoadTests = query({
  name: "list-load-tests",
  permission: "endpoint:read",
  of: "one",
  input: z.strictObject({ endpoint: slug }),
  async run({ db, actor, input, now, authorise }): Promise<LoadTestListView> {
    const located = await locateEndpoint(db, { name: input.endpoint });
    authorise(located);
    const { endpoint } = located;
    const tests = await db.loadTests.loadTestsOf(endpoint.id, MOST_SHOWN);
    const ids = new Set([...tests.map(({ versionId }) => versionId), ...(endpoint.stableVersionId === null ? [] : [endpoint.stableVersionId])]);
    const versions = new Map(await Promise.all([...ids].map(async (id) => [id, await db.models.getVersionById(id)] as const)));
    const { digest: currentDigest } = await db.runtimeConfigurations.configurationOf(endpoint.id);
    return {
      asOf: now.toISOString(),
      endpointName: endpoint.name,
      environmentName: endpoint.environment.name,
      stableVersionName: versions.get(endpoint.stableVersionId ?? "")?.name ?? null,
      rows: tests.flatMap((test) => {
        const version = versions.get(test.versionId);
        return version === undefined ? [] : [viewOf(test, { endpoint, version, currentDigest, actor })];
      }),
      mayTest: await mayTest(db, actor, endpoint, tests),
    };
  },
});

/** One load test: how far it is, or its figures. */
export const readLoadTest = query({
  name: "read-load-test",
  permission: "endpoint:read",
  of: "one",
  input: z.strictObject({ number: z.number().int().positive() }),
  async run({ db, actor, input, authorise }): Promise<LoadTestView> {
    const located = await locateLoadTest(db, input);
    authorise(located);
    const { digest: currentDigest } = await db.runtimeConfigurations.configurationOf(located.endpoint.id);
    return viewOf(located.test, { ...located, currentDigest, actor });
  },
});
