import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { SECTION_NAMES, type Sections } from "#lib/domain/card/sections.ts";
import type { CardDocument } from "../card-document.ts";
import { lockOf, packageOf } from "#lib/domain/dependencies/lock.ts";
import { cardToCycloneDx, cycloneDxToCard } from "./cyclonedx.ts";
import { cycloneDxProblems } from "./cyclonedx-schema.fixture.ts";
import { cardToHtml } from "./html.ts";
import { cardToMarkdown, markdownToCard } from "./markdown.ts";
import { cardToToolkit, toolkitToCard } from "./model-card-toolkit.ts";
import { cardToPdf } from "./pdf.ts";

const row = (key: string, label: string, value: string, number: number | null = null, low: number | null = null, high: number | null = null) => ({
  key, label, value, number, low, high, unit: null, evidenceId: "e-1", source: "Evaluation",
});
const sections: Sections = Object.fromEntries(
  SECTION_NAMES.map((name) => [name, { text: name === "licence" ? "Apache-2.0" : `What ${name} says.\n\n- first | second\n- <b>third</b> & more`, by: "Priya Nair", personId: "p1", at: "2026-11-20T10:00:00.000Z", origin: "typed" }]),
);
const CARD: CardDocument = {
  model: "credit-default", version: "1.1.0", digest: `sha256:${"ab".repeat(32)}`, riskTier: "high", revision: 3, state: "published",
  publishedAt: "2026-11-23T10:00:00.000Z", madeAt: "2026-11-24T10:00:00.000Z", generator: "slipway 0.1.0", sections,
  groups: [
    { name: "ownership", isLive: false, facts: [row("owner", "Owner", "Maren Okafor"), row("contact", "Contact", "lead@example.com")] },
    { name: "interface", isLive: false, facts: [row("input:income", "income", "float32, 0 to open"), row("output:label", "Output label", "BYTES [N]")] },
    { name: "data", isLive: false, facts: [row("training", "Training data", "applications.csv"), row("evaluation", "Evaluated on", "holdout.csv, 3000 rows", 3000)] },
    { name: "performance", isLive: false, facts: [row("metric:accuracy", "Accuracy", "0.9660", 0.966, 0.9589, 0.9719), row("metric:brierScore", "Brier score", "0.0513", 0.051346)] },
    { name: "slices", isLive: false, facts: [row("metric:recall:defaulted", "Recall, defaulted", "0.8184", 0.818414, 0.777, 0.853)] },
  ],
  signatures: [{ signedName: "Yusuf Demir", meaning: "figures_equal_the_records", reason: "Compared each.", signedAt: "2026-11-22T10:00:00.000Z", digest: `sha256:${"cd".repeat(32)}` }],
};
const texts = (card: { readonly sections: ReadonlyMap<string, string> }) => Object.fromEntries([...card.sections].sort());
const own = Object.fromEntries(SECTION_NAMES.map((name) => [name, sections[name]?.text ?? ""]).sort());
const claimed = (read: { readonly claims: readonly { metric: string; value: number }[] }) => read.claims.map(({ metric, value }) => [metric, value]);

describe("a card that goes out and comes back", () => {
  it("is the same in Markdown, with front matter that model hubs read", () => {
    const text = cardToMarkdown(CARD);
    const read = markdownToCard(text);
    expect(texts(read)).toEqual(own);
    expect(claimed(read)).toEqual([["accuracy", 0.966], ["brierScore", 0.051346]]);
    expect(read.ignored).toEqual([]);
    expect(parse(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? "")).toMatchObject({
      license: "apache-2.0", library_name: "onnx", metrics: ["accuracy", "brierScore"],
      "model-index": [{ name: "credit-default 1.1.0", results: [{ dataset: { name: "holdout.csv, 3000 rows" }, metrics: [{ type: "accuracy", value: 0.966 }, { type: "brierScore", value: 0.051346 }] }] }],
    });
  });
  it("is the same in Model Card Toolkit JSON", () => {
    const read = toolkitToCard(JSON.parse(JSON.stringify(cardToToolkit(CARD))));
    expect(texts(read)).toEqual(own);
    expect(claimed(read)).toEqual([["accuracy", 0.966], ["brierScore", 0.051346], ["recall", 0.818414]]);
    expect(read.claims[2]?.slice).toBe("defaulted");
  });
  it("is the same in CycloneDX, which its official schema 1.6 accepts", () => {
    const bom: unknown = JSON.parse(JSON.stringify(cardToCycloneDx(CARD)));
    const read = cycloneDxToCard(bom);
    expect(texts(read)).toEqual(own);
    expect(read.claims.map(({ slice }) => slice)).toEqual([null, null, "defaulted"]);

    const problems = cycloneDxProblems();
    expect(problems(bom)).toEqual([]);
    const broken = JSON.parse(JSON.stringify(bom)) as { components: { modelCard: { considerations: { users: unknown } } }[] };
    const [component] = broken.components;
    if (component !== undefined) component.modelCard.considerations.users = "everybody";
    expect(problems(broken)).not.toEqual([]);
  });
});

