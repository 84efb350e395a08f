import { z } from "zod";
import {
  desiredState,
  leaseJobResponse,
  registerRuntimeResponse,
  type DesiredState,
  type JobResult,
  type LeaseJobResponse,
  type PostWindowsRequest,
  type RegisterRuntimeRequest,
  type RegisterRuntimeResponse,
  type RuntimeAcks,
} from "#lib/contracts/runtime-protocol.ts";
import type { StreamReport } from "#lib/contracts/streams.ts";
import type { BatchLine } from "../batch/batch-worker.ts";
import type { EvaluationLine } from "../evaluation/evaluation-worker.ts";
import type { LoadTestLine } from "../load-test/load-test-worker.ts";
import type { OpenArtifact } from "../versions/artifact-store.ts";

import { createBatchLine, type ControlCall } from "./batch-line.ts";
import { createEvaluationLine } from "./evaluation-line.ts";
import { createLoadTestLine } from "./load-test-line.ts";

/** The control plane answered, but not with what was asked. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
  /** It does not know this process start: register, then try again. */
  get mustRegister(): boolean {
    return this.status === 404 || this.status === 409;
  }
  /** It will never take this message, however often it is sent. */
  get isRefused(): boolean {
    return this.status === 400 || this.status === 413 || this.status === 415 || this.status === 422;
  }
}

/** The runtime's side of `/api/runtime/v1/`. Every call may fail; callers decide when to try again. */
export type ControlClient = {
  register(request: RegisterRuntimeRequest): Promise<RegisterRuntimeResponse>;
  /** The desired state once its revision differs from the one given; null when nothing changed within the wait. */
  awaitState(
    bootId: string,
    revision: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<DesiredState | null>;
  sendAcks(acks: RuntimeAcks): Promise<void>;
  sendWindows(request: PostWindowsRequest): Promise<void>;
  leaseJob(bootId: string): Promise<LeaseJobResponse>;
  reportJob(jobId: string, result: JobResult): Promise<void>;
  readonly openArtifact: OpenArtifact;
  readonly batch: BatchLine;
  readonly evaluations: EvaluationLine;
  readonly loadTests: LoadTestLine;
  reportStream(streamId: string, report: StreamReport): Promise<void>;
  /** The runtime stops: calls under way are broken off, those to come get two seconds. */
  hurry(): void;
};

const CALL_TIMEOUT_MS = 10_000;
const HURRIED_TIMEOUT_MS = 2000;
const ARTIFACT_STALL_MS = 60_000;

const problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  code: z.string().optional(),
});

async function errorOf(response: Response): Promise<ControlError> {
  const text = await response.text().catch(() => "");
  let said = text.slice(0, 200);
  try {
    const parsed = problem.parse(JSON.parse(text));
    said = parsed.detail ?? parsed.title ?? parsed.code ?? said;
  } catch {
    // Not problem+json: the text has to do.
  }
  return new ControlError(
    response.status,
    `The control plane answered ${response.status}: ${said}`,
  );
}

/** Chunks of a response body; fails when none comes for a minute. */
async function* chunksOf(
  body: AsyncIterable<Uint8Array>,
  abort: AbortController,
): AsyncGenerator<Uint8Array> {
  let timer = setTimeout(() => abort.abort(), ARTIFACT_STALL_MS);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), ARTIFACT_STALL_MS);
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** `onContact` is told of every answer that shows the control plane alive and willing. */
export function createControlClient(
  baseUrl: string,
  token: string,
  onContact: () => void,
): ControlClient {
  const root = `${baseUrl}/api/runtime/v1`;
  const authorization = `Bearer ${token}`;
  let unhurried = new AbortController();
  let longestMs = Number.POSITIVE_INFINITY;

  const send = async (
    method: string,
    path: string,
    init: Parameters<ControlCall>[2],
    signal?: AbortSignal,
  ): Promise<Response> => {
    const { json, text, headers, timeoutMs = CALL_TIMEOUT_MS } = init;
    const limits = [AbortSignal.timeout(Math.min(timeoutMs, longestMs)), unhurried.signal];
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(root + path, {
      method,
      headers: {
        authorization,
        accept: "application/json",
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any(signal === undefined ? limits : [...limits, signal]),
      redirect: "error",
    });
    if (!response.ok) throw await errorOf(response);
    onContact();
    return response;
  };
  const call = (
    method: string,
    path: string,
    json: unknown,
    timeoutMs = CALL_TIMEOUT_MS,
    signal?: AbortSignal,
  ): Promise<Response> => send(method, path, { json, timeoutMs }, signal);
  const post = async (path: string, body: unknown): Promise<Response> => call("POST", path, body);

  const batch = createBatchLine(send);
  return {
    batch,
    evaluations: createEvaluationLine(send, batch),
    loadTests: createLoadTestLine(send),
    hurry() {
      longestMs = HURRIED_TIMEOUT_MS;
      unhurried.abort();
      unhurried = new AbortController();
    },
    register: async (request) =>
      registerRuntimeResponse.parse(await (await post("/register", request)).json()),
    async awaitState(bootId, revision, waitSeconds, signal) {
      const query = new URLSearchParams({
        bootId,
        revision: String(revision),
        waitSeconds: String(waitSeconds),
      });
      const response = await call(
        "GET",
        `/state?${query.toString()}`,
        undefined,
        (waitSeconds + 10) * 1000,
        signal,
      );
      if (response.status === 204) return null;
      return desiredState.parse(await response.json());
    },
    async reportStream(streamId, report) {
      await (await post(`/streams/${streamId}/report`, report)).arrayBuffer();
    },
    async sendAcks(acks) {
      await (await post("/acks", acks)).arrayBuffer();
    },
    async sendWindows(request) {
      await (await post("/windows", request)).arrayBuffer();
    },
    leaseJob: async (bootId) =>
      leaseJobResponse.parse(await (await post("/jobs/lease", { bootId })).json()),
    async reportJob(jobId, result) {
      await (await post(`/jobs/${encodeURIComponent(jobId)}/result`, result)).arrayBuffer();
    },
    async openArtifact(digest, offset) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), CALL_TIMEOUT_MS);
      const response = await fetch(`${root}/artifacts/${encodeURIComponent(digest)}`, {
        headers: { authorization, ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
        signal: AbortSignal.any([abort.signal, unhurried.signal]),
        redirect: "error",
      }).finally(() => clearTimeout(timer));
      if (!response.ok) throw await errorOf(response);
      onContact();
      if (response.body === null)
        throw new ControlError(
          response.status,
          "The control plane sent an artifact without bytes.",
        );
      const from =
        response.status === 206
          ? Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1])
          : 0;
      return { offset: from, body: chunksOf(response.body, abort) };
    },
  };
}
