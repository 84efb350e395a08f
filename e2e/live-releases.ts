import { randomUUID } from "node:crypto";
import { expect, type Browser, type Page } from "@playwright/test";
import { z } from "zod";
import { createRelease, getRelease } from "#lib/contracts/api/release-operations.ts";
import { viewNewRelease } from "#lib/contracts/api/view-operations.ts";
import { stagingPolicy, type EnvironmentPolicy, type Strategy } from "#lib/contracts/environment-policy.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { modelOf, readStory } from "../examples/replay.ts";
import { createBackOff } from "../examples/traffic/back-off.ts";
import { createEndpointTraffic } from "../examples/traffic/endpoint-traffic.ts";
import { createRuntimeClient } from "../examples/traffic/runtime-client.ts";
import { newSignInLink, product, slipway } from "./product.ts";

/**
 * Releases on endpoints of a journey's own, between the versions of the digits example that the demo has registered. Callers replay its held-out
 * rows and tell the true digits a moment later. An engineer makes the releases by API; the ML lead in the browser acts on them.
 */

const digits = modelOf(readStory(), "digits");

/** Every strategy, no approval, no evidence, and no bake but the plan's own. */
export const OPEN_POLICY: EnvironmentPolicy = { ...stagingPolicy, requiredEvidence: [], bakeSeconds: 0 };

const REQUESTS_PER_SECOND = 60;
/** A guard against hanging; a release that moves does so within a few seconds. */
const LIMIT_MS = 60_000;

/** Of a plan, what this journey changes. */
const planDocument = z.looseObject({
  steps: z.array(z.looseObject({ weightBp: z.number(), advance: z.string() })),
  guards: z.array(z.looseObject({ metric: z.string() })),
  bakeGuards: z.array(z.looseObject({ metric: z.string() })),
  shadow: z.looseObject({ comparison: z.looseObject({}) }).nullable(),
});
export type PlanDocument = z.output<typeof planDocument>;

/**
 * The environment's own plan of the strategy, for a test's few callers: steps of a second, errors proven below a ceiling that some hundred answers
 * reach, and a latency that two busy cores keep. A shadow sees every request and is judged after a hundred keys.
 */
function quickened(plan: PlanDocument): PlanDocument {
  const isKept = ({ metric }: { readonly metric: string }) => metric === "error" || metric === "latencyP95";
  const last = plan.steps.at(-1);
  const first = { weightBp: 1_000, dwellSeconds: 1, minUnits: 20, advance: "no-harm" };
  const isStepped = last !== undefined && last.weightBp > 0;
  return {
    ...plan,
    steps: isStepped ? [first, { weightBp: 5_000, dwellSeconds: 1, minUnits: 50, advance: last.advance }] : plan.steps,
    guards: plan.guards.filter(isKept).map((guard) => (guard.metric === "error" ? { ...guard, absoluteCeiling: 0.05 } : guard)),
    bakeGuards: plan.bakeGuards.filter(({ metric }) => metric === "error"),
    predictionGuard: null,
    latencyFloorUs: 500_000,
    shadow: plan.shadow === null ? null : { ...plan.shadow, samplingBp: 10_000, dwellSeconds: 1, comparison: { ...plan.shadow.comparison, minUnits: 100 } },
  };
}

export type Callers = {
  start(): void;
  /** Stops them; answers what they met since the start. Every request that got no answer, or another than 200, is in `failed`. */
  stop(): { readonly sent: number; readonly answered: Readonly<Record<string, number>>; readonly failed: number };
};

export type LiveReleases = {
  readonly page: Page;
  /** An endpoint that serves this version of digits, with callers who have been there before. */
  endpoint(name: string, stable: string, environment: string): Promise<Callers>;
  /** A release that the engineer makes by the quickened plan of the strategy, with what is to change in it. Answers its number. */
  release(endpoint: string, version: string, strategy: Strategy, change?: Readonly<Record<string, unknown>>): Promise<number>;
  read(number: number): Promise<ReleaseView>;
  /** The engineer posts this by API. */
  post(path: string, body: unknown): Promise<unknown>;
  /** Waits for the state; says the release's own sentence when it does not come. */
  until(number: number, state: ReleaseView["state"]): Promise<ReleaseView>;
  /** Opens the release's page and waits until it lives. */
  open(number: number): Promise<void>;
  /** One request, as a caller would send it. */
  ask(endpoint: string, headers?: Readonly<Record<string, string>>): Promise<Headers>;
  close(): Promise<void>;
};

