import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { protocolFor } from "./protocols.ts";
import { MAX_ANSWER_BYTES, MAX_SHOWN, refused, type Asked, type Transport } from "./transport.ts";

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new Error("The answer is longer than 64 MiB.");
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A connection that was never made: nothing was asked, so asking again is safe whatever the model does. */
const wasNotSent = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"].includes(String(cause.code));
};

/** Asks a server over HTTP. Connections are kept and used again; redirects are not followed. */
export function createHttpTransport(signature: ModelSignature, upstream: DesiredUpstream): Transport {
  const protocol = protocolFor(signature, upstream);
  const root = upstream.url.replace(/\/+$/, "");
  const stopping = new AbortController();

  const send = async (path: string, init: RequestInit, timeoutMs: number): Promise<Response> =>
    fetch(root + path, { ...init, redirect: "error", signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.max(1, timeoutMs))]) });

  const ask = async (inputs: readonly WireTensor[], timeoutMs: number): Promise<Asked> => {
    const { path, body } = protocol.request(inputs);
    const startMs = performance.now();
    try {
      const headers = { "content-type": "application/json", accept: "application/json", ...upstream.headers };
      const response = await send(path, { method: "POST", headers, body }, timeoutMs);
      const text = await readBounded(response);
      const isBusy = response.status === 429 || response.status === 503;
      if (!response.ok) {
        const said = `The server answered ${response.status}: ${text.slice(0, MAX_SHOWN)}`;
        if (isBusy) return { outcome: refused(503, "host_lost", said), mayRepeat: true, isServerFault: true };
        // 4xx about the input: the caller's fault, as with models of our own.
        if (response.status === 400 || response.status === 422) return { outcome: { ok: false, error: new InferenceError(400, "bad_request", said) }, mayRepeat: false, isServerFault: false };
        return { outcome: refused(500, "model_error", said), mayRepeat: false, isServerFault: response.status >= 500 };
      }
      const outputs = protocol.answer(JSON.parse(text));
      return { outcome: { ok: true, outputs, runUs: (performance.now() - startMs) * 1000 }, mayRepeat: false, isServerFault: false };
    } catch (error) {
      if (error instanceof Error && error.name === "TimeoutError") return { outcome: refused(503, "timeout", `The server did not answer within ${timeoutMs} ms.`), mayRepeat: false, isServerFault: true };
      const problem = error instanceof Error ? error.message : String(error);
      const isNetwork = error instanceof TypeError;
      const message = isNetwork ? "The server cannot be reached." : `The answer of the server cannot be used: ${problem.slice(0, MAX_SHOWN)}`;
      return { outcome: refused(isNetwork ? 503 : 500, isNetwork ? "host_lost" : "model_error", message), mayRepeat: wasNotSent(error), isServerFault: true };
    }
  };

  return {
    ask,
    async ready(timeoutMs) {
      if (protocol.readyPath === null) return;
      const response = await send(protocol.readyPath, { headers: { accept: "application/json", ...upstream.headers } }, timeoutMs);
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The server does not have ${upstream.model}${upstream.version === null ? "" : ` ${upstream.version}`} ready: it answered ${response.status}.`);
    },
    abort() {
      stopping.abort();
    },
    close: () => undefined,
  };
}
