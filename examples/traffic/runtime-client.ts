import { Agent, request as httpRequest } from "node:http";

export type Reply = {
  readonly status: number;
  readonly arm: string | null;
  readonly predictionId: string | null;
};

/** No answer at all: nobody listens or the connection broke (`unreachable`), or none came in time (`timed_out`). */
export type NoReply = { readonly status: null; readonly cause: "unreachable" | "timed_out" };

export type RuntimeClient = {
  /** Never rejects. Bodies of answers are read and dropped. */
  post(
    path: string,
    body: Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply | NoReply>;
  close(): void;
};

const TIMEOUT_MS = 10_000;

/** Keep-alive HTTP client of one runtime. */
export function createRuntimeClient(runtimeUrl: URL): RuntimeClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "lifo" });
  const first = (value: string | string[] | undefined): string | null =>
    (Array.isArray(value) ? value[0] : value) ?? null;

  const attempt = (
    path: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    mayRepeat: boolean,
  ): Promise<Reply | NoReply> =>
    new Promise((resolve) => {
      const sent = httpRequest(new URL(path, runtimeUrl), {
        agent,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": String(body.length),
          ...headers,
        },
        timeout: TIMEOUT_MS,
      });
      let isTimedOut = false;
      sent.on("timeout", () => {
        isTimedOut = true;
        sent.destroy();
      });
      sent.on("error", () => {
        // The server may close an idle connection at the moment it is used again: then once more on a new one.
        if (isTimedOut) resolve({ status: null, cause: "timed_out" });
        else if (mayRepeat && sent.reusedSocket) resolve(attempt(path, body, headers, false));
        else resolve({ status: null, cause: "unreachable" });
      });
      sent.on("response", (response) => {
        const { statusCode = 0, headers: answered } = response;
        response.on("error", () =>
          resolve({ status: null, cause: isTimedOut ? "timed_out" : "unreachable" }),
        );
        response.on("end", () =>
          resolve({
            status: statusCode,
            arm: first(answered["slipway-arm"]),
            predictionId: first(answered["slipway-prediction-id"]),
          }),
        );
        response.resume();
      });
      sent.end(body);
    });

  return {
    post: (path, body, headers = {}) => attempt(path, body, headers, true),
    close: () => agent.destroy(),
  };
}
