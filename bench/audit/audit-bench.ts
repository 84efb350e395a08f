import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Pool } from "pg";
import {
  sampleFullBundle,
  sampleKey,
  sampleLeaf,
  sampleLog,
} from "#lib/domain/audit/sample-log.fixture.ts";
import { createAuditStore } from "#lib/server/db/audit-store.ts";
import { benchPages, type PageResult } from "./page-bench.ts";

const run = promisify(execFile);
const VERIFIER = join(import.meta.dirname, "..", "..", "public", "slipway-audit-verify.mjs");

/** Loaded before the verifier: says at its end how much memory it held at most, in KiB. */
const SAYS_MEMORY = `data:text/javascript,${encodeURIComponent('process.on("exit", () => process.stderr.write("maxRSS " + process.resourceUsage().maxRSS));')}`;

export type AuditResult = {
  /** One entry per transaction, each committed to disk before the next of its connection. */
  readonly append: readonly {
    readonly connections: number;
    readonly entries: number;
    readonly perSecond: number;
  }[];
  /** The one-file verifier, its start and the reading of the file included. */
  readonly verify: {
    readonly entries: number;
    readonly seconds: number;
    readonly perSecond: number;
    /** Most memory the verifier ever held, resident. */
    readonly peakMebibytes: number;
  };
  readonly pages: readonly PageResult[];
};

/** Appends through the database function as the control plane's role, then verifies a full export made in memory. */
export async function benchAudit(
  databaseUrl: string,
  entries: number,
  exported: number,
  listed: number,
): Promise<AuditResult> {
  const append = [];
  for (const connections of [1, 8])
    append.push(await benchAppend(databaseUrl, connections, entries));
  const verify = await benchVerify(exported);
  return { append, verify, pages: await benchPages(databaseUrl, listed) };
}

async function benchAppend(databaseUrl: string, connections: number, entries: number) {
  const pool = new Pool({ connectionString: databaseUrl, max: connections });
  const store = createAuditStore(
    async (text, values) => (await pool.query<Record<string, unknown>>(text, [...values])).rows,
  );
  try {
    // Entries have ids by their number, and no id may come twice.
    let { size: next } = await store.head();
    const end = next + 1 + entries;
    await store.append([sampleLeaf(next++)], false);
    const startedAt = performance.now();
    const worker = async (): Promise<void> => {
      while (next < end) await store.append([sampleLeaf(next++)], false);
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const seconds = (performance.now() - startedAt) / 1000;
    return { connections, entries, perSecond: Math.round(entries / seconds) };
  } finally {
    await pool.end();
  }
}

async function benchVerify(entries: number): Promise<AuditResult["verify"]> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const file = join(directory, "trail.slipway-audit.jsonl");
  try {
    const key = sampleKey("slipway.local/bench", 7);
    const log = sampleLog(Array.from({ length: entries }, (_, seq) => sampleLeaf(seq)));
    writeFileSync(file, `${sampleFullBundle(log, key).join("\n")}\n`);
    const startedAt = performance.now();
    const { stderr } = await run(process.execPath, ["--import", SAYS_MEMORY, VERIFIER, file, "--key", key.vkey]);
    const seconds = (performance.now() - startedAt) / 1000;
    return {
      entries,
      seconds: Number(seconds.toFixed(2)),
      perSecond: Math.round(entries / seconds),
      peakMebibytes: Math.round(Number(/maxRSS (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
