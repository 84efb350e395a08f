#!/usr/bin/env node
// Slipway audit verifier: checks an exported audit trail against a key you hold. One file, no network, no dependencies.
//   node slipway-audit-verify.mjs BUNDLE --key KEY [--since CHECKPOINT] [--json]
// Built from cli/audit-verify and lib/domain/audit of Slipway; not minified, so that you can read it. Licence: Apache-2.0.
import process from "node:process";
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { createPublicKey, hash, verify } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";

// lib/domain/audit/bytes.ts
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUE_OF = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const encoder = new TextEncoder();
function utf8(text) {
	return encoder.encode(text);
}
function concatBytes(...parts) {
	let length = 0;
	for (const part of parts) length += part.length;
	const joined = new Uint8Array(length);
	let offset = 0;
	for (const part of parts) {
		joined.set(part, offset);
		offset += part.length;
	}
	return joined;
}
function equalBytes(a, b) {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
	return true;
}
function toHex(bytes) {
	let text = "";
	for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
	return text;
}
/** `null` when the text is not an even number of lower-case hex digits. */
function fromHex(text) {
	if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}
function toBase64(bytes) {
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const word = (bytes[i] ?? 0) << 16 | (bytes[i + 1] ?? 0) << 8 | (bytes[i + 2] ?? 0);
		text += ALPHABET.charAt(word >> 18) + ALPHABET.charAt(word >> 12 & 63);
		text += i + 1 < bytes.length ? ALPHABET.charAt(word >> 6 & 63) : "=";
		text += i + 2 < bytes.length ? ALPHABET.charAt(word & 63) : "=";
	}
	return text;
}
/** Strict: padding required, no white space, unused bits zero. `null` otherwise, so that one value has one spelling. */
function fromBase64(text) {
	if (text.length % 4 !== 0) return null;
	const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
	const bytes = new Uint8Array(text.length / 4 * 3 - padding);
	for (let i = 0, out = 0; i < text.length; i += 4) {
		const padded = i + 4 === text.length ? padding : 0;
		let word = 0;
		for (let digit = 0; digit < 4; digit += 1) {
			const value = digit >= 4 - padded ? 0 : VALUE_OF.get(text.charAt(i + digit));
			if (value === void 0) return null;
			word = word << 6 | value;
		}
		if (padded === 1 && (word & 255) !== 0 || padded === 2 && (word & 65535) !== 0) return null;
		for (let part = 0; part < 3 - padded; part += 1) bytes[out++] = word >> 16 - 8 * part & 255;
	}
	return bytes;
}

// lib/domain/audit/signed-note.ts
/**
* C2SP signed-note v1.0.0 with Ed25519 keys (signature type 0x01): a text, an empty line, and lines
* "— <key name> <base64(key id || signature)>". Any tool that reads such notes can check ours.
*/
const ED25519_TYPE = 1;
const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** The specification asks for at least 16. */
const MAX_SIGNATURES = 32;
const MAX_NOTE_CHARS = 1e6;
/** Non-empty, no white space, no plus sign, no control characters. */
function isKeyName(name) {
	return name.length > 0 && name.length <= 255 && name.isWellFormed() && !/[\s+\p{Cc}\p{Z}]/u.test(name);
}
/** First four bytes of sha256(name || 0x0A || 0x01 || public key). */
function keyIdOf(name, publicKey, hash) {
	return hash(concatBytes(utf8(`${name}\n`), new Uint8Array([ED25519_TYPE]), publicKey)).slice(0, KEY_ID_BYTES);
}
/** `null` when the text is not an Ed25519 verifier key or its id does not belong to name and key. */
function parseVerifierKey(text, hash) {
	const [name = "", idText = "", ...rest] = text.split("+");
	const material = fromBase64(rest.join("+"));
	const id = fromHex(idText);
	if (!isKeyName(name) || id === null || material === null) return null;
	if (material.length !== 33 || material[0] !== ED25519_TYPE) return null;
	const publicKey = material.slice(1);
	return equalBytes(id, keyIdOf(name, publicKey, hash)) ? {
		name,
		id,
		publicKey
	} : null;
}
function hasControlCharacters(text) {
	for (let i = 0; i < text.length; i += 1) {
		const code = text.charCodeAt(i);
		if (code < 32 && code !== 10) return true;
	}
	return false;
}
/** Splits a note at its last empty line. `null` when it is not a note. */
function parseNote(note) {
	if (note.length > MAX_NOTE_CHARS || !note.endsWith("\n") || !note.isWellFormed() || hasControlCharacters(note)) return null;
	const split = note.lastIndexOf("\n\n");
	if (split < 0) return null;
	const lines = note.slice(split + 2, -1).split("\n");
	if (lines.length > MAX_SIGNATURES) return null;
	const signatures = [];
	for (const line of lines) {
		const [dash, name, encoded, ...rest] = line.split(" ");
		const bytes = encoded === void 0 ? null : fromBase64(encoded);
		if (dash !== "—" || name === void 0 || rest.length > 0 || !isKeyName(name)) return null;
		if (bytes === null || bytes.length <= KEY_ID_BYTES) return null;
		signatures.push({
			name,
			id: bytes.slice(0, KEY_ID_BYTES),
			signature: bytes.slice(KEY_ID_BYTES)
		});
	}
	return {
		text: note.slice(0, split + 1),
		signatures
	};
}
/**
* The text of a note that a trusted key has signed. Signatures by unknown keys are ignored; one bad signature by a
* known key refuses the whole note. The text of a note that is not `ok` must not be used for anything.
*/
function openNote(note, trusted, verify) {
	const parsed = parseNote(note);
	if (parsed === null) return {
		ok: false,
		refusal: "malformed"
	};
	const message = utf8(parsed.text);
	const keys = [];
	for (const { name, id, signature } of parsed.signatures) {
		const key = trusted.find((known) => known.name === name && equalBytes(known.id, id));
		if (key === void 0) continue;
		if (signature.length !== SIGNATURE_BYTES || !verify(key.publicKey, message, signature)) return {
			ok: false,
			refusal: "bad_signature"
		};
		keys.push(key);
	}
	return keys.length === 0 ? {
		ok: false,
		refusal: "unknown_key"
	} : {
		ok: true,
		text: parsed.text,
		keys
	};
}

