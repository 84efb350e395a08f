import type { EvidenceKindView, EvidenceRow } from "#lib/contracts/governance-api.ts";
import type { ForceBand } from "#lib/domain/governance/catalogue/catalogues.ts";
import type { ControlCounts, ControlState } from "#lib/domain/governance/frameworks/derive-control.ts";
import type { EvidenceState } from "#lib/domain/governance/evidence/standing.ts";
import type { RegulatoryDocument } from "#lib/domain/governance/regulatory-documents.ts";
import type { Answers } from "#lib/domain/governance/frameworks/profile.ts";
import type { ReleaseView } from "./release-view.ts";

/** What the assurance pages show. Rendered by the server from one snapshot; nothing of it is stored. */

export type EvidencePiece = {
  readonly kind: string;
  readonly label: string;
  readonly state: EvidenceState;
  readonly note: string;
  readonly evidenceId: string | null;
  readonly producer: string | null;
  readonly producedAt: string | null;
  readonly countsUntil: string | null;
};

export type ControlLine = {
  readonly id: string;
  readonly framework: string;
  readonly citation: string;
  readonly title: string;
  readonly obligation: string;
  readonly force: string;
  readonly confidence: string;
  readonly note: string | null;
  readonly state: ControlState;
  readonly because: string;
  readonly evidence: readonly EvidencePiece[];
};

export type FrameworkCounts = {
  readonly slug: string;
  readonly name: string;
  readonly standing: string;
  readonly band: ForceBand;
  readonly counts: ControlCounts;
};

export type GapLine = {
  readonly kind: string;
  readonly label: string;
  readonly state: EvidenceState;
  readonly note: string;
  readonly countsUntil: string | null;
  readonly citations: readonly string[];
  readonly law: number;
  readonly by: "slipway" | "either" | "person";
  readonly subject: string;
};

export type ModelPosture = {
  readonly name: string;
  readonly riskTier: string;
  readonly intendedUse: string;
  readonly demo: boolean;
  readonly sector: string | null;
  readonly jurisdictions: readonly string[];
  readonly versionName: string | null;
  readonly liveIn: readonly string[];
  readonly actClass: string | null;
  readonly frameworks: readonly FrameworkCounts[];
  readonly gaps: readonly GapLine[];
  readonly gapsInAll: number;
  readonly lawOpen: number;
  /** Milliseconds from registering the version to its first live answer; null while there is none. */
  readonly leadTimeMs: number | null;
};

export type SectorRow = { readonly sector: string; readonly framework: string; readonly slug: string; readonly body: string; readonly standing: string; readonly duties: readonly string[] };

export type AssuranceView = {
  readonly asOf: string;
  readonly catalogue: { readonly version: string; readonly asOf: string; readonly controls: number };
  readonly models: readonly ModelPosture[];
  readonly next: string | null;
  readonly total: number;
  readonly sectors: readonly SectorRow[];
  readonly leadTimes: { readonly count: number; readonly medianMs: number | null; readonly longestMs: number | null };
  readonly mayClassify: boolean;
};

export type LeadPhase = { readonly name: string; readonly fromAt: string; readonly toAt: string | null; readonly ms: number | null };

export type DeliveryView = {
  readonly kind: "internal" | "third_party" | "hybrid";
  readonly client: string | null;
  readonly provider: string | null;
  readonly custodian: string;
  readonly responsibilities: readonly { readonly area: string; readonly party: string }[];
  readonly recordedByName: string;
  readonly recordedAt: string;
};

export type ClassificationView = {
  readonly actClass: string;
  readonly word: string;
  readonly because: readonly string[];
  readonly rationale: string;
  readonly decidedByName: string;
  readonly decidedAt: string;
  readonly catalogueVersion: string;
  /** The model's purpose, tier, sector or countries have changed since. */
  readonly outdated: boolean;
};

export type PlaceChecklist = { readonly environmentName: string; readonly stage: string; readonly live: boolean; readonly checklist: ReleaseView["checklist"] };

export type ChangePlanView = {
  readonly planVersion: string;
  readonly status: string;
  readonly authorisationRef: string;
  readonly registeredByName: string;
  readonly registeredAt: string;
  readonly against: string | null;
  readonly verdict: "within" | "outside" | "unchanged" | null;
  readonly stoppedBy: string | null;
  readonly bounds: readonly { readonly name: string; readonly held: boolean; readonly say: string }[];
};

