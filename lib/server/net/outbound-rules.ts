import ipaddr from "ipaddr.js";
import { AppError } from "#lib/domain/errors.ts";

/**
 * Where this installation may send requests to on somebody's word: the public internet by https, and what the operator has allowed by name. Everything else is refused: loopback,
 * private and link-local networks, metadata services, and every other way of writing them.
 */
export type OutboundRules = { readonly allowed: readonly AllowedTarget[] };

type AllowedTarget = {
  readonly port: number | null;
  readonly host: string | null;
  readonly network: readonly [ipaddr.IPv4 | ipaddr.IPv6, number] | null;
};

const PORTS: readonly number[] = [443, 8443];
const MAX_URL = 2048;

const refused = (message: string, hint: string): AppError =>
  new AppError("invalid_input", message, { hint, errors: [{ pointer: "/address", message }] });
const BY_OPERATOR = "The operator can allow internal targets with SLIPWAY_OUTBOUND_ALLOW.";

/** Reads `10.1.0.0/16, hooks.example.internal:9000, *.corp.example`; names the first part that is none. */
export function parseOutboundRules(text: string): OutboundRules | { readonly problem: string } {
  const allowed: AllowedTarget[] = [];
  for (const part of text.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
    const target = parseTarget(part);
    if (target === null) return { problem: part };
    allowed.push(target);
  }
  return { allowed };
}

function parseTarget(part: string): AllowedTarget | null {
  if (part.includes("/")) {
    if (!ipaddr.isValidCIDR(part)) return null;
    return { port: null, host: null, network: ipaddr.parseCIDR(part) };
  }
  const [, bracketed, bare, portText] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9*][A-Za-z0-9.*-]*))(?::(\d{1,5}))?$/.exec(part) ?? [];
  const host = (bracketed ?? bare)?.toLowerCase();
  if (host === undefined) return null;
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  return { port, host, network: null };
}

const fits = (target: AllowedTarget, host: string, address: ipaddr.IPv4 | ipaddr.IPv6 | null, port: number): boolean => {
  if (target.port !== null && target.port !== port) return false;
  if (target.host !== null) return target.host.startsWith("*.") ? host.endsWith(target.host.slice(1)) : host === target.host;
  if (address === null || target.network === null || address.kind() !== target.network[0].kind()) return false;
  return address.match(target.network[0], target.network[1]);
};

const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
export const portOf = (url: URL): number => (url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port));

/** An address whose form is acceptable; what it resolves to is checked at each request. Throws `invalid_input`. */
export function parseOutboundUrl(text: string, rules: OutboundRules): URL {
  if (text.length > MAX_URL || !URL.canParse(text)) throw refused("This is no web address.", "Give one that begins with https://.");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw refused("An address may carry no user name or password.", "Sign in by a secret in the path or by the signature.");
  const host = bareHost(url);
  const literal = ipaddr.isValid(host) ? ipaddr.process(host) : null;
  const isAllowed = rules.allowed.some((target) => fits(target, host, literal, portOf(url)));
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isAllowed)) throw refused("Only https is spoken to the outside.", BY_OPERATOR);
  if (!isAllowed && !PORTS.includes(portOf(url))) throw refused(`Port ${String(portOf(url))} is not open for this.`, `Use ${PORTS.join(" or ")}. ${BY_OPERATOR}`);
  if (literal !== null) requireOpen(literal.toString(), host, portOf(url), rules);
  return url;
}

const GLOBAL_V6 = ipaddr.parseCIDR("2000::/3");

/** Version 6 assigns nothing public outside 2000::/3: that also leaves out ::127.0.0.1, an old way of writing version 4. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === "unicast" && (address.kind() === "ipv4" || address.match(GLOBAL_V6));

/** Refuses an address that is not public unless the operator allows it. `host`: the name it was found by. */
export function requireOpen(address: string, host: string, port: number, rules: OutboundRules): void {
  const parsed = ipaddr.process(address);
  if (rules.allowed.some((target) => fits(target, host.replace(/\.$/, "").toLowerCase(), parsed, port))) return;
  if (isPublic(parsed)) return;
  throw refused("This address leads into a private or reserved network.", BY_OPERATOR);
}