// cli/audit-verify/format-verdict.ts
/** What the verifier prints: the verdict first, then what it rests on, then what it does not say. */
const EXIT_CODES = {
	valid: 0,
	tampered: 1,
	malformed: 2,
	untrusted: 3
};
const row = (label, value) => `  ${label.padEnd(12)}${value}`;
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
/** Text of the bundle's own words, which nothing vouches for: no control characters reach the terminal. */
const quoted = (text) => JSON.stringify(text.replaceAll(/\p{C}/gu, "�"));
function formatVerdict(verdict) {
	return `${(verdict.status === "valid" ? validLines(verdict.facts) : refusedLines(verdict)).join("\n")}\n`;
}
function validLines(facts) {
	return [
		"VALID",
		row("Log", facts.checkpoint.origin),
		row("Checkpoint", `${plural(facts.checkpoint.size, "entry", "entries")}, root ${toBase64(facts.checkpoint.root)}, signed by ${facts.signedBy.map((key) => `${key.name}+${toHex(key.id)}`).join(" and ")}`),
		row("Checked", checkedSentence(facts)),
		...facts.earlierIgnored > 0 ? [row("", `${plural(facts.earlierIgnored, "earlier checkpoint", "earlier checkpoints")} by other keys passed over`)] : [],
		...facts.sinceSize === null ? [] : [row("Since", `your checkpoint at ${plural(facts.sinceSize, "entry", "entries")}: the log extends it, nothing in it was changed`)],
		...facts.witnessed === 0 ? [] : [row("Witnessed", `${plural(facts.witnessed, "checkpoint", "checkpoints")} that witnesses kept: the log is the one they saw`)],
		...prunedLines(facts),
		row("File says", `filter ${quoted(facts.manifest.filter)}, made ${quoted(facts.manifest.exportedAt)} by ${quoted(facts.manifest.generator)}`),
		"",
		...provenLines(facts)
	];
}
/** Which texts are not there, and by which rule: their entries are proven by hash alone. */
function prunedLines({ manifest, prunedTexts, prunings }) {
	if (prunedTexts === 0) return [];
	const acts = manifest.scope === "all" ? prunings : [];
	return [
		row("Pruned", `the text of ${plural(prunedTexts, "entry", "entries")}: proven by hash alone, what they said is not in the log any more`),
		...acts.map(({ seq, texts, rule, at }) => row("", `${plural(texts, "text", "texts")} pruned on ${at.slice(0, 10)} under the rule ${quoted(rule)}, told of by entry ${seq}`)),
		...manifest.scope === "all" ? [] : [row("", "a full export tells by which rule and when")]
	];
}
function checkedSentence({ manifest, entriesChecked, earlierChecked }) {
	if (manifest.scope === "selection") return `${plural(entriesChecked, "entry", "entries")}, each by its own proof under the checkpoint`;
	const range = entriesChecked === 0 ? "" : ` (0 to ${entriesChecked - 1})`;
	const earlier = earlierChecked === 0 ? "" : `; ${plural(earlierChecked, "earlier checkpoint", "earlier checkpoints")} on the way`;
	return `all ${plural(entriesChecked, "entry", "entries")}${range}: text, order, chain and root${earlier}`;
}
function provenLines({ manifest, checkpoint, sinceSize, witnessed }) {
	const all = manifest.scope === "all";
	return [
		all ? `Proven: these are the first ${checkpoint.size} entries exactly as the holder of the key signed them. None was changed, removed, added or moved.` : "Proven: each entry here stands in the signed log at the number given, exactly as written.",
		"Not proven:",
		...all ? [] : ["  - that the selection holds every entry that matches its filter: only a full export shows that;"],
		`  - anything after entry ${checkpoint.size - 1}, or that the file's own words about filter, time and program are right;`,
		...sinceSize === null ? ["  - that the log was the same earlier: keep this checkpoint and pass it next time as --since;"] : [],
		...witnessed > 0 ? [] : ["  - that others were shown the same log: compare the checkpoint with theirs, or with what a witness kept (--witness);"],
		"  - that what an entry says is true: only that it was recorded so."
	];
}
function refusedLines(verdict) {
	switch (verdict.status) {
		case "tampered": return [
			"TAMPERED",
			row("Where", whereSentence(verdict)),
			row("Why", verdict.message)
		];
		case "malformed": return [
			"MALFORMED",
			row("Where", `line ${verdict.line}`),
			row("Why", verdict.message),
			"",
			"Nothing was proven or disproven."
		];
		case "untrusted": return [
			"UNTRUSTED KEY",
			row("Where", `line ${verdict.line}`),
			row("Why", verdict.message),
			"",
			"Nothing in the file can be believed."
		];
	}
}
function whereSentence({ seq, throughSeq, line }) {
	if (seq === null) return `line ${line} of the file`;
	return throughSeq === null || throughSeq === seq ? `first bad entry ${seq} (line ${line} of the file)` : `first bad entry between ${seq} and ${throughSeq} (seen at line ${line} of the file)`;
}
/** The same verdict for programs. */
function verdictJson(verdict) {
	if (verdict.status !== "valid") return `${JSON.stringify(verdict)}\n`;
	const { manifest, checkpoint, signedBy, entriesChecked, earlierChecked, earlierIgnored, sinceSize, witnessed, prunedTexts, prunings } = verdict.facts;
	return `${JSON.stringify({
		status: verdict.status,
		origin: checkpoint.origin,
		treeSize: checkpoint.size,
		root: toBase64(checkpoint.root),
		signedBy: signedBy.map((key) => `${key.name}+${toHex(key.id)}`),
		scope: manifest.scope,
		entriesChecked,
		earlierChecked,
		earlierIgnored,
		sinceSize,
		witnessed,
		prunedTexts,
		prunings
	})}\n`;
}

// lib/domain/audit/canonical-json-scan.ts
/**
* Whether a text is canonical JSON (RFC 8785), decided in one pass without building the value: a verifier asks this of a million entries.
* Same answer as "parse it, write it canonically, compare", which the tests hold it to.
*/
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** As deep as canonicalJson goes. */
const MAX_DEPTH$1 = 64;
const NO = -1;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]+)?/y;
/** The one spelling of each escape: short forms where there are any, else \u00xx in lower case, for control characters only. */
const ESCAPE = /\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))/y;
function isCanonicalJson(text) {
	return scanValue(text, 0, 0) === text.length;
}
/** Each scan answers the index after what it read, or NO. */
function scanValue(text, at, depth) {
	if (depth > MAX_DEPTH$1) return NO;
	switch (text.charCodeAt(at)) {
		case QUOTE: return scanString(text, at);
		case OPEN_BRACE: return scanObject(text, at, depth);
		case OPEN_BRACKET: return scanArray(text, at, depth);
		default: return scanScalar(text, at);
	}
}
function scanScalar(text, at) {
	for (const word of [
		"null",
		"true",
		"false"
	]) if (text.startsWith(word, at)) return at + word.length;
	NUMBER.lastIndex = at;
	const token = NUMBER.exec(text)?.[0];
	if (token === void 0) return NO;
	const value = Number(token);
	return (!Number.isInteger(value) || Number.isSafeInteger(value)) && JSON.stringify(value) === token ? at + token.length : NO;
}
function scanString(text, at) {
	let index = at + 1;
	for (;;) {
		const code = text.charCodeAt(index);
		if (code === QUOTE) return index + 1;
		if (code === BACKSLASH) {
			ESCAPE.lastIndex = index;
			const escape = ESCAPE.exec(text)?.[0];
			if (escape === void 0) return NO;
			index += escape.length;
		} else if (code < 32 || Number.isNaN(code)) return NO;
		else if (code >= 55296 && code <= 57343) {
			const low = text.charCodeAt(index + 1);
			if (code > 56319 || !(low >= 56320 && low <= 57343)) return NO;
			index += 2;
		} else index += 1;
	}
}
function scanArray(text, at, depth) {
	if (text.charCodeAt(at + 1) === CLOSE_BRACKET) return at + 2;
	let index = at + 1;
	for (;;) {
		index = scanValue(text, index, depth + 1);
		if (index === NO) return NO;
		const next = text.charCodeAt(index);
		if (next === CLOSE_BRACKET) return index + 1;
		if (next !== COMMA) return NO;
		index += 1;
	}
}
function scanObject(text, at, depth) {
	if (text.charCodeAt(at + 1) === CLOSE_BRACE) return at + 2;
	let index = at + 1;
	let previous = null;
	for (;;) {
		if (text.charCodeAt(index) !== QUOTE) return NO;
		const end = scanString(text, index);
		if (end === NO || text.charCodeAt(end) !== COLON) return NO;
		const key = keyOf(text.slice(index, end));
		if (previous !== null && previous >= key) return NO;
		previous = key;
		index = scanValue(text, end + 1, depth + 1);
		if (index === NO) return NO;
		const next = text.charCodeAt(index);
		if (next === CLOSE_BRACE) return index + 1;
		if (next !== COMMA) return NO;
		index += 1;
	}
}
/** The key itself; only escaped ones need decoding, and their escapes have been checked. */
function keyOf(literal) {
	return literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
}

