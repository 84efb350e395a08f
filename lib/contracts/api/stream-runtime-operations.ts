import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { streamReport } from "#lib/contracts/streams.ts";

/** What runtimes say of streams. */

const MEBIBYTE = 1_048_576;

export const postStreamReport = operation({
  name: "postStreamReport",
  method: "POST",
  path: "/api/runtime/v1/streams/{streamId}/report",
  summary: "How far a stream is on this runtime, and where it can go back to",
  permission: "runtime:serve",
  params: z.strictObject({ streamId: z.uuid() }),
  query: z.strictObject({}),
  body: streamReport,
  response: z.object({ accepted: z.boolean() }),
  status: 200,
  maxBodyBytes: 4 * MEBIBYTE,
});
