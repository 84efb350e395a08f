import type { Located } from "../access.ts";
import { endpointTargets } from "../serving/locate-endpoint.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { StreamRecord } from "../db/stream-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";

type Reads = Pick<UnitOfWork, "streams" | "endpoints"> | Pick<ReadModels, "streams" | "endpoints">;

export type LocatedStream = Located & { readonly stream: StreamRecord; readonly endpoint: EndpointRecord };

export const streamTarget = ({ id, name }: { readonly id: string; readonly name: string }): AuditTarget => ({ type: "stream", id, name, digest: null });

/** A stream with its endpoint. Throws `not_found`. */
export async function locateStream(db: Reads, name: string): Promise<LocatedStream> {
  const stream = await db.streams.getStream(name);
  const endpoint = await db.endpoints.getEndpoint({ id: stream.endpointId });
  return { stream, endpoint, environmentId: endpoint.environment.id, targets: [streamTarget(stream), ...endpointTargets(endpoint)] };
}