// lib/domain/audit/canonical-json.ts
const MAX_DEPTH = 64;
/** A value that has no canonical form. `pointer` is the RFC 6901 path to it. */
var CanonicalJsonError = class extends Error {
	name = "CanonicalJsonError";
	pointer;
	constructor(pointer, reason) {
		super(`No canonical JSON at "${pointer}": ${reason}.`);
		this.pointer = pointer;
	}
};
function pointerTo(place) {
	if (place === null) return "";
	const key = String(place.key).replaceAll("~", "~0").replaceAll("/", "~1");
	return `${pointerTo(place.parent)}/${key}`;
}
function refuse(place, reason) {
	throw new CanonicalJsonError(pointerTo(place), reason);
}
function canonicalString(text, place) {
	if (!text.isWellFormed()) refuse(place, "the text holds half of a surrogate pair");
	return JSON.stringify(text);
}
/** ES number serialisation, which RFC 8785 section 3.2.2.3 prescribes; JSON.stringify writes -0 as 0. */
function canonicalNumber(value, place, integers) {
	if (!Number.isFinite(value)) refuse(place, "the number is not finite");
	if (integers === "safe" && Number.isInteger(value) && !Number.isSafeInteger(value)) refuse(place, "the integer is beyond 2^53 - 1; write it as text");
	return JSON.stringify(value);
}
function step(place, key) {
	const depth = (place?.depth ?? 0) + 1;
	if (depth > MAX_DEPTH) refuse(place, `it is nested deeper than ${MAX_DEPTH} levels`);
	return {
		parent: place,
		key,
		depth
	};
}
function canonicalArray(list, place, integers) {
	const parts = [];
	for (let i = 0; i < list.length; i += 1) parts.push(write(list[i], step(place, i), integers));
	return `[${parts.join(",")}]`;
}
function canonicalObject(value, place, integers) {
	const prototype = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== null) refuse(place, "it is not a plain object");
	if (Object.getOwnPropertySymbols(value).length > 0) refuse(place, "it has a symbol for a key");
	const members = new Map(Object.entries(value));
	return `{${[...members.keys()].sort().map((key) => {
		const here = step(place, key);
		return `${canonicalString(key, here)}:${write(members.get(key), here, integers)}`;
	}).join(",")}}`;
}
function write(value, place, integers) {
	if (value === null) return "null";
	switch (typeof value) {
		case "boolean": return value ? "true" : "false";
		case "number": return canonicalNumber(value, place, integers);
		case "string": return canonicalString(value, place);
		case "object": return Array.isArray(value) ? canonicalArray(value, place, integers) : canonicalObject(value, place, integers);
		default: return refuse(place, `${typeof value} is not a JSON value`);
	}
}
/** The RFC 8785 text of a JSON value. Throws CanonicalJsonError for anything outside the closed value type. */
function canonicalJson(value, options = {}) {
	return write(value, null, options.integers ?? "safe");
}
/** Reads text that must already be canonical. `null` when it is not JSON or is spelled in any other way. */
function parseCanonicalJson(text) {
	if (!isCanonicalJson(text)) return null;
	return { value: JSON.parse(text) };
}

// lib/domain/audit/bundle.ts
/**
* The export bundle, `*.slipway-audit.jsonl`: UTF-8, LF, one canonical JSON object a line.
*   1. the manifest                                      {"count":..,"format":"slipway-audit-bundle",..}
*   2. the signed checkpoint that everything hangs on    {"checkpoint":"<note>"}
*   3. any number of earlier checkpoints, ascending      {"earlier":"<note>"}              scope all
*      or at most one proof from an earlier checkpoint   {"consistency":{"from":"<note>","proof":[..]}}   scope selection
*   4. the entries, ascending                            {"chain":"<base64>","leaf":"<JCS text>","seq":n}  scope all
*                                                        {"leaf":"<JCS text>","proof":["<base64>",..],"seq":n}  scope selection
*      version 2: an entry whose text was pruned has      {"chain":..,"hash":"<base64 leaf hash>","seq":n} or {"hash":..,"proof":[..],"seq":n}
* The checkpoint stands before the entries so that a reader can judge each entry as it passes and needs no memory of them.
*/
const BUNDLE_FORMAT = "slipway-audit-bundle";
/** 2: some texts were pruned. A log without such entries is written as version 1, which older verifiers read. */
const BUNDLE_VERSIONS = [1, 2];
function consistencyLine(from, proof) {
	return canonicalJson({ consistency: {
		from,
		proof: proof.map(toBase64)
	} });
}
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isSize = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isObjectOrNull = (value) => value === null || isObject(value);
const isSizeOrNull = (value) => value === null || isSize(value);
function readObject(line) {
	const parsed = parseCanonicalJson(line);
	return parsed !== null && isObject(parsed.value) ? parsed.value : null;
}
/** `null` when the line is not a manifest of a version that this program reads. */
function parseManifest(line) {
	const fields = readObject(line);
	if (fields === null) return null;
	const { format, v, origin, scope, filter, query, treeSize, count, firstSeq, lastSeq, generator, exportedAt } = fields;
	const version = BUNDLE_VERSIONS.find((one) => one === v);
	if (format !== "slipway-audit-bundle" || version === void 0) return null;
	if (scope !== "all" && scope !== "selection") return null;
	if (typeof origin !== "string" || typeof filter !== "string" || typeof generator !== "string") return null;
	if (typeof exportedAt !== "string" || !isSize(treeSize) || !isSize(count)) return null;
	if (!isObjectOrNull(query) || !isSizeOrNull(firstSeq) || !isSizeOrNull(lastSeq)) return null;
	return {
		format,
		v: version,
		origin,
		scope,
		filter,
		query,
		treeSize,
		count,
		firstSeq,
		lastSeq,
		generator,
		exportedAt
	};
}
function onlyText(line, key) {
	const fields = readObject(line);
	const text = fields?.[key];
	return fields !== null && typeof text === "string" && Object.keys(fields).length === 1 ? text : null;
}
const parseCheckpointLine = (line) => onlyText(line, "checkpoint");
const parseEarlierLine = (line) => onlyText(line, "earlier");
function readHashes(value) {
	if (!Array.isArray(value)) return null;
	const list = value;
	const whole = list.map((item) => typeof item === "string" ? fromBase64(item) : null).filter((hash) => hash !== null);
	return whole.length === list.length ? whole : null;
}
function parseConsistencyLine(line) {
	const consistency = readObject(line)?.["consistency"];
	if (!isObject(consistency)) return null;
	const { from } = consistency;
	const proof = readHashes(consistency["proof"]);
	return typeof from === "string" && proof !== null && consistencyLine(from, proof) === line ? {
		from,
		proof
	} : null;
}
const FULL_ENTRY = /^\{"chain":"([A-Za-z0-9+/]{43}=)",(?:"leaf":(".*")|"hash":"([A-Za-z0-9+/]{43}=)"),"seq":(0|[1-9][0-9]{0,15})\}$/s;
const SELECTED_ENTRY = /^\{(?:"leaf":(".*")|"hash":"([A-Za-z0-9+/]{43}=)"),"proof":\[((?:"[A-Za-z0-9+/]{43}=",?)*)\],"seq":(0|[1-9][0-9]{0,15})\}$/s;
/**
* `null` when the line is not framed exactly as an entry of this scope is written. No general JSON parser sees the
* frame, so there are no doubled keys, spaces or extra members to read in two ways.
*/
function parseEntryLine(line, scope) {
	const found = (scope === "all" ? FULL_ENTRY : SELECTED_ENTRY).exec(line);
	const seqText = found?.[4] ?? "";
	const seq = Number(seqText);
	const text = readText(found?.[scope === "all" ? 2 : 1], found?.[scope === "all" ? 3 : 2]);
	if (seqText === "" || !Number.isSafeInteger(seq) || text === null) return null;
	if (scope === "all") return {
		scope,
		seq,
		...text,
		chain: found?.[1] ?? ""
	};
	const proof = readHashes(parseList(found?.[3] ?? ""));
	return proof && {
		scope,
		seq,
		...text,
		proof
	};
}
function readText(literal, pruned) {
	if (pruned !== void 0) {
		const hash = fromBase64(pruned);
		return hash && {
			leaf: null,
			hash
		};
	}
	const leaf = parseText(literal ?? "");
	return leaf === null ? null : {
		leaf,
		hash: null
	};
}
function parseText(literal) {
	try {
		const text = JSON.parse(literal);
		return typeof text === "string" ? text : null;
	} catch {
		return null;
	}
}
function parseList(items) {
	try {
		return JSON.parse(`[${items}]`);
	} catch {
		return;
	}
}

// lib/domain/audit/chain.ts
const CHAIN_PREFIX = 2;
/** What the first entry's chain hash is linked to: 32 zero bytes. */
const CHAIN_START = /* @__PURE__ */ new Uint8Array(32);
/**
* sha256(0x02 || previous chain hash || leaf hash). Redundant beside the tree, kept because it names the first bad
* entry in one pass and needs no tree: plain SQL can check it.
*/
function nextChainHash(previous, leaf, hash) {
	const message = new Uint8Array(1 + previous.length + leaf.length);
	message[0] = CHAIN_PREFIX;
	message.set(previous, 1);
	message.set(leaf, 1 + previous.length);
	return hash(message);
}

