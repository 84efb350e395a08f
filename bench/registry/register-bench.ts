import { execFile } from "node:child_process";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { promisify } from "node:util";
import { openLocalArtifactStore } from "#lib/server/artifacts/local-artifact-store.ts";
import { readArtifactFile } from "#lib/server/artifacts/read-artifact-file.ts";
import { receiveUpload } from "#lib/server/artifacts/receive-upload.ts";
import { bytes, concat, graph, int, key, message, node, value, varint } from "#lib/domain/artifact/onnx-builder.fixture.ts";

const run = promisify(execFile);
const MIB = 1024 * 1024;
const BOUNDARY = "slipway-bench-boundary";

export type RegisterResult = {
  readonly fileBytes: number;
  /** `sha256sum` and `cp` of the same file, one after the other. */
  readonly plainSeconds: number;
  /** Received as a multipart upload, hashed, read, scanned and made durable. */
  readonly registerSeconds: number;
  readonly ratio: number;
  readonly extraMemoryBytes: number;
};

/** Receives, reads and keeps one large ONNX file, against what the machine needs to hash and copy it. Best of some rounds. */
export async function benchRegister(fileBytes: number, rounds: number): Promise<RegisterResult> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  try {
    const file = join(directory, "model.onnx");
    await writeLargeModel(file, fileBytes);
    let best: RegisterResult | null = null;
    for (let round = 0; round < rounds; round += 1) {
      const plainSeconds = await timed(async () => {
        await run("sha256sum", [file]);
        await run("cp", [file, join(directory, "copy.onnx")]);
      });
      rmSync(join(directory, "copy.onnx"));
      const measured = await register(file, join(directory, `store-${round}`));
      rmSync(join(directory, `store-${round}`), { recursive: true, force: true });
      const ratio = measured.registerSeconds / plainSeconds;
      if (best === null || ratio < best.ratio) best = { fileBytes, plainSeconds, ratio, ...measured };
    }
    if (best === null) throw new Error("At least one round is needed.");
    return best;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

async function register(file: string, directory: string): Promise<Pick<RegisterResult, "registerSeconds" | "extraMemoryBytes">> {
  const store = await openLocalArtifactStore({ directory, freeSpaceFloorBytes: 0 });
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  const registerSeconds = await timed(async () => {
    const upload = await receiveUpload(store, { contentType: `multipart/form-data; boundary=${BOUNDARY}`, contentLength: null, body: bodyOf(file) }, { maxBytes: 4096 * MIB });
    await readArtifactFile(upload.model.path);
    await upload.keep();
  });
  clearInterval(watch);
  return { registerSeconds, extraMemoryBytes: Math.max(0, most - before) };
}

async function* bodyOf(file: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"; filename="model.onnx"\r\n\r\n`);
  yield* createReadStream(file, { highWaterMark: 64 * 1024 }) as AsyncIterable<Uint8Array>;
  yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
}

/** x @ W with a W of so many bytes: an ONNX file that is nearly all weights. */
async function writeLargeModel(path: string, size: number): Promise<void> {
  const columns = 1024;
  const rows = Math.floor(size / (columns * 4));
  const rawBytes = rows * columns * 4;
  const tensorHead = concat([int(1, rows), int(1, columns), int(2, 1), bytes(8, new TextEncoder().encode("w")), key(9, 2), varint(rawBytes)]);
  const rest = graph({ nodes: [node({ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] })], inputs: [value("x", 1, ["N", rows])], outputs: [value("y", 1, ["N", columns])] });
  const tensorBytes = tensorHead.length + rawBytes;
  const initialiser = concat([key(5, 2), varint(tensorBytes), tensorHead]);
  const out = createWriteStream(path);
  const graphBytes = rest.length + initialiser.length + rawBytes;
  out.write(concat([int(1, 10), message(8, int(2, 17)), key(7, 2), varint(graphBytes), rest, initialiser]));
  const chunk = Buffer.alloc(columns * 4 * 256);
  for (let index = 0; index < chunk.length; index += 1) chunk[index] = (index * 31) & 0xff;
  for (let left = rawBytes; left > 0; left -= chunk.length) {
    if (!out.write(left < chunk.length ? chunk.subarray(0, left) : chunk)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}
