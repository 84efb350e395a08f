import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";

const wholeNumber = z.coerce.number().int();

const environment = z.object({
  SLIPWAY_RUNTIME_URL: z.url({ protocol: /^http$/ }).default("http://127.0.0.1:8080"),
  SLIPWAY_DEMO_ENDPOINTS: z
    .string()
    .transform((text) => text.split(",").map((name) => name.trim()))
    .pipe(z.array(slug).min(1))
    .optional(),
  SLIPWAY_DEMO_RATE: z.coerce.number().positive().max(5000).default(120),
  SLIPWAY_DEMO_SEED: wholeNumber.min(0).max(0xffff_ffff).default(1),
});

export type TrafficSettings = {
  readonly runtimeUrl: URL;
  /** Null: every endpoint of the story. */
  readonly endpoints: readonly string[] | null;
  /** Requests per second and endpoint. */
  readonly rate: number;
  readonly seed: number;
};

/** Settings from environment variables. Throws with one line that names each wrong one. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): TrafficSettings {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".")}: ${message}`,
    );
    throw new Error(problems.join("; "));
  }
  const { data } = parsed;
  return {
    runtimeUrl: new URL(data.SLIPWAY_RUNTIME_URL),
    endpoints: data.SLIPWAY_DEMO_ENDPOINTS ?? null,
    rate: data.SLIPWAY_DEMO_RATE,
    seed: data.SLIPWAY_DEMO_SEED,
  };
}