// lib/domain/audit/merkle.ts
/**
* The RFC 6962 Merkle tree: domain-separated hashes, the compact frontier by which it grows, and which stored
* subtrees a root or a proof is made of. Sizes and indexes are safe integers, so no bitwise operators on them.
*/
const LEAF_PREFIX = 0;
const NODE_PREFIX = 1;
const EMPTY_FRONTIER = {
	size: 0,
	hashes: []
};
/** sha256(0x00 || leaf) */
function leafHash(leaf, hash) {
	const message = new Uint8Array(1 + leaf.length);
	message[0] = LEAF_PREFIX;
	message.set(leaf, 1);
	return hash(message);
}
/** sha256(0x01 || left || right) */
function nodeHash(left, right, hash) {
	const message = new Uint8Array(1 + left.length + right.length);
	message[0] = NODE_PREFIX;
	message.set(left, 1);
	message.set(right, 1 + left.length);
	return hash(message);
}
/** Adds one leaf; `completed` are the full subtrees (level 1 and up) that this leaf finished. */
function appendLeaf(frontier, leaf, hash) {
	const hashes = [...frontier.hashes];
	const completed = [];
	let node = leaf;
	let rest = frontier.size;
	for (let level = 1; rest % 2 === 1; level += 1) {
		const left = hashes.pop();
		if (left === void 0) throw new RangeError("The frontier has fewer subtrees than its size says.");
		node = nodeHash(left, node, hash);
		rest = Math.floor(rest / 2);
		completed.push({
			level,
			index: rest,
			hash: node
		});
	}
	hashes.push(node);
	return {
		frontier: {
			size: frontier.size + 1,
			hashes
		},
		completed
	};
}
/** The hash of neighbouring subtrees, largest first: folded from the right. Of none: the hash of nothing, RFC 6962's empty root. */
function foldSubtrees(hashes, hash) {
	return hashes.length === 0 ? hash(/* @__PURE__ */ new Uint8Array(0)) : hashes.reduceRight((right, left) => nodeHash(left, right, hash));
}
function frontierRoot(frontier, hash) {
	return foldSubtrees(frontier.hashes, hash);
}

// lib/domain/audit/pruning.ts
/**
* Texts of old entries may be pruned; their hashes stay, so every proof stays valid. What must not happen is that a text is missing and nobody says
* why: each missing text must be told of by an act of pruning, which is itself an entry. Here that is counted.
*/
const PRUNING_ACTION = "audit.texts_pruned";
const isCount = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
/** Of an entry that tells of pruning; null for every other, and for one that tells of entries after itself. */
function pruningActOf(seq, leaf) {
	if (leaf.action !== "audit.texts_pruned" || leaf.outcome !== "ok") return null;
	const { fromSeq, toSeq, texts, rule } = leaf.after ?? {};
	if (!isCount(fromSeq) || !isCount(toSeq) || !isCount(texts) || typeof rule !== "string" || toSeq > seq) return null;
	return {
		seq,
		fromSeq,
		toSeq,
		texts,
		rule,
		at: leaf.ts
	};
}
const noneMissing = () => ({
	ranges: [],
	count: 0
});
/** Notes that the text of this entry is not there. */
function noteMissing(missing, seq) {
	const last = missing.ranges.at(-1);
	if (last?.to === seq) last.to = seq + 1;
	else missing.ranges.push({
		from: seq,
		to: seq + 1
	});
	missing.count += 1;
}
/** Why the missing texts are not what the acts of pruning tell of; null when they are. `seq`: the first that no act names, where it is one. */
function unexplained(missing, acts) {
	const told = [];
	for (const { fromSeq, toSeq } of [...acts].sort((a, b) => a.fromSeq - b.fromSeq)) {
		const last = told.at(-1);
		if (last !== void 0 && fromSeq <= last.to) last.to = Math.max(last.to, toSeq);
		else told.push({
			from: fromSeq,
			to: toSeq
		});
	}
	let at = 0;
	for (const { from, to } of missing.ranges) {
		while ((told[at]?.to ?? Infinity) <= from) at += 1;
		const act = told[at];
		const seq = act === void 0 || act.from > from ? from : act.to < to ? act.to : null;
		if (seq !== null) return {
			seq,
			message: `the text of entry ${seq} is missing, and no act of pruning tells of it`
		};
	}
	const most = acts.reduce((sum, { texts }) => sum + texts, 0);
	return missing.count > most ? {
		seq: null,
		message: `the texts of ${missing.count} entries are missing, but acts of pruning tell of ${most}`
	} : null;
}

// lib/domain/audit/bundle-verdict.ts
const freshState = () => ({
	line: 0,
	manifest: null,
	checkpoint: null,
	signedBy: [],
	since: null,
	sinceProven: false,
	witnessed: [],
	earlier: [],
	earlierIgnored: 0,
	milestones: null,
	milestonesMet: 0,
	frontier: EMPTY_FRONTIER,
	chain: CHAIN_START,
	entries: 0,
	firstSeq: null,
	lastSeq: null,
	missing: noneMissing(),
	prunings: []
});
const malformed = (state, message) => ({
	status: "malformed",
	line: state.line,
	message
});
const tampered = (state, message, seq = null, throughSeq = null) => ({
	status: "tampered",
	seq,
	throughSeq,
	line: state.line,
	message
});

// lib/domain/audit/checkpoint.ts
/** C2SP tlog-checkpoint v1.0.0: origin, tree size and root, one a line. Extension lines are neither written nor read. */
const ROOT_BYTES = 32;
/** `null` unless the text is exactly one checkpoint of ours: three lines, no leading zeros, one spelling of the root. */
function parseCheckpoint(text) {
	const [origin = "", sizeText = "", rootText = "", end, ...rest] = text.split("\n");
	const root = fromBase64(rootText);
	const size = /^(0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : NaN;
	if (end !== "" || rest.length > 0 || !isKeyName(origin)) return null;
	if (!Number.isSafeInteger(size) || root === null || root.length !== ROOT_BYTES) return null;
	return {
		origin,
		size,
		root
	};
}
/** A checkpoint signed by a trusted key of the very log it speaks of (key name = origin, as tlog-checkpoint advises). */
function openCheckpoint(note, trusted, verify) {
	const opened = openNote(note, trusted, verify);
	if (!opened.ok) return opened;
	const checkpoint = parseCheckpoint(opened.text);
	if (checkpoint === null) return {
		ok: false,
		refusal: "malformed"
	};
	const keys = opened.keys.filter((key) => key.name === checkpoint.origin);
	return keys.length === 0 ? {
		ok: false,
		refusal: "foreign_origin"
	} : {
		ok: true,
		checkpoint,
		keys
	};
}

// lib/domain/audit/merkle-verify.ts
/**
* Proof verification by RFC 9162 sections 2.1.3.2 and 2.1.4.2. Deliberately shares nothing with the code that makes proofs
* but the node hash: a mistake in one cannot hide in the other. Total: bad input answers null or false, never throws.
*/
const HASH_BYTES = 32;
const isOdd = (value) => value % 2 === 1;
const halve = (value) => Math.floor(value / 2);
const isHash = (value) => value.length === HASH_BYTES;
/** The root that this leaf and proof lead to in a tree of `size` leaves; `null` when the proof cannot belong to that place. */
function rootFromInclusion(index, size, leaf, proof, hash) {
	if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return null;
	if (index < 0 || index >= size || !isHash(leaf) || !proof.every(isHash)) return null;
	let node = index;
	let last = size - 1;
	let root = leaf;
	for (const sibling of proof) {
		if (last === 0) return null;
		if (isOdd(node) || node === last) {
			root = nodeHash(sibling, root, hash);
			while (!isOdd(node) && node !== 0) {
				node = halve(node);
				last = halve(last);
			}
		} else root = nodeHash(root, sibling, hash);
		node = halve(node);
		last = halve(last);
	}
	return last === 0 ? root : null;
}
/** Whether the tree of `oldSize` leaves is the beginning of the tree of `newSize` leaves. An empty old tree begins every tree. */
function verifyConsistency(claim, proof, hash) {
	const { oldSize, newSize, oldRoot, newRoot } = claim;
	if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize)) return false;
	if (oldSize < 0 || oldSize > newSize || !isHash(oldRoot) || !isHash(newRoot) || !proof.every(isHash)) return false;
	if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
	if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, hash(/* @__PURE__ */ new Uint8Array(0)));
	return climbBoth(claim, proof, hash);
}
function climbBoth(claim, proof, hash) {
	let node = claim.oldSize - 1;
	let last = claim.newSize - 1;
	while (isOdd(node)) {
		node = halve(node);
		last = halve(last);
	}
	const [first, ...siblings] = node === 0 ? [claim.oldRoot, ...proof] : proof;
	if (first === void 0) return false;
	let oldRoot = first;
	let newRoot = first;
	for (const sibling of siblings) {
		if (last === 0) return false;
		if (isOdd(node) || node === last) {
			oldRoot = nodeHash(sibling, oldRoot, hash);
			newRoot = nodeHash(sibling, newRoot, hash);
			while (!isOdd(node) && node !== 0) {
				node = halve(node);
				last = halve(last);
			}
		} else newRoot = nodeHash(newRoot, sibling, hash);
		node = halve(node);
		last = halve(last);
	}
	return last === 0 && equalBytes(oldRoot, claim.oldRoot) && equalBytes(newRoot, claim.newRoot);
}

