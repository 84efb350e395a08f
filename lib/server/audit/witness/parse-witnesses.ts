import path from "node:path";
import { parseS3Place } from "../../s3/s3-place.ts";
import { fileWitness } from "./file-witness.ts";
import { s3Witness } from "./s3-witness.ts";
import { webhookWitness } from "./webhook-witness.ts";
import type { Witness } from "./witness.ts";

const MOST = 10;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** One part of the setting, or what is wrong with it. */
function parseOne(part: string): Witness | string {
  const at = part.indexOf("=");
  const [name, text] = [part.slice(0, at), part.slice(at + 1)];
  if (at < 1 || !NAME.test(name)) return `"${part.slice(0, 60)}" is not name=place`;
  if (!URL.canParse(text)) return `${name} has no place such as file:/mnt/worm, https://witness.example/ or s3://bucket/prefix`;
  const url = new URL(text);
  switch (url.protocol) {
    case "file:":
      return url.pathname === "/" ? `${name} names no directory` : fileWitness(name, path.normalize(decodeURIComponent(url.pathname)));
    case "https:":
    case "http:":
      return webhookWitness(name, url);
    case "s3:":
      return s3From(name, url);
    default:
      return `${name} is reached by ${url.protocol}, which is not file:, https: or s3:`;
  }
}

function s3From(name: string, url: URL): Witness | string {
  const place = parseS3Place(url, ["lockDays"]);
  const lockDays = url.searchParams.get("lockDays");
  if (typeof place === "string") return `${name} ${place}`;
  if (lockDays !== null && !/^[1-9][0-9]{0,4}$/.test(lockDays)) return `${name} has lockDays=${lockDays}, which is no number of days`;
  return s3Witness(name, { ...place, lockDays: lockDays === null ? null : Number(lockDays) });
}

/** Reads `vault=file:/mnt/worm archive=s3://bucket/slipway?lockDays=3650 partner=https://witness.example/`, parts apart by spaces; names the first part that is wrong. */
export function parseWitnesses(text: string): readonly Witness[] | { readonly problem: string } {
  const found: Witness[] = [];
  for (const part of text.split(/\s+/).filter((one) => one !== "")) {
    const witness = parseOne(part);
    if (typeof witness === "string") return { problem: witness };
    if (found.some(({ name }) => name === witness.name)) return { problem: `${witness.name} is named twice` };
    found.push(witness);
  }
  return found.length > MOST ? { problem: `at most ${String(MOST)} witnesses` } : found;
}
