import { AppError } from "#lib/domain/errors.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";

/** The endpoint that a setting of its serving is about, with what the trail names beside it. */
export async function locateEndpoint(db: Pick<UnitOfWork | ReadModels, "endpoints">, name: string) {
  const endpoint = await db.endpoints.getEndpoint({ name });
  const { environment } = endpoint;
  return {
    environmentId: environment.id,
    targets: [
      { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
      { type: "environment", id: environment.id, name: environment.name, digest: null },
      { type: "model", id: endpoint.modelId, name: endpoint.modelName, digest: null },
    ] as const,
    endpoint,
  };
}

/** Refuses who decided from an older state. `expected` null: they decide whatever it is. */
export function requireSeen(expected: number | null, present: number, what: string): void {
  if (expected !== null && expected !== present)
    throw new AppError("stale_version", `The ${what} was changed in the meantime.`, { hint: "Look again and decide again." });
}