// lib/domain/audit/bundle-head.ts
/** The lines of a bundle before its entries: what the log is, who signed it, and what it must extend. */
function readManifest(state, text) {
	if (text.startsWith("﻿")) return malformed(state, "the file starts with a byte order mark: a program has rewritten it");
	const manifest = parseManifest(text);
	if (manifest === null) return malformed(state, "this is not the first line of a Slipway audit bundle, version 1 or 2");
	state.manifest = manifest;
	return null;
}
/** A checkpoint by a trusted key, or the verdict that its absence is. */
function open(state, note, what, { trusted, verifySignature }) {
	const opened = openCheckpoint(note, trusted, verifySignature);
	if (opened.ok) return opened;
	switch (opened.refusal) {
		case "malformed": return tampered(state, `${what} is not a signed checkpoint`);
		case "bad_signature": return tampered(state, `the signature of ${what} is wrong: its text or its signature was changed`);
		case "foreign_origin": return {
			status: "untrusted",
			line: state.line,
			message: `${what} speaks of another log than the one your key belongs to`
		};
		case "unknown_key": return {
			status: "untrusted",
			line: state.line,
			message: `${what} is not signed by a key you gave`
		};
	}
}
function readCheckpoint(state, manifest, text, options) {
	const note = parseCheckpointLine(text);
	if (note === null) return tampered(state, "the second line is not a checkpoint");
	const opened = open(state, note, "the checkpoint", options);
	if ("status" in opened) return opened;
	const { checkpoint, keys } = opened;
	if (manifest.origin !== checkpoint.origin) return tampered(state, `the manifest names the log ${manifest.origin}, the checkpoint ${checkpoint.origin}`);
	if (manifest.treeSize !== checkpoint.size) return tampered(state, `the manifest speaks of ${manifest.treeSize} entries in the log, the checkpoint of ${checkpoint.size}`);
	if (manifest.scope === "all" && manifest.count !== checkpoint.size) return tampered(state, `the manifest promises ${manifest.count} entries, the checkpoint covers ${checkpoint.size}`);
	state.checkpoint = checkpoint;
	state.signedBy = keys;
	return readWitnessed(state, checkpoint, options) ?? (options.since === null ? null : readSince(state, checkpoint, options.since, options));
}
/** What witnesses kept must be by a key that is believed, of this log, and of no more than the bundle covers. */
function readWitnessed(state, checkpoint, options) {
	const found = /* @__PURE__ */ new Map();
	for (const note of options.witnessed ?? []) {
		const opened = open(state, note, "a checkpoint that a witness kept", options);
		if ("status" in opened) return opened.status === "tampered" ? malformed(state, opened.message) : opened;
		const { origin, size, root } = opened.checkpoint;
		if (origin !== checkpoint.origin) return {
			status: "untrusted",
			line: state.line,
			message: "a checkpoint that a witness kept is of another log"
		};
		if (size > checkpoint.size) return tampered(state, `a witness kept a checkpoint of ${size} entries, this bundle covers only ${checkpoint.size}: it is an older export, or the log was cut`, checkpoint.size, size - 1);
		if (size === checkpoint.size && !equalBytes(root, checkpoint.root)) return tampered(state, `at ${size} entries the log is not the one that a witness saw`);
		found.set(`${size} ${toBase64(root)}`, opened.checkpoint);
	}
	state.witnessed = [...found.values()];
	return null;
}
function readSince(state, checkpoint, note, options) {
	const opened = open(state, note, "the checkpoint you kept", options);
	if ("status" in opened) return opened.status === "tampered" ? malformed(state, opened.message) : opened;
	const since = opened.checkpoint;
	if (since.origin !== checkpoint.origin) return {
		status: "untrusted",
		line: state.line,
		message: "the checkpoint you kept is of another log"
	};
	if (since.size > checkpoint.size) return tampered(state, `your checkpoint covers ${since.size} entries, this bundle only ${checkpoint.size}: it is an older export, or the log was cut`, checkpoint.size, since.size - 1);
	if (since.size === checkpoint.size && !equalBytes(since.root, checkpoint.root)) return tampered(state, "your checkpoint and this one cover the same number of entries but not the same entries");
	state.since = since;
	state.sinceProven = since.size === checkpoint.size || since.size === 0;
	return null;
}
function readEarlier(state, checkpoint, text, options) {
	const note = parseEarlierLine(text);
	if (note === null) return tampered(state, "an earlier checkpoint cannot be read");
	const opened = open(state, note, "an earlier checkpoint", options);
	if ("status" in opened) {
		if (opened.status !== "untrusted") return opened;
		state.earlierIgnored += 1;
		return null;
	}
	const { origin, size } = opened.checkpoint;
	const above = state.earlier.at(-1)?.size ?? -1;
	if (origin !== checkpoint.origin || size <= above || size >= checkpoint.size) return tampered(state, "an earlier checkpoint is out of place");
	state.earlier.push(opened.checkpoint);
	return null;
}
function readConsistency(state, checkpoint, text, options) {
	const line = parseConsistencyLine(text);
	if (line === null || state.earlier.length > 0) return tampered(state, "the proof from an earlier checkpoint cannot be read");
	const opened = open(state, line.from, "the earlier checkpoint", options);
	if ("status" in opened) return opened;
	const from = opened.checkpoint;
	const claim = {
		oldSize: from.size,
		oldRoot: from.root,
		newSize: checkpoint.size,
		newRoot: checkpoint.root
	};
	if (from.origin !== checkpoint.origin || !verifyConsistency(claim, line.proof, options.hash)) return tampered(state, `the log does not extend its earlier checkpoint at ${from.size} entries`);
	state.earlier.push(from);
	const seen = state.witnessed.find(({ size }) => size === from.size);
	if (seen !== void 0 && !equalBytes(seen.root, from.root)) return tampered(state, `at ${from.size} entries the log is not the one that a witness saw`);
	if (state.since !== null && state.since.size === from.size) {
		if (!equalBytes(state.since.root, from.root)) return tampered(state, `at ${from.size} entries the log is not the one of your checkpoint`);
		state.sinceProven = true;
	}
	return null;
}

