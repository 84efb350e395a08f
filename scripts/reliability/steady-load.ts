import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

/** One request that got a whole answer, or the reason why it did not. */
export type Answer = {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** 0: no answer at all. */
  readonly status: number;
  readonly key: string;
  readonly epoch: number;
  readonly version: string;
  readonly arm: string;
  /** What was said instead of an answer; empty with a 200. */
  readonly problem: string;
};

export type SteadyLoad = {
  readonly answers: readonly Answer[];
  stop(): Promise<readonly Answer[]>;
};

const LIMIT_MS = 20_000;

/** Closed-loop callers that go on whatever happens to the other side. A refused connection is an answer too: it counts, and the caller pauses. */
export function startSteadyLoad(
  address: URL,
  bodies: readonly string[],
  callers: number,
): SteadyLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const answers: Answer[] = [];
  let isStopped = false;
  let next = 0;

  const call = (key: string, body: string): Promise<Answer> => {
    const sentAtMs = performance.now();
    return new Promise((settle) => {
      const done = (
        status: number,
        headers: Readonly<Record<string, unknown>>,
        problem = "",
      ): void =>
        settle({
          sentAtMs,
          answeredAtMs: performance.now(),
          status,
          key,
          epoch: Number(headers["slipway-epoch"] ?? 0),
          version: String(headers["slipway-version"] ?? ""),
          arm: String(headers["slipway-arm"] ?? ""),
          problem,
        });
      const sent = request(
        address,
        {
          method: "POST",
          agent,
          timeout: LIMIT_MS,
          headers: { "content-type": "application/json", "slipway-key": key },
        },
        (response) => {
          const { statusCode = 0, headers } = response;
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            if (statusCode !== 200) text += part;
          });
          response.once("end", () => done(statusCode, headers, text));
          response.once("error", (error) => done(0, {}, error.message));
        },
      );
      sent.once("timeout", () => sent.destroy());
      sent.once("error", (error) => done(0, {}, error.message));
      sent.end(body);
    });
  };

  const caller = async (): Promise<void> => {
    while (!isStopped) {
      const number = next++;
      const answer = await call(`caller-${number % 4000}`, bodies[number % bodies.length] ?? "{}");
      answers.push(answer);
      await pause(answer.status === 0 ? 50 : 15);
    }
  };
  const running = Promise.all(Array.from({ length: callers }, caller));
  return {
    answers,
    stop: async () => {
      isStopped = true;
      await running;
      agent.destroy();
      return answers;
    },
  };
}
