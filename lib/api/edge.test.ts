import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AppError, ERROR_STATUS, type ErrorCode } from "#lib/domain/errors.ts";
import { callContext, clientAddress } from "./call-context.ts";
import { etagOf, rowVersionOf } from "./conditional.ts";
import { openApiDocument } from "./openapi.ts";
import { parseParams, parseQuery } from "./parse-input.ts";
import { fieldErrors, problemDocument, problemResponse, toProblem } from "./problem.ts";
import { parseJson, readBytes } from "./read-body.ts";
import { unroutable } from "./refuse-unroutable.ts";
import { requireSameOrigin } from "./same-origin.ts";
import { cookieNames, cookieValue, sessionCookie, sessionIdOf } from "./session-cookie.ts";

const PUBLIC_URL = "http://127.0.0.1:3000";
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "accepted";
  } catch (error) {
    return error instanceof AppError ? error.code : "bug";
  }
};

describe("a change sent with somebody's cookie", () => {
  const origins = [
    null,
    PUBLIC_URL,
    "null",
    "",
    "http://127.0.0.1:3001",
    "https://127.0.0.1:3000",
    "http://127.0.0.1:3000.evil.example",
    "http://evil.example",
    "HTTP://127.0.0.1:3000",
  ];
  const sites = [null, "same-origin", "same-site", "cross-site", "none"];
  const types = ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""];

  test("is accepted from our own pages only: 9 origins, 5 sites, 5 content types, 4 methods", () => {
    let accepted = 0;
    for (const origin of origins)
      for (const site of sites)
        for (const type of types)
          for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
            const headers = new Headers({ "content-type": type });
            if (origin !== null) headers.set("origin", origin);
            if (site !== null) headers.set("sec-fetch-site", site);
            const code = codeOf(() => requireSameOrigin(method, headers, PUBLIC_URL));
            const isLegitimate = site === "same-origin" || (site === null && origin === PUBLIC_URL);
            expect([origin, site, type, method, code]).toEqual([
              origin, site, type, method, isLegitimate ? "accepted" : "csrf_refused",
            ]);
            if (code === "accepted") accepted += 1;
          }
    expect(accepted).toBe((9 + 1) * types.length * 4);
  });

  test("looking is not a change", () => {
    const headers = new Headers({ "sec-fetch-site": "cross-site", origin: "http://evil.example" });
    expect(codeOf(() => requireSameOrigin("GET", headers, PUBLIC_URL))).toBe("accepted");
  });
});

describe("the address of a caller", () => {
  test("is the other end of the socket, whatever is claimed, when no proxy is trusted", () => {
    expect(clientAddress("192.0.2.1", "203.0.113.9", 0)).toBe("192.0.2.1");
  });
  test("is what the outermost trusted proxy saw", () => {
    expect(clientAddress("10.0.0.1", "6.6.6.6, 203.0.113.9", 1)).toBe("203.0.113.9");
    expect(clientAddress("10.0.0.2", "6.6.6.6, 203.0.113.9, 10.0.0.1", 2)).toBe("203.0.113.9");
  });
  test("is no free text", () => {
    expect(clientAddress("10.0.0.1", "<script>", 1)).toBe("10.0.0.1");
  });
});

test("a harmless foreign request id is kept, any other is replaced", () => {
  const idFor = (id: string) => callContext(new Headers({ "x-request-id": id }), 0).requestId;
  expect(idFor("trace-0123456789")).toBe("trace-0123456789");
  expect(idFor("short")).not.toBe("short");
  expect(idFor('x"; drop table')).toMatch(/^[0-9a-f-]{36}$/);
});