// lib/domain/audit/actions.ts
/**
* Every action that can stand in the audit trail: its label for people, and what it does to records. The one list;
* names are `<subject>.<what happened>` and are never reused or renamed, because signed entries hold them for good.
*/
const AUDIT_CRUD = [
	"create",
	"read",
	"update",
	"delete"
];
const create = (label) => ({
	label,
	crud: "create"
});
const read = (label) => ({
	label,
	crud: "read"
});
const update = (label) => ({
	label,
	crud: "update"
});
const remove = (label) => ({
	label,
	crud: "delete"
});
const AUDIT_ACTIONS = {
	"install.created": create("Set up this installation"),
	"demo.seeded": create("Loaded the demonstration"),
	"demo.reset": update("Reset the demonstration"),
	"model.created": create("Created model"),
	"model.updated": update("Changed model"),
	"version.registered": create("Registered version"),
	"version.contract_changed": update("Changed input contract"),
	"version.sealed": update("Sealed version"),
	"version.quarantined": update("Quarantined version"),
	"version.quarantine_lifted": update("Lifted quarantine of version"),
	"version.scanned": update("Read version again"),
	"version.signed": update("Added signature to version"),
	"version.risk_accepted": create("Accepted risk of version"),
	"version.tried": read("Tried version"),
	"version.try_answered": read("Answered a try of a version"),
	"evaluation.started": create("Asked for an evaluation"),
	"evaluation.succeeded": update("Evaluated version on held-out rows"),
	"evaluation.failed": update("Could not evaluate version"),
	"evaluation.cancelled": update("Cancelled evaluation"),
	"load_test.started": create("Asked for a load test"),
	"load_test.succeeded": update("Tested endpoint under load"),
	"load_test.failed": update("Could not test endpoint under load"),
	"load_test.cancelled": update("Cancelled load test"),
	"version.referred": create("Noted a version that is kept elsewhere"),
	"version.registration_failed": create("Could not register version"),
	"version.described": update("Described version"),
	"version.withdrawn": update("Withdrew version from MLflow clients"),
	"version.tagged": update("Set tag of version"),
	"version.untagged": remove("Removed tag of version"),
	"model.withdrawn": update("Withdrew model from MLflow clients"),
	"model.tagged": update("Set tag of model"),
	"model.untagged": remove("Removed tag of model"),
	"alias.set": update("Set alias"),
	"alias.removed": remove("Removed alias"),
	"evidence.recorded": create("Recorded evidence"),
	"model.classified": create("Classified model"),
	"model.delivery_recorded": create("Recorded delivery context"),
	"model.deployed": create("Answered its first live request"),
	"control.decided": create("Decided on a control"),
	"catalogue.chosen": update("Switched regulatory catalogue"),
	"catalogue.pinned": create("Pinned regulatory catalogue"),
	"envelope.registered": create("Registered change plan"),
	"profile.ordered": create("Ordered a profile run"),
	"environment.created": create("Created environment"),
	"environment.policy_changed": update("Changed environment policy"),
	"waiver.signed": create("Signed waiver"),
	"waiver.revoked": update("Revoked waiver"),
	"endpoint.created": create("Created endpoint"),
	"endpoint.updated": update("Changed endpoint"),
	"endpoint.runtime_configured": update("Changed runtime configuration"),
	"deployment.started": create("Started deployment"),
	"deployment.ended": update("Ended deployment"),
	"route.changed": create("Changed traffic weights"),
	"release.created": create("Created release"),
	"release.plan_changed": update("Changed release plan"),
	"release.submitted": update("Submitted release for approval"),
	"release.evidence_changed": update("Took note of changed evidence"),
	"release.configuration_changed": update("Took note of a changed runtime configuration"),
	"release.approved": update("Approved release"),
	"release.rejected": update("Rejected release"),
	"release.cancelled": update("Cancelled release"),
	"release.expired": update("Let release expire"),
	"release.started": update("Started release"),
	"release.provisioned": update("Provisioned candidate"),
	"release.warmed": update("Warmed candidate"),
	"release.shadowing_started": update("Started shadowing"),
	"release.step_entered": update("Entered step"),
	"release.held": update("Held release"),
	"release.resumed": update("Resumed release"),
	"release.gate_reached": update("Reached a gate"),
	"release.gate_passed": update("Passed a gate"),
	"release.promotion_ordered": update("Ordered promotion"),
	"release.promoted": update("Promoted release"),
	"release.rollback_ordered": update("Ordered rollback"),
	"release.rolled_back": update("Rolled back release"),
	"release.rollback_reason_given": update("Gave the reason of an emergency rollback"),
	"release.aborted": update("Aborted release"),
	"release.superseded": update("Superseded release"),
	"release.challenger_deprecated": update("Deprecated challenger"),
	"release.baked": update("Finished bake"),
	"release.completed": update("Completed release"),
	"release.previous_released": update("Let the previous version go"),
	"approval.voided": update("Voided approval"),
	"target.created": create("Created target"),
	"target.changed": update("Changed how a target is reached"),
	"target.version_bound": update("Put version on a target"),
	"target.restored": update("Restored what a target serves"),
	"device.code_created": create("Created a code for a device"),
	"device.enrolled": create("Enrolled device"),
	"device.revoked": update("Revoked device"),
	"device.update_started": create("Offered a version to devices"),
	"device.update_advanced": update("Widened an update of devices"),
	"device.update_held": update("Stopped an update of devices"),
	"device.rolled_back": create("Rolled devices back"),
	"batch.input_received": create("Received rows"),
	"batch.job_created": create("Started batch job"),
	"batch.job_paused": update("Paused batch job"),
	"batch.job_resumed": update("Resumed batch job"),
	"batch.job_cancelled": update("Cancelled batch job"),
	"batch.job_succeeded": update("Finished batch job"),
	"batch.job_failed": update("Failed batch job"),
	"batch.output_made_current": update("Made batch output current"),
	"batch.schedule_created": create("Created batch schedule"),
	"batch.schedule_enabled": update("Enabled batch schedule"),
	"batch.schedule_disabled": update("Disabled batch schedule"),
	"batch.schedule_due": update("Started a scheduled batch run"),
	"batch.change_proposed": create("Proposed a version for a batch endpoint"),
	"batch.change_compared": update("Compared two versions on a slice"),
	"batch.change_approved": update("Approved batch change"),
	"batch.change_rejected": update("Rejected batch change"),
	"batch.change_withdrawn": update("Withdrew batch change"),
	"batch.change_reverted": update("Reverted batch change"),
	"stream.created": create("Created stream"),
	"stream.paused": update("Paused stream"),
	"stream.resumed": update("Resumed stream"),
	"stream.rolled_back": update("Rolled back stream"),
	"runtime.registered": create("Registered runtime"),
	"runtime.rejoined": update("Runtime rejoined"),
	"runtime.lost": update("Lost runtime"),
	"runtime.retired": update("Retired runtime"),
	"runtime.safe_state_entered": update("Runtime fell back to stable by itself"),
	"runtime.local_rollback_reported": update("Reported a rollback made on the host"),
	"user.created": create("Created user"),
	"user.updated": update("Changed user"),
	"user.disabled": update("Disabled user"),
	"user.enabled": update("Enabled user"),
	"user.password_changed": update("Changed password"),
	"group.created": create("Created group"),
	"group.changed": update("Changed group"),
	"group.deleted": remove("Deleted group"),
	"role.granted": create("Granted role"),
	"role.revoked": remove("Revoked role"),
	"invitation.created": create("Created sign-in link"),
	"session.started": create("Signed in"),
	"session.ended": update("Signed out"),
	"session.revoked": update("Revoked session"),
	"session.reauthenticated": update("Re-authenticated"),
	"token.created": create("Created API token"),
	"token.revoked": update("Revoked API token"),
	"signin.failed": read("Sign-in failed"),
	"signin.locked": update("Locked sign-in"),
	"access.denied": read("Access denied"),
	"incident.opened": create("Opened incident"),
	"incident.updated": update("Changed incident"),
	"incident.closed": update("Closed incident"),
	"incident.reopened": update("Opened incident again"),
	"incident.reported": create("Sent incident report"),
	"evidence.preserved": create("Preserved evidence"),
	"evidence.hold_released": update("Released preserved evidence"),
	"retention.rule_changed": update("Changed retention"),
	"hold.placed": create("Placed legal hold"),
	"hold.lifted": update("Lifted legal hold"),
	"signing.rules_changed": update("Changed signing rules"),
	"delegation.given": create("Gave a delegation"),
	"delegation.ended": update("Ended a delegation"),
	"release.challenged": create("Wrote in the challenge log"),
	"release.break_glass_asked": create("Asked for break-glass"),
	"release.break_glass_used": update("Approved by break-glass"),
	"release.break_glass_reviewed": update("Reviewed break-glass"),
	"audit.sample_drawn": create("Drew a sample"),
	"audit.sample_tested": update("Tested a sample"),
	"finding.raised": create("Raised finding"),
	"finding.closed": update("Closed finding"),
	"card.section_written": update("Wrote section of model card"),
	"card.imported": update("Imported model card"),
	"card.signed": update("Signed model card"),
	"card.published": update("Published model card"),
	"card.signatures_voided": update("Voided signatures on model card"),
	"runbook.written": create("Wrote runbook"),
	"runbook.assigned": update("Assigned runbook"),
	"runbook.acknowledged": update("Acknowledged runbook"),
	"runbook.linked": update("Linked runbook"),
	"baseline.recorded": create("Recorded monitoring baseline"),
	"baseline.frozen": create("Froze monitoring baseline"),
	"alert.rules_changed": update("Changed alert rules"),
	"endpoint.service_level_changed": update("Changed service level"),
	"alert.fired": create("Alert fired"),
	"alert.refired": update("Alert fired again within its cooldown"),
	"alert.resolved": update("Alert resolved"),
	"alert.acknowledged": update("Acknowledged alert"),
	"alert.silenced": create("Silenced alerts"),
	"alert.silence_ended": update("Ended silence of alerts"),
	"alert.linked": update("Linked alert to incident"),
	"channel.created": create("Created channel"),
	"channel.changed": update("Changed channel"),
	"channel.removed": remove("Removed channel"),
	"channel.disabled": update("Stopped sending to a channel that fails"),
	"delivery.replayed": create("Sent a message again"),
	"audit.exported": read("Exported audit trail"),
	"audit.verified": read("Verified audit trail"),
	"audit.texts_pruned": update("Pruned texts of the audit trail"),
	"audit.key_rotated": update("Changed the audit signing key")
};
const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS).filter(isAuditAction);
function isAuditAction(name) {
	return Object.hasOwn(AUDIT_ACTIONS, name);
}

