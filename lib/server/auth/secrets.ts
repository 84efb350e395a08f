import { createHash, randomBytes } from "node:crypto";
import { RANDOM_BYTES, makeApiToken } from "#lib/domain/access/api-token.ts";

/** What the database keeps of a token or link: it has 128 random bits and more, so a plain sha256 cannot be guessed back. */
export const secretHash = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** 256 random bits for a link, fit for a URL. */
export const newLinkSecret = (): string => randomBytes(32).toString("base64url");

export const newApiTokenSecret = (): string => makeApiToken(randomBytes(RANDOM_BYTES));
