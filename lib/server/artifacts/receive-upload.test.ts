import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { type LocalArtifactStore, openLocalArtifactStore } from "./local-artifact-store.ts";
import { receiveUpload, type ReceivedUpload, type UploadLimits } from "./receive-upload.ts";

let directory = "";
let store: LocalArtifactStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-upload-"));
  store = await openLocalArtifactStore({ directory, freeBytes: () => Promise.resolve(1e15) });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const limits: UploadLimits = { maxBytes: 10_000 };
const digestOf = (text: string): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;
const staging = (): Promise<string[]> => readdir(join(directory, "staging"));

type Part = [name: string, value: string] | [name: string, value: string, filename: string];

function form(...parts: Part[]): Request {
  const data = new FormData();
  for (const [name, value, filename] of parts) {
    if (filename === undefined) data.append(name, value);
    else data.append(name, new Blob([value]), filename);
  }
  return new Request("http://localhost/upload", { method: "POST", body: data });
}

const receive = (request: Request, terms: UploadLimits = limits): Promise<ReceivedUpload> =>
  receiveUpload(
    store,
    { contentType: request.headers.get("content-type"), contentLength: null, body: request.body },
    terms,
  );

async function refusal(
  request: Request | Promise<unknown>,
  terms?: UploadLimits,
): Promise<AppError> {
  const promise = request instanceof Request ? receive(request, terms) : request;
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  expect(await staging()).toEqual([]);
  return error as AppError;
}

test("model, external files, sample and fields come in one request, in any order", async () => {
  const upload = await receive(
    form(
      ["version", "2.5.0"],
      ["external", "weights", "weights.bin"],
      ["contract", '{"fields":[]}', "contract.json"],
      ["sample", "age,word\n1,a\n2,b\n", "rows.csv"],
      ["model", "the model", "credit.onnx"],
      ["digest", digestOf("the model")],
      ["external", "more", "more.bin"],
    ),
  );
  expect([...upload.fields]).toEqual([
    ["version", "2.5.0"],
    ["contract", '{"fields":[]}'],
  ]);
  expect(upload.model).toMatchObject({
    name: "credit.onnx",
    role: "model",
    digest: digestOf("the model"),
    sizeBytes: 9,
  });
  expect(upload.external.map((file) => [file.name, file.sizeBytes])).toEqual([
    ["weights.bin", 7],
    ["more.bin", 4],
  ]);
  expect(upload.sample?.summary).toMatchObject({
    rows: 2,
    columns: [{ name: "age", min: 1, max: 2 }, { name: "word" }],
  });
  expect(upload.sample?.firstRows).toEqual([
    ["1", "a"],
    ["2", "b"],
  ]);
  expect(upload.sample?.digest).toBe(digestOf("age,word\n1,a\n2,b\n"));
  expect(await readFile(upload.model.path, "utf8")).toBe("the model");
  expect(await store.has(upload.model.digest)).toBe(false);
  await upload.keep();
  expect(await readFile(store.path(digestOf("weights")), "utf8")).toBe("weights");
  expect(await staging()).toEqual([]);
});

test("a received upload that is not wanted leaves nothing", async () => {
  const upload = await receive(form(["model", "m", "m.onnx"], ["external", "w", "w.bin"]));
  await upload.discard();
  expect(await staging()).toEqual([]);
  expect(await store.has(upload.model.digest)).toBe(false);
});

