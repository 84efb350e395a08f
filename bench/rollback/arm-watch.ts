/**
 * Closed-loop load in a process of its own that remembers when it last got an answer of the candidate.
 * `node arm-watch.ts PORT PATH CONNECTIONS BODIES_FILE`, started with an IPC channel: any message is answered with the counts so far.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { z } from "zod";

/** Times are `process.hrtime.bigint()`, the clock that all processes of a machine share. */
export const armReport = z.object({
  answers: z.number(),
  candidateAnswers: z.number(),
  failures: z.number(),
  lastCandidateNs: z.string(),
});
export type ArmReport = z.output<typeof armReport>;

const HEAD_END = Buffer.from("\r\n\r\n");

if (process.argv[1] === import.meta.filename) main();

function main(): void {
  const [port = "", path = "", connections = "", bodiesFile = ""] = process.argv.slice(2);
  const bodies = z.array(z.string()).parse(JSON.parse(readFileSync(bodiesFile, "utf8")));
  const requests = bodies.map((body, index) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
        `slipway-key: patient-${index}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  let [next, answers, candidateAnswers, failures, lastCandidateNs] = [0, 0, 0, 0, 0n];

  const drive = (socket: Socket): void => {
    let pending: Buffer = Buffer.alloc(0);
    const send = (): void => {
      const request = requests[next % requests.length];
      next += 1;
      if (request !== undefined) socket.write(request);
    };
    socket.on("data", (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const end = pending.indexOf(HEAD_END);
      if (end < 0) return;
      const head = pending.toString("latin1", 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      answers += 1;
      if (!head.startsWith("HTTP/1.1 200")) failures += 1;
      if (head.includes("slipway-arm: candidate")) {
        candidateAnswers += 1;
        lastCandidateNs = process.hrtime.bigint();
      }
      pending = Buffer.alloc(0);
      send();
    });
    socket.on("error", () => {
      failures += 1;
    });
    send();
  };

  const sockets = Array.from({ length: Number(connections) }, () => {
    const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    socket.once("connect", () => drive(socket));
    return socket;
  });
  process.on("message", () => {
    const report: ArmReport = {
      answers,
      candidateAnswers,
      failures,
      lastCandidateNs: String(lastCandidateNs),
    };
    process.send?.(report);
  });
  process.on("disconnect", () => {
    for (const socket of sockets) socket.destroy();
  });
}
