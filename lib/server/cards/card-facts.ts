import { evaluationDocument } from "#lib/contracts/registry-api.ts";
import { ROLE_LABELS, isPersonRole } from "#lib/domain/access/permissions.ts";
import { plainMetric } from "#lib/domain/card/contradictions.ts";
import type { CardFact, CardFactGroup, FactGroupName } from "#lib/domain/card/facts.ts";
import type { ContractField } from "#lib/domain/contract/types.ts";
import type { EvidenceRecord } from "../db/evidence-repository.ts";
import type { ModelRecord, VersionRecord } from "../db/model-repository.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";
import { z } from "zod";

type Reader = Pick<ReadModels, "cards" | "evidence" | "models" | "people" | "endpoints"> | UnitOfWork;
type FactDraft = Partial<CardFact> & Pick<CardFact, "key" | "label" | "value">;

const fact = (source: string, draft: FactDraft): CardFact => ({ number: null, low: null, high: null, unit: null, evidenceId: null, source, ...draft });
const group = (name: FactGroupName, facts: readonly CardFact[], isLive = false): CardFactGroup[] => (facts.length === 0 ? [] : [{ name, isLive, facts }]);
const day = (at: Date): string => at.toISOString().slice(0, 10);

/** "wrongLabelRate" as a title. */
function metricLabel(name: string): string {
  const words = plainMetric(name.replace(/:/g, ", "));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** At most four digits that matter; the exact figure stands beside it. */
const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 4 : 2));

function identityFacts(model: ModelRecord, version: VersionRecord, parentName: string | null): CardFact[] {
  const from = (draft: FactDraft) => fact("Registry", draft);
  return [
    from({ key: "model", label: "Model", value: model.name }),
    from({ key: "version", label: "Version", value: version.name }),
    from({ key: "digest", label: "Digest", value: version.digest }),
    from({ key: "format", label: "Format", value: `${version.format}, ${figure(version.sizeBytes / 1_048_576)} MiB`, number: version.sizeBytes, unit: "bytes" }),
    from({ key: "parent", label: "Made from", value: parentName ?? "no earlier version" }),
    from({ key: "registered", label: "Registered", value: day(version.createdAt) }),
    ...(version.notes === null ? [] : [from({ key: "notes", label: "What is new", value: version.notes.slice(0, 2000) })]),
  ];
}

const fieldRule = ({ type, nulls, range, domain, unit }: ContractField): string =>
  [
    type,
    unit,
    range === null ? null : `${String(range.min ?? "open")} to ${String(range.max ?? "open")}`,
    domain === null ? null : `one of ${String(domain.length)}`,
    `missing: ${nulls}`,
  ]
    .filter((part) => part !== null)
    .join(", ");

function interfaceFacts(version: VersionRecord): CardFact[] {
  const contract = version.contract.fields.map((field) => fact("Input contract", { key: `input:${field.field}`, label: field.field, value: fieldRule(field) }));
  const outputs = version.signature.outputs.map(({ name, datatype, shape }) =>
    fact("Artifact", { key: `output:${name}`, label: `Output ${name}`, value: `${datatype} [${shape.map((size) => (size < 0 ? "N" : String(size))).join(", ")}]` }),
  );
  return [...contract.slice(0, 200), ...outputs];
}

function evaluationFacts(version: VersionRecord, evidence: EvidenceRecord | undefined): { data: CardFact[]; performance: CardFact[]; slices: CardFact[] } {
  const { lineage } = version;
  const origin = [
    ["Training data", "training", lineage.dataset],
    ["Digest of training data", "trainingSha256", lineage.datasetSha256],
    ["Training run", "run", lineage.run],
    ["Commit", "commit", lineage.commit],
  ] as const;
  const data = origin.flatMap(([label, key, value]) => (value === null ? [] : [fact("Lineage", { key, label, value })]));
  const parsed = evaluationDocument.safeParse(evidence?.details["evaluation"]);
  if (!parsed.success || evidence === undefined) return { data, performance: [], slices: [] };
  const { dataset, datasetSha256, rows, metrics, slices: bySlice } = parsed.data;
  const evidenceId = evidence.id;
  const held = [
    fact("Evaluation", { key: "evaluation", label: "Evaluated on", value: `${dataset}, ${String(rows)} rows`, number: rows, unit: "rows", evidenceId }),
    ...(datasetSha256 === null ? [] : [fact("Evaluation", { key: "evaluationSha256", label: "Digest of evaluation data", value: datasetSha256, evidenceId })]),
  ];
  const rowsOf = Object.entries(metrics).map(([name, { value, low, high }]) => {
    const interval = low === null || high === null ? "" : `, 95 % interval ${figure(low)} to ${figure(high)}`;
    return fact("Evaluation", { key: `metric:${name}`, label: metricLabel(name), value: `${figure(value)}${interval}`, number: value, low, high, evidenceId });
  });
  return {
    data: [...data, ...held],
    performance: rowsOf.filter(({ key }) => key.split(":").length === 2),
    slices: [
      ...rowsOf.filter(({ key }) => key.split(":").length > 2),
      ...(bySlice?.rows ?? []).map(({ name, value, rows: inSlice }) =>
        fact("Evaluation", { key: `slice:${name}`, label: `${metricLabel(bySlice?.metric ?? "")}, ${name}`, value: `${figure(value)}, ${String(inSlice)} rows`, number: value, evidenceId }),
      ),
    ],
  };
}

