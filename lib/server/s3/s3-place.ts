/** Where in an S3-compatible store things lie. */
export type S3Place = {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Null: Amazon's own. */
  readonly endpoint: string | null;
};

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Reads `s3://bucket/prefix?region=eu-central-1&endpoint=https://store.example`; else answers what is wrong, as the end of a sentence. `more` are parameters that the caller reads itself. */
export function parseS3Place(url: URL, more: readonly string[] = []): S3Place | string {
  const known = [...more, "region", "endpoint"];
  const endpoint = url.searchParams.get("endpoint");
  const stray = [...url.searchParams.keys()].find((key) => !known.includes(key));
  if (!BUCKET.test(url.hostname)) return "names no bucket";
  if (stray !== undefined) return `has ${stray}; known are ${known.slice(0, -1).join(", ")} and ${known.at(-1) ?? ""}`;
  if (endpoint !== null && !URL.canParse(endpoint)) return "has an endpoint that is no address";
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, "");
  return { bucket: url.hostname, prefix: prefix === "" ? "" : `${prefix}/`, region: url.searchParams.get("region") ?? "us-east-1", endpoint };
}