describe("a body", () => {
  const post = (body: BodyInit, type = "application/json") =>
    new Request(`${PUBLIC_URL}/x`, { method: "POST", body, headers: { "content-type": type } });
  const read = async (body: BodyInit, type?: string): Promise<unknown> => {
    const request = post(body, type);
    return parseJson(request, await readBytes(request, 1000));
  };
  const refusal = (body: BodyInit, type?: string) => read(body, type).catch((error: unknown) => (error instanceof AppError ? error.code : error));

  test("that is one byte too long is refused, also when nothing says how long it is", async () => {
    expect(await refusal("x".repeat(1001))).toBe("payload_too_large");
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(100).fill(32)),
    });
    const request = new Request(`${PUBLIC_URL}/x`, { method: "POST", body: endless, duplex: "half" } as RequestInit);
    await expect(readBytes(request, 1000)).rejects.toMatchObject({ code: "payload_too_large" });
  });
  test("of exactly the limit is read", async () => {
    expect(await read(JSON.stringify("x".repeat(998)))).toHaveLength(998);
  });
  test("that is empty says nothing", async () => expect(await read("")).toEqual({}));
  test("of another type is refused", async () => {
    expect(await refusal("{}", "text/plain")).toBe("unsupported_media_type");
    expect(await refusal("{}", "application/json; charset=utf-8")).toEqual({});
  });
  test.each([["{"], ["[1,]"], ["\ufeff{}x"], ["NaN"], ['{"a":"\\u0000"}'], ['{"\\u0000":1}'], ['"\\ud800"'], ["1e999"], [`${"[".repeat(40)}${"]".repeat(40)}`]])(
    "such as %j is refused",
    async (body) => expect(await refusal(body)).toBe("malformed_request"),
  );
  test("that is no UTF-8 is refused", async () => {
    expect(await refusal(new Uint8Array([0x22, 0xff, 0x22]))).toBe("malformed_request");
  });
  test("of any bytes is read or refused, and never breaks anything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const result = await refusal(Uint8Array.from(bytes));
        expect(result).not.toBeInstanceOf(Error);
      }),
      { seed: 20261123, numRuns: 500 },
    );
  });
});

describe("an address", () => {
  const query = z.strictObject({ limit: z.coerce.number().int().max(200).default(50) });
  test("with a query nobody knows, or the same twice, is refused and names it", () => {
    for (const [text, pointer] of [["?limt=3", "/limt"], ["?limit=3&limit=4", "/limit"], ["?limit=x", "/limit"], ["?__proto__=1", "/__proto__"]] as const) {
      const error = (() => {
        try {
          return parseQuery(query, new URLSearchParams(text));
        } catch (caught) {
          return caught;
        }
      })();
      expect(error).toMatchObject({ code: "invalid_input", errors: [{ pointer }] });
    }
    expect(parseQuery(query, new URLSearchParams(""))).toEqual({ limit: 50 });
  });
  test("that cannot name anything of ours does not exist", () => {
    const params = z.strictObject({ id: z.uuid() });
    expect(codeOf(() => parseParams(params, { id: "../../etc/passwd" }))).toBe("not_found");
    expect(codeOf(() => parseParams(params, { id: "\u0000" }))).toBe("not_found");
  });
});

test("If-Match is one of our tags, and must be there where it decides", () => {
  expect(rowVersionOf(etagOf(7), true)).toBe(7);
  expect(rowVersionOf(null, false)).toBeNull();
  expect(codeOf(() => rowVersionOf(null, true))).toBe("precondition_required");
  for (const wrong of ["7", 'W/"7"', '"7", "8"', '"x"', "", "*", `"${"9".repeat(20)}"`]) {
    expect(codeOf(() => rowVersionOf(wrong, true))).toBe("malformed_request");
  }
});

describe("a problem document", () => {
  const at = { instance: "/api/v1/x", requestId: "r-1" };
  test("is made of each code with its own status and title", () => {
    const titles = new Set<string>();
    for (const code of Object.keys(ERROR_STATUS)) {
      const problem = toProblem(new AppError(code as ErrorCode, "A sentence."), at);
      expect(problemDocument.parse(problem)).toMatchObject({ code, status: ERROR_STATUS[code as ErrorCode], ...at });
      titles.add(problem.title);
    }
    expect(titles.size).toBe(Object.keys(ERROR_STATUS).length);
  });
  test("tells nothing of what we did not expect", () => {
    for (const bug of [new Error("password=hunter2 at /srv/app"), "text", null, undefined, { message: "hunter2" }]) {
      const problem = toProblem(bug, at);
      expect(problem).toMatchObject({ status: 500, code: "internal_error" });
      expect(JSON.stringify(problem)).not.toContain("hunter2");
    }
  });
  test("cannot be given another code by the details of an error", () => {
    const error = new AppError("forbidden", "No.", { details: { status: 200, code: "fine", extra: 1 } });
    expect(toProblem(error, at)).toMatchObject({ status: 403, code: "forbidden", extra: 1 });
  });
  test("points at each wrong field, at unknown ones too", () => {
    const schema = z.strictObject({ list: z.array(z.strictObject({ "a/b": z.number() })) });
    const parsed = schema.safeParse({ list: [{ "a/b": "x", more: 1 }], other: 2 });
    expect(fieldErrors(parsed.error!).map(({ pointer }) => pointer).sort()).toEqual(["/list/0/a~1b", "/list/0/more", "/other"]);
  });
  test("says when to come back", () => {
    const response = problemResponse(toProblem(new AppError("busy", "Busy."), at), 7);
    expect([response.status, response.headers.get("retry-after"), response.headers.get("content-type")]).toEqual([
      503, "7", "application/problem+json",
    ]);
  });
});