const tokenOf = async (role: string): Promise<string> => (await slipway(["token", "create", "--local", "--role", role])).trimEnd().split("\n").at(-1) ?? "";

export async function liveReleases(browser: Browser, environments: Readonly<Record<string, EnvironmentPolicy>>): Promise<LiveReleases> {
  const { url, runtimeUrl } = product();
  const [admin, engineer, link] = await Promise.all([tokenOf("admin"), tokenOf("engineer"), newSignInLink()]);
  const page = await browser.newPage({ baseURL: url });
  await page.goto(link);
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
  const client = createRuntimeClient(new URL(runtimeUrl));
  const listening = createBackOff(250, 4000);
  const running = new Set<Callers>();

  const call = async (token: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": randomUUID() },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${text}`).toBe(true);
    return JSON.parse(text);
  };
  for (const [name, policy] of Object.entries(environments)) await call(admin, "POST", "/api/v1/environments", { name, policy });

  const read = async (number: number): Promise<ReleaseView> => getRelease.response.parse(await call(engineer, "GET", `/api/v1/releases/${String(number)}`));
  const ask: LiveReleases["ask"] = async (endpoint, headers = {}) => {
    const data = Array.from({ length: 64 }, (_, at) => at % 16);
    const body = JSON.stringify({ inputs: [{ name: "image", shape: [1, 1, 8, 8], datatype: "FP32", data }] });
    const answer = await fetch(`${runtimeUrl}/v2/models/${endpoint}/infer`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    return answer.headers;
  };

  const callersOf = (endpoint: string): Callers => {
    const plan = {
      endpoint: { name: endpoint, model: digits.name, environment: "any", stable: "any", candidate: "any", expected: "promoted", keyPrefix: "form", keyCount: 60_000 },
      model: digits,
      rate: REQUESTS_PER_SECOND,
      seed: 1,
      labelledShare: 1,
      labelDelayMs: [100, 300],
    } as const;
    const traffic = createEndpointTraffic(plan, client, listening);
    const callers: Callers = {
      start() {
        running.add(callers);
        traffic.takeStatus();
        traffic.start();
      },
      stop() {
        traffic.stop();
        running.delete(callers);
        const { sent, answered, failed, refused, absent, unreachable, timedOut } = traffic.takeStatus();
        return { sent, answered, failed: failed + refused + absent + unreachable + timedOut };
      },
    };
    return callers;
  };

  return {
    page,
    async endpoint(name, stable, environment) {
      await call(engineer, "POST", "/api/v1/endpoints", { name, environment, model: digits.name, version: stable });
      await expect(async () => {
        await ask(name);
      }).toPass({ timeout: LIMIT_MS, intervals: [200] });
      return callersOf(name);
    },
    async release(endpoint, version, strategy, change = {}) {
      const { chosen } = viewNewRelease.response.parse(await call(engineer, "GET", `/api/v1/views/releases/new?endpoint=${endpoint}`));
      const usual = planDocument.parse(chosen?.strategies.find(({ name }) => name === strategy)?.plan);
      const body = { endpoint, version, strategy, plan: { ...quickened(usual), ...change }, reason: "Shown in a test of strategies." };
      return createRelease.response.parse(await call(engineer, "POST", "/api/v1/releases", body)).number;
    },
    read,
    post: (path, body) => call(engineer, "POST", path, body),
    async until(number, state) {
      let seen = await read(number);
      await expect
        .poll(async () => ((seen = await read(number)).state === state ? state : `${seen.state}: ${seen.sentence}`), { timeout: LIMIT_MS, intervals: [250] })
        .toBe(state);
      return seen;
    },
    async open(number) {
      await page.goto(`/releases/${String(number)}`);
      await expect(page.getByText(/^Live, /)).toBeVisible();
    },
    ask,
    async close() {
      for (const callers of running) callers.stop();
      client.close();
      await page.close();
    },
  };
}