it("names the packages of the files of dependencies in the bill of materials, each once, with what needs them", () => {
  const hash = `sha256:${"ab".repeat(32)}`;
  const pypi = (name: string, dependsOn: string[] = []) => packageOf({ ecosystem: "pypi", name, version: "1.0.0", hashes: [hash], dependsOn });
  const locks = [
    lockOf("uv", [pypi("scikit-learn", ["numpy"]), pypi("numpy"), packageOf({ ecosystem: "pypi", name: "loose", version: null, asked: ">=1", hashes: [] })]),
    lockOf("npm", [packageOf({ ecosystem: "npm", name: "@scope/thing", version: "2.0.0", hashes: [`sha512:${"cd".repeat(64)}`], licence: "(MIT OR Apache-2.0)" })]),
    lockOf("requirements", [pypi("numpy")]),
  ];
  const bom = cardToCycloneDx(CARD, locks) as { components: { "bom-ref": string; licenses?: unknown }[]; dependencies: { ref: string; dependsOn: string[] }[] };
  expect(cycloneDxProblems()(bom)).toEqual([]);
  expect(bom.components.map((one) => one["bom-ref"])).toEqual(["credit-default@1.1.0", "pkg:npm/%40scope/thing@2.0.0", "pkg:pypi/loose", "pkg:pypi/numpy@1.0.0", "pkg:pypi/scikit-learn@1.0.0"]);
  expect(bom.components[1]?.licenses).toEqual([{ license: { name: "(MIT OR Apache-2.0)" } }]);
  expect(bom.dependencies[0]).toEqual({ ref: "credit-default@1.1.0", dependsOn: ["pkg:npm/%40scope/thing@2.0.0", "pkg:pypi/loose", "pkg:pypi/scikit-learn@1.0.0"] });
  expect(bom.dependencies.find(({ ref }) => ref === "pkg:pypi/scikit-learn@1.0.0")?.dependsOn).toEqual(["pkg:pypi/numpy@1.0.0"]);
  expect(cycloneDxToCard(JSON.parse(JSON.stringify(bom))).sections.get("licence")).toBe("Apache-2.0");
});

describe("what comes from outside", () => {
  it("is read from short cards with bold beginnings", () => {
    const read = markdownToCard("# m\n\n**Intended use.** For a test.\n\n**Limits.** Many.\nTwo lines.\n\n**Thanks.** To all.");
    expect(texts(read)).toEqual({ intendedUse: "For a test.", limitations: "Many.\nTwo lines." });
    expect(read.ignored).toEqual(["Thanks"]);
  });
  it.each(["---\na: [\n---\n", "---\nmodel-index: 5\n---\n", "---\na: &a [1]\nb: *a\n---\n"])("is refused in words: %j", (text) => {
    expect(() => markdownToCard(text)).toThrow(/front matter/);
  });
  it("is refused when it is another kind of document", () => {
    expect(() => toolkitToCard({ model_details: 5 })).toThrow(/Toolkit/);
    expect(() => cycloneDxToCard({ bomFormat: "CycloneDX", components: [] })).toThrow(/machine-learning/);
  });
  it("never becomes markup", () => {
    expect(cardToHtml(CARD)).toContain("&lt;b&gt;third&lt;/b&gt; &amp; more");
    expect(cardToHtml(CARD)).not.toMatch(/<script|<b>third/);
  });
});

it("prints as a PDF", async () => {
  const pdf = await cardToPdf(CARD);
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  expect(pdf.length).toBeGreaterThan(2_000);
});
