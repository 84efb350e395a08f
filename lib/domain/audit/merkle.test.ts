import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "./bytes.ts";
import type { Span } from "./merkle.ts";
import {
  appendLeaf,
  consistencySpans,
  EMPTY_FRONTIER,
  frontierRoot,
  inclusionSpans,
  leafHash,
  nodeHash,
  proofHashes,
  subtreesOf,
} from "./merkle.ts";
import { rootFromInclusion, verifyConsistency, verifyInclusion } from "./merkle-verify.ts";
import { sampleLog, sha256 } from "./sample-log.fixture.ts";

const hex = (text: string): Uint8Array => fromHex(text)!;

/** The eight leaves, their roots and proofs of the certificate-transparency reference implementations. */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(hex);
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

type Tree = {
  lookup: (ref: { level: number; index: number }) => Uint8Array;
  rootAt: (size: number) => Uint8Array;
  leafHashes: Uint8Array[];
};

/** A tree over raw leaves, every size of it. */
function treeOf(leaves: readonly Uint8Array[]): Tree {
  const nodes = new Map<string, Uint8Array>();
  const frontiers = [EMPTY_FRONTIER];
  const leafHashes = leaves.map((leaf) => leafHash(leaf, sha256));
  for (const [index, hash] of leafHashes.entries()) {
    const { frontier, completed } = appendLeaf(frontiers[index]!, hash, sha256);
    nodes.set(`0:${index}`, hash);
    for (const node of completed) nodes.set(`${node.level}:${node.index}`, node.hash);
    frontiers.push(frontier);
  }
  return {
    leafHashes,
    lookup: ({ level, index }) => {
      const hash = nodes.get(`${level}:${index}`);
      if (hash === undefined) throw new Error(`no node ${level}:${index}`);
      return hash;
    },
    rootAt: (size) => frontierRoot(frontiers[size]!, sha256),
  };
}

/** MTH(D[n]) straight from the recursive definition of RFC 6962 section 2.1. */
function recursiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leafHash(leaves[0]!, sha256);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(recursiveRoot(leaves.slice(0, k)), recursiveRoot(leaves.slice(k)), sha256);
}

describe("RFC 6962 published vectors", () => {
  const tree = treeOf(LEAVES);

  test("hashes of nothing, an empty leaf, a leaf and a node", () => {
    expect(toHex(frontierRoot(EMPTY_FRONTIER, sha256))).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(toHex(leafHash(new Uint8Array(0), sha256))).toBe(
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
    expect(toHex(leafHash(Buffer.from("L123456"), sha256))).toBe(
      "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
    );
    expect(toHex(nodeHash(Buffer.from("N123"), Buffer.from("N456"), sha256))).toBe(
      "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
    );
  });

  test("roots of the trees of one to eight leaves", () => {
    expect(LEAVES.map((_, index) => toHex(tree.rootAt(index + 1)))).toEqual(ROOTS);
  });

  test.each([
    [
      0,
      8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ],
    ],
    [
      5,
      8,
      [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    ],
    [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
    [
      1,
      5,
      [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ],
    ],
  ])("inclusion of leaf %i in %i leaves", (index, size, proof) => {
    expect(proofHashes(inclusionSpans(index, size), tree.lookup, sha256).map(toHex)).toEqual(proof);
  });

  test.each([
    [1, 1, []],
    [
      1,
      8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ],
    ],
    [
      6,
      8,
      [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    ],
    [
      2,
      5,
      [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ],
    ],
    [
      6,
      7,
      [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    ],
  ])("consistency of %i leaves with %i", (oldSize, newSize, proof) => {
    expect(proofHashes(consistencySpans(oldSize, newSize), tree.lookup, sha256).map(toHex)).toEqual(
      proof,
    );
  });
});

test("the frontier's root equals the recursive definition at every size up to 130", () => {
  const leaves = Array.from({ length: 130 }, (_, index) => Buffer.from(`leaf ${index}`));
  const tree = treeOf(leaves);
  for (let size = 0; size <= leaves.length; size += 1) {
    expect(toHex(tree.rootAt(size))).toBe(toHex(recursiveRoot(leaves.slice(0, size))));
  }
});

test("a span falls into full subtrees that cover it without gap or overlap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (size, pick) => {
      for (const span of inclusionSpans(pick % size, size)) {
        let at = span.start;
        for (const { level, index } of subtreesOf(span)) {
          expect(index * 2 ** level).toBe(at);
          at += 2 ** level;
        }
        expect(at).toBe(span.end);
      }
    }),
    { seed: 6_962, numRuns: 500 },
  );
});

test("a proof of one entry among a million needs at most 20 hashes and 40 stored nodes", () => {
  const spans: readonly Span[] = inclusionSpans(765_432, 1_000_000);
  expect(spans.length).toBeLessThanOrEqual(20);
  expect(spans.flatMap(subtreesOf).length).toBeLessThanOrEqual(40);
});

test.each([
  [-1, 5],
  [5, 5],
  [0, 0],
  [0.5, 5],
  [Number.NaN, 5],
])("inclusionSpans(%d, %d) is refused", (index, size) => {
  expect(() => inclusionSpans(index, size)).toThrow(RangeError);
});

const SEED = 11_232_026;
const big = sampleLog(Array.from({ length: 700 }, (_, index) => `{"n":${index}}`));
const flip = (hash: Uint8Array, byte: number): Uint8Array =>
  hash.map((value, at) => (at === byte ? value ^ 8 : value));
const other = sha256(Buffer.from("something else"));
const nothing = new Uint8Array(0);

