import { batchTickResponse, leaseBatchResponse, type BatchWork } from "#lib/contracts/batch.ts";
import { z } from "zod";
import type { BatchLine } from "../batch/batch-worker.ts";

/** One call to the control plane under `/api/runtime/v1`. */
export type ControlCall = (method: string, path: string, init: { readonly json?: unknown; readonly text?: string; readonly headers?: Readonly<Record<string, string>>; readonly timeoutMs?: number }) => Promise<Response>;

const TRANSFER_TIMEOUT_MS = 120_000;
const pathOf = ({ jobId, index }: BatchWork): string => `/batch/${jobId}/${index}`;

/** Batch work over the line to the control plane. */
export function createBatchLine(call: ControlCall): BatchLine {
  return {
    leaseBatch: async (bootId) => leaseBatchResponse.parse(await (await call("POST", "/batch/lease", { json: { bootId } })).json()).work,
    tickBatch: async (work, bootId, rowsDone) => {
      const response = await call("POST", `${pathOf(work)}/tick`, { json: { bootId, leaseToken: work.leaseToken, rowsDone } });
      return batchTickResponse.parse(await response.json()).goOn;
    },
    sendBatchPart: async (text) => {
      const headers = { "content-type": "application/octet-stream" };
      const response = await call("POST", "/batch/parts", { text, headers, timeoutMs: TRANSFER_TIMEOUT_MS });
      return z.object({ digest: z.string() }).parse(await response.json()).digest;
    },
    reportBatch: async (work, result) => {
      await (await call("POST", `${pathOf(work)}/result`, { json: result })).arrayBuffer();
    },
    readArtifact: async (digest, start, end) => {
      const headers = { range: `bytes=${start}-${end - 1}` };
      const response = await call("GET", `/artifacts/${encodeURIComponent(digest)}`, { headers, timeoutMs: TRANSFER_TIMEOUT_MS });
      const bytes = Buffer.from(await response.arrayBuffer());
      const from = response.status === 206 ? bytes : bytes.subarray(start, end);
      if (from.length !== end - start) throw new Error("The control plane sent another part of the file than was asked for.");
      return from;
    },
  };
}
