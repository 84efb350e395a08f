import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AUDIT_ACTION_NAMES, AUDIT_ACTIONS, auditActionLabel, isAuditAction } from "./actions.ts";
import { toHex, utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { AuditDraft, LeafCircumstances } from "./leaf.ts";
import { buildLeaf, LEAF_LIMITS, parseLeaf } from "./leaf.ts";
import { sha256 } from "./sample-log.fixture.ts";

const circumstances: LeafCircumstances = {
  id: "0197a000-0000-7000-8000-000000000001",
  occurredAt: new Date("2026-11-23T14:00:00.123Z"),
  actor: {
    type: "person",
    id: "0197a000-0000-7000-8000-0000000000aa",
    name: "Ines Albrecht",
    authMethod: "password",
  },
  context: { requestId: "req-1", ip: "10.0.0.1", userAgent: "curl/8" },
  hash: sha256,
};

const draft: AuditDraft = {
  action: "release.approved",
  targets: [{ type: "release", id: "r-1", name: "Release 142", digest: "sha256:00" }],
  before: { approvals: 1 },
  after: { approvals: 2 },
  reason: "evidence reviewed",
};

test("a leaf says who did what to what, when, from where and why, in one fixed text", () => {
  expect(buildLeaf(draft, circumstances).text).toBe(
    '{"action":"release.approved","actor":{"authMethod":"password","id":"0197a000-0000-7000-8000-0000000000aa","name":"Ines Albrecht","type":"person"},' +
      '"after":{"approvals":2},"before":{"approvals":1},"context":{"ip":"10.0.0.1","requestId":"req-1","userAgent":"curl/8"},"crud":"update",' +
      '"id":"0197a000-0000-7000-8000-000000000001","idempotencyKey":null,"outcome":"ok","reason":"evidence reviewed",' +
      '"targets":[{"digest":"sha256:00","id":"r-1","name":"Release 142","type":"release"}],"ts":"2026-11-23T14:00:00.123Z","v":1}',
  );
});

test("a leaf reads back as itself", () => {
  const { leaf, text } = buildLeaf(draft, circumstances);
  expect(parseLeaf(text)).toEqual(leaf);
});

test("an actor named in the draft stands before the caller", () => {
  const policy = { type: "policy", id: null, name: "approval binding", authMethod: null } as const;
  expect(
    buildLeaf({ ...draft, action: "approval.voided", actor: policy }, circumstances).leaf.actor,
  ).toEqual(policy);
});

test("texts from outside are made storable, never refused: NUL, half surrogates, length", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 9_000 }), (text) => {
      const hostile = { ...circumstances, context: { requestId: text, ip: text, userAgent: text } };
      const { leaf, text: bytes } = buildLeaf(
        {
          ...draft,
          reason: text,
          after: { [text]: text, list: [text] },
          targets: [{ type: "user", id: text, name: text, digest: text }],
        },
        hostile,
      );
      expect(bytes).not.toContain("\\u0000");
      expect(parseLeaf(bytes)).toEqual(leaf);
      expect(leaf.context.userAgent?.length ?? 0).toBeLessThanOrEqual(LEAF_LIMITS.userAgentChars);
    }),
    { seed: 40, numRuns: 200 },
  );
  expect(buildLeaf({ ...draft, reason: "a\u0000b\ud800" }, circumstances).leaf.reason).toBe(
    "a\uFFFDb\uFFFD",
  );
  const after = { "\u0000": { deep: ["\udc00"] } };
  expect(buildLeaf({ ...draft, after }, circumstances).leaf.after).toEqual({
    "\uFFFD": { deep: ["\uFFFD"] },
  });
});

test("a snapshot that is too large is kept by digest and size", () => {
  const after = { text: "x".repeat(LEAF_LIMITS.snapshotBytes) };
  const bytes = utf8(canonicalJson(after));
  expect(buildLeaf({ ...draft, after }, circumstances).leaf.after).toEqual({
    omitted: { sha256: toHex(sha256(bytes)), bytes: bytes.length },
  });
});

describe("mistakes of ours are refused, so that they show", () => {
  test.each([
    ["a Date", { at: new Date(0) }],
    ["a bigint", { size: 1n }],
    ["a Date deep inside", { list: [{ at: new Date(0) }] }],
    ["an undefined member", { a: undefined }],
    ["an unsafe integer", { n: 2 ** 60 }],
  ])("%s in a snapshot", (_name, after) => {
    const mistaken: object = { ...draft, after };
    expect(() => buildLeaf(mistaken as AuditDraft, circumstances)).toThrow(/No canonical JSON/);
  });

  test("too many targets", () => {
    const targets = Array.from({ length: LEAF_LIMITS.targets + 1 }, () => draft.targets[0]!);
    expect(() => buildLeaf({ ...draft, targets }, circumstances)).toThrow(RangeError);
  });
});

test("a leaf of another shape is not read", () => {
  const { text } = buildLeaf(draft, circumstances);
  const variants = [
    text.replace('"v":1', '"v":2'),
    text.replace('"outcome":"ok"', '"outcome":"fine"'),
    text.replace('"type":"person"', '"type":"robot"'),
    text.replace('"reason":"evidence reviewed"', '"reason":7'),
    text.replace('"targets":[{', '"targets":[7,{'),
    text.replace(',"v":1', ""),
    `${text} `,
    "[]",
  ];
  for (const variant of variants) {
    expect(variant).not.toBe(text);
    expect(parseLeaf(variant)).toBeNull();
  }
});

test("an action that this version does not know is read and shown by its own name", () => {
  const text = buildLeaf(draft, circumstances).text.replace(
    "release.approved",
    "release.teleported",
  );
  expect(parseLeaf(text)?.action).toBe("release.teleported");
  expect(auditActionLabel("release.teleported")).toBe("release.teleported");
  expect(auditActionLabel("release.approved")).toBe("Approved release");
  expect(isAuditAction("toString")).toBe(false);
});

test("actions are dotted, in the past tense's snake case, each with a label of its own", () => {
  for (const name of AUDIT_ACTION_NAMES) expect(name).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
  const labels = AUDIT_ACTION_NAMES.map((name) => AUDIT_ACTIONS[name].label);
  expect(new Set(labels).size).toBe(labels.length);
});
