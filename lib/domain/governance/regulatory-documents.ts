import { formatMoment } from "../release/wording.ts";
import { getKind } from "./evidence/kinds.ts";
import type { DocumentationSource } from "./technical-documentation.ts";

/**
 * Documents that a person signs and files, made from what is recorded. A field nobody has recorded stays open and is named; nothing is filled in
 * that no record says. None of them states that a system conforms.
 */

export const DOCUMENT_IDS = ["declaration-of-conformity", "fundamental-rights-impact-assessment", "post-market-monitoring-plan", "change-plan"] as const;
export type DocumentId = (typeof DOCUMENT_IDS)[number];

export const DOCUMENT_TITLES: Readonly<Record<DocumentId, string>> = {
  "declaration-of-conformity": "EU declaration of conformity",
  "fundamental-rights-impact-assessment": "Fundamental rights impact assessment",
  "post-market-monitoring-plan": "Post-market monitoring plan",
  "change-plan": "Predetermined change plan",
};

const BASIS: Readonly<Record<DocumentId, string>> = {
  "declaration-of-conformity": "Regulation (EU) 2024/1689, Art. 47 and Annex V",
  "fundamental-rights-impact-assessment": "Regulation (EU) 2024/1689, Art. 27",
  "post-market-monitoring-plan": "Regulation (EU) 2024/1689, Art. 72 and Annex IV(9)",
  "change-plan": "FD&C Act s. 515C; Regulation (EU) 2024/1689, Art. 43(4) and Annex IV(2)(f)",
};

/** Null: open. `from` names the record or evidence it stands in. */
export type DocumentRow = { readonly label: string; readonly value: string | null; readonly from: string };
export type DocumentPart = { readonly title: string; readonly rows: readonly DocumentRow[] };

/** A change plan as it was registered, as far as the form shows it. */
export type PlanSource = {
  readonly planVersion: string;
  readonly status: string;
  readonly authorisationRef: string;
  readonly intendedUse: string;
  readonly deviceIdentifiers: readonly string[];
  readonly regimes: readonly string[];
  readonly modifications: readonly { readonly id: string; readonly description: string; readonly implementation: string; readonly minDaysBetween: number; readonly allowed: Readonly<Record<string, string | boolean>> }[];
  readonly minTestRows: number;
  readonly criteria: readonly { readonly metric: string; readonly op: string; readonly value: number | null; readonly baselineMinus: number | null; readonly bound: string }[];
  readonly maxTestSetUses: number;
  readonly drillMaxAgeDays: number | null;
};

export type DocumentSource = DocumentationSource & { readonly plan: PlanSource | null };

export type RegulatoryDocument = {
  readonly id: DocumentId;
  readonly title: string;
  readonly basis: string;
  readonly parts: readonly DocumentPart[];
  /** Labels of what nobody has recorded, in order. */
  readonly open: readonly string[];
};

const record = (label: string, value: string | null, from: string): DocumentRow => ({ label, value: value === null || value.trim() === "" ? null : value, from });

