import { lookup as lookUp } from "node:dns/promises";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { parseOutboundUrl, portOf, requireOpen, type OutboundRules } from "./outbound-rules.ts";

const TIMEOUT_MS = 5_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;

export type Resolver = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export type GuardedCall = {
  readonly url: string;
  readonly method?: "POST" | "GET";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly rules: OutboundRules;
  readonly timeoutMs?: number;
  /** For tests: how names are resolved. */
  readonly resolve?: Resolver;
};

export type GuardedAnswer = { readonly status: number; readonly tookMs: number };

/** Resolves a name and lets only addresses through that may be spoken to: the connection goes to the very address that was checked. */
function guardedLookup(rules: OutboundRules, port: number, resolve: Resolver): LookupFunction {
  return (hostname, _options, callback) => {
    resolve(hostname)
      .then((found) => {
        for (const { address } of found) requireOpen(address, hostname, port, rules);
        if (found.length === 0) throw new Error(`${hostname} has no address.`);
        callback(null, found.map(({ address, family }) => ({ address, family })));
      })
      .catch((error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), []);
      });
  };
}

/**
 * Sends one request to an address that somebody gave, by the rules for that: https, checked addresses only, no redirects, 5 seconds, and at most 1 MiB of an
 * answer that nobody reads. Rejects when it is refused, cannot be reached or takes too long; any HTTP status is an answer.
 */
export async function guardedRequest(call: GuardedCall): Promise<GuardedAnswer> {
  const url = parseOutboundUrl(call.url, call.rules);
  const resolve = call.resolve ?? ((host: string) => lookUp(host, { all: true }));
  const send = url.protocol === "https:" ? secureRequest : plainRequest;
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
  return new Promise((done, fail) => {
    const request = send(
      url,
      {
        method: call.method ?? "POST",
        headers: { ...call.headers, "content-length": String(Buffer.byteLength(call.body)) },
        lookup: guardedLookup(call.rules, portOf(url), resolve),
        agent: false,
        signal,
      },
      (response) => {
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_RESPONSE_BYTES) response.destroy(new Error("The answer is longer than 1 MiB."));
        });
        response.on("error", fail);
        response.on("end", () => {
          done({ status: response.statusCode ?? 0, tookMs: Math.round(performance.now() - startedMs) });
        });
      },
    );
    request.on("error", (error) => {
      fail(signal.aborted ? new Error(`No answer within ${String((call.timeoutMs ?? TIMEOUT_MS) / 1000)} s.`) : error);
    });
    request.end(call.body);
  });
}