test.each<[string, Part[], string, string]>([
  ["no model", [["version", "1"]], "invalid_input", "/model"],
  ["an empty model", [["model", "", "m.onnx"]], "invalid_input", "/model"],
  [
    "two models",
    [
      ["model", "a", "a.onnx"],
      ["model", "b", "b.onnx"],
    ],
    "invalid_input",
    "/model",
  ],
  [
    "another digest",
    [
      ["digest", digestOf("x")],
      ["model", "a", "a.onnx"],
    ],
    "invalid_input",
    "/digest",
  ],
  [
    "no digest at all",
    [
      ["digest", "abc"],
      ["model", "a", "a.onnx"],
    ],
    "invalid_input",
    "/digest",
  ],
  [
    "a field twice",
    [
      ["model", "a", "a.onnx"],
      ["version", "1"],
      ["version", "2"],
    ],
    "invalid_input",
    "/version",
  ],
  [
    "one name for two files",
    [
      ["external", "a", "W.bin"],
      ["external", "b", "w.BIN"],
      ["model", "a", "a.onnx"],
    ],
    "invalid_input",
    "/external/1",
  ],
  [
    "an external file with a space in its name",
    [
      ["model", "a", "a.onnx"],
      ["external", "b", "my weights.bin"],
    ],
    "invalid_input",
    "/external/0",
  ],
  [
    "a hidden external file",
    [
      ["model", "a", "a.onnx"],
      ["external", "b", ".w"],
    ],
    "invalid_input",
    "/external/0",
  ],
  [
    "too many bytes in one file",
    [["model", "a".repeat(10_001), "a.onnx"]],
    "payload_too_large",
    "/model",
  ],
  [
    "too many bytes in two files",
    [
      ["external", "a".repeat(9999), "w.bin"],
      ["model", "ab", "a.onnx"],
    ],
    "payload_too_large",
    "/model",
  ],
  [
    "two samples",
    [
      ["model", "a", "a.onnx"],
      ["sample", "a\n1\n", "a.csv"],
      ["sample", "a\n1\n", "b.csv"],
    ],
    "invalid_input",
    "/sample",
  ],
  [
    "a sample without rows",
    [
      ["model", "a", "a.onnx"],
      ["sample", "a,b\n", "a.csv"],
    ],
    "invalid_input",
    "/sample",
  ],
  [
    "an empty sample",
    [
      ["model", "a", "a.onnx"],
      ["sample", "", "a.csv"],
    ],
    "invalid_input",
    "/sample",
  ],
  [
    "a sample with ragged rows",
    [
      ["model", "a", "a.onnx"],
      ["sample", "a,b\n1,2\n1\n", "a.csv"],
    ],
    "invalid_input",
    "/sample",
  ],
  [
    "a sample with an open quote",
    [
      ["model", "a", "a.onnx"],
      ["sample", 'a,b\n"1,2\n', "a.csv"],
    ],
    "invalid_input",
    "/sample",
  ],
  [
    "a sample with one name twice",
    [
      ["model", "a", "a.onnx"],
      ["sample", "a,a\n1,2\n", "a.csv"],
    ],
    "invalid_input",
    "/sample",
  ],
])("%s is refused with its pointer and leaves nothing", async (_, parts, code, pointer) => {
  const error = await refusal(form(...parts));
  expect([error.code, error.errors[0]?.pointer]).toEqual([code, pointer]);
});

test("a folder in a file name is dropped, never followed", async () => {
  const upload = await receive(
    form(["model", "a", "../../etc/model.onnx"], ["external", "b", "..\\w.bin"]),
  );
  expect([upload.model.name, upload.external[0]?.name]).toEqual(["model.onnx", "w.bin"]);
  await upload.discard();
});

test("limits on fields, files and the sample hold", async () => {
  const model: Part = ["model", "a", "a.onnx"];
  const many = (count: number): Part[] =>
    Array.from({ length: count }, (_, index) => [`f${index}`, "v"]);
  expect((await refusal(form(model, ...many(5)), { ...limits, maxFields: 4 })).code).toBe(
    "malformed_request",
  );
  expect(
    (await refusal(form(model, ["card", "x".repeat(101)]), { ...limits, maxFieldBytes: 100 }))
      .errors[0]?.pointer,
  ).toBe("/card");
  expect(
    (
      await refusal(form(model, ["card", "x".repeat(101), "card.md"]), {
        ...limits,
        maxFieldBytes: 100,
      })
    ).errors[0]?.pointer,
  ).toBe("/card");
  expect(
    (
      await refusal(form(model, ["a", "x".repeat(60)], ["b", "x".repeat(60)]), {
        ...limits,
        maxFieldBytesTotal: 100,
      })
    ).code,
  ).toBe("payload_too_large");
  expect((await refusal(form(model, ["x".repeat(101), "v"]))).code).toBe("malformed_request");
  const externals = Array.from({ length: 3 }, (_, index): Part => [
    "external",
    "w",
    `w${index}.bin`,
  ]);
  expect(
    (await refusal(form(model, ...externals), { ...limits, maxExternalFiles: 2 })).errors[0]
      ?.pointer,
  ).toBe("/external/2");
  const sample = { maxBytes: 100, maxRows: 5, maxColumns: 2 };
  expect(
    (
      await refusal(form(model, ["sample", `a\n${"1\n".repeat(6)}`, "s.csv"]), {
        ...limits,
        sample,
      })
    ).message,
  ).toContain("more than 5 rows");
  expect(
    (await refusal(form(model, ["sample", "a,b,c\n1,2,3\n", "s.csv"]), { ...limits, sample }))
      .message,
  ).toContain("3 columns; at most 2");
  const large = await refusal(form(model, ["sample", `a\n${"1".repeat(200)}\n`, "s.csv"]), {
    ...limits,
    sample,
  });
  expect([large.code, large.errors[0]?.pointer]).toEqual(["payload_too_large", "/sample"]);
});