function shown(value: unknown): string | null {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

type Evidenced = ReturnType<DocumentSource["evidenceOf"]>;

const standing = ({ state, producedAt }: Evidenced): string => (producedAt === null ? state : `${state}, recorded ${formatMoment(Date.parse(producedAt))}`);

/** Every field of a kind of evidence with what the fact in force says; open where there is none, or where it no longer counts. */
function fieldsOf(kind: string, source: DocumentSource): DocumentRow[] {
  const piece = source.evidenceOf(kind);
  const counts = piece.state === "met";
  const from = piece.id === null ? `${piece.label}: none recorded` : `${piece.label}, ${standing(piece)}`;
  return getKind(kind).fields.map(({ name, label }) => ({ label, value: counts ? shown(piece.details[name]) : null, from }));
}

/** One line for a kind: its finding where it stands. */
function findingOf(kind: string, source: DocumentSource): DocumentRow {
  const piece = source.evidenceOf(kind);
  return { label: piece.label, value: piece.state === "met" ? piece.note : null, from: piece.id === null ? "none recorded" : standing(piece) };
}

const REGISTRY = "registry";

function identity(source: DocumentSource): DocumentPart {
  return {
    title: "System",
    rows: [
      record("Name and version", `${source.modelName} ${source.versionName}`, REGISTRY),
      record("Identifier", source.digest, REGISTRY),
      record("Intended use", source.intendedUse, REGISTRY),
      record("Provider", source.provider, "delivery context"),
      record("Owner", source.owner, REGISTRY),
      record("Classification", source.classification, "signed classification"),
      record("In service on", source.liveOn.length === 0 ? null : source.liveOn.join(", "), "deployments"),
    ],
  };
}

const SIGNATURE: DocumentPart = {
  title: "Signature",
  rows: ["Place and date", "Name and function", "On whose behalf", "Signature"].map((label) => ({ label, value: null, from: "to be signed by hand or in your own system" })),
};

const condition = (allowed: Readonly<Record<string, string | boolean>>): string =>
  Object.entries(allowed).map(([part, value]) => `${part}: ${typeof value === "boolean" ? (value ? "may change" : "stays") : value.replaceAll("_", " ")}`).join("; ");

function criterionText({ op, value, baselineMinus, bound }: PlanSource["criteria"][number]): string {
  const limit = value === null ? `at most ${String(baselineMinus)} worse than what is live` : `${op === ">=" ? "at least" : "at most"} ${String(value)}`;
  return `${limit}, by ${bound === "worse_end" ? "the worse end of its interval" : "its value"}`;
}

function changePlanParts(source: DocumentSource): DocumentPart[] {
  const { plan } = source;
  const from = plan === null ? "no change plan is registered" : `change plan ${plan.planVersion}`;
  const of = (label: string, value: string | null): DocumentRow => record(label, value, from);
  return [
    {
      title: "Plan",
      rows: [
        of("Version and status", plan === null ? null : `${plan.planVersion}, ${plan.status}`),
        of("Authorisation", plan?.authorisationRef ?? null),
        of("Regimes", plan?.regimes.join(", ").replaceAll("_", " ") ?? null),
        of("Intended use that it holds for", plan?.intendedUse ?? null),
        of("Device identifiers", plan === null || plan.deviceIdentifiers.length === 0 ? null : plan.deviceIdentifiers.join(", ")),
      ],
    },
    {
      title: "Description of modifications",
      rows:
        plan === null
          ? [of("Modifications", null)]
          : plan.modifications.map(({ id, description, implementation, minDaysBetween, allowed }) => of(id, `${description}. ${condition(allowed)}. ${implementation === "automatic" ? "Automatic" : "By a person"}, at least ${String(minDaysBetween)} days apart.`)),
    },
    {
      title: "Modification protocol",
      rows: [
        of("Test data", plan === null ? null : `At least ${String(plan.minTestRows)} rows; one test set at most ${String(plan.maxTestSetUses)} times`),
        of("Rollback drill", plan === null ? null : plan.drillMaxAgeDays === null ? "Not asked for" : `Not older than ${String(plan.drillMaxAgeDays)} days when it goes live`),
        ...(plan === null ? [of("Acceptance criteria", null)] : plan.criteria.map((criterion) => of(criterion.metric, criterionText(criterion)))),
        ...fieldsOf("rollback_drill_passed", source).filter(({ label }) => label.startsWith("Release")),
      ],
    },
    { title: "Impact assessment", rows: fieldsOf("impact_assessment_document", source) },
  ];
}

function partsOf(id: DocumentId, source: DocumentSource): DocumentPart[] {
  switch (id) {
    case "declaration-of-conformity":
      return [identity(source), { title: "Declaration", rows: fieldsOf("declaration_of_conformity", source) }, { title: "Assessment", rows: fieldsOf("conformity_assessment", source) }, SIGNATURE];
    case "fundamental-rights-impact-assessment":
      return [
        identity(source),
        { title: "Assessment", rows: fieldsOf("fria_completed", source) },
        { title: "What it rests on", rows: ["human_oversight_measures", "risk_register_current", "dpia_linked", "fairness_assessment", "subgroup_performance_report"].map((kind) => findingOf(kind, source)) },
        SIGNATURE,
      ];
    case "post-market-monitoring-plan":
      return [
        identity(source),
        { title: "Plan", rows: fieldsOf("post_market_monitoring_plan", source) },
        {
          title: "What is watched now",
          rows: ["infra_dashboard_live", "drift_monitor_active", "prediction_drift_baseline_set", "performance_monitor_active", "business_outcome_linked", "incident_runbook_assigned"].map((kind) => findingOf(kind, source)),
        },
        SIGNATURE,
      ];
    case "change-plan":
      return [identity(source), ...changePlanParts(source), SIGNATURE];
  }
}

/** The same records give the same document. */
export function regulatoryDocument(id: DocumentId, source: DocumentSource): RegulatoryDocument {
  const parts = partsOf(id, source);
  return { id, title: DOCUMENT_TITLES[id], basis: BASIS[id], parts, open: parts.flatMap(({ rows }) => rows.filter(({ value }) => value === null).map(({ label }) => label)) };
}