describe(`random proofs and their corrupted twins (seed ${SEED})`, () => {
  test("every inclusion proof holds; at least 15 corruptions of each fail", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 700 }), fc.nat(), (size, pick) => {
        const index = pick % size;
        const leaf = big.leafHashes[index]!;
        const root = big.rootAt(size);
        const proof = [...proofHashes(inclusionSpans(index, size), big.lookup, sha256)];
        const holds = (
          change: Partial<{ index: number; size: number; leaf: Uint8Array; root: Uint8Array }>,
          path = proof,
        ): boolean => verifyInclusion({ index, size, leaf, root, ...change }, path, sha256);
        expect(holds({})).toBe(true);
        expect(rootFromInclusion(index, size, leaf, proof, sha256)).toEqual(root);
        const twins: [string, boolean][] = [
          ["index - 1", holds({ index: index - 1 })],
          ["index + 1", holds({ index: index + 1 })],
          ["index xor 2", holds({ index: index ^ 2 })],
          ["size doubled", holds({ size: size * 2 })],
          ["size halved", holds({ size: Math.floor(size / 2) })],
          ["fractional index", holds({ index: index + 0.5 })],
          ["other leaf", holds({ leaf: other })],
          ["flipped leaf", holds({ leaf: flip(leaf, 31) })],
          ["empty leaf", holds({ leaf: nothing })],
          ["root of nothing", holds({ root: sha256(nothing) })],
          ["other root", holds({ root: other })],
          ["empty root", holds({ root: nothing })],
          ["trailing garbage", holds({}, [...proof, nothing])],
          ["trailing root", holds({}, [...proof, root])],
          ["leading garbage", holds({}, [nothing, ...proof])],
          ["leading root", holds({}, [root, ...proof])],
          ["last removed", holds({}, proof.slice(0, -1))],
          ["first removed", holds({}, proof.slice(1))],
          ["inserted", holds({}, [proof[0]!, other, ...proof.slice(1)])],
          ...proof.map((hash, at): [string, boolean] => [
            `flipped ${at}`,
            holds({}, proof.with(at, flip(hash, at % 32))),
          ]),
        ];
        expect(twins.length).toBeGreaterThanOrEqual(15);
        expect(twins.filter(([, passes]) => passes)).toEqual([]);
      }),
      { seed: SEED, numRuns: 400 },
    );
  }, 30_000);

  test("every consistency proof holds; at least 15 corruptions of each fail", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 700 }), fc.nat(), (newSize, pick) => {
        const oldSize = 1 + (pick % (newSize - 1));
        const claim = {
          oldSize,
          newSize,
          oldRoot: big.rootAt(oldSize),
          newRoot: big.rootAt(newSize),
        };
        const proof = [...proofHashes(consistencySpans(oldSize, newSize), big.lookup, sha256)];
        const holds = (
          change: Partial<typeof claim>,
          path: readonly Uint8Array[] = proof,
        ): boolean => verifyConsistency({ ...claim, ...change }, path, sha256);
        expect(holds({})).toBe(true);
        const twins: [string, boolean][] = [
          ["old size - 1", holds({ oldSize: oldSize - 1 })],
          ["old size + 1", holds({ oldSize: oldSize + 1 })],
          ["old size xor 2", holds({ oldSize: oldSize ^ 2 })],
          ["new size doubled", holds({ newSize: newSize * 2 })],
          ["new size halved", holds({ newSize: Math.floor(newSize / 2) })],
          ["other old root", holds({ oldRoot: other })],
          ["other new root", holds({ newRoot: other })],
          ["swapped roots", holds({ oldRoot: claim.newRoot, newRoot: claim.oldRoot })],
          ["empty old root", holds({ oldRoot: nothing })],
          ["no proof", holds({}, [])],
          ["trailing garbage", holds({}, [...proof, nothing])],
          ["trailing old root", holds({}, [...proof, claim.oldRoot])],
          ["trailing new root", holds({}, [...proof, claim.newRoot])],
          ["leading garbage", holds({}, [nothing, ...proof])],
          ["leading old root", holds({}, [claim.oldRoot, ...proof])],
          ["leading new root", holds({}, [claim.newRoot, ...proof])],
          ["doubled first", holds({}, [proof[0]!, ...proof])],
          ["last removed", holds({}, proof.slice(0, -1))],
          ...proof.map((hash, at): [string, boolean] => [
            `flipped ${at}`,
            holds({}, proof.with(at, flip(hash, at % 32))),
          ]),
        ];
        expect(twins.length).toBeGreaterThanOrEqual(15);
        expect(twins.filter(([, passes]) => passes)).toEqual([]);
      }),
      { seed: SEED, numRuns: 400 },
    );
  }, 30_000);

  test("equal trees need no proof, an empty tree begins every tree, and time does not run backwards", () => {
    const root = big.rootAt(5);
    const empty = sha256(nothing);
    expect(
      verifyConsistency({ oldSize: 5, newSize: 5, oldRoot: root, newRoot: root }, [], sha256),
    ).toBe(true);
    expect(
      verifyConsistency({ oldSize: 5, newSize: 5, oldRoot: root, newRoot: root }, [other], sha256),
    ).toBe(false);
    expect(
      verifyConsistency({ oldSize: 0, newSize: 5, oldRoot: empty, newRoot: root }, [], sha256),
    ).toBe(true);
    expect(
      verifyConsistency({ oldSize: 0, newSize: 5, oldRoot: other, newRoot: root }, [], sha256),
    ).toBe(false);
    expect(
      verifyConsistency(
        { oldSize: 5, newSize: 4, oldRoot: root, newRoot: big.rootAt(4) },
        [],
        sha256,
      ),
    ).toBe(false);
  });
});
