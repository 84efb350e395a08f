import { z } from "zod";
import { reasonBody } from "#lib/contracts/batch.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { createStreamBody } from "#lib/contracts/streams.ts";
import { streamListView, streamReplay, streamRow, streamView } from "#lib/contracts/views/stream-view.ts";

/** Streams: an endpoint between Kafka topics. */

const none = z.strictObject({});
const named = z.strictObject({ stream: slug });
const maybeReason = z.strictObject({ reason: z.string().trim().max(2000).nullable().default(null) });
const stateOf = z.object({ name: z.string(), state: z.string() });

export const listStreams = operation({
  name: "listStreams",
  method: "GET",
  path: "/api/v1/streams",
  summary: "Streams with their lag, rate and latency",
  permission: "stream:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ data: z.array(streamRow) }),
  status: 200,
});

export const createStream = operation({
  name: "createStream",
  method: "POST",
  path: "/api/v1/streams",
  summary: "Answer the records of a topic by an endpoint, into another topic",
  permission: "stream:run",
  params: none,
  query: none,
  body: createStreamBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 201,
});

export const readStream = operation({
  name: "readStream",
  method: "GET",
  path: "/api/v1/streams/{stream}",
  summary: "A stream: its places in the topic, and for each point it can go back to what would be answered again",
  permission: "stream:read",
  params: named,
  query: none,
  body: null,
  response: streamView,
  status: 200,
});

export const pauseStream = operation({
  name: "pauseStream",
  method: "POST",
  path: "/api/v1/streams/{stream}/pause",
  summary: "Stop answering after what is under way; records wait in the topic",
  permission: "stream:run",
  params: named,
  query: none,
  body: maybeReason,
  response: stateOf,
  status: 200,
});

export const resumeStream = operation({
  name: "resumeStream",
  method: "POST",
  path: "/api/v1/streams/{stream}/resume",
  summary: "Go on from the committed places",
  permission: "stream:run",
  params: named,
  query: none,
  body: maybeReason,
  response: stateOf,
  status: 200,
});

export const rollBackStream = operation({
  name: "rollBackStream",
  method: "POST",
  path: "/api/v1/streams/{stream}/rollback",
  summary: "Send the consumer group back to where an epoch began: the records since are answered again by what has weight now",
  permission: "release:rollback",
  params: named,
  query: none,
  body: reasonBody.extend({ epoch: z.number().int().nonnegative() }),
  response: z.object({ name: z.string(), seq: z.number().int(), records: z.number().int(), ranges: streamReplay.shape.ranges }),
  status: 200,
});

export const viewStreams = operation({
  name: "viewStreams",
  method: "GET",
  path: "/api/v1/views/streams",
  summary: "What the page of streams shows",
  permission: "stream:read",
  params: none,
  query: none,
  body: null,
  response: streamListView,
  status: 200,
});
