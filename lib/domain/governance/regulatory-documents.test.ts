import { describe, expect, it } from "vitest";
import { getKind } from "./evidence/kinds.ts";
import { goodDetails } from "./evidence/good-details.fixture.ts";
import { DOCUMENT_IDS, regulatoryDocument, type DocumentSource } from "./regulatory-documents.ts";

const source = (met: readonly string[], over: Partial<DocumentSource> = {}): DocumentSource => ({
  modelName: "tumour-triage",
  versionName: "1.1.0",
  digest: "sha256:one",
  intendedUse: "Orders the reading list.",
  riskTier: "high",
  jurisdictions: ["EU"],
  owner: "Maren Okafor",
  author: "Priya Nair",
  registeredAt: "2026-11-29T12:00:00.000Z",
  parent: null,
  provider: "The hospital",
  format: "onnx",
  files: [],
  inputs: [],
  outputs: [],
  lineage: { dataset: null, run: null, commit: null },
  liveOn: ["triage (production)"],
  releases: [],
  classification: "Annex I.",
  catalogue: "2026.11.2",
  generator: "Slipway",
  plan: null,
  evidenceOf: (kind) => {
    const state = met.includes(kind) ? ("met" as const) : ("stale" as const);
    return { label: getKind(kind).label, state, note: "As recorded.", id: "e1", details: goodDetails(getKind(kind)), producedAt: "2026-11-29T12:00:00.000Z" };
  },
  ...over,
});

describe("a document to sign", () => {
  it.each(DOCUMENT_IDS)("%s leaves its signature open and names what nobody has recorded", (id) => {
    const { open, parts } = regulatoryDocument(id, source([], { provider: null }));
    expect(open).toEqual(expect.arrayContaining(["Provider", "Place and date", "Signature"]));
    for (const row of parts.flatMap(({ rows }) => rows)) expect(row.from).not.toBe("");
  });

  it("fills a field from evidence that counts, and leaves it open when the evidence is old", () => {
    const filled = regulatoryDocument("declaration-of-conformity", source(["declaration_of_conformity"]));
    const old = regulatoryDocument("declaration-of-conformity", source([]));
    const rows = (document: typeof filled) => document.parts.find(({ title }) => title === "Declaration")?.rows ?? [];
    expect(rows(filled)).toHaveLength(getKind("declaration_of_conformity").fields.length);
    expect(rows(filled).every(({ value }) => value !== null)).toBe(true);
    expect(rows(old).every(({ value }) => value === null)).toBe(true);
  });

  it("shows the change plan that was registered, bound by bound", () => {
    const plan = {
      planVersion: "1.0",
      status: "authorised",
      authorisationRef: "K260001",
      intendedUse: "Orders the reading list.",
      deviceIdentifiers: [],
      regimes: ["FDA_PCCP"],
      modifications: [{ id: "M1", description: "Retrain on more data", implementation: "manual", minDaysBetween: 30, allowed: { artifact: true, architecture: "fixed" } }],
      minTestRows: 200,
      criteria: [{ metric: "recall", op: ">=", value: 0.9, baselineMinus: null, bound: "worse_end" }],
      maxTestSetUses: 3,
      drillMaxAgeDays: 90,
    };
    const { parts, open } = regulatoryDocument("change-plan", source([], { plan }));
    const text = JSON.stringify(parts);
    for (const words of ["Retrain on more data", "at least 30 days apart", "at least 0.9, by the worse end", "Not older than 90 days"]) expect(text).toContain(words);
    expect(open).toContain("Device identifiers");
    expect(regulatoryDocument("change-plan", source([])).open).toContain("Modifications");
  });
});
