import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  jobResult,
  postWindowsRequest,
  registerRuntimeRequest,
  runtimeAcks,
  type DesiredEndpoint,
  type DesiredState,
  type DesiredVersion,
  type JobResult,
  type LeaseJobResponse,
  type RegisterRuntimeRequest,
  type RuntimeAcks,
  type WindowReport,
} from "#lib/contracts/runtime-protocol.ts";
import type { RuntimeSignals } from "#lib/contracts/runtime-telemetry.ts";

/**
 * The control plane's side of the runtime protocol, small and in memory, behind a real HTTP port. It keeps to the contract and nothing else,
 * so that what passes against it speaks the wire as it is written down.
 */
export type ControlServer = {
  readonly url: string;
  readonly token: string;
  /** Puts endpoints and versions as the whole desired state, with the next revision. */
  desire(
    endpoints: readonly DesiredEndpoint[],
    versions: readonly DesiredVersion[],
    also?: Pick<DesiredState, "baselines" | "pinTokens">,
  ): void;
  addArtifact(bytes: Buffer): { digest: string; sizeBytes: number };
  readonly registrations: readonly RegisterRuntimeRequest[];
  /** The newest acks. */
  readonly acks: RuntimeAcks | null;
  /** Waits until the newest acks satisfy the condition. */
  untilAcks(what: string, holds: (acks: RuntimeAcks) => boolean): Promise<RuntimeAcks>;
  /** Waits for a heartbeat whose load figures satisfy the condition. */
  untilSignals(holds: (signals: RuntimeSignals) => boolean): Promise<RuntimeSignals>;
  /** Windows by key, highest seq, with the boot they belong to. */
  readonly windows: ReadonlyMap<string, WindowReport & { readonly bootId: string }>;
  /** From now on, what becomes of each windows message: `lost` before it counts, `unanswered` after it counted, `taken`. */
  faultWindows(next: () => "lost" | "unanswered" | "taken"): void;
  addJob(
    job: Omit<NonNullable<LeaseJobResponse["job"]>, "jobId" | "leaseSeconds">,
  ): Promise<JobResult>;
  /** Refuses every connection until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** How many times an artifact was asked for, and from which offsets. */
  readonly artifactOffsets: readonly number[];
  /** Ends the next artifact transfer after this many bytes. */
  breakNextTransferAfter(bytes: number): void;
  close(): Promise<void>;
};

/** Only a guard against hanging: a machine may be busy. */
const WAIT_MS = 90_000;

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function answer(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, {
    "content-type": status < 400 ? "application/json" : "application/problem+json",
  });
  response.end(document === null ? undefined : JSON.stringify(document));
}

