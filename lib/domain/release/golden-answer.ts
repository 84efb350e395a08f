/** An Open Inference Protocol answer, as far as it is compared. */
type Output = { readonly name: string; readonly data: readonly unknown[] };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function outputsOf(response: unknown): Output[] {
  const outputs = isObject(response) ? response["outputs"] : undefined;
  if (!Array.isArray(outputs)) return [];
  return outputs.flatMap((output: unknown) =>
    isObject(output) && typeof output["name"] === "string" && Array.isArray(output["data"])
      ? [{ name: output["name"], data: output["data"].flat(Infinity) as unknown[] }]
      : [],
  );
}

function agrees(expected: unknown, found: unknown, tolerance: number): boolean {
  if (expected === found) return true;
  if (typeof expected !== "number" || typeof found !== "number") return false;
  return Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

/** Whether every output that the golden answer names is answered within its tolerance, relative above 1. */
export function isGoldenAnswer(expected: unknown, found: unknown, tolerance: number): boolean {
  const wanted = outputsOf(expected);
  const given = new Map(outputsOf(found).map(({ name, data }) => [name, data]));
  return (
    wanted.length > 0 &&
    wanted.every(({ name, data }) => {
      const answer = given.get(name);
      return (
        answer !== undefined &&
        answer.length === data.length &&
        data.every((value, at) => agrees(value, answer[at], tolerance))
      );
    })
  );
}
