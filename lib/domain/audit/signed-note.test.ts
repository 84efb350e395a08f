import { describe, expect, test } from "vitest";
import { fromBase64, toBase64, utf8 } from "./bytes.ts";
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { sampleKey, sha256, verifySignature } from "./sample-log.fixture.ts";
import {
  encodeVerifierKey,
  isKeyName,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
} from "./signed-note.ts";
import { formatTlogProof, parseTlogProof } from "./tlog-proof.ts";

/** The example of the format's first implementation, golang.org/x/mod/sumdb/note. */
const PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PUBLISHED_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const key = sampleKey("slipway.local/one", 1);
const second = sampleKey("slipway.local/one", 2);
const root = sha256(utf8("root"));
const note = signNote(formatCheckpoint({ origin: key.name, size: 7, root }), [key]);

describe("published vectors", () => {
  test("the published key has the published id, and verifies the published note", () => {
    const published = parseVerifierKey(PUBLISHED_KEY, sha256);
    expect(published?.name).toBe("PeterNeumann");
    expect(openNote(PUBLISHED_NOTE, [published!], verifySignature)).toMatchObject({ ok: true });
    expect(encodeVerifierKey(published!.name, published!.publicKey, sha256)).toBe(PUBLISHED_KEY);
  });

  test("the key id of the Go checksum database's public key", () => {
    expect(
      parseVerifierKey(
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        sha256,
      )?.name,
    ).toBe("sum.golang.org");
  });

  test("the notes printed in the C2SP specifications parse", () => {
    const poem =
      "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    expect(parseNote(poem)?.text).toBe(
      "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n",
    );
    const checkpoint =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    expect(parseCheckpoint(parseNote(checkpoint)!.text)).toMatchObject({
      origin: "example.com/behind-the-sofa",
      size: 20_852_163,
    });
  });
});

describe("a note is believed only when a trusted key signed exactly it", () => {
  test("signing and opening", () => {
    const opened = openCheckpoint(note, [key], verifySignature);
    expect(opened).toMatchObject({ ok: true, checkpoint: { origin: key.name, size: 7 } });
  });

  test("each changed character is refused", () => {
    for (let at = 0; at < note.length; at += 1) {
      const changed = `${note.slice(0, at)}${note[at] === "x" ? "y" : "x"}${note.slice(at + 1)}`;
      expect(openCheckpoint(changed, [key], verifySignature).ok, `character ${at}`).toBe(false);
    }
  });

  test("each flipped bit of the signature is refused", () => {
    const { text, signatures } = parseNote(note)!;
    const signature = signatures[0]!.signature;
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const flipped = signature.map((byte, at) =>
        at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
      );
      const forged = signNote(text, [{ ...key, sign: () => flipped }]);
      expect(openNote(forged, [key], verifySignature)).toEqual({
        ok: false,
        refusal: "bad_signature",
      });
    }
  });

  test("signatures by unknown keys are passed over, also those that share the name", () => {
    const both = signNote(formatCheckpoint({ origin: key.name, size: 7, root }), [second, key]);
    expect(openCheckpoint(both, [key], verifySignature)).toMatchObject({
      ok: true,
      keys: [{ name: key.name }],
    });
    expect(openCheckpoint(both, [key, second], verifySignature)).toMatchObject({
      ok: true,
      keys: [{}, {}],
    });
    expect(openCheckpoint(note, [second], verifySignature)).toEqual({
      ok: false,
      refusal: "unknown_key",
    });
  });

  test("one bad signature by a known key refuses the note, whatever the others say", () => {
    const text = formatCheckpoint({ origin: key.name, size: 7, root });
    const mixed = signNote(text, [key, { ...second, sign: () => new Uint8Array(64) }]);
    expect(openNote(mixed, [key, second], verifySignature)).toEqual({
      ok: false,
      refusal: "bad_signature",
    });
  });

  test("16 signatures are accepted", () => {
    const others = Array.from({ length: 15 }, (_, index) =>
      sampleKey(`witness${index}.example`, 100 + index),
    );
    const text = formatCheckpoint({ origin: key.name, size: 7, root });
    expect(openNote(signNote(text, [...others, key]), [key], verifySignature).ok).toBe(true);
  });

  test("a key signs for the log of its own name only", () => {
    const foreign = signNote(formatCheckpoint({ origin: "slipway.local/two", size: 7, root }), [
      key,
    ]);
    expect(openCheckpoint(foreign, [key], verifySignature)).toEqual({
      ok: false,
      refusal: "foreign_origin",
    });
  });

  test.each([
    ["no final newline", note.slice(0, -1)],
    ["no blank line", note.replace("\n\n", "\n")],
    ["CR LF", note.replaceAll("\n", "\r\n")],
    ["a tab", note.replace("\n", "\t\n")],
    ["a hyphen for the dash", note.replace("\u2014", "-")],
    ["two spaces", note.replace("\u2014 ", "\u2014  ")],
    ["a signature line with more on it", `${note.slice(0, -1)} more\n`],
    ["nothing", ""],
  ])("%s is not a note", (_name, text) => {
    expect(openNote(text, [key], verifySignature)).toEqual({ ok: false, refusal: "malformed" });
  });
});

