import { z } from "zod";
import type { Witness } from "./witness.ts";

const heldAnswer = z.object({ checkpoints: z.array(z.string().max(64 * 1024)).max(1000) });

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** At most a megabyte of an answer. */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error("The answer is longer than 1 MiB.");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * A program of somebody else: the note is posted to it as text. Asked by GET it may answer `{"checkpoints": [note, ...]}`,
 * the newest last; 404, 405 or 501 says that it cannot be asked. Credentials in the address go into the header.
 */
export function webhookWitness(name: string, address: URL): Witness {
  const url = new URL(address);
  const basic = url.username === "" ? null : `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64")}`;
  url.username = "";
  url.password = "";
  const headers = basic === null ? {} : { authorization: basic };
  return {
    name,
    kind: "webhook",
    place: `${url.origin}${url.pathname}`,
    async hand({ note }) {
      const response = await fetch(url, { method: "POST", headers: { ...headers, "content-type": "text/plain; charset=utf-8" }, body: note, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
      await textOf(response);
      if (!response.ok) throw new Error(`It answered ${String(response.status)}.`);
    },
    async held(most) {
      const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await textOf(response);
      if ([404, 405, 501].includes(response.status)) return null;
      if (!response.ok) throw new Error(`It answered ${String(response.status)}.`);
      const answer = heldAnswer.safeParse(jsonOf(text));
      if (!answer.success) throw new Error("Its answer is not {\"checkpoints\": [...]}.");
      return answer.data.checkpoints.slice(-most);
    },
  };
}
