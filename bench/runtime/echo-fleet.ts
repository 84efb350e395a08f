/** `node echo-fleet.ts PROCESSES`: the yardstick of bench/serving/echo-server.ts in several processes behind one port; prints the port. */
import cluster from "node:cluster";
import { createServer } from "node:http";

const processes = Number(process.argv[2] ?? 1);

function serveEcho(port: number, listening: (port: number) => void): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      const text = JSON.stringify(parsed);
      response.writeHead(200, [
        "content-type",
        "application/json",
        "content-length",
        String(Buffer.byteLength(text)),
        "slipway-version",
        "1.0.0",
        "slipway-arm",
        "stable",
        "slipway-epoch",
        "1",
        "slipway-prediction-id",
        "00000000000000000000000000000000",
      ]);
      response.end(text);
    });
  });
  server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") listening(address.port);
  });
  process.on("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
    cluster.worker?.disconnect();
  });
}

if (processes === 1) serveEcho(0, (port) => console.log(port));
else if (cluster.isPrimary) {
  let listening = 0;
  cluster.on("listening", (_worker, { port }) => {
    listening += 1;
    if (listening === processes) console.log(port);
  });
  for (let number = 0; number < processes; number += 1) cluster.fork();
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM");
  });
} else serveEcho(0, () => undefined);
