/**
 * What plain `node:http` and JSON can do: parses each body and answers it re-serialised, with the headers an inference answer carries.
 * Prints its port on the first line. The yardstick for the runtime, which does the same and routes, checks, infers and counts besides.
 */
import { createServer } from "node:http";

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
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(address.port);
});
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