// lib/domain/audit/leaf.ts
/** The leaf: what one entry of the audit trail says, and the exact bytes that are hashed and kept. */
const LEAF_VERSION = 1;
const AUDIT_OUTCOMES = [
	"ok",
	"denied",
	"error"
];
const ACTOR_TYPES = [
	"person",
	"token",
	"policy",
	"runtime",
	"system"
];
const isList = (value) => Array.isArray(value);
const isFields = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isTextOrNull = (value) => value === null || isText(value);
const isFieldsOrNull = (value) => value === null || isFields(value);
const oneOf = (list, value) => list.find((item) => item === value) ?? null;
function readActor(value) {
	if (!isFields(value)) return null;
	const { id, name, authMethod } = value;
	const type = oneOf(ACTOR_TYPES, value["type"]);
	return type !== null && isTextOrNull(id) && isText(name) && isTextOrNull(authMethod) ? {
		type,
		id,
		name,
		authMethod
	} : null;
}
function readTarget(value) {
	if (!isFields(value)) return null;
	const { type, id, name, digest } = value;
	return isText(type) && isText(id) && isTextOrNull(name) && isTextOrNull(digest) ? {
		type,
		id,
		name,
		digest
	} : null;
}
function readContext(value) {
	if (!isFields(value)) return null;
	const { requestId, ip, userAgent } = value;
	return isTextOrNull(requestId) && isTextOrNull(ip) && isTextOrNull(userAgent) ? {
		requestId,
		ip,
		userAgent
	} : null;
}
/** The leaf in canonical text of schema version 1. `null` when it is not canonical JSON or not such a leaf; actions that this program does not know are fine. */
function parseLeaf(text) {
	const parsed = parseCanonicalJson(text);
	if (parsed === null || !isFields(parsed.value)) return null;
	const { v, id, ts, action, targets, before, after, reason, idempotencyKey } = parsed.value;
	const crud = oneOf(AUDIT_CRUD, parsed.value["crud"]);
	const outcome = oneOf(AUDIT_OUTCOMES, parsed.value["outcome"]);
	const actor = readActor(parsed.value["actor"]);
	const context = readContext(parsed.value["context"]);
	if (v !== 1 || crud === null || outcome === null || actor === null || context === null) return null;
	if (!isText(id) || !isText(ts) || !isText(action) || targets === void 0 || !isList(targets)) return null;
	if (!isFieldsOrNull(before) || !isFieldsOrNull(after) || !isTextOrNull(reason) || !isTextOrNull(idempotencyKey)) return null;
	const read = targets.map(readTarget).filter((target) => target !== null);
	if (read.length !== targets.length) return null;
	return {
		v,
		id,
		ts,
		action,
		crud,
		outcome,
		actor,
		targets: read,
		before,
		after,
		reason,
		context,
		idempotencyKey
	};
}

// lib/domain/audit/bundle-verifier.ts
function createBundleVerifier(options) {
	const state = freshState();
	const line = (text) => {
		state.line += 1;
		if (text === null) return notText(state);
		if (text.endsWith("\r")) return malformed(state, "lines end in CR LF: a program has rewritten the file");
		if (state.manifest === null) return readManifest(state, text);
		if (state.checkpoint === null) return readCheckpoint(state, state.manifest, text, options);
		return readBody(state, state.manifest, state.checkpoint, text, options);
	};
	return {
		line,
		end: (cutShort) => conclude(state, cutShort, options)
	};
}
function notText(state) {
	return state.manifest === null ? malformed(state, "the file is not UTF-8 text") : tampered(state, "the line is not UTF-8 text", state.manifest.scope === "all" ? state.frontier.size : null);
}
function readBody(state, manifest, checkpoint, text, options) {
	if (state.entries === 0) {
		if (text.startsWith("{\"earlier\":") && manifest.scope === "all") return readEarlier(state, checkpoint, text, options);
		if (text.startsWith("{\"consistency\":") && manifest.scope === "selection") return readConsistency(state, checkpoint, text, options);
	}
	const entry = parseEntryLine(text, manifest.scope);
	const expected = manifest.scope === "all" ? state.frontier.size : null;
	if (entry === null || entry.leaf === null && manifest.v === 1) return tampered(state, "the line is not an entry as Slipway writes it", expected ?? looseSeq(text));
	if (entry.leaf !== null && !isCanonicalJson(entry.leaf)) return tampered(state, "the entry's text is not canonical JSON", expected ?? entry.seq);
	return entry.scope === "all" ? checkInOrder(state, checkpoint, entry, options.hash) : checkBySelf(state, checkpoint, entry, options.hash);
}
/** The number an unreadable line seems to carry, for the message only. */
function looseSeq(text) {
	const match = /"seq":([0-9]{1,15})\}$/.exec(text);
	return match?.[1] === void 0 ? null : Number(match[1]);
}
function milestonesOf(state, checkpoint) {
	const earlier = state.earlier.map(({ size, root }) => ({
		size,
		root,
		what: `the signed checkpoint at ${size}`
	}));
	const since = state.since === null ? [] : [{
		...state.since,
		what: `your checkpoint at ${state.since.size}`
	}];
	const last = {
		size: checkpoint.size,
		root: checkpoint.root,
		what: `the signed checkpoint at ${checkpoint.size}`
	};
	const witnessed = state.witnessed.map(({ size, root }) => ({
		size,
		root,
		what: `the checkpoint at ${size} that a witness kept`
	}));
	return [
		...earlier,
		...since,
		...witnessed,
		last
	].filter(({ size }) => size > 0).sort((a, b) => a.size - b.size);
}
function checkInOrder(state, checkpoint, entry, hash) {
	const expected = state.frontier.size;
	if (entry.seq !== expected) return tampered(state, `entry ${expected} should stand here, the line says ${entry.seq}`, expected);
	if (expected >= checkpoint.size) return tampered(state, "the bundle goes on beyond its checkpoint", expected);
	const leaf = entry.leaf === null ? entry.hash : leafHash(utf8(entry.leaf), hash);
	state.chain = nextChainHash(state.chain, leaf, hash);
	if (toBase64(state.chain) !== entry.chain) return tampered(state, "the entry's text does not lead to its chain hash", expected);
	state.frontier = appendLeaf(state.frontier, leaf, hash).frontier;
	countEntry(state, entry);
	return checkMilestones(state, checkpoint, hash);
}
function countEntry(state, { seq, leaf }) {
	state.entries += 1;
	state.firstSeq ??= seq;
	state.lastSeq = seq;
	if (leaf === null) noteMissing(state.missing, seq);
	else if (leaf.includes("audit.texts_pruned")) {
		const read = parseLeaf(leaf);
		const act = read && pruningActOf(seq, read);
		if (act !== null) state.prunings.push(act);
	}
}
function checkMilestones(state, checkpoint, hash) {
	state.milestones ??= milestonesOf(state, checkpoint);
	for (;;) {
		const next = state.milestones[state.milestonesMet];
		if (next?.size !== state.frontier.size) return null;
		if (!equalBytes(frontierRoot(state.frontier, hash), next.root)) return tampered(state, `the entries do not lead to ${next.what}; all hashes beside them were made to fit`, state.milestones.findLast((met) => met.size < next.size)?.size ?? 0, next.size - 1);
		state.milestonesMet += 1;
	}
}
function checkBySelf(state, checkpoint, entry, hash) {
	if (state.lastSeq !== null && entry.seq <= state.lastSeq) return tampered(state, "the entries are not in ascending order", entry.seq);
	const leaf = entry.leaf === null ? entry.hash : leafHash(utf8(entry.leaf), hash);
	const root = rootFromInclusion(entry.seq, checkpoint.size, leaf, entry.proof, hash);
	if (root === null || !equalBytes(root, checkpoint.root)) return tampered(state, "the entry is not in the signed log at this place", entry.seq);
	countEntry(state, entry);
	return null;
}
function conclude(state, cutShort, options) {
	const { manifest, checkpoint } = state;
	if (cutShort) return malformed(state, "the file ends in the middle of a line");
	if (manifest === null) return malformed(state, "the file is empty");
	if (checkpoint === null) return malformed(state, "the file ends before its checkpoint");
	if (state.entries !== manifest.count) {
		const missing = manifest.scope === "all" ? state.frontier.size : null;
		return tampered(state, `the file ends after ${state.entries} of ${manifest.count} entries`, missing);
	}
	if (manifest.firstSeq !== state.firstSeq || manifest.lastSeq !== state.lastSeq) return tampered(state, "the manifest names another first or last entry than the file holds");
	if (checkpoint.size === 0 && !equalBytes(frontierRoot(EMPTY_FRONTIER, options.hash), checkpoint.root)) return tampered(state, "the checkpoint of an empty log has a root that is not the empty one");
	const unproven = manifest.scope === "all" ? void 0 : state.witnessed.find(({ size }) => size !== checkpoint.size && !state.earlier.some((one) => one.size === size));
	if (unproven !== void 0) return malformed(state, `a selection holds no proof from the checkpoint at ${unproven.size} entries that a witness kept; export everything to compare it`);
	const gone = manifest.scope === "all" ? unexplained(state.missing, state.prunings) : null;
	if (gone !== null) return tampered(state, gone.message, gone.seq);
	if (manifest.scope === "all") state.sinceProven = true;
	if (state.since !== null && !state.sinceProven) return malformed(state, `the bundle holds no proof from your checkpoint at ${state.since.size} entries; export again with that checkpoint, or export everything`);
	return {
		status: "valid",
		facts: factsOf(state, manifest, checkpoint)
	};
}
function factsOf(state, manifest, checkpoint) {
	return {
		manifest,
		checkpoint,
		signedBy: state.signedBy,
		entriesChecked: state.entries,
		earlierChecked: state.earlier.length,
		earlierIgnored: state.earlierIgnored,
		sinceSize: state.since?.size ?? null,
		witnessed: state.witnessed.length,
		prunedTexts: state.missing.count,
		prunings: state.prunings
	};
}

