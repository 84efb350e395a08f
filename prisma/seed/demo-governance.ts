/** The governed part of the demonstration, through the real use cases: waivers, classifications, who delivers what, a change plan, some evidence. Gaps stay open and are seen. */
import type { ClassifyModelBody } from "#lib/contracts/governance-api.ts";
import { PLAIN } from "#lib/domain/governance/frameworks/plain-answers.ts";
import type { App } from "#lib/server/composition.ts";
import type { Actor } from "#lib/server/ports.ts";

type Answers = ClassifyModelBody["answers"];

/** What a laptop with one runtime and borrowed data cannot show. Signed, with an end, and visible on every checklist. */
const WAIVED: readonly (readonly [requirement: string, reason: string])[] = [
  ["validation_report_passed", "Demonstration: the examples name their training rows but do not carry their digest, so that they differ from the held-out rows cannot be checked."],
  ["validation_dataset_profiled", "Demonstration: there is no sample of production to compare the held-out rows with."],
  ["container_hardening_report", "Demonstration: it runs as processes on this machine, there is no image to scan."],
  ["autoscaling_policy_defined", "Demonstration: one runtime on one machine."],
  ["access_control", "Demonstration: the runtime listens on this machine only and asks callers for no token."],
  ["rollback_drill_passed", "Demonstration: a rollback is shown live on the credit-default endpoint."],
  ["drift_monitor_active", "Demonstration: the endpoint is minutes old, no reference window has passed."],
  ["business_outcome_linked", "Demonstration: outcomes arrive as true labels once traffic runs."],
  ["model_card_published", "Demonstration: the card was sent with the version and is not yet approved."],
  ["GOV-2", "Demonstration: the models are offered to nobody; open duties are shown, not met."],
];

const CLASSIFIED: readonly (readonly [model: string, answers: Answers, rationale: string])[] = [
  [
    "tumour-triage",
    { ...PLAIN, annexI: "third_party_assessed", device: "device_with_change_plan", electronicRecords: true, traits: ["personal_data", "sector_regime"] },
    "Software that orders a pathologist's list is a medical device: Annex I in the EU, device software with a change plan in the US.",
  ],
  [
    "credit-default",
    { ...PLAIN, annexIii: ["5b"], profilesPersons: true, bank: true, policiesCiteSr117: true, decidesUsCredit: true, traits: ["personal_data", "legal_or_similar_effect"] },
    "It scores the creditworthiness of natural persons for a bank in the EU and the US.",
  ],
  ["digits", PLAIN, "It reads digits on forms; no list of the Act names this use and a clerk reads what it is unsure of."],
];

const everything = (party: string) =>
  (["Training and data", "Validation", "Serving and availability", "Monitoring and incidents", "Notices to people", "Records and retention", "Regulatory filings"] as const).map((area) => ({ area, party }));

async function signWaivers(app: App, validator: Actor, environment: string): Promise<void> {
  const found = await app.store.read((db) => db.endpoints.findEnvironment(environment));
  const inForce = await app.store.read((db) => db.evidence.waiversInForce(found?.id ?? "", new Date()));
  for (const [requirement, reason] of WAIVED) {
    if (inForce.some((waiver) => waiver.requirement === requirement)) continue;
    await app.registry.signWaiver(validator, { environment, requirement, reason, days: 30 });
  }
}

async function classify(app: App, reviewer: Actor): Promise<void> {
  for (const [model, answers, rationale] of CLASSIFIED) {
    const { id } = await app.store.read((db) => db.models.getModel(model));
    if ((await app.store.read((db) => db.governance.classificationInForce(id))) !== null) continue;
    await app.governance.classifyModel(reviewer, { model, body: { answers: answers, rationale } });
    await app.governance.recordDelivery(reviewer, {
      model,
      body:
        model === "tumour-triage"
          ? { kind: "third_party", client: "The hospital of the demonstration", provider: "The team of the demonstration", custodian: "Slipway registry", responsibilities: [...everything("The team").slice(0, 4), { area: "Notices to people", party: "The hospital" }, { area: "Regulatory filings", party: "The team" }] }
          : { kind: "internal", custodian: "Slipway registry", responsibilities: everything("The team") },
    });
  }
}

