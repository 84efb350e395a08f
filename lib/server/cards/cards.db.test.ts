import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { SECTION_NAMES } from "#lib/domain/card/sections.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";
import { registerIris } from "../registry/views/registry-views.fixture.ts";

const failure = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(() => "done", (error: unknown) => (error instanceof AppError ? `${error.code}: ${error.message}` : String(error)));

let test: TestApp;
let engineer: Actor, lead: Actor, validator: Actor;
const WHICH = { model: "iris", version: "1.0.0" };
const EVALUATION = { dataset: "holdout.csv", rows: 150, metrics: { accuracy: { value: 0.9666667, low: 0.92, high: 0.99 }, "recall:setosa": { value: 1 } } };

beforeAll(async () => {
  test = await testApp();
  engineer = await testPerson(test.app, "Priya Nair", ["engineer"]);
  lead = await testPerson(test.app, "Maren Okafor", ["ml_lead"]);
  validator = await testPerson(test.app, "Yusuf Demir", ["validator"]);
  await test.app.registry.createModel(engineer, { name: "iris", intendedUse: "Names the kind of an iris in a test.", riskTier: "medium" });
  await registerIris(test.app, engineer, "iris", { version: "1.0.0", evaluation: EVALUATION });
});
afterAll(() => test.close());

const read = (actor = lead, more = {}) => test.app.cards.readCard(actor, { ...WHICH, ...more });
const write = (section: string, text: string, actor = engineer) => test.app.cards.writeCardSection(actor, { ...WHICH, body: { section, text } });
const REASON = "Each figure was compared with its record.";
const sign = async (actor: Actor) => test.app.cards.signCard(actor, { ...WHICH, body: { digest: (await read()).digest, meaning: "figures_equal_the_records", reason: REASON } });
const publish = async (actor = lead) => test.app.cards.publishCard(actor, { ...WHICH, body: { digest: (await read()).digest } });

it("shows the facts of the records, each with its evidence, before anybody has written a word", async () => {
  const card = await read();
  expect(card.revision).toBeNull();
  const performance = card.groups.find(({ name }) => name === "performance")?.facts;
  expect(performance?.map(({ key, number, low, high }) => [key, number, low, high])).toEqual([["metric:accuracy", 0.9666667, 0.92, 0.99]]);
  expect(performance?.[0]?.evidenceId).toMatch(/^[0-9a-f-]{36}$/);
  expect(card.groups.find(({ name }) => name === "slices")?.facts).toHaveLength(1);
  expect(card.completeness.missing.length).toBe(card.completeness.required);
});

it("is not published while a section is missing, a figure differs or nobody independent signed", async () => {
  const required = (await read()).sections.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  for (const name of required) await write(name, `What is to be said of ${name}.`);
  await write("limitations", "Accuracy is 0.99 on the held-out rows.");
  const refused = await failure(publish());
  expect(refused).toContain("requirements_open");
  expect(refused).toContain("Accuracy is given as 0.99; the evidence says 0.9666667.");
  expect(refused).toContain("1 more signature");
  await write("limitations", "Accuracy is 0.97 on the held-out rows.");
  expect(await failure(publish())).toBe("requirements_open: 1 more signature of people who wrote none of it is needed.");
});

it("is signed by neither its author nor anybody who wrote a part, nor for a digest that is gone", async () => {
  const author: Actor = { ...engineer, roles: [{ role: "ml_lead", environmentId: null }] };
  expect(await failure(sign(author))).toContain("self_approval");
  await write("risks", "Few.", lead);
  expect(await failure(sign(lead))).toContain("self_approval");
  const old = (await read()).digest;
  await write("risks", "Few, and small.", lead);
  expect(await failure(test.app.cards.signCard(validator, { ...WHICH, body: { digest: old, meaning: "fit_to_be_published", reason: REASON } }))).toContain("stale_version");
});

it("loses its signatures with any change, and shows them struck through", async () => {
  await sign(validator);
  await write("users", "Botanists.");
  const card = await read();
  expect(card.signatures.map(({ signedName, voidReason }) => [signedName, voidReason])).toEqual([["Yusuf Demir", "The card was changed after signing."]]);
  expect(await failure(publish())).toContain("1 more signature");
});

it("is published with a fitting signature, becomes evidence, and stays as it was when a new draft begins", async () => {
  await sign(validator);
  expect((await publish()).state).toBe("published");
  const evidence = await test.app.store.read(async (db) => {
    const version = await db.models.findVersion((await db.models.getModel("iris")).id, "1.0.0");
    return db.evidence.evidenceOf("version", version?.id ?? newId());
  });
  expect(evidence.find(({ kind }) => kind === "model_card")?.summary).toBe("Model card, revision 1, published, signed by Yusuf Demir.");
  await write("limitations", "Accuracy is 0.97 on the held-out rows. It names three kinds only.");
  const draft = await read();
  expect([draft.revision?.number, draft.revision?.state, draft.comparedWith]).toEqual([2, "draft", { version: "1.0.0", revision: 1 }]);
  expect(draft.sections.find(({ name }) => name === "limitations")?.diff).toEqual([
    { text: "Accuracy is 0.97 on the held-out rows.", kind: "same" },
    { text: " It names three kinds only.", kind: "added" },
  ]);
  expect((await read(lead, { revision: 1 })).revision?.state).toBe("published");
});

it("takes an import, and a claimed figure that differs blocks publishing", async () => {
  const text = "---\nmodel-index:\n- results:\n  - metrics:\n    - type: accuracy\n      value: 0.5\n---\n\n## Limitations\n\nImported.\n\n## Acknowledgements\n\nThanks.\n";
  const answer = await test.app.cards.importCard(engineer, { ...WHICH, body: { format: "markdown", text } });
  expect([answer.sections, answer.claims, answer.ignored]).toEqual([["limitations"], 1, ["Acknowledgements"]]);
  expect((await read()).contradictions).toMatchObject([{ section: null, written: "0.5", evidence: 0.9666667 }]);
  expect(await failure(publish())).toContain("is given as 0.5");
});

it("goes out in five formats", async () => {
  for (const format of ["markdown", "model-card-toolkit", "cyclonedx", "html", "pdf"] as const) {
    const file = await test.app.cards.exportCard(lead, { ...WHICH, revision: null, format });
    expect(file.bytes.length).toBeGreaterThan(500);
    if (format !== "pdf") expect(file.bytes.toString("utf8")).toContain("0.9666667".slice(0, format === "html" ? 5 : 9));
  }
  expect(SECTION_NAMES).toHaveLength(15);
});
