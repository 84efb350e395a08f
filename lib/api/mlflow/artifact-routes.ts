import { Readable } from "node:stream";
import type { App } from "#lib/server/composition.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Actor } from "#lib/server/ports.ts";
import { EndpointMissing, NotImplemented } from "./mlflow-error.ts";

/** The artifact proxy: `artifacts?path=` lists, `artifacts/<path>` reads, writes and deletes. Multipart uploads are not offered; clients then send files whole. */
export async function answerArtifacts(app: App, actor: Actor, request: Request, segments: readonly string[]): Promise<Response> {
  const [area, ...rest] = segments.map(decoded);
  if (area === "mpu") throw new NotImplemented("Multipart upload is not supported by this server.");
  if (area !== "artifacts") throw new EndpointMissing("No such address on this server.");
  const path = rest.join("/");
  if (path === "") {
    if (request.method !== "GET") throw new EndpointMissing("Name an artifact.");
    const folder = new URL(request.url).searchParams.get("path") ?? "";
    return Response.json({ files: await app.mlflowDesk.listFiles(actor, folder) });
  }
  switch (request.method) {
    case "GET":
    case "HEAD": {
      const { bytes, sizeBytes } = await app.mlflowDesk.openFile(actor, path);
      const name = path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^A-Za-z0-9._-]/g, "_");
      const headers = { "content-type": "application/octet-stream", "content-length": String(sizeBytes), "content-disposition": `attachment; filename="${name}"` };
      return new Response(Readable.toWeb(bytes) as ReadableStream, { headers });
    }
    case "PUT": {
      const length = request.headers.get("content-length");
      await app.mlflowDesk.putFile(actor, path, request.body, length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null);
      return Response.json({});
    }
    case "DELETE":
      await app.mlflowDesk.deleteFiles(actor, path);
      return Response.json({});
    default:
      throw new EndpointMissing(`No ${request.method} for artifacts.`);
  }
}

/** Next leaves what it cannot decode as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AppError("invalid_input", "Invalid path.");
  }
}
