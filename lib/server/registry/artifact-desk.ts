import type { ComparisonView } from "#lib/contracts/views/comparison-view.ts";
import type { GraphView } from "#lib/contracts/views/graph-view.ts";
import type { ScanReport } from "#lib/contracts/views/scan-view.ts";
import { estimateFlops, readOnnxStructure } from "#lib/domain/artifact/onnx-structure.ts";
import { layoutGraph } from "#lib/domain/artifact/graph-layout.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { runReading } from "#lib/domain/artifact/run-reading.ts";
import type { Finding } from "#lib/domain/artifact/types.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { openStoredSource } from "../artifacts/file-source.ts";
import { readStoredArtifact } from "../artifacts/read-artifact-file.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { Actor } from "../ports.ts";
import { compareTwo } from "./compare-versions.ts";
import { modelFileOf, readVersionRecord, type DeskParts } from "./read-version-bytes.ts";
import { recordScan } from "./record-scan.ts";
import { readScanReport } from "./views/read-scan-report.ts";

type Which = { readonly model: string; readonly version: string };

/** What is asked of the bytes of registered versions: pictures, comparisons and new readings. Each opens the store at first use. */
export function createArtifactDesk(open: () => Promise<DeskParts>) {
  return {
    graph: async (actor: Actor, which: Which): Promise<GraphView> => graphOf(await open(), actor, which),
    compare: async (actor: Actor, input: { model: string; from: string; to: string }): Promise<ComparisonView> => compareTwo(await open(), actor, input),
    report: async (actor: Actor, which: Which): Promise<ScanReport> => readScanReport((await open()).store)(actor, which),
    scan: async (actor: Actor, which: Which) => scan(await open(), actor, which, "asked"),
    /** Reads again what was read by older rules, at most `limit` versions; answers how many. */
    scanDue: async (actor: Actor, scannerVersion: string, limit: number): Promise<number> => scanDue(await open(), actor, scannerVersion, limit),
  };
}
export type ArtifactDesk = ReturnType<typeof createArtifactDesk>;

async function graphOf({ store, artifacts }: DeskParts, actor: Actor, which: Which): Promise<GraphView> {
  const version = await readVersionRecord(store)(actor, which);
  if (version.format !== "onnx") {
    throw new AppError("conflict", `${version.modelName} ${version.name} is ${version.format}; only ONNX graphs are drawn.`);
  }
  const source = await openStoredSource(artifacts, modelFileOf(version));
  try {
    const result = await runReading(readOnnxStructure(source.size), source);
    if (!result.ok) throw new AppError("conflict", result.refusal.message);
    const { boxes, lines, ...layout } = layoutGraph(result.value);
    return {
      ...layout,
      boxes: [...boxes],
      lines: lines.map(([from, to]) => [from, to]),
      nodeCount: result.value.nodeCount,
      initialiserCount: result.value.initialiserCount,
      flopsPerRow: estimateFlops(result.value),
    };
  } finally {
    await source.close();
  }
}

async function scan({ store, artifacts }: DeskParts, actor: Actor, which: Which, cause: "asked" | "rules_changed") {
  const version = await readVersionRecord(store)(actor, which);
  const findings = await findingsOf(artifacts, version);
  return recordScan(store)(actor, { ...which, cause, findings: findings.map((found) => ({ ...found })) });
}

/** What the rules of today say of stored bytes; that they can no longer be read is a finding too. */
async function findingsOf(artifacts: ArtifactStore, version: VersionRecord): Promise<readonly Finding[]> {
  const external = version.files.filter(({ role }) => role === "external").map(({ name, sizeBytes }) => ({ name, sizeBytes }));
  try {
    return (await readStoredArtifact(artifacts, modelFileOf(version), external)).findings;
  } catch (error) {
    if (!(error instanceof RefusedArtifact)) throw error;
    const { code, message, hint } = error.refusal;
    return [{ code, severity: "block", title: "Can no longer be read", message, hint }];
  }
}

async function scanDue(parts: DeskParts, actor: Actor, scannerVersion: string, limit: number): Promise<number> {
  const due = await parts.store.read((db) => db.scans.versionsToScan(scannerVersion, limit));
  let scanned = 0;
  for (const { modelName, versionName } of due) {
    const version = await readVersionRecord(parts.store)(actor, { model: modelName, version: versionName });
    // Bytes that are missing are the integrity scrub's to report, not a finding about their content.
    if (!(await parts.artifacts.has(modelFileOf(version)))) continue;
    await scan(parts, actor, { model: modelName, version: versionName }, "rules_changed");
    scanned += 1;
  }
  return scanned;
}
