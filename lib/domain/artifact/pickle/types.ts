/** What reading a pickle said: its imports above all, because they are what unpickling it would run. */

export const pickleVerdicts = ["clean", "review", "blocked"] as const;
/** `clean`: every import is known and harmless. `blocked`: one is known to run commands. `review`: anything else, or anything odd. */
export type PickleVerdict = (typeof pickleVerdicts)[number];

export const importVerdicts = ["allowed", "unknown", "dangerous"] as const;
export type ImportVerdict = (typeof importVerdicts)[number];

export type PickleImport = {
  readonly module: string;
  readonly name: string;
  readonly verdict: ImportVerdict;
  readonly count: number;
  /** Called, not only named. */
  readonly isCalled: boolean;
};

export const pickleContainers = ["plain", "joblib", "torch-zip", "torch-legacy"] as const;
export type PickleContainer = (typeof pickleContainers)[number];

export const pickleCompressions = ["none", "zlib", "gzip"] as const;
export type PickleCompression = (typeof pickleCompressions)[number];

export type PickleInspection = {
  readonly format: "pickle";
  readonly sizeBytes: number;
  readonly container: PickleContainer;
  readonly compression: PickleCompression;
  /** Size after decompression; equal to `sizeBytes` when there was none. */
  readonly inflatedBytes: number;
  /** Highest protocol that a stream names; 0 when none does. */
  readonly protocol: number;
  readonly streamCount: number;
  readonly nestedCount: number;
  readonly opcodeCount: number;
  /** By module and name; at most `MAX_IMPORTS` are listed. */
  readonly imports: readonly PickleImport[];
  readonly importCount: number;
  /** The library whose objects it holds, by its imports; null when none is known. */
  readonly framework: string | null;
  readonly frameworkVersion: string | null;
  /** The class of the object itself, "sklearn.pipeline.Pipeline"; null when it is not plain. */
  readonly rootClass: string | null;
  readonly arrayCount: number;
  readonly arrayBytes: number;
  readonly verdict: PickleVerdict;
};
