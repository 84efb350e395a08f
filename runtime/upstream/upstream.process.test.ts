import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createClient, markedBody } from "../testing/client.ts";
import { startControlServer, type ControlServer } from "../testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isInForce,
  isReady,
  markedSignature,
} from "../testing/desired.ts";
import { markedModel } from "../testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "../testing/runtime-process.ts";

describe("a version that another server runs", () => {
  let directories: string[] = [];
  let serverControl: ControlServer;
  let control: ControlServer;
  let server: RuntimeProcess;
  let runtime: RuntimeProcess;

  beforeAll(async () => {
    directories = [await makeDataDirectory(), await makeDataDirectory()];
    [serverControl, control] = [await startControlServer(), await startControlServer()];
    // The server is a runtime of its own kind, with two endpoints: to the router in front it is any server of the protocol.
    server = await startRuntime(directories[0] ?? "", serverControl);
    const one = desiredVersion(serverControl, {
      name: "1",
      model: markedModel(1),
      signature: markedSignature,
    });
    const two = desiredVersion(serverControl, {
      name: "2",
      model: markedModel(2),
      signature: markedSignature,
    });
    const [first, second] = [randomUUID(), randomUUID()];
    serverControl.desire(
      [
        desiredEndpoint("first", first, { epoch: 1, stable: one }),
        desiredEndpoint("second", second, { epoch: 1, stable: two }),
      ],
      [one, two],
    );
    await serverControl.untilAcks(
      "the server's versions",
      (acks) => isReady(one.versionId)(acks) && isReady(two.versionId)(acks),
    );
    runtime = await startRuntime(directories[1] ?? "", control);
  });
  afterAll(async () => {
    await Promise.all([runtime.stop(), server.stop()]);
    await Promise.all([control.close(), serverControl.close()]);
    for (const directory of directories) await removeDataDirectory(directory);
  });

  const grpcUrlOf = ({ log }: RuntimeProcess): string =>
    `http://127.0.0.1:${/"grpcUrl":"grpc:\/\/[^"]*:(\d+)"/.exec(log())?.[1] ?? ""}`;
  const upstream = (
    model: string,
    kind: "oip_http" | "oip_grpc",
    headers: Record<string, string> = {},
  ) => ({
    targetId: "t1",
    kind,
    url: kind === "oip_http" ? server.url : grpcUrlOf(server),
    model,
    version: null,
    mapping: null,
    timeoutMs: 5000,
    headers,
  });
  const markOf = (text: string): number =>
    (JSON.parse(text) as { outputs: { name: string; data: number[] }[] }).outputs.find(
      ({ name }) => name === "mark",
    )?.data[0] ?? 0;

  it.each(["oip_http", "oip_grpc"] as const)(
    "is given weights, canary and telemetry by our router: %s",
    async (kind) => {
      const file = markedModel(0);
      const stable = {
        ...desiredVersion(control, {
          name: "1",
          model: file,
          signature: markedSignature,
          labelOutput: "label",
        }),
        upstream: upstream("first", kind),
      };
      const candidate = {
        ...desiredVersion(control, {
          name: "2",
          model: file,
          signature: markedSignature,
          labelOutput: "label",
        }),
        upstream: upstream("second", kind),
      };
      const endpointId = randomUUID();
      control.desire(
        [
          desiredEndpoint(kind.replace("_", "-"), endpointId, {
            epoch: 1,
            stable,
            candidate,
            weightBp: 5000,
            releaseId: randomUUID(),
          }),
        ],
        [stable, candidate],
      );
      await control.untilAcks(
        "both versions",
        (acks) =>
          isReady(stable.versionId)(acks) &&
          isReady(candidate.versionId)(acks) &&
          isInForce(endpointId, 1)(acks),
      );
      // No byte of a model was fetched: the other server has them.
      expect(control.artifactOffsets).toEqual([]);
      const marks = new Map<number, number>();
      const client = createClient(runtime.url);
      const ask = async (key: number) =>
        client.call({
          path: `/v2/models/${kind.replace("_", "-")}/infer`,
          body: markedBody(),
          headers: { "content-type": "application/json", "slipway-key": `key-${key}` },
        });
      for (let key = 0; key < 60; key += 1) {
        const mark = markOf((await ask(key)).text);
        marks.set(mark, (marks.get(mark) ?? 0) + 1);
      }
      client.close();
      expect([...marks.keys()].sort()).toEqual([1, 2]);
      expect(Math.min(...marks.values())).toBeGreaterThan(10);
    },
  );

  it("changes over to another address or other credentials once golden inputs are answered there, without a failed request; a way that leads nowhere is not taken", async () => {
    const version = {
      ...desiredVersion(control, { name: "1", model: markedModel(0), signature: markedSignature }),
      upstream: upstream("first", "oip_http"),
    };
    const endpointId = randomUUID();
    const endpoint = desiredEndpoint("moving", endpointId, { epoch: 1, stable: version });
    control.desire([endpoint], [version]);
    await control.untilAcks(
      "the version",
      (acks) => isReady(version.versionId)(acks) && isInForce(endpointId, 1)(acks),
    );
    const client = createClient(runtime.url);
    const ask = async () =>
      client.call({
        path: "/v2/models/moving/infer",
        body: markedBody(),
        headers: { "content-type": "application/json" },
      });

    control.desire(
      [endpoint],
      [{ ...version, upstream: { ...version.upstream, url: "http://127.0.0.1:9" } }],
    );
    await control.untilAcks("a problem", (acks) =>
      acks.versions.some(
        ({ versionId, problem }) => versionId === version.versionId && problem !== null,
      ),
    );
    expect(markOf((await ask()).text)).toBe(1);

    control.desire(
      [endpoint],
      [{ ...version, upstream: { ...version.upstream, model: "second" } }],
    );
    await vi.waitUntil(
      async () => {
        const answer = await ask();
        expect(answer.status).toBe(200);
        return markOf(answer.text) === 2;
      },
      { timeout: 30_000 },
    );
    client.close();
  });

  it("is served after a restart without the control plane, with credentials that lie sealed on disk", async () => {
    const directory = await makeDataDirectory();
    directories.push(directory);
    const away = await startControlServer();
    const version = {
      ...desiredVersion(away, { name: "1", model: markedModel(0), signature: markedSignature }),
      upstream: upstream("first", "oip_http", { authorization: "Bearer very-secret" }),
    };
    const endpointId = randomUUID();
    const first = await startRuntime(directory, away);
    away.desire([desiredEndpoint("credit", endpointId, { epoch: 1, stable: version })], [version]);
    await away.untilAcks(
      "the version",
      (acks) => isReady(version.versionId)(acks) && isInForce(endpointId, 1)(acks),
    );
    await first.kill9();
    const { url, token } = away;
    await away.close();
    for (const file of await readdir(directory, { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect(await readFile(path.join(file.parentPath, file.name), "utf8")).not.toContain(
          "very-secret",
        );
    const again = await startRuntime(directory, { url, token });
    const client = createClient(again.url);
    const answered = await vi.waitUntil(
      async () => {
        const answer = await client.call({
          path: "/v2/models/credit/infer",
          body: markedBody(),
          headers: { "content-type": "application/json" },
        });
        return answer.status === 200 ? answer : null;
      },
      { timeout: 30_000 },
    );
    expect(markOf(answered.text)).toBe(1);
    client.close();
    await again.stop();
  });
});
