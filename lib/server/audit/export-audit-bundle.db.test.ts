import { describe, expect, test } from "vitest";
import { createBundleVerifier } from "#lib/domain/audit/bundle-verifier.ts";
import type { BundleVerdict } from "#lib/domain/audit/bundle-verdict.ts";
import { utf8 } from "#lib/domain/audit/bytes.ts";
import { leafHash } from "#lib/domain/audit/merkle.ts";
import { verifyInclusion } from "#lib/domain/audit/merkle-verify.ts";
import { sampleLeaf, sha256 } from "#lib/domain/audit/sample-log.fixture.ts";
import { parseVerifierKey } from "#lib/domain/audit/signed-note.ts";
import { parseTlogProof } from "#lib/domain/audit/tlog-proof.ts";
import type { AuditFilter } from "./audit-store.ts";
import { describeFilter } from "./describe-filter.ts";
import { verifyEd25519 } from "./signing-key.ts";
import { trailStage } from "./trail-stage.fixture.ts";

const stage = trailStage();
const { append } = stage;

describe("proofs and exports", () => {
  test("an entry is proven under the newest checkpoint, also as a C2SP tlog-proof", async () => {
    await append(100);
    expect(await stage.trail.prove(5)).toBe("unsigned");
    expect(await stage.trail.prove(100)).toBe("missing");
    await stage.trail.signNow();
    await append(1);
    expect(await stage.trail.prove(100)).toBe("unsigned");
    for (const seq of [0, 5, 63, 64, 99]) {
      const proof = await stage.trail.prove(seq);
      if (typeof proof === "string") throw new Error(proof);
      const parsed = parseTlogProof(proof.text)!;
      const claim = {
        index: seq,
        size: 100,
        leaf: leafHash(utf8(sampleLeaf(seq)), sha256),
        root: proof.checkpoint.root,
      };
      expect(verifyInclusion(claim, parsed.hashes, sha256)).toBe(true);
      expect(parsed.checkpoint).toBe(proof.checkpoint.note);
      expect(proof.steps.map(({ start, end }) => end - start).reduce((a, b) => a + b, 1)).toBe(100);
    }
  });

  async function exported(filter: AuditFilter, sinceSize?: number): Promise<string[]> {
    const lines = await stage.trail.exportBundle({
      filter,
      statement: describeFilter(filter),
      ...(sinceSize === undefined ? {} : { sinceSize }),
      exportedAt: new Date("2026-11-23T14:00:00Z"),
      generator: "slipway test",
    });
    let text = "";
    for await (const line of lines!) text += line;
    expect(text.endsWith("\n")).toBe(true);
    return text.slice(0, -1).split("\n");
  }

  function judge(lines: readonly string[], since: string | null = null): BundleVerdict {
    const verifier = createBundleVerifier({
      trusted: [parseVerifierKey(stage.trail.vkey, sha256)!],
      since,
      hash: sha256,
      verifySignature: verifyEd25519,
    });
    for (const line of lines) {
      const verdict = verifier.line(line);
      if (verdict !== null) return verdict;
    }
    return verifier.end(false);
  }

  test("an empty log has nothing to export", async () => {
    expect(
      await stage.trail.exportBundle({
        filter: {},
        statement: "",
        exportedAt: new Date(),
        generator: "",
      }),
    ).toBeNull();
  });

  test("a full export verifies, with the earlier checkpoints in it", async () => {
    await append(300);
    const kept = (await stage.trail.signNow())!;
    await append(900);
    const lines = await exported({});
    expect(judge(lines, kept.note)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 1_200, earlierChecked: 1, sinceSize: 300 },
    });
    expect(judge(lines.toSpliced(700, 1)).status).toBe("tampered");
  });

  test("a filtered export verifies entry by entry, over several pages, and extends a kept checkpoint", async () => {
    await append(500);
    const kept = (await stage.trail.signNow())!;
    await append(1_100);
    await stage.trail.signNow();
    const some = parseLeafRelease(sampleLeaf(5));
    const lines = await exported({ releaseId: some }, kept.size);
    expect(judge(lines, kept.note)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 17, sinceSize: 500 },
    });
    const many = await exported({ outcomes: ["ok"], toSeq: 1_400 });
    expect(judge(many)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 1_401, manifest: { firstSeq: 0, lastSeq: 1_400 } },
    });
    expect(judge(await exported({ actorId: "nobody" }))).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 0 },
    });
    expect(judge(many.with(40, many[40]!.replace("Ines", "Inez")))).toMatchObject({
      status: "tampered",
    });
  });

  test("entries that arrive during an export do not enter it", async () => {
    await append(1_200);
    const lines = await stage.trail.exportBundle({
      filter: {},
      statement: "Every entry.",
      exportedAt: new Date(),
      generator: "t",
    });
    const read: string[] = [];
    for await (const line of lines!) {
      if (read.length % 400 === 0) await append(5, true);
      read.push(line.slice(0, -1));
    }
    expect(judge(read)).toMatchObject({ status: "valid", facts: { entriesChecked: 1_200 } });
  });

  test("the manifest says the filter in words and for programs", async () => {
    await append(3);
    const [manifest] = await exported({
      actions: ["release.approved"],
      actorId: "u-1",
      from: new Date("2026-03-01T00:00:00Z"),
    });
    expect(JSON.parse(manifest!)).toMatchObject({
      filter:
        "Entries where action is Approved release, and actor is u-1, and time is at or after 2026-03-01T00:00:00.000Z.",
      query: { actions: ["release.approved"], actorId: "u-1", from: "2026-03-01T00:00:00.000Z" },
      scope: "selection",
      count: 0,
    });
  });
});

const parseLeafRelease = (text: string): string =>
  /"id":"([^"]+)","name":"Release 5"/.exec(text)?.[1] ?? "";
