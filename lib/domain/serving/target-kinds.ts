/** Servers that already run models, and what each can and cannot do. */
export const TARGET_KINDS = ["oip_http", "oip_grpc", "tf_serving", "torchserve", "json"] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** Where a capability comes from: the server has it, our router gives it, or nobody does. */
export type Capability = "own" | "by_router" | "none";

export type TargetFacts = {
  readonly kind: TargetKind;
  readonly label: string;
  /** Weights, canary, shadow, contract checks, telemetry and verdicts: what none of them has. */
  readonly weights: Capability;
  readonly shadow: Capability;
  readonly contract: Capability;
  /** Several versions loaded at once, each with an address of its own. */
  readonly versions: Capability;
  /** What is served is read back. */
  readonly readBack: Capability;
  /** What was approved can be put back by one act. */
  readonly restore: Capability;
  /** What it cannot do, said before it is chosen. */
  readonly limits: string;
};

export const TARGET_FACTS: Readonly<Record<TargetKind, TargetFacts>> = {
  oip_http: {
    kind: "oip_http",
    label: "Open Inference Protocol v2 over HTTP (Triton, KServe, MLServer)",
    weights: "by_router",
    shadow: "by_router",
    contract: "by_router",
    versions: "own",
    readBack: "own",
    restore: "own",
    limits: "Restoring loads the approved model by the repository extension; a server without it is only watched.",
  },
  oip_grpc: {
    kind: "oip_grpc",
    label: "Open Inference Protocol v2 over gRPC (Triton, KServe, MLServer)",
    weights: "by_router",
    shadow: "by_router",
    contract: "by_router",
    versions: "own",
    readBack: "own",
    restore: "own",
    limits: "Its address is http://host:port, or https:// for TLS. Restoring loads the approved model by the repository extension; a server without it is only watched.",
  },
  tf_serving: {
    kind: "tf_serving",
    label: "TensorFlow Serving (REST)",
    weights: "by_router",
    shadow: "by_router",
    contract: "by_router",
    versions: "own",
    readBack: "own",
    restore: "none",
    limits: "It loads the highest version in its directory by itself and cannot be told over REST to go back; its version policy is a file on its host.",
  },
  torchserve: {
    kind: "torchserve",
    label: "TorchServe",
    weights: "by_router",
    shadow: "by_router",
    contract: "by_router",
    versions: "own",
    readBack: "own",
    restore: "own",
    limits: "Its project gives no more security fixes. Models with one input and one output only; the management port must be reachable to read back.",
  },
  json: {
    kind: "json",
    label: "Any JSON endpoint, with a mapping",
    weights: "by_router",
    shadow: "by_router",
    contract: "by_router",
    versions: "none",
    readBack: "none",
    restore: "none",
    limits: "It says nothing of what it serves: only its answers to golden inputs are compared.",
  },
};

/** One version of a model as a server reports it. */
export type ServedVersion = { readonly version: string; readonly state: "ready" | "loading" | "unavailable"; readonly isDefault: boolean };

export type Drift =
  | { readonly kind: "none" }
  /** The server could not be asked. Not the same as a wrong answer. */
  | { readonly kind: "unreachable"; readonly problem: string }
  | { readonly kind: "missing"; readonly problem: string }
  | { readonly kind: "foreign"; readonly problem: string };

/**
 * Compares what a server says it serves with what was approved. `approved` null: the version is not named, so the one served by default is meant.
 * Another version that the server would answer by when none is named is drift as well: whoever calls the server without us gets it.
 */
export function driftOf(served: readonly ServedVersion[] | { readonly problem: string }, model: string, approved: string | null): Drift {
  if ("problem" in served) return { kind: "unreachable", problem: served.problem };
  const own = approved === null ? served.find(({ isDefault }) => isDefault) : served.find(({ version }) => version === approved);
  const name = approved === null ? model : `${model} version ${approved}`;
  if (own === undefined) return { kind: "missing", problem: `${name} is not there; the server has ${served.map(({ version }) => version).join(", ") || "no version"}.` };
  if (own.state !== "ready") return { kind: "missing", problem: `${name} is ${own.state}.` };
  const other = served.find(({ version, isDefault, state }) => isDefault && state === "ready" && approved !== null && version !== approved);
  if (other !== undefined) return { kind: "foreign", problem: `The server answers by ${model} version ${other.version} when none is named; approved is ${approved ?? ""}.` };
  return { kind: "none" };
}