test("a declared length beyond every limit is refused before the body is read", async () => {
  async function* untouched(): AsyncGenerator<Uint8Array> {
    yield await Promise.reject(new Error("the body was read"));
  }
  const request = {
    contentType: "multipart/form-data; boundary=b",
    contentLength: 2 ** 40,
    body: untouched(),
  };
  expect((await refusal(receiveUpload(store, request, limits))).code).toBe("payload_too_large");
});

test("what is no multipart form is refused as such", async () => {
  const json = new Request("http://localhost/", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect((await refusal(json)).code).toBe("unsupported_media_type");
  const unbound = new Request("http://localhost/", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "multipart/form-data; boundary=" },
  });
  expect((await refusal(unbound)).code).toBe("malformed_request");
  expect(
    (
      await refusal(
        receiveUpload(
          store,
          { contentType: "multipart/form-data; boundary=b", contentLength: 0, body: null },
          limits,
        ),
      )
    ).code,
  ).toBe("malformed_request");
});

/** The bytes of a form, to be cut and bent. */
async function bytesOf(request: Request): Promise<{ contentType: string; bytes: Uint8Array }> {
  return { contentType: request.headers.get("content-type") ?? "", bytes: await request.bytes() };
}
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(bytes.slice(at, at + size));
}

test("an upload cut off anywhere is refused and leaves nothing", async () => {
  const { contentType, bytes } = await bytesOf(
    form(["model", "the model", "m.onnx"], ["version", "1"], ["sample", "a\n1\n", "s.csv"]),
  );
  for (let length = 0; length < bytes.length - 4; length += 7) {
    const request = {
      contentType,
      contentLength: null,
      body: inPieces(bytes.subarray(0, length), 50),
    };
    expect((await refusal(receiveUpload(store, request, limits))).code).toMatch(
      /malformed_request|invalid_input/,
    );
  }
});

test("a client that goes away in the middle of a file leaves nothing", async () => {
  const { contentType, bytes } = await bytesOf(form(["model", "m".repeat(5000), "m.onnx"]));
  async function* leaving(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes.slice(0, 3000));
    throw Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  }
  const error = await refusal(
    receiveUpload(store, { contentType, contentLength: null, body: leaving() }, limits),
  );
  expect([error.code, error.message]).toEqual([
    "malformed_request",
    "The upload broke off before its end.",
  ]);
});

test(
  "500 bent bodies are received or refused, and nothing stays in staging",
  { timeout: 30_000 },
  async () => {
    const { contentType, bytes } = await bytesOf(
      form(
        ["model", "the model", "m.onnx"],
        ["version", "1"],
        ["external", "w", "w.bin"],
        ["sample", "a\n1\n", "s.csv"],
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        async (changes, size) => {
          const bent = Uint8Array.from(bytes);
          for (const [at, value] of changes) bent[at] = value;
          const request = { contentType, contentLength: null, body: inPieces(bent, size) };
          const outcome = await receiveUpload(store, request, limits).catch(
            (error: unknown) => error,
          );
          if (!(outcome instanceof AppError)) await (outcome as ReceivedUpload).discard();
          expect(await staging(), String(outcome)).toEqual([]);
        },
      ),
      { numRuns: 500, seed: 20_261_123 },
    );
  },
);
