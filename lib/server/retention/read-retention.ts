import { z } from "zod";
import { answersBody } from "#lib/contracts/governance-api.ts";
import type { RetentionView } from "#lib/contracts/retention-api.ts";
import { KEPT_ACTIONS } from "#lib/domain/audit/pruning.ts";
import { CLASSES, findClass, isHeld, retentionOf, ruleWords, type RecordClass, type RetentionFacts, type Standing } from "#lib/domain/governance/retention/record-classes.ts";
import type { MetricsKept } from "../monitoring/roll-up-windows.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";
import { query } from "../read.ts";
import type { Store } from "../store.ts";

type Reader = Pick<UnitOfWork, "retention" | "signatures"> | Pick<ReadModels, "retention" | "signatures">;

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;

/** What of models and signing rules decides which floors bind. */
export async function retentionFacts(db: Reader): Promise<RetentionFacts> {
  const models = (await db.retention.classifiedModels()).map(({ answers, ...model }) => ({ ...model, answers: answersBody.parse(answers) }));
  return {
    hasEuHighRisk: models.some(({ actClass }) => actClass === "high_risk"),
    decidesUsCredit: models.some(({ answers, jurisdictions }) => answers.decidesUsCredit && jurisdictions.includes("US")),
    usHealthcare: models.some(({ sector, jurisdictions }) => sector === "healthcare" && jurisdictions.includes("US")),
    evidenceDays: (await db.retention.retentionRules()).find(({ recordClass }) => recordClass === "evidence")?.days ?? findClass("evidence").defaultDays ?? 0,
    part11: (await db.signatures.signingRules()).part11 || models.some(({ answers }) => answers.electronicRecords),
  };
}

/** How long each class is kept now. */
export async function standings(db: Reader): Promise<Standing[]> {
  const facts = await retentionFacts(db);
  const rules = await db.retention.retentionRules();
  return CLASSES.map(({ id, defaultDays }) => retentionOf(id, rules.find(({ recordClass }) => recordClass === id)?.days ?? defaultDays, facts));
}

export const readRetention = query({
  name: "read-retention",
  permission: "retention:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db }): Promise<RetentionView> {
    const rules = await db.retention.retentionRules();
    const holds = await db.retention.legalHolds();
    const inForce = holds.filter(({ liftedAt }) => liftedAt === null);
    const oldest = await db.retention.oldestRecords();
    const found = await standings(db);
    const trail = found.find(({ recordClass }) => recordClass === "audit_trail");
    const acts = await db.retention.prunings();
    return {
      pruning: {
        ready: trail === undefined || trail.effectiveDays === null ? 0 : await db.retention.prunableTexts(trail.effectiveDays, KEPT_ACTIONS),
        rule: trail === undefined ? "" : ruleWords(trail),
        isHeld: inForce.some(({ recordClass }) => recordClass === null || recordClass === "audit_trail"),
        acts: acts.map(({ prunedAt, ...act }) => ({ ...act, prunedAt: prunedAt.toISOString() })),
      },
      classes: CLASSES.map(({ id, title, holds: what, after }) => {
        const standing = found.find(({ recordClass }) => recordClass === id);
        const rule = rules.find(({ recordClass }) => recordClass === id);
        const effectiveDays = standing?.effectiveDays ?? null;
        const at = oldest[id];
        return {
          recordClass: id,
          title,
          holds: what,
          after,
          effectiveDays,
          askedDays: standing?.askedDays ?? null,
          isDefault: rule === undefined,
          isBelowFloor: standing?.isBelowFloor ?? false,
          setBy: rule?.setByName ?? null,
          setAt: rule?.setAt.toISOString() ?? null,
          reason: rule?.reason ?? null,
          oldestAt: at?.toISOString() ?? null,
          nextDeletionAt: after === "kept" || at === null || effectiveDays === null ? null : new Date(at.getTime() + effectiveDays * DAY_MS).toISOString(),
          isHeld: isHeld(inForce, id, null),
          floors: (standing?.floors ?? []).map(({ id: floorId, citation, duty, days, confidence }) => ({ id: floorId, citation, duty, days, confidence })),
        };
      }),
      holds: holds.map(({ id, name, recordClass, modelName, reason, placedByName, placedAt, liftedByName, liftedAt, liftReason }) => ({
        id,
        name,
        recordClass,
        model: modelName,
        reason,
        placedBy: placedByName,
        placedAt: placedAt.toISOString(),
        liftedBy: liftedByName,
        liftedAt: liftedAt?.toISOString() ?? null,
        liftReason,
      })),
    };
  },
});

export type WhatIsKept = { readonly kept: MetricsKept; readonly heldEndpointIds: readonly string[]; readonly isAllHeld: boolean };

/**
 * What pruning may forget: the installation's own settings, a rule in place of a setting, never less than a floor, and nothing that is held. A hold on
 * one class of metrics keeps all of them: that is the safe side.
 */
export async function whatIsKept(store: Store, settings: MetricsKept): Promise<WhatIsKept> {
  return store.readSnapshot(async (db) => {
    const rules = await db.retention.retentionRules();
    const facts = await retentionFacts(db);
    const secondsOf = (recordClass: RecordClass, setting: number): number => {
      const asked = rules.find((rule) => rule.recordClass === recordClass)?.days ?? (setting === 0 ? null : setting / DAY_SECONDS);
      return (retentionOf(recordClass, asked, facts).effectiveDays ?? 0) * DAY_SECONDS;
    };
    const holds = (await db.retention.legalHolds({ inForce: true })).filter(({ recordClass }) => recordClass === null || recordClass === "hourly_counts" || recordClass === "daily_counts");
    const endpoints = holds.length === 0 ? [] : await db.endpoints.listEndpoints();
    return {
      kept: { ...settings, metrics: { ...settings.metrics, 3600: secondsOf("hourly_counts", settings.metrics[3600]), 86_400: secondsOf("daily_counts", settings.metrics[86_400]) } },
      heldEndpointIds: endpoints.filter(({ modelId }) => holds.some((hold) => hold.modelId === modelId)).map(({ id }) => id),
      isAllHeld: holds.some(({ modelId }) => modelId === null),
    };
  });
}
