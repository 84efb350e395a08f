import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardedRequest, type Resolver } from "./guarded-request.ts";
import { parseOutboundRules, type OutboundRules } from "./outbound-rules.ts";

const rulesOf = (text: string): OutboundRules => {
  const rules = parseOutboundRules(text);
  if ("problem" in rules) throw new Error(rules.problem);
  return rules;
};

describe("a request to an address that somebody gave", () => {
  let server: Server;
  let port = 0;
  const seen: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.url ?? "");
      if (request.url === "/redirect") response.writeHead(302, { location: "/inner" }).end();
      else if (request.url === "/long") {
        response.on("error", () => undefined);
        for (let part = 0; part < 40; part += 1) response.write(Buffer.alloc(65_536));
        response.end();
      } else if (request.url !== "/hang") response.writeHead(204).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const call = (path: string, rules: OutboundRules, resolve?: Resolver, host = "127.0.0.1") =>
    guardedRequest({ url: `http://${host}:${String(port)}${path}`, headers: {}, body: "{}", rules, timeoutMs: 300, ...(resolve ? { resolve } : {}) });

  it("answers the status where the operator allows the target", async () => {
    expect((await call("/ok", rulesOf("127.0.0.1"))).status).toBe(204);
  });

  it("follows no redirect", async () => {
    expect((await call("/redirect", rulesOf("127.0.0.1"))).status).toBe(302);
    expect(seen).not.toContain("/inner");
  });

  it("stops at its time and at a mebibyte of answer", async () => {
    await expect(call("/hang", rulesOf("127.0.0.1"))).rejects.toThrow(/No answer within/);
    await expect(call("/long", rulesOf("127.0.0.1"))).rejects.toThrow(/1 MiB/);
  });

  it("does not connect when a name resolves into a private network, whatever it resolved to before", async () => {
    // The name is allowed in form only by its port; each look-up answers something else, as a rebinding server does.
    const answers = [[{ address: "127.0.0.1", family: 4 }], [{ address: "169.254.169.254", family: 4 }]];
    const before = seen.length;
    const secure = (resolve: Resolver) => guardedRequest({ url: "https://rebinding.example/", headers: {}, body: "{}", rules: rulesOf(""), timeoutMs: 300, resolve });
    for (const answer of answers) await expect(secure(() => Promise.resolve(answer))).rejects.toThrow(/private or reserved/);
    // One good and one bad address among several: refused as a whole.
    const mixed: Resolver = () => Promise.resolve([{ address: "93.184.216.34", family: 4 }, { address: "10.0.0.1", family: 4 }]);
    await expect(secure(mixed)).rejects.toThrow(/private or reserved/);
    await expect(secure(() => Promise.resolve([]))).rejects.toThrow(/no address/);
    expect(seen.length).toBe(before);
  });
});