function operationFacts(evidence: ReadonlyMap<string, EvidenceRecord>): CardFact[] {
  const kinds = [["load_profile", "Load profile"], ["golden_replay", "Golden answers"], ["rollback_drill_passed", "Rollback rehearsal"]] as const;
  return kinds.flatMap(([kind, label]) => {
    const found = evidence.get(kind);
    return found === undefined ? [] : [fact(found.producer, { key: kind, label, value: `${found.verdict === "failed" ? "Failed. " : ""}${found.summary}`, evidenceId: found.id })];
  });
}

function securityFacts(version: VersionRecord, evidence: ReadonlyMap<string, EvidenceRecord>): CardFact[] {
  const inspected = evidence.get("artifact_inspected");
  const source = { evidenceId: inspected?.id ?? null };
  return [
    ...(inspected === undefined ? [] : [fact("Registry", { key: "inspected", label: "Inspection", value: inspected.summary, ...source })]),
    ...version.findings
      .filter(({ severity }) => severity === "warn" || severity === "block")
      .map(({ code, title, message }) => fact("Registry", { key: `finding:${code}`, label: title, value: message, ...source })),
  ];
}

async function ownershipFacts(db: Reader, model: ModelRecord, version: VersionRecord): Promise<CardFact[]> {
  const owner = await db.people.findPerson(model.ownerId);
  const author = await db.people.findPerson(version.authorId);
  return [
    fact("Registry", { key: "owner", label: "Owner", value: owner?.name ?? "Unknown person" }),
    fact("Registry", { key: "author", label: "Registered by", value: author?.name ?? "Unknown person" }),
    fact("Registry", { key: "contact", label: "Contact", value: owner?.email ?? "none" }),
  ];
}

async function approvalFacts(db: Reader, version: VersionRecord): Promise<CardFact[]> {
  return (await db.cards.approvalsOfVersion(version.id)).map((approval) =>
    fact(`Release ${String(approval.release.number)}`, {
      key: `approval:${approval.id}`,
      label: approval.signedName,
      value: `${isPersonRole(approval.role) ? ROLE_LABELS[approval.role] : approval.role}, ${approval.meaning.replaceAll("_", " ")}, ${approval.signedAt.toISOString().slice(0, 16).replace("T", " ")} UTC${approval.voidedAt === null ? "" : ", void"}`,
    }),
  );
}

const MONITORED_HOURS = 24;

async function liveFacts(db: Reader, version: VersionRecord, now: Date): Promise<{ deployment: CardFact[]; monitoring: CardFact[] }> {
  const deployment = [];
  for (const { id, endpoint, startedAt, startedBy } of await db.cards.liveDeployments(version.id)) {
    const route = await db.endpoints.currentRoute(endpoint.id);
    const weightBp = route?.arms.filter(({ versionId }) => versionId === version.id).reduce((sum, arm) => sum + arm.weightBp, 0) ?? 0;
    deployment.push(
      fact("Deployments", {
        key: `deployment:${id}`,
        label: `${endpoint.name}, ${endpoint.environment.name}`,
        value: `${figure(weightBp / 100)} % since ${startedAt.toISOString().slice(0, 16).replace("T", " ")} UTC, put by ${startedBy}`,
        number: weightBp / 100,
        unit: "%",
      }),
    );
  }
  const since = new Date(now.getTime() - MONITORED_HOURS * 3_600_000);
  const monitoring = (await db.cards.trafficOfVersion(version.id, since)).map(({ endpointName, requests, errors, refused }) =>
    fact("Windows of the last 24 hours", {
      key: `traffic:${endpointName}`,
      label: endpointName,
      value: `${String(requests)} requests, ${String(errors)} errors${requests === 0 ? "" : ` (${figure((errors / requests) * 100)} %)`}, ${String(refused)} refused by the contract`,
      number: requests === 0 ? null : errors / requests,
      unit: "errors a request",
    }),
  );
  return { deployment, monitoring };
}

const text = z.string();

/** Every fact that a card shows about a version, in groups, each row with the evidence behind it. Groups without a row are left out. */
export async function cardFactsOf(db: Reader, model: ModelRecord, version: VersionRecord, now: Date): Promise<CardFactGroup[]> {
  const all = await db.evidence.evidenceOf("version", version.id);
  const newest = new Map<string, EvidenceRecord>();
  for (const one of all) if (!newest.has(one.kind)) newest.set(one.kind, one);
  const parent = version.parentId === null ? null : await db.models.getVersionById(version.parentId);
  const { data, performance, slices } = evaluationFacts(version, newest.get("held_out_evaluation"));
  const { deployment, monitoring } = await liveFacts(db, version, now);
  const from = (draft: FactDraft) => fact("Registry", draft);
  return [
    ...group("identity", identityFacts(model, version, text.safeParse(parent?.name).data ?? null)),
    ...group("ownership", await ownershipFacts(db, model, version)),
    ...group("interface", interfaceFacts(version)),
    ...group("data", data),
    ...group("performance", performance),
    ...group("slices", slices),
    ...group("operation", operationFacts(newest)),
    ...group("security", securityFacts(version, newest)),
    ...group("regulation", [
      from({ key: "riskTier", label: "Risk tier", value: model.riskTier }),
      from({ key: "sector", label: "Sector", value: model.sector?.replaceAll("_", " ") ?? "not said" }),
      from({ key: "jurisdictions", label: "Jurisdictions", value: model.jurisdictions.join(", ") || "none said" }),
    ]),
    ...group("approvals", await approvalFacts(db, version), true),
    ...group("deployment", deployment, true),
    ...group("monitoring", monitoring, true),
  ];
}
