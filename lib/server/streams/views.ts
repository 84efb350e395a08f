import { z } from "zod";
import { desiredArm } from "#lib/contracts/runtime-protocol.ts";
import type { NewStreamView, StreamArm, StreamListView, StreamReplay, StreamRow, StreamView } from "#lib/contracts/views/stream-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { SILENT_SECONDS, streamHealth } from "#lib/domain/streams/health.ts";
import { partitionsGoneBack, replayCount, replayRanges } from "#lib/domain/streams/replay.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { StreamRecord } from "../db/stream-repository.ts";
import type { StoredStreamReport } from "../db/stream-reports.ts";
import type { Actor, ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { actFor, actIn, BUILDERS } from "../registry/views/open-acts.ts";
import { locateStream } from "./locate-stream.ts";
import { placesOf } from "./places.ts";
import { sayStream } from "./say-stream.ts";

const RUNNERS = `${BUILDERS} and administrators`;
const REPLAYS_SHOWN = 20;

async function visibleEndpoints(db: ReadModels, actor: Actor): Promise<ReadonlyMap<string, EndpointRecord>> {
  const allowed = environmentsAllowed(actor, "stream:read");
  const all = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
  return new Map(all.map((endpoint) => [endpoint.id, endpoint]));
}

const secondsSince = (at: Date, now: Date): number => (now.getTime() - at.getTime()) / 1000;

function rowOf(stream: StreamRecord, endpoint: EndpointRecord, reports: readonly StoredStreamReport[], now: Date): StreamRow {
  const heard = reports.filter(({ reportedAt }) => secondsSince(reportedAt, now) <= SILENT_SECONDS);
  const places = placesOf(reports);
  const latencies = heard.flatMap(({ report }) => report.latencyMs ?? []);
  return {
    name: stream.name,
    endpointName: endpoint.name,
    environmentName: endpoint.environment.name,
    inputTopic: stream.inputTopic,
    outputTopic: stream.outputTopic,
    health: streamHealth(stream.state, reports.map(({ report, reportedAt }) => ({ state: report.state, secondsAgo: secondsSince(reportedAt, now) }))),
    lag: places.length === 0 ? null : places.reduce((sum, { next, end }) => sum + Math.max(0, end - next), 0),
    recordsPerSecond: heard.reduce((sum, { report }) => sum + report.recordsPerSecond, 0),
    // Of several runtimes the slowest: percentiles do not add up, and nobody waits less than that.
    latencyMs: latencies.length === 0 ? null : { p50: Math.max(...latencies.map(({ p50 }) => p50)), p99: Math.max(...latencies.map(({ p99 }) => p99)) },
    deadLettered: reports.reduce((sum, { report }) => sum + report.deadLettered, 0),
    reportedAt: reports[0]?.reportedAt.toISOString() ?? null,
  };
}

const namedArms = (db: ReadModels, arms: readonly z.output<typeof desiredArm>[]): Promise<StreamArm[]> =>
  Promise.all(arms.map(async ({ arm, versionId, weightBp }) => ({ arm, weightBp, versionName: (await db.models.getVersionById(versionId)).name })));

function rollbackOf({ rollbackSeq: seq, rollbackTo }: StreamRecord, reports: readonly StoredStreamReport[]): StreamView["rollback"] {
  if (rollbackTo === null) return null;
  const { partitions, goneBack } = partitionsGoneBack(seq, rollbackTo, placesOf(reports));
  return { seq, applied: goneBack === partitions, partitions, goneBack };
}

/** Points to go back to, newest first, with what each would answer again. */
async function replaysOf(db: ReadModels, stream: StreamRecord, reports: readonly StoredStreamReport[]): Promise<StreamReplay[]> {
  const points = await db.streamReports.replayPointsOf(stream.id);
  const epochs = [...new Set(points.map(({ epoch }) => epoch))].slice(0, REPLAYS_SHOWN);
  const routes = new Map((await db.streamReports.routesOfEpochs(stream.endpointId, epochs)).map((route) => [route.epoch, route]));
  const places = placesOf(reports);
  return Promise.all(
    epochs.map(async (epoch): Promise<StreamReplay> => {
      const arms = desiredArm.array().parse(routes.get(epoch)?.arms ?? []).filter(({ weightBp }) => weightBp > 0);
      const ranges = replayRanges(points, epoch, places);
      const since = points.filter((point) => point.epoch === epoch).map(({ recordedAt }) => recordedAt.getTime());
      return {
        epoch,
        recordedAt: new Date(Math.min(...since)).toISOString(),
        arms: await namedArms(db, arms),
        records: replayCount(ranges),
        ranges,
      };
    }),
  );
}

/** The page of streams. */
export const readStreamList = query({
  name: "read-stream-list",
  permission: "stream:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<StreamListView> {
    const endpoints = await visibleEndpoints(db, actor);
    const streams = await db.streams.streamsOf([...endpoints.keys()]);
    const rows = await Promise.all(
      streams.map(async (stream) => {
        const endpoint = endpoints.get(stream.endpointId);
        return endpoint === undefined ? [] : [rowOf(stream, endpoint, await db.streamReports.reportsOf(stream.id), now)];
      }),
    );
    return { asOf: now.toISOString(), streams: rows.flat(), mayRun: actFor(actor, "stream:run", RUNNERS) };
  },
});

