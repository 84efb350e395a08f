import { Agent, request } from "node:http";

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
};

export type Call = {
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A keep-alive HTTP client; rejects when no answer comes. */
export type Client = {
  call(call: Call): Promise<Answer>;
  close(): void;
};

export function createClient(baseUrl: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(baseUrl);
  return {
    call: ({ method = "POST", path, body, headers = {} }) =>
      new Promise((resolve, reject) => {
        const sent = request({
          hostname,
          port,
          path,
          agent,
          method,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
          },
        });
        sent.on("error", reject);
        sent.on("response", (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () => {
            const bytes = Buffer.concat(parts);
            const { statusCode = 0, headers: answered } = response;
            resolve({ status: statusCode, headers: answered, text: bytes.toString("utf8"), bytes });
          });
        });
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** An infer body for `markedModel`: rows of four numbers. */
export function markedBody(rows: readonly (readonly number[])[] = [[1, 0, 0, 0]]): string {
  return JSON.stringify({
    inputs: [{ name: "x", datatype: "FP32", shape: [rows.length, 4], data: rows.flat() }],
  });
}

/** One request of a load, with what its answer says about who gave it. `mark` is what the model itself answered. */
export type LoadRecord = {
  readonly key: string;
  /** 0 = no answer came. */
  readonly status: number;
  /** Why none came. */
  readonly failure: string | null;
  readonly version: string | null;
  readonly arm: string | null;
  readonly epoch: number;
  readonly predictionId: string | null;
  readonly mark: number | null;
  readonly label: string | null;
  /** When the answer was here, on the clock of `performance.now()`. */
  readonly atMs: number;
};

export type Load = {
  readonly records: readonly LoadRecord[];
  /** Resolves when so many answers have come in all. */
  until(count: number): Promise<void>;
  stop(): Promise<readonly LoadRecord[]>;
};

const single = (value: string | string[] | undefined): string | null =>
  typeof value === "string" ? value : null;

function outputOf(text: string, name: string): unknown {
  const parsed = JSON.parse(text) as { outputs?: { name: string; data: unknown[] }[] };
  return parsed.outputs?.find((output) => output.name === name)?.data[0];
}

/** Sends marked requests from `connections` callers, one after the other each, with keys `prefix-0`, `prefix-1`, ... in turn. */
export function startLoad(
  baseUrl: string,
  endpoint: string,
  connections: number,
  keys: number,
  bodyOf: (n: number) => string = () => markedBody(),
): Load {
  const client = createClient(baseUrl);
  const records: LoadRecord[] = [];
  let isStopped = false;
  let next = 0;
  let waiters: { count: number; resolve: () => void }[] = [];

  const once = async (): Promise<void> => {
    const n = next;
    next += 1;
    const key = `key-${n % keys}`;
    let record: LoadRecord;
    try {
      const { status, headers, text } = await client.call({
        path: `/v2/models/${endpoint}/infer`,
        body: bodyOf(n),
        headers: { "slipway-key": key },
      });
      const isOk = status === 200;
      record = {
        key,
        status,
        failure: null,
        version: single(headers["slipway-version"]),
        arm: single(headers["slipway-arm"]),
        epoch: Number(single(headers["slipway-epoch"]) ?? 0),
        predictionId: single(headers["slipway-prediction-id"]),
        mark: isOk ? Number(outputOf(text, "mark")) : null,
        label: isOk ? String(outputOf(text, "label")) : null,
        atMs: performance.now(),
      };
    } catch (error) {
      record = {
        key,
        status: 0,
        failure: error instanceof Error && "code" in error ? String(error.code) : "unknown",
        version: null,
        arm: null,
        epoch: 0,
        predictionId: null,
        mark: null,
        label: null,
        atMs: performance.now(),
      };
    }
    records.push(record);
    waiters = waiters.filter(({ count, resolve }) => {
      if (records.length < count) return true;
      resolve();
      return false;
    });
  };
  const callers = Array.from({ length: connections }, async () => {
    while (!isStopped) await once();
  });
  return {
    records,
    until: (count) =>
      records.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => waiters.push({ count, resolve })),
    async stop() {
      isStopped = true;
      await Promise.all(callers);
      client.close();
      return records;
    },
  };
}
