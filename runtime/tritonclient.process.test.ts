import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startControlServer } from "./testing/control-server.ts";
import { desiredEndpoint, desiredVersion, isReady, markedSignature } from "./testing/desired.ts";
import { markedModel } from "./testing/onnx-model.ts";
import { makeDataDirectory, removeDataDirectory, startRuntime } from "./testing/runtime-process.ts";

/** A Python that has `pip install tritonclient[http,grpc] aiohttp`; named by SLIPWAY_TRITON_PYTHON, else the one on PATH. */
const python = process.env["SLIPWAY_TRITON_PYTHON"] ?? "python3";
const CHECK = fileURLToPath(new URL("./testing/tritonclient_check.py", import.meta.url));
const isThere =
  spawnSync(python, ["-c", "import tritonclient.grpc, tritonclient.http.aio"], { stdio: "ignore" })
    .status === 0;
const why = isThere
  ? ""
  : ` (skipped: ${python} has no tritonclient; pip install "tritonclient[http,grpc]" aiohttp and name it in SLIPWAY_TRITON_PYTHON)`;

it.skipIf(!isThere)(`is understood by tritonclient over HTTP, aio and gRPC${why}`, async () => {
  const control = await startControlServer();
  const directory = await makeDataDirectory();
  const runtime = await startRuntime(directory, control);
  try {
    const marked = desiredVersion(control, {
      name: "1.0.0",
      model: markedModel(7),
      signature: markedSignature,
      labelOutput: "label",
    });
    control.desire(
      [desiredEndpoint("marked", randomUUID(), { epoch: 1, stable: marked })],
      [marked],
    );
    await control.untilAcks("ready", isReady(marked.versionId));
    const grpcPort = /"grpcUrl":"grpc:\/\/[^:]+:(\d+)"/.exec(runtime.log())?.[1] ?? "0";
    const child = spawn(python, [CHECK, new URL(runtime.url).host, `127.0.0.1:${grpcPort}`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [said, problem] = ["", ""];
    child.stdout.on("data", (part: Buffer) => {
      said += part.toString();
    });
    child.stderr.on("data", (part: Buffer) => {
      problem += part.toString();
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect([code, problem]).toEqual([0, expect.not.stringContaining("Traceback")]);
    const lines = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { client: string; message?: string });
    const errors = lines.filter(({ message }) => message !== undefined);
    expect(errors.map(({ client }) => client)).toEqual(["http error", "grpc error"]);
    for (const { message } of errors) expect(message).toContain("nobody");
    const answers = lines.filter(({ message }) => message === undefined);
    expect(answers.map(({ client }) => client)).toEqual([
      "http binary",
      "http json",
      "http gzip",
      "http deflate",
      "aio",
      "grpc",
      "grpc stream",
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ labels: [1, 0], marks: [7, 7] });
  } finally {
    await runtime.stop();
    await control.close();
    await removeDataDirectory(directory);
  }
});