/** One stream: how far it is, who works on it, and what going back would answer again. */
export const readStream = query({
  name: "read-stream",
  permission: "stream:read",
  of: "one",
  input: z.strictObject({ name: z.string() }),
  async run({ db, actor, input, now, authorise }): Promise<StreamView> {
    const located = await locateStream(db, input.name);
    authorise(located);
    const { stream, endpoint } = located;
    const reports = await db.streamReports.reportsOf(stream.id);
    const row = rowOf(stream, endpoint, reports, now);
    const heard = reports.filter(({ reportedAt }) => secondsSince(reportedAt, now) <= SILENT_SECONDS);
    const sum = (part: "answered" | "shadowed" | "retried"): number => reports.reduce((total, { report }) => total + report[part], 0);
    const route = await db.endpoints.currentRoute(endpoint.id);
    const view = {
      asOf: now.toISOString(),
      stream: row,
      deadLetterTopic: stream.deadLetterTopic,
      shadowTopic: stream.shadowTopic,
      groupId: stream.groupId,
      maxInFlight: stream.maxInFlight,
      state: stream.state,
      createdAt: stream.createdAt.toISOString(),
      createdBy: stream.createdBy,
      arms: await namedArms(db, route?.arms.filter(({ weightBp }) => weightBp > 0) ?? []),
      answered: sum("answered"),
      shadowed: sum("shadowed"),
      retried: sum("retried"),
      partitions: placesOf(reports).map(({ partition, next, end, runtime, reportedAt }) => ({ partition, next, end, lag: Math.max(0, end - next), runtime, reportedAt: reportedAt.toISOString() })),
      runtimes: heard.map(({ runtime, report, reportedAt }) => ({
        runtime,
        state: report.state,
        problem: report.problem,
        reportedAt: reportedAt.toISOString(),
        partitions: report.partitions.length,
      })),
      replays: await replaysOf(db, stream, reports),
      rollback: rollbackOf(stream, reports),
      mayRun: actIn(actor, "stream:run", endpoint.environment.id, RUNNERS),
      mayRollBack: actIn(actor, "release:rollback", endpoint.environment.id, RUNNERS),
    };
    return { ...view, say: sayStream(view) };
  },
});

/** What the form for a stream needs. */
export const readNewStream = query({
  name: "read-new-stream",
  permission: "stream:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<NewStreamView> {
    const endpoints = [...(await visibleEndpoints(db, actor)).values()]
      .filter(({ pattern }) => pattern === "online")
      .map(({ name, environment, modelName }) => ({ name, environmentName: environment.name, modelName }));
    return { asOf: now.toISOString(), endpoints, mayRun: actFor(actor, "stream:run", RUNNERS) };
  },
});
