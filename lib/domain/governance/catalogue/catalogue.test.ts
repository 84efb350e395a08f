import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ITEM_CODES } from "../checklist/items.ts";
import { findKind } from "../evidence/kinds.ts";
import { ACT_DATES, ANNEX_III_USES, CATALOGUES, findCatalogue, FRAMEWORK_INFO, forceWords, MODEL_RISK_CROSSWALK, NEWEST_CATALOGUE, PENALTIES, REGULATORY_CLOCKS } from "./catalogues.ts";
import { diffCatalogues } from "./diff-catalogues.ts";
import { BINDINGNESS, CONDITIONS, CONFIDENCES, CONTROL_STATUSES, FRAMEWORKS, PHASES } from "./types.ts";

const day = z.iso.date();
const control = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/),
  framework: z.enum(FRAMEWORKS),
  citation: z.string().min(3).max(200),
  title: z.string().min(3).max(120),
  obligation: z.string().min(20).max(600),
  phase: z.enum(PHASES),
  appliesTo: z.strictObject({
    when: z.enum(CONDITIONS),
    roles: z.array(z.string().min(1)).min(1),
    condition: z.string().min(3),
    sector: z.string().min(1),
    jurisdiction: z.string().min(2),
  }),
  evidence: z.array(z.string()).min(1),
  automation: z.enum(["auto", "assisted", "manual"]),
  bindingness: z.enum(BINDINGNESS),
  status: z.enum(CONTROL_STATUSES),
  appliesFrom: z.array(z.strictObject({ scope: z.string().min(1), date: day })),
  checklist: z.array(z.string()),
  sourceConfidence: z.enum(CONFIDENCES),
  note: z.string().min(1).nullable(),
});

describe.each(CATALOGUES.map((catalogue) => [catalogue.version, catalogue] as const))("catalogue %s", (_version, { controls, asOf }) => {
  test("has the shape that its readers rely on", () => {
    expect(() => z.array(control).parse(controls)).not.toThrow();
    expect(() => day.parse(asOf)).not.toThrow();
  });

  test("names each control once, under its framework's slug, and only kinds and items that exist", () => {
    const ids = controls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const slugs = new Map(FRAMEWORK_INFO.map(({ id, slug }) => [id, slug]));
    for (const { id, framework, evidence, checklist } of controls) {
      expect(id.split("/")[0], id).toBe(slugs.get(framework));
      for (const kind of evidence) expect(findKind(kind), `${id} asks for ${kind}`).not.toBeNull();
      for (const code of checklist) expect(ITEM_CODES, id).toContain(code);
    }
  });

  test("says automatic only where every kind is made by machines", () => {
    const wrong = controls.filter(({ automation, evidence }) => automation === "auto" && evidence.some((kind) => findKind(kind)?.automation !== "auto"));
    expect(wrong.map(({ id }) => id).filter((id) => !id.startsWith("reg-b/"))).toEqual([]);
  });

  test("calls nothing plain law whose text was not opened", () => {
    for (const one of controls.filter(({ sourceConfidence }) => sourceConfidence === "memory-and-secondary")) expect(forceWords(one), one.id).not.toBe("Law");
  });

  test("superseded and draft duties carry the status that keeps them from binding", () => {
    for (const { id, status, bindingness } of controls) {
      expect(status === "superseded", id).toBe(bindingness === "superseded");
      if (bindingness === "draft-guidance") expect(status, id).toBe("draft");
    }
  });
});

test("counts what the frameworks hold", () => {
  const counts = Object.fromEntries(FRAMEWORKS.map((id) => [id, NEWEST_CATALOGUE.controls.filter(({ framework }) => framework === id).length]));
  expect(counts).toEqual({ EU_AI_ACT: 86, SR_26_2: 26, SR_11_7: 27, FDA_PCCP: 32, FDA_GMLP: 10, FDA_PART_11: 17, NIST_AI_RMF: 72, CFPB_REG_B: 10 });
  const nist = NEWEST_CATALOGUE.controls.filter(({ framework }) => framework === "NIST_AI_RMF").map(({ id }) => id.split("/")[1]?.split("-")[0]);
  expect(Object.fromEntries(["govern", "map", "measure", "manage"].map((part) => [part, nist.filter((one) => one === part).length]))).toEqual({ govern: 19, map: 18, measure: 22, manage: 13 });
});

test("every section of SR 11-7 is in the crosswalk once, and leads to sections that exist or says why it leads nowhere", () => {
  const ids = new Set(NEWEST_CATALOGUE.controls.map(({ id }) => id));
  expect(MODEL_RISK_CROSSWALK.map(({ legacy }) => legacy).sort()).toEqual([...ids].filter((id) => id.startsWith("sr-11-7/")).sort());
  for (const { legacy, successors, note } of MODEL_RISK_CROSSWALK) {
    for (const successor of successors) expect(ids.has(successor), `${legacy} leads to ${successor}`).toBe(true);
    if (successors.length === 0) expect(note, legacy).not.toBeNull();
  }
});

test("Annex III, dates, clocks and penalties are whole", () => {
  expect(ANNEX_III_USES).toHaveLength(25);
  expect(new Set(ANNEX_III_USES.map(({ point }) => point)).size).toBe(25);
  expect(ACT_DATES.find(({ event }) => event.startsWith("High-risk, Annex III"))).toMatchObject({ original: "2026-08-02", current: "2027-12-02" });
  expect(REGULATORY_CLOCKS.map(({ id }) => id)).toContain("eu-73-4");
  expect(PENALTIES[0]).toMatchObject({ fixedEUR: 35_000_000, turnoverPct: 7 });
});

test("a catalogue differs from itself in nothing, and the newest adds consumer credit to the one before", () => {
  for (const catalogue of CATALOGUES) {
    expect(diffCatalogues(catalogue, catalogue)).toMatchObject({ added: [], removed: [], changed: [], newEvidence: [] });
  }
  const before = findCatalogue("2026.11.1");
  const diff = diffCatalogues(before!, NEWEST_CATALOGUE);
  expect(diff.added.map(({ framework }) => framework)).toEqual(Array.from({ length: 10 }, () => "CFPB_REG_B"));
  expect(diff.removed).toEqual([]);
  const back = diffCatalogues(NEWEST_CATALOGUE, before!);
  expect(back.removed).toHaveLength(10);
  const touched = { ...before!, version: "x", controls: before!.controls.map((one, index) => (index === 0 ? { ...one, evidence: ["dpia_linked"] } : one)) };
  expect(diffCatalogues(before!, touched).changed).toEqual([expect.objectContaining({ fields: ["evidence"] })]);
  expect(findCatalogue("1999")).toBeNull();
});
