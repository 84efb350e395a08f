import { createHash } from "node:crypto";
import { z } from "zod";
import {
  checkInResponse,
  DEVICE_PROOF_HEADER,
  deviceCountsResponse,
  enrolDeviceResponse,
  type CheckInResponse,
  type DeviceCounts,
  type DeviceCountsResponse,
  type DeviceReport,
} from "#lib/contracts/edge.ts";
import { artifactSubject, checkInSubject, countsSubject, deviceProofText } from "#lib/domain/edge/device-proof.ts";
import { ControlError } from "../control/control-client.ts";
import type { OpenArtifact } from "../versions/artifact-store.ts";
import type { DeviceIdentity, Joined } from "./identity.ts";

const CALL_TIMEOUT_MS = 20_000;
/** No chunk of a download for this long: the connection is given up, the next try goes on where it stopped. */
const STALL_MS = 60_000;
const CLOCK_FAR_OFF_MS = 60_000;

const problem = z.object({ detail: z.string().optional(), title: z.string().optional(), databaseTimeMs: z.number().optional(), revokedAt: z.string().optional() });

/** The control plane takes nothing from this device any more. */
export class RevokedError extends ControlError {}

/** The device's side of `/api/runtime/v1/devices/`. Every call may fail; callers decide when to try again. */
export type DeviceLine = {
  enrol(identity: DeviceIdentity, device: { code: string; name: string; hardware: string }): Promise<Joined>;
  checkIn(identity: DeviceIdentity, report: DeviceReport): Promise<CheckInResponse>;
  sendCounts(identity: DeviceIdentity, batch: DeviceCounts): Promise<DeviceCountsResponse>;
  openArtifact(identity: DeviceIdentity): OpenArtifact;
  /** The control plane's time as far as it is known. */
  nowMs(): number;
  /** The same for what is counted: this clock's own time while it is not far off, so that it runs evenly. */
  countingMs(): number;
  /** Breaks off what is under way, for good. */
  close(): void;
};

async function* chunksOf(body: AsyncIterable<Uint8Array>, abort: AbortController): AsyncGenerator<Uint8Array> {
  let timer = setTimeout(() => abort.abort(), STALL_MS);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), STALL_MS);
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
  }
}

export function createDeviceLine(controlUrl: string): DeviceLine {
  const root = `${controlUrl}/api/runtime/v1/devices`;
  const closed = new AbortController();
  /** A device that was off for weeks may have lost the time; the control plane says it. */
  let clockOffsetMs = 0;
  const nowMs = (): number => Date.now() + clockOffsetMs;
  const countingMs = (): number => (Math.abs(clockOffsetMs) > CLOCK_FAR_OFF_MS ? nowMs() : Date.now());

  const refuse = async (response: Response): Promise<never> => {
    const text = (await response.text().catch(() => "")).slice(0, 2000);
    const parsed = problem.safeParse(((): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        return {};
      }
    })());
    if (parsed.success && parsed.data.databaseTimeMs !== undefined) clockOffsetMs = parsed.data.databaseTimeMs - Date.now();
    const said = parsed.data?.detail ?? parsed.data?.title ?? text.slice(0, 200);
    const Refusal = parsed.data?.revokedAt === undefined ? ControlError : RevokedError;
    throw new Refusal(response.status, `The control plane answered ${response.status}: ${said}`);
  };
  const proof = ({ joined, sign }: DeviceIdentity, subject: string): Record<string, string> => {
    if (joined === null) throw new Error("This device has not joined yet.");
    const atMs = nowMs();
    return { [DEVICE_PROOF_HEADER]: `${joined.deviceId}.${atMs}.${sign(deviceProofText(joined.deviceId, atMs, subject)).toString("base64url")}` };
  };
  const post = async (path: string, body: unknown, headers: Record<string, string>): Promise<unknown> => {
    const response = await fetch(root + path, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(CALL_TIMEOUT_MS), closed.signal]),
      redirect: "error",
    });
    return response.ok ? response.json() : refuse(response);
  };

  const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

  return {
    nowMs,
    countingMs,
    close: () => closed.abort(),
    async enrol({ publicKey, sign }, { code, name, hardware }) {
      const signature = sign(code).toString("base64");
      return enrolDeviceResponse.parse(await post("/enrol", { code, name, hardware, publicKey, signature }, {}));
    },
    async checkIn(identity, report) {
      const text = JSON.stringify(report);
      const answer = checkInResponse.parse(await post("/check-in", { report: text }, proof(identity, checkInSubject(digestOf(text)))));
      clockOffsetMs = answer.databaseTimeMs - Date.now();
      return answer;
    },
    async sendCounts(identity, batch) {
      const text = JSON.stringify(batch);
      return deviceCountsResponse.parse(await post("/counts", { batch: text }, proof(identity, countsSubject(digestOf(text)))));
    },
    openArtifact: (identity) => async (digest, offset) => {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), CALL_TIMEOUT_MS);
      const response = await fetch(`${root}/artifacts/${encodeURIComponent(digest)}`, {
        headers: { ...proof(identity, artifactSubject(digest)), ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
        signal: AbortSignal.any([abort.signal, closed.signal]),
        redirect: "error",
      }).finally(() => clearTimeout(timer));
      if (!response.ok || response.body === null) return refuse(response);
      const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
      return { offset: response.status === 206 ? Number(range?.[1]) : 0, body: chunksOf(response.body, abort) };
    },
  };
}