export async function startControlServer(): Promise<ControlServer> {
  const token = `slp_${randomUUID()}`;
  const artifacts = new Map<string, Buffer>();
  const registrations: RegisterRuntimeRequest[] = [];
  let signalWaiters: {
    holds: (signals: RuntimeSignals) => boolean;
    resolve: (signals: RuntimeSignals) => void;
  }[] = [];
  const windows = new Map<string, WindowReport & { bootId: string }>();
  const artifactOffsets: number[] = [];
  const jobs: NonNullable<LeaseJobResponse["job"]>[] = [];
  const jobWaiters = new Map<string, (result: JobResult) => void>();
  let breakAfter: number | null = null;
  let windowFault: () => "lost" | "unanswered" | "taken" = () => "taken";
  let acks: RuntimeAcks | null = null;
  let ackWaiters: (() => void)[] = [];
  let stateWaiters: (() => void)[] = [];
  let state: DesiredState = {
    revision: 1,
    databaseTime: new Date().toISOString(),
    endpoints: [],
    versions: [],
    jobsWaiting: false,
    batchWaiting: false,
  };

  const bump = (change: Partial<DesiredState>): void => {
    state = {
      ...state,
      ...change,
      revision: state.revision + 1,
      databaseTime: new Date().toISOString(),
    };
    const waiting = stateWaiters;
    stateWaiters = [];
    for (const wake of waiting) wake();
  };

  const serveState = async (url: URL, response: ServerResponse): Promise<void> => {
    const revision = Number(url.searchParams.get("revision"));
    const waitMs = Number(url.searchParams.get("waitSeconds")) * 1000;
    if (state.revision === revision) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        stateWaiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
        response.once("close", resolve);
      });
    }
    if (state.revision === revision) answer(response, 204, null);
    else answer(response, 200, state);
  };

  const serveArtifact = (
    digest: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    const bytes = artifacts.get(digest);
    if (bytes === undefined) return answer(response, 404, { title: "No such artifact" });
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    artifactOffsets.push(from);
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": bytes.length - from,
      ...(from > 0 ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (breakAfter !== null && breakAfter < bytes.length) {
      const part = bytes.subarray(from, breakAfter);
      breakAfter = null;
      response.write(part, () => response.destroy());
      return;
    }
    response.end(bytes.subarray(from));
  };

  const takeWindows = (body: unknown, response: ServerResponse): void => {
    const { bootId, windows: reports, signals } = postWindowsRequest.parse(body);
    if (signals !== undefined)
      signalWaiters = signalWaiters.filter(({ holds, resolve }) => {
        if (!holds(signals)) return true;
        resolve(signals);
        return false;
      });
    const fault = windowFault();
    if (fault === "lost") return answer(response, 503, { title: "Try again" });
    for (const report of reports) {
      const { endpointId, versionId, arm, epoch, windowStart } = report;
      const key = [bootId, endpointId, versionId, arm, epoch, windowStart].join(" ");
      const known = windows.get(key);
      if (known === undefined || report.seq > known.seq) windows.set(key, { ...report, bootId });
    }
    if (fault === "unanswered") return void response.destroy();
    answer(response, 200, { accepted: reports.length });
  };
  const takeAcks = (body: unknown, response: ServerResponse): void => {
    const parsed = runtimeAcks.parse(body);
    if (acks === null || acks.bootId !== parsed.bootId || parsed.seq > acks.seq) acks = parsed;
    const waiting = ackWaiters;
    ackWaiters = [];
    for (const wake of waiting) wake();
    answer(response, 200, {});
  };
  const takePost = (path: string, body: unknown, response: ServerResponse): void => {
    const job = /^jobs\/([^/]+)\/result$/.exec(path)?.[1];
    if (path === "register") {
      registrations.push(registerRuntimeRequest.parse(body));
      answer(response, 200, {
        runtimeId: "r1",
        heartbeatSeconds: 5,
        databaseTime: new Date().toISOString(),
      });
    } else if (path === "acks") takeAcks(body, response);
    else if (path === "windows") takeWindows(body, response);
    else if (path === "jobs/lease") {
      answer(response, 200, { job: jobs.shift() ?? null });
      if (jobs.length === 0) state = { ...state, jobsWaiting: false };
    } else if (job !== undefined) {
      jobWaiters.get(job)?.(jobResult.parse(body));
      answer(response, 200, {});
    } else answer(response, 404, { title: "Not found" });
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://control");
    const path = /^\/api\/runtime\/v1\/(.+)$/.exec(url.pathname)?.[1];
    if (path === undefined) return answer(response, 404, { title: "Not found" });
    if (request.headers.authorization !== `Bearer ${token}`)
      return answer(response, 401, { title: "Not signed in" });
    if (request.method === "POST") return takePost(path, await readJson(request), response);
    const digest = /^artifacts\/(.+)$/.exec(path)?.[1];
    if (digest !== undefined) return serveArtifact(decodeURIComponent(digest), request, response);
    const isKnown = registrations.some(({ bootId }) => bootId === url.searchParams.get("bootId"));
    if (!isKnown) return answer(response, 409, { title: "Register first" });
    return serveState(url, response);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      answer(response, 400, { title: String(error) }),
    );
  });
  const listen = (port: number): Promise<AddressInfo> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        if (address !== null && typeof address === "object") resolve(address);
      });
    });
  const close = async (): Promise<void> => {
    for (const wake of stateWaiters) wake();
    stateWaiters = [];
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const { port } = await listen(0);

  return {
    url: `http://127.0.0.1:${port}`,
    token,
    desire: (endpoints, versions, also = {}) =>
      bump({ endpoints: [...endpoints], versions: [...versions], ...also }),
    addArtifact(bytes) {
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      artifacts.set(digest, bytes);
      return { digest, sizeBytes: bytes.length };
    },
    registrations,
    get acks() {
      return acks;
    },
    async untilAcks(what, holds) {
      const untilMs = performance.now() + WAIT_MS;
      while (acks === null || !holds(acks)) {
        const leftMs = untilMs - performance.now();
        if (leftMs <= 0)
          throw new Error(`${what} did not come about; last acks: ${JSON.stringify(acks)}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, leftMs);
          ackWaiters.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
      return acks;
    },
    untilSignals: (holds) =>
      new Promise((resolve) => {
        signalWaiters.push({ holds, resolve });
      }),
    windows,
    faultWindows(next) {
      windowFault = next;
    },
    addJob(job) {
      const jobId = randomUUID();
      const result = new Promise<JobResult>((resolve) => jobWaiters.set(jobId, resolve));
      jobs.push({ ...job, jobId, leaseSeconds: 120 });
      bump({ jobsWaiting: true });
      return result;
    },
    goAway: close,
    async comeBack() {
      await listen(port);
    },
    artifactOffsets,
    breakNextTransferAfter(bytes) {
      breakAfter = bytes;
    },
    close,
  };
}
