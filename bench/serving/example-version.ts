import { readFileSync } from "node:fs";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { deriveSignature } from "#lib/domain/artifact/derive-signature.ts";
import { inspectModelFile } from "#lib/domain/artifact/inspect-model-file.ts";
import { inferContract } from "#lib/domain/contract/infer-contract.ts";
import type { ControlServer } from "#runtime/testing/control-server.ts";
import { desiredVersion } from "#runtime/testing/desired.ts";
import {
  exampleFile,
  inferRequest,
  modelOf,
  readHeldOut,
  readStory,
} from "../../examples/replay.ts";

/** An example version as the control plane would order it: signature, contract and golden answers from the committed files. */
export async function exampleVersion(
  control: ControlServer,
  model: string,
  version: string,
): Promise<DesiredVersion> {
  const example = modelOf(readStory(), model);
  const found = example.versions.find((one) => one.version === version);
  if (found === undefined) throw new Error(`There is no version ${version} of ${model}.`);
  const file = readFileSync(exampleFile(`${found.directory}/model.onnx`));
  const inspected = await inspectModelFile({
    size: file.length,
    read: (offset, length) => file.subarray(offset, offset + length),
  });
  const signature = inspected.ok ? deriveSignature(inspected.inspection) : null;
  if (!inspected.ok || signature === null) throw new Error(`${model} ${version} cannot be read.`);
  const { fields } = inferContract({ signature, features: inspected.inspection.features }).contract;
  return desiredVersion(control, {
    name: version,
    model: file,
    signature,
    contract: {
      fields: fields.map((field) => ({
        ...field,
        nulls: mayBeNull(field.type) ? "allow" : field.nulls,
      })),
    },
    golden: JSON.parse(readFileSync(exampleFile(`${found.directory}/golden.json`), "utf8")),
    labelOutput: example.labelOutput,
  });
}

/** Held-out rows have gaps, and the graphs fill them: a null is a value here. */
const mayBeNull = (type: string): boolean => type.startsWith("float") || type === "string";

/** Every held-out row of a model as an infer request of its own, as JSON text. */
export function exampleBodies(model: string): string[] {
  const example = modelOf(readStory(), model);
  const heldOut = readHeldOut(example);
  return heldOut.rows.map((row) => JSON.stringify(inferRequest(example, heldOut.columns, [row])));
}
