import { createHash } from "node:crypto";
import type { ComparisonView } from "#lib/contracts/views/comparison-view.ts";
import type { ArtifactInspection } from "#lib/domain/artifact/types.ts";
import { readOnnxStructure, type OnnxInitialiser } from "#lib/domain/artifact/onnx-structure.ts";
import { runReading } from "#lib/domain/artifact/run-reading.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { openStoredSource } from "../artifacts/file-source.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { Actor } from "../ports.ts";
import { changesView } from "../releases/views/change-views.ts";
import { modelFileOf, readVersionRecord, type DeskParts } from "./read-version-bytes.ts";

const MOST_VERSIONS = 200;
const MOST_CHANGES = 200;
/** Larger files are compared by everything but their weights: hashing them takes longer than a page should. */
const MOST_BYTES = 512 * 1024 * 1024;
const CHUNK = 4 * 1024 * 1024;

/** Two versions of one model, side by side. The files are read, not run. */
export async function compareTwo({ store, artifacts }: DeskParts, actor: Actor, input: { model: string; from: string; to: string }): Promise<ComparisonView> {
  const from = await readVersionRecord(store)(actor, { model: input.model, version: input.from });
  const to = await readVersionRecord(store)(actor, { model: input.model, version: input.to });
  const { heads, now } = await store.readSnapshot(async (db, at) => ({ heads: await db.registry.versionHeads({ modelId: from.modelId }, MOST_VERSIONS), now: at }));
  const { rows, contract } = changesView(from, to);
  const inventory = inventoryChanges(from.inspection, to.inspection);
  const { weights, note } = await weightChanges(artifacts, from, to);
  return {
    asOf: now.toISOString(),
    modelName: from.modelName,
    from: from.name,
    to: to.name,
    versions: heads.map(({ name }) => name),
    say: sentence(from, to, rows.filter(({ same }) => !same).length, inventory.changes.length, weights === null || weights.same + weights.changed === 0 ? null : weights.changed),
    rows,
    contract,
    inventory,
    weights,
    weightsNote: note,
  };
}

function sentence(from: VersionRecord, to: VersionRecord, parts: number, operators: number, weights: number | null): string {
  if (from.id === to.id) return "This is one version, compared with itself.";
  const inputs = JSON.stringify(from.signature) === JSON.stringify(to.signature) ? "take and answer the same" : "differ in what they take or answer";
  const graph = operators === 0 ? "the same operators" : `${operators} ${operators === 1 ? "operator" : "operators"} in other numbers`;
  const learnt = weights === null ? "" : weights === 0 ? ", the same weights" : `, ${weights} other ${weights === 1 ? "tensor" : "tensors"} of weights`;
  return `${from.name} and ${to.name} ${inputs}; ${parts} ${parts === 1 ? "part differs" : "parts differ"}, with ${graph}${learnt}.`;
}

function inventoryOf(inspection: ArtifactInspection): { readonly title: string; readonly counts: ReadonlyMap<string, number> } {
  switch (inspection.format) {
    case "onnx":
      return { title: "Operators", counts: new Map(inspection.operators.map(({ domain, operator, count }) => [`${domain}.${operator}`, count])) };
    case "savedmodel":
      return { title: "Operators", counts: new Map(inspection.operators.map(({ operator, count }) => [operator, count])) };
    case "pmml":
      return { title: "Model elements", counts: new Map(inspection.models.map(({ element, count }) => [element, count])) };
    case "pickle":
      return { title: "Imports", counts: new Map(inspection.imports.map(({ module, name, count }) => [`${module}.${name}`, count])) };
  }
}

function inventoryChanges(from: ArtifactInspection, to: ArtifactInspection): ComparisonView["inventory"] {
  const was = inventoryOf(from);
  const is = inventoryOf(to);
  const names = [...new Set([...was.counts.keys(), ...is.counts.keys()])].sort();
  const changed = names.filter((name) => was.counts.get(name) !== is.counts.get(name));
  const text = (count: number | undefined): string | null => (count === undefined ? null : String(count));
  return {
    title: from.format === to.format ? is.title : "Parts",
    changes: changed.slice(0, MOST_CHANGES).map((name) => ({ name, from: text(was.counts.get(name)), to: text(is.counts.get(name)) })),
    same: names.length - changed.length,
  };
}

async function weightChanges(artifacts: ArtifactStore, from: VersionRecord, to: VersionRecord): Promise<{ weights: ComparisonView["weights"]; note: string | null }> {
  if (from.format !== "onnx" || to.format !== "onnx") return { weights: null, note: "Weights are compared between two ONNX files." };
  if (from.sizeBytes + to.sizeBytes > MOST_BYTES) return { weights: null, note: "The files are too large to compare their weights on a page; their digests above still tell whether they are equal." };
  const was = await initialisersOf(artifacts, modelFileOf(from));
  const is = await initialisersOf(artifacts, modelFileOf(to));
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  const changed = names.filter((name) => was.get(name)?.digest !== is.get(name)?.digest);
  const text = (found: Hashed | undefined): string | null => (found === undefined ? null : `${found.dims.join(" x ") || "scalar"}, ${found.digest.slice(0, 12)}`);
  return {
    weights: {
      changes: changed.slice(0, MOST_CHANGES).map((name) => ({ name, from: text(was.get(name)), to: text(is.get(name)) })),
      same: names.length - changed.length,
      changed: changed.length,
      leftOut: Math.max(0, changed.length - MOST_CHANGES),
    },
    note: names.length === 0 ? "Neither file keeps tensors of weights; trees and linear models of ai.onnx.ml keep what they learnt in their operators." : null,
  };
}

type Hashed = { readonly dims: readonly number[]; readonly digest: string };

async function initialisersOf(artifacts: ArtifactStore, digest: string): Promise<Map<string, Hashed>> {
  const source = await openStoredSource(artifacts, digest);
  try {
    const result = await runReading(readOnnxStructure(source.size), source);
    if (!result.ok) return new Map();
    const found = new Map<string, Hashed>();
    for (const tensor of result.value.initialisers) found.set(tensor.name, { dims: tensor.dims, digest: await digestOf(source, tensor) });
    return found;
  } finally {
    await source.close();
  }
}

async function digestOf(source: { read(offset: number, length: number): Uint8Array | Promise<Uint8Array> }, { start, end }: OnnxInitialiser): Promise<string> {
  const hash = createHash("sha256");
  for (let at = start; at < end; at += CHUNK) hash.update(await source.read(at, Math.min(CHUNK, end - at)));
  return hash.digest("hex");
}