// cli/audit-verify/verify-bundle-file.ts
/** Reads a bundle from disk in constant memory and hands its lines to the verifier. */
const LINE_FEED = 10;
const CHUNK_BYTES = 1 << 20;
/** The largest entry Slipway writes is well under 1 MB. */
const MAX_LINE_BYTES = 16 << 20;
const sha256 = (bytes) => hash("sha256", bytes, "buffer");
/** Ed25519 by node:crypto. A key that is no point of the curve verifies nothing. */
function createSignatureCheck() {
	const known = /* @__PURE__ */ new Map();
	return (publicKey, message, signature) => {
		const x = Buffer.from(publicKey).toString("base64url");
		try {
			const key = known.get(x) ?? createPublicKey({
				key: {
					kty: "OKP",
					crv: "Ed25519",
					x
				},
				format: "jwk"
			});
			known.set(x, key);
			return verify(null, message, key, signature);
		} catch {
			return false;
		}
	};
}
/** Rejects only when the file cannot be read. */
async function verifyBundleFile(path, options) {
	const verifier = createBundleVerifier({
		...options,
		hash: sha256,
		verifySignature: createSignatureCheck()
	});
	let rest = Buffer.alloc(0);
	let lines = 0;
	for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
		const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, Buffer.from(chunk)]);
		let start = 0;
		for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
			const verdict = feed(verifier, bytes.subarray(start, end));
			if (verdict !== null) return verdict;
			lines += 1;
			start = end + 1;
		}
		rest = bytes.subarray(start);
		if (rest.length > MAX_LINE_BYTES) return {
			status: "malformed",
			line: lines + 1,
			message: `the line is longer than ${MAX_LINE_BYTES} bytes`
		};
	}
	return verifier.end(rest.length > 0);
}
function feed(verifier, line) {
	return verifier.line(isUtf8(line) ? line.toString("utf8") : null);
}

// cli/audit-verify/run-audit-verify.ts
const USAGE = `Usage: slipway audit verify BUNDLE --key KEY [--key KEY ...] [--since CHECKPOINT] [--witness PLACE ...] [--json]

Checks an exported Slipway audit trail. Needs no network, no database and no Slipway.

  BUNDLE              the exported file, *.slipway-audit.jsonl
  --key KEY           the log's verifier key, which you got from elsewhere than the file: name+id+base64,
                      or a file that holds it. Give every key that was in use when keys were changed.
  --since CHECKPOINT  a file with a checkpoint that you kept: also proves that the log extends it
  --witness PLACE     a file with a checkpoint that a witness kept, or a directory of *.checkpoint files (a copy of what
                      it holds): the log must be the one that the witness saw. May be given several times
  --json              print the verdict as one line of JSON

Exit code: 0 valid, 1 tampered, 2 malformed or not readable, 3 untrusted key.
`;
const MAX_SMALL_FILE_CHARS = 1e6;
/** The whole command. Answers the exit code; never throws. */
async function runAuditVerify(argv, io) {
	const args = readArgs(argv);
	if (typeof args === "string") {
		io.err(`${args}\n\n${USAGE}`);
		return EXIT_CODES.malformed;
	}
	if (args.help) {
		io.out(USAGE);
		return EXIT_CODES.valid;
	}
	if (args.keys.length === 0) {
		io.err(`--key is required: a bundle cannot vouch for itself. The key is shown under Settings and by GET /api/v1/audit/checkpoints.\n\n${USAGE}`);
		return EXIT_CODES.untrusted;
	}
	return verifyWith(args, io);
}
async function verifyWith(args, io) {
	const trusted = [];
	for (const text of args.keys) {
		const key = await readKey(text);
		if (key === null) {
			io.err(`Not a verifier key, nor a file that holds one: ${JSON.stringify(text)}\n`);
			return EXIT_CODES.untrusted;
		}
		trusted.push(key);
	}
	try {
		const since = args.since === null ? null : await readSmallFile(args.since);
		const witnessed = [];
		for (const place of args.witnesses) witnessed.push(...await readWitness(place));
		const verdict = await verifyBundleFile(args.bundle, {
			trusted,
			since,
			witnessed
		});
		io.out(args.json ? verdictJson(verdict) : formatVerdict(verdict));
		return EXIT_CODES[verdict.status];
	} catch (error) {
		io.err(`Cannot read: ${error instanceof Error ? error.message : String(error)}\n`);
		return EXIT_CODES.malformed;
	}
}
/** The arguments, or what is wrong with them. */
function readArgs(argv) {
	try {
		const { values, positionals } = parseArgs({
			args: [...argv],
			allowPositionals: true,
			options: {
				key: {
					type: "string",
					multiple: true
				},
				since: { type: "string" },
				witness: {
					type: "string",
					multiple: true
				},
				json: { type: "boolean" },
				help: {
					type: "boolean",
					short: "h"
				}
			}
		});
		const help = values.help ?? false;
		if (!help && positionals.length !== 1) return "Name exactly one bundle.";
		return {
			bundle: positionals[0] ?? "",
			keys: values.key ?? [],
			since: values.since ?? null,
			witnesses: values.witness ?? [],
			json: values.json ?? false,
			help
		};
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
async function readKey(text) {
	const direct = parseVerifierKey(text.trim(), sha256);
	if (direct !== null) return direct;
	try {
		return parseVerifierKey((await readSmallFile(text)).trim(), sha256);
	} catch {
		return null;
	}
}
/** The notes of one witness: a file's, or those of a directory. A place with none is a mistake, and is said. */
async function readWitness(place) {
	if (!(await stat(place)).isDirectory()) return [await readSmallFile(place)];
	const names = (await readdir(place)).filter((name) => name.endsWith(".checkpoint")).sort();
	if (names.length === 0) throw new Error(`${place} holds no *.checkpoint file`);
	return Promise.all(names.map((name) => readSmallFile(path.join(place, name))));
}
async function readSmallFile(path) {
	const text = await readFile(path, "utf8");
	if (text.length > MAX_SMALL_FILE_CHARS) throw new RangeError(`${path} is too large to be a key or a checkpoint`);
	return text;
}

// cli/audit-verify/main.ts
process.exitCode = await runAuditVerify(process.argv.slice(2), {
	out: (text) => void process.stdout.write(text),
	err: (text) => void process.stderr.write(text)
});

export {  };