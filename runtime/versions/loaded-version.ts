import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import type { Pool } from "../model-host/pool.ts";
import { outputPrefix } from "../oip/encode-outputs.ts";
import type { SignatureSpec } from "../oip/signature-spec.ts";
import { createClassNames, type ClassNames } from "../telemetry/class-names.ts";
import type { ContractChecker } from "./contract-checker.ts";

/** A version that is loaded and warm, with everything a request needs of it. */
export type LoadedVersion = {
  readonly versionId: string;
  readonly modelName: string;
  readonly versionName: string;
  readonly digest: string;
  readonly spec: SignatureSpec;
  readonly checkContract: ContractChecker;
  readonly pool: Pool;
  /** Position of the output that names the class; -1 when the model has none. */
  readonly labelIndex: number;
  readonly classes: ClassNames;
  /** Per output, the constant beginning of its JSON. */
  readonly outputPrefixes: readonly string[];
};

export function describeVersion(
  version: DesiredVersion,
  spec: SignatureSpec,
  checkContract: ContractChecker,
  pool: Pool,
): LoadedVersion {
  return {
    versionId: version.versionId,
    modelName: version.modelName,
    versionName: version.versionName,
    digest: version.digest,
    spec,
    checkContract,
    pool,
    labelIndex:
      version.labelOutput === null ? -1 : (spec.outputIndex.get(version.labelOutput) ?? -1),
    classes: createClassNames(),
    outputPrefixes: spec.outputs.map((output) => outputPrefix(output.name, output.datatype)),
  };
}
