import { z } from "zod";
import type { ServedVersion, TargetKind } from "#lib/domain/serving/target-kinds.ts";
import { loadGrpc, readGrpc } from "./oip-grpc.ts";

/** A server as its adapter asks it. */
export type TargetAccess = { readonly kind: TargetKind; readonly url: string; readonly managementUrl: string | null; readonly headers: Readonly<Record<string, string>> };

export type Read = readonly ServedVersion[] | { readonly problem: string };

/** What a server must be able to say and to do. One adapter a kind. */
type Adapter = {
  /** What it serves of this model. */
  read(access: TargetAccess, model: string): Promise<ServedVersion[]>;
  /** Puts back what was approved; null where the server has no such call. */
  readonly restore: ((access: TargetAccess, model: string, version: string | null) => Promise<void>) | null;
};

const TIMEOUT_MS = 5000;
const MAX_BYTES = 1024 * 1024;

/** One call with all bounds: no redirects, 5 s, at most 1 MiB back. Throws in words. */
async function call(access: TargetAccess, root: string, path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  let response: Response;
  try {
    const headers = { accept: "application/json", ...access.headers, ...(init.body === undefined ? {} : { "content-type": "application/json" }) };
    response = await fetch(root.replace(/\/+$/, "") + path, { ...init, headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Error("The server cannot be reached.");
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new Error("The server's answer is longer than 1 MiB.");
      chunks.push(chunk);
    }
  }
  return { status: response.status, text: Buffer.concat(chunks).toString("utf8") };
}

async function json<S extends z.ZodType>(access: TargetAccess, root: string, path: string, schema: S, init: RequestInit = {}): Promise<z.output<S>> {
  const { status, text } = await call(access, root, path, init);
  if (status < 200 || status > 299) throw new Error(`The server answered ${status}.`);
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error("The server's answer is not what such a server says.");
  }
}

const at = (text: string): string => encodeURIComponent(text);
const names = z.array(z.string().max(256)).max(1000);

const oip: Adapter = {
  async read(access, model) {
    const about = await call(access, access.url, `/v2/models/${at(model)}`);
    if (about.status === 404 || about.status === 400) return [];
    const { versions } = await json(access, access.url, `/v2/models/${at(model)}`, z.object({ versions: names.optional() }));
    const listed = versions === undefined || versions.length === 0 ? [null] : versions;
    return Promise.all(
      listed.map(async (version): Promise<ServedVersion> => {
        const path = `/v2/models/${at(model)}${version === null ? "" : `/versions/${at(version)}`}/ready`;
        const { status } = await call(access, access.url, path);
        // The protocol does not say which version is the default one; with a single one there is no question.
        return { version: version ?? "default", state: status === 200 ? "ready" : "unavailable", isDefault: listed.length === 1 };
      }),
    );
  },
  async restore(access, model) {
    const { status } = await call(access, access.url, `/v2/repository/models/${at(model)}/load`, { method: "POST", body: "{}" });
    if (status !== 200) throw new Error(`The server answered ${status} to loading ${model}.`);
  },
};

const TF_STATES: Readonly<Record<string, ServedVersion["state"]>> = { AVAILABLE: "ready", START: "loading", LOADING: "loading" };
const tfStatus = z.object({ model_version_status: z.array(z.object({ version: z.union([z.string(), z.number()]), state: z.string() })).max(1000) });

const tfServing: Adapter = {
  async read(access, model) {
    const { status } = await call(access, access.url, `/v1/models/${at(model)}`);
    if (status === 404) return [];
    const { model_version_status: versions } = await json(access, access.url, `/v1/models/${at(model)}`, tfStatus);
    const ready = versions.filter(({ state }) => state === "AVAILABLE").map(({ version }) => Number(version));
    const newest = Math.max(...ready);
    return versions.map(({ version, state }) => ({ version: String(version), state: TF_STATES[state] ?? "unavailable", isDefault: Number(version) === newest }));
  },
  restore: null,
};

const torchVersions = z
  .array(z.object({ modelVersion: z.string().max(128), workers: z.array(z.object({ status: z.string() })).default([]), loadedAtStartup: z.boolean().optional() }))
  .max(1000);

const managementOf = ({ url, managementUrl }: TargetAccess): string => managementUrl ?? url;

const torchServe: Adapter = {
  async read(access, model) {
    const root = managementOf(access);
    const { status } = await call(access, root, `/models/${at(model)}/all`);
    if (status === 404) return [];
    const all = await json(access, root, `/models/${at(model)}/all`, torchVersions);
    const [first] = await json(access, root, `/models/${at(model)}`, torchVersions);
    return all.map(({ modelVersion, workers }) => ({
      version: modelVersion,
      state: workers.some((worker) => worker.status === "READY") ? "ready" : workers.length === 0 ? "unavailable" : "loading",
      isDefault: modelVersion === first?.modelVersion,
    }));
  },
  async restore(access, model, version) {
    if (version === null) throw new Error("No version was approved by name.");
    const { status } = await call(access, managementOf(access), `/models/${at(model)}/${at(version)}/set-default`, { method: "PUT" });
    if (status !== 200) throw new Error(`The server answered ${status} to making ${version} its default.`);
  },
};

const adapters: Readonly<Record<TargetKind, Adapter | null>> = { oip_http: oip, oip_grpc: { read: readGrpc, restore: loadGrpc }, tf_serving: tfServing, torchserve: torchServe, json: null };

/** What a server says of a model now; in words when it cannot be asked. Null for servers that have nothing to say. */
export async function readTarget(access: TargetAccess, model: string): Promise<Read | null> {
  const adapter = adapters[access.kind];
  if (adapter === null) return null;
  return adapter.read(access, model).catch((error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }));
}

/** Tells a server to serve again what was approved. Throws in words; `null` kinds have no such call. */
export async function restoreTarget(access: TargetAccess, model: string, version: string | null): Promise<void> {
  const restore = adapters[access.kind]?.restore ?? null;
  if (restore === null) throw new Error("This kind of server cannot be told what to serve.");
  await restore(access, model, version);
}