test.each([
  ["leading zero", `o\n07\n${toBase64(root)}\n`],
  ["sign", `o\n+7\n${toBase64(root)}\n`],
  ["beyond 2^53", `o\n9007199254740993\n${toBase64(root)}\n`],
  ["short root", `o\n7\n${toBase64(root.slice(1))}\n`],
  ["extension line", `o\n7\n${toBase64(root)}\nmore\n`],
  ["no origin", `\n7\n${toBase64(root)}\n`],
  ["no final newline", `o\n7\n${toBase64(root)}`],
])("a checkpoint text with a %s is refused", (_name, text) => {
  expect(parseCheckpoint(text)).toBeNull();
});

describe("verifier keys", () => {
  test.each([
    ["other id", key.vkey.replace(/\+[0-9a-f]{8}\+/, "+00000000+")],
    ["other name", key.vkey.replace("one", "two")],
    ["other type", key.vkey.replace(/\+A/, "+B")],
    ["no parts", "slipway.local/one"],
    ["nothing", ""],
  ])("%s is refused", (_name, text) => {
    expect(parseVerifierKey(text, sha256)).toBeNull();
  });

  test("names hold no spaces, plus signs or control characters", () => {
    expect(isKeyName("slipway.local/3f2a")).toBe(true);
    for (const name of [
      "",
      "a b",
      "a+b",
      "a\u00a0b",
      "a\u2028b",
      "a\nb",
      "a\u0000b",
      "\ud800",
      "x".repeat(256),
    ]) {
      expect(isKeyName(name), JSON.stringify(name)).toBe(false);
    }
  });
});

describe("C2SP tlog-proof", () => {
  const hashes = [sha256(utf8("a")), sha256(utf8("b"))];
  const text = formatTlogProof({ index: 3, hashes, checkpoint: note });

  test("is written as the specification shows and read back", () => {
    expect(text).toBe(
      `c2sp.org/tlog-proof@v1\nindex 3\n${hashes.map(toBase64).join("\n")}\n\n${note}`,
    );
    expect(parseTlogProof(text)).toEqual({ index: 3, hashes, checkpoint: note });
    expect(
      parseTlogProof(formatTlogProof({ index: 0, hashes: [], checkpoint: note })),
    ).toMatchObject({ index: 0, hashes: [] });
  });

  test("reads past extra data and refuses what is not a proof", () => {
    expect(parseTlogProof(text.replace("\nindex", "\nextra YWdl\nindex"))?.index).toBe(3);
    for (const bad of [
      "",
      text.replace("v1", "v2"),
      text.replace("index 3", "index 03"),
      text.replace(toBase64(hashes[0]!), "AAAA"),
    ]) {
      expect(parseTlogProof(bad)).toBeNull();
    }
  });
});

test("the example key survives its own encoding", () => {
  expect(fromBase64(key.vkey.split("+").slice(2).join("+"))).toHaveLength(33);
  expect(parseVerifierKey(key.vkey, sha256)).toMatchObject({ name: key.name });
});