describe("the session cookie", () => {
  const secret = "0123456789abcdef0123456789abcdef";
  const install = "3f2a6c1e-0b7d-4c55-9b1e-8a1d5c2f7e90";
  const id = "0199b1f0-5a3e-7c21-8f00-1234567890ab";

  test("carries the session's id, and whoever has another secret cannot read or make it", async () => {
    const { session } = cookieNames(install, false);
    const header = await sessionCookie(id, { name: session, secret, maxAgeSeconds: 60, isSecure: false });
    const value = cookieValue(header.split(";")[0] ?? "", session) ?? "";
    expect(await sessionIdOf(value, secret)).toBe(id);
    expect(await sessionIdOf(value, `${secret}x`)).toBeNull();
    expect(await sessionIdOf(`${value.slice(0, -4)}AAAA`, secret)).toBeNull();
    expect(header).toContain("HttpOnly; SameSite=Lax");
    expect(header).not.toContain(id);
  });
  test("is bound to the host over https", async () => {
    const { session } = cookieNames(install, true);
    expect(session.startsWith("__Host-")).toBe(true);
    expect(await sessionCookie(id, { name: session, secret, maxAgeSeconds: 60, isSecure: true })).toContain("; Path=/; ");
    expect(await sessionCookie(id, { name: session, secret, maxAgeSeconds: 60, isSecure: true })).toMatch(/; Secure$/);
  });
  test("of two installations on one machine have different names", () => {
    expect(cookieNames(install, false).session).not.toBe(cookieNames(install.replace("7e90", "7e91"), false).session);
  });
  test("has a name that no other cookie of ours begins with: next-auth would take that for a part of it", () => {
    const { session, ...others } = cookieNames(install, false);
    for (const other of Object.values(others)) expect(other.startsWith(session)).toBe(false);
  });
  test("of any text is no session", async () => {
    for (const value of ["", "x", "a.b.c.d.e", "ey".repeat(5000), "\u0000"]) expect(await sessionIdOf(value, secret)).toBeNull();
  });
});

test("the OpenAPI document names every operation once, with its problem document and its permission", () => {
  const document = openApiDocument("1.2.3");
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(["listPeople", "createToken", "getStream"]));
  expect(document.openapi).toBe("3.1.0");
  expect(text).not.toContain("$schema");
});

describe("what Next would answer by itself", () => {
  const statusOf = (method: string, url: string) => unroutable(method, url)?.error.code ?? "goes on";
  test("is refused in our form: addresses that do not decode, methods that an address does not have", () => {
    expect(statusOf("GET", "/api/v1/people/%ZZ/link")).toBe("malformed_request");
    expect(statusOf("PUT", "/api/v1/people")).toBe("method_not_allowed");
    expect(unroutable("DELETE", "/api/v1/people?x=1")?.allow).toBe("GET, HEAD, POST");
    expect(statusOf("BREW", "/api/v1/session")).toBe("method_not_allowed");
  });
  test("goes on when it is ours, nobody's, or next-auth's", () => {
    for (const [method, url] of [["GET", "/api/v1/people"], ["HEAD", "/api/v1/people"], ["POST", "/api/v1/people/x/link"], ["PUT", "/api/v1/nothing"], ["POST", "/api/auth/callback/password"], ["GET", "/releases/%ZZ"]] as const) {
      expect(statusOf(method, url)).toBe("goes on");
    }
  });
});
