/** What a device is told to run. It reaches the device inside a note signed by the control plane. */
export type EdgeManifest = {
  readonly endpointId: string;
  /** Name in `/v2/models/{name}` on the device. */
  readonly endpoint: string;
  readonly environment: string;
  /** Rises by one with each order to the endpoint's devices. */
  readonly number: number;
  /** `rollback` names an older version on purpose; without the word an older version is refused. */
  readonly kind: "update" | "rollback";
  readonly versionId: string;
  /** Number of the manifest that first named this version: what "older" means. */
  readonly versionOrdinal: number;
  /** No version older than this may be installed any more, by whatever manifest. */
  readonly floorOrdinal: number;
  /** SHA-256 of the document that says all about the version: files with digests, signature, contract, golden inputs. */
  readonly document: string;
  /** Hardware it may run on, such as `linux-x64`; empty: any. */
  readonly hardware: readonly string[];
  readonly expiresAtMs: number;
};

/** What the device knows when a manifest arrives. */
export type DeviceGrounds = {
  readonly endpointId: string;
  readonly hardware: string;
  /** Highest manifest number ever accepted here. */
  readonly highestNumber: number;
  /** Highest floor ever accepted here. */
  readonly floorOrdinal: number;
  /** Of the version that serves; null before the first. */
  readonly servingOrdinal: number | null;
  readonly nowMs: number;
};

/** Why a device must not follow a manifest whose signature is right; null when it may. */
export function manifestRefusal(manifest: EdgeManifest, grounds: DeviceGrounds): string | null {
  if (manifest.endpointId !== grounds.endpointId) return "The manifest is for devices of another endpoint.";
  if (manifest.number <= grounds.highestNumber) return `Manifest ${manifest.number} is not newer than ${grounds.highestNumber}, which was accepted before.`;
  if (manifest.expiresAtMs <= grounds.nowMs) return `Manifest ${manifest.number} has expired.`;
  if (manifest.hardware.length > 0 && !manifest.hardware.includes(grounds.hardware))
    return `Manifest ${manifest.number} is for ${manifest.hardware.join(", ")}; this device is ${grounds.hardware}.`;
  const floor = Math.max(manifest.floorOrdinal, grounds.floorOrdinal);
  if (manifest.versionOrdinal < floor) return `Manifest ${manifest.number} names a version below the floor.`;
  if (manifest.kind === "update" && grounds.servingOrdinal !== null && manifest.versionOrdinal < grounds.servingOrdinal)
    return `Manifest ${manifest.number} names an older version without being a rollback.`;
  return null;
}

const HEADER = "slipway-edge-manifest/v1";

/** Text of the note that carries a manifest: a line that says what it is, then one line of JSON. */
export const manifestText = (manifest: EdgeManifest): string => `${HEADER}\n${JSON.stringify(manifest)}\n`;

/** The JSON in a note's text, still to be parsed; null when the note is about something else. */
export function manifestJson(text: string): string | null {
  const [header, json, end, ...rest] = text.split("\n");
  return header === HEADER && end === "" && rest.length === 0 ? (json ?? null) : null;
}
