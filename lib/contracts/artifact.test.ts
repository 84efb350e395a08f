import { expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type * as artifact from "#lib/domain/artifact/types.ts";
import type * as contract from "#lib/domain/contract/types.ts";
import type * as wire from "./artifact.ts";
import type { modelSignature, oipDatatype } from "./signature.ts";

type Frozen<T> = T extends readonly (infer _)[]
  ? { readonly [K in keyof T]: Frozen<T[K]> }
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
type Wire<S extends z.ZodType> = Frozen<z.output<S>>;

test("the types on the wire are the types of the domain", () => {
  expectTypeOf<Wire<typeof oipDatatype>>().toEqualTypeOf<artifact.OipDatatype>();
  expectTypeOf<Wire<typeof modelSignature>>().toEqualTypeOf<Frozen<artifact.ModelSignature>>();
  expectTypeOf<Wire<typeof wire.finding>>().toEqualTypeOf<artifact.Finding>();
  expectTypeOf<Wire<typeof wire.artifactRefusal>>().toEqualTypeOf<artifact.ArtifactRefusal>();
  expectTypeOf<Wire<typeof wire.artifactInspection>>().toEqualTypeOf<
    Frozen<artifact.ArtifactInspection>
  >();
  expectTypeOf<Wire<typeof wire.inputContract>>().toEqualTypeOf<Frozen<contract.InputContract>>();
  expectTypeOf<Wire<typeof wire.sampleSummary>>().toEqualTypeOf<Frozen<contract.SampleSummary>>();
  expectTypeOf<Wire<typeof wire.inferredContract>>().toEqualTypeOf<
    Frozen<contract.InferredContract>
  >();
});