export type VersionAssuranceView = {
  readonly asOf: string;
  readonly modelName: string;
  readonly versionName: string;
  readonly versionId: string;
  readonly digest: string;
  readonly intendedUse: string;
  readonly riskTier: string;
  readonly ownerName: string;
  readonly demo: boolean;
  readonly liveIn: readonly string[];
  readonly catalogue: string;
  readonly classification: ClassificationView | null;
  readonly delivery: DeliveryView | null;
  readonly frameworks: readonly FrameworkCounts[];
  readonly gaps: readonly GapLine[];
  readonly controls: readonly ControlLine[];
  readonly places: readonly PlaceChecklist[];
  readonly changePlan: ChangePlanView | null;
  readonly lead: { readonly phases: readonly LeadPhase[]; readonly totalMs: number | null; readonly deployedAt: string | null; readonly deployedOn: string | null };
  readonly decisions: readonly { readonly controlId: string; readonly citation: string; readonly decision: string; readonly reason: string; readonly signedName: string; readonly signedAt: string; readonly until: string }[];
  readonly kinds: readonly EvidenceKindView[];
  readonly endpoints: readonly { readonly name: string; readonly environmentName: string }[];
  readonly releases: readonly number[];
  readonly mayAdd: boolean;
  readonly mayDecide: boolean;
  readonly mayClassify: boolean;
};

export type ModelState = { readonly modelName: string; readonly versionName: string; readonly state: ControlState; readonly because: string; readonly evidence: readonly EvidencePiece[] };

export type FrameworkView = {
  readonly asOf: string;
  readonly catalogue: string;
  readonly slug: string;
  readonly name: string;
  readonly body: string;
  readonly standing: string;
  readonly models: readonly { readonly modelName: string; readonly versionName: string; readonly counts: ControlCounts }[];
  readonly unclassified: readonly string[];
  readonly controls: readonly (Omit<ControlLine, "state" | "because" | "evidence"> & { readonly phase: string; readonly states: readonly { readonly modelName: string; readonly state: ControlState; readonly because: string }[] })[];
  readonly dates: readonly { readonly event: string; readonly original: string | null; readonly current: string }[];
  readonly penalties: readonly { readonly breach: string; readonly fixedEUR: number; readonly turnoverPct: number }[];
  readonly crosswalk: readonly { readonly legacy: string; readonly title: string; readonly successors: readonly { readonly id: string; readonly title: string }[]; readonly note: string | null }[];
};

export type ControlView = {
  readonly asOf: string;
  readonly catalogue: string;
  readonly frameworkSlug: string;
  readonly frameworkName: string;
  readonly control: Omit<ControlLine, "state" | "because" | "evidence"> & { readonly phase: string; readonly condition: string; readonly roles: readonly string[]; readonly appliesFrom: readonly { readonly scope: string; readonly date: string }[]; readonly items: readonly string[]; readonly automation: string };
  readonly kinds: readonly EvidenceKindView[];
  readonly models: readonly ModelState[];
  readonly mayDecide: boolean;
};

export type ClassificationFormView = {
  readonly asOf: string;
  readonly modelName: string;
  readonly intendedUse: string;
  readonly sector: string | null;
  readonly jurisdictions: readonly string[];
  readonly current: ClassificationView | null;
  readonly answers: Answers | null;
  readonly history: readonly ClassificationView[];
  readonly delivery: DeliveryView | null;
  readonly uses: readonly { readonly point: string; readonly area: string; readonly use: string; readonly limit: string | null }[];
  readonly mayClassify: boolean;
};

export type CatalogueView = {
  readonly asOf: string;
  readonly inForce: string;
  readonly choices: readonly { readonly version: string; readonly chosenByName: string; readonly chosenAt: string; readonly reason: string }[];
  readonly catalogues: readonly {
    readonly version: string;
    readonly asOf: string;
    readonly summary: string;
    readonly controls: number;
    readonly diff: { readonly added: readonly { readonly id: string; readonly title: string }[]; readonly removed: readonly { readonly id: string; readonly title: string }[]; readonly changed: readonly { readonly id: string; readonly title: string; readonly fields: readonly string[] }[]; readonly newEvidence: readonly string[] } | null;
  }[];
  readonly mayChoose: boolean;
};

export type EvidenceListView = { readonly asOf: string; readonly rows: readonly EvidenceRow[]; readonly next: string | null; readonly filter: { readonly kind: string | null; readonly verdict: string | null }; readonly kinds: readonly { readonly id: string; readonly label: string }[] };

/** A document to sign and file, as its page shows it. */
export type RegulatoryDocumentView = RegulatoryDocument & {
  readonly asOf: string;
  readonly modelName: string;
  readonly versionName: string;
  readonly digest: string;
  readonly catalogue: string;
  readonly generator: string;
};