async function registerChangePlan(app: App, reviewer: Actor): Promise<void> {
  const model = await app.store.read((db) => db.models.getModel("tumour-triage"));
  if ((await app.store.read((db) => db.governance.envelopeInForce(model.id))) !== null) return;
  await app.governance.registerEnvelope(reviewer, {
    model: model.name,
    body: {
      regimes: ["FDA_PCCP", "EU_ART_43_4"],
      authorisationRef: "DEMO-1, no real authorisation",
      planVersion: "1.0",
      status: "authorised",
      intendedUse: model.intendedUse,
      modifications: [
        { id: "M1", description: "Another classifier behind the same scaler, trained on the same kind of samples", allowed: { artifact: true, architecture: "any" } },
        { id: "M2", description: "Wider measuring range of a field", allowed: { artifact: true, inputs: "widen_range" } },
      ],
      // The demonstration shows its way back on another endpoint, live; a drill of each candidate would take longer than its story.
      drillMaxAgeDays: null,
      minTestRows: 200,
      criteria: [
        { metric: "recall:malignant", op: ">=", value: 0.85, bound: "worse_end" },
        { metric: "areaUnderRoc", op: ">=", baselineMinus: 0.02 },
      ],
    },
  });
}

type Statement = Parameters<App["governance"]["addEvidence"]>[1];

const STATEMENTS: readonly Statement[] = [
  {
    kind: "business_case_recorded",
    subject: { type: "model", model: "credit-default" },
    details: { decision: "Whether a credit officer looks deeper before a loan is granted", users: "Credit officers", benefit: "Officers look first where default is likely", alternatives: "A rule on income and debt" },
    statement: "Purpose, users, benefit and alternatives were agreed with the lending team.",
  },
  {
    kind: "human_oversight_measures",
    subject: { type: "model", model: "tumour-triage" },
    details: { overseers: "Pathologist on duty", competent: true, override: "The pathologist reads every sample in any order and may switch the ordering off" },
    statement: "A pathologist reads every sample; the ordering can be switched off at the list.",
  },
  {
    kind: "policy_attestation",
    subject: { type: "organisation" },
    details: { policy: "Model risk policy 3", owner: "Ruth Keller" },
    statement: "The model risk policy was read and attested for this year.",
  },
];

async function addStatements(app: App, reviewer: Actor): Promise<void> {
  for (const statement of STATEMENTS) {
    const { data } = await app.governance.listEvidence(reviewer, { kind: statement.kind, limit: 1 });
    if (data.length === 0) await app.governance.addEvidence(reviewer, statement);
  }
}

const RUNBOOK = `## When to use it

An alert fires on an endpoint of the demonstration, or a guard rolls a release back.

## First five minutes

Open the release or the endpoint. Read its sentence: what is live, at what weight, and why it is or is not moving.

## Roll back

Shift and R on the release page, or slipway release rollback. It needs one person and waits for nobody.

## Whom to tell

The owner of the model, then the reviewer when people may have been harmed: clocks of law start from when you became aware.

## Afterwards

Write down what happened under Incidents, with the cause and what was changed.
`;

/** The runbook of the demonstration's models: written, assigned to two people, read by both. */
export async function ensureRunbook(app: App, people: { readonly engineer: Actor; readonly lead: Actor }, models: readonly string[]): Promise<void> {
  const name = "demonstration";
  const known = await app.store.read((db) => db.runbooks.findRunbook(name));
  if (known !== null) return;
  const { engineer, lead } = people;
  await app.runbooks.createRunbook(lead, { name, title: "When a model of the demonstration misbehaves", text: RUNBOOK });
  await app.runbooks.assignRunbook(lead, { runbook: name, body: { person: "engineer@demo", duty: "primary" } });
  await app.runbooks.assignRunbook(lead, { runbook: name, body: { person: "lead@demo", duty: "secondary" } });
  for (const model of models) await app.runbooks.linkRunbook(lead, { runbook: name, body: { model } });
  for (const person of [engineer, lead]) await app.runbooks.acknowledgeRunbook(person, { runbook: name, body: { version: 1 } });
}

/** Waivers first: without them nothing of the demonstration could go live. */
export async function ensureWaivers(app: App, validator: Actor): Promise<void> {
  for (const environment of ["staging", "production"]) await signWaivers(app, validator, environment);
}

/** After the models are there, before anything is released. */
export async function ensureGovernance(app: App, reviewer: Actor): Promise<void> {
  await classify(app, reviewer);
  await registerChangePlan(app, reviewer);
  await addStatements(app, reviewer);
}
