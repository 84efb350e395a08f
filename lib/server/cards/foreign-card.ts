import type { z } from "zod";
import type { importCardBody } from "#lib/contracts/card-api.ts";
import { CARD_SECTIONS } from "#lib/domain/card/sections.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { ReadCard } from "./card-document.ts";
import { cycloneDxToCard } from "./formats/cyclonedx.ts";
import { markdownToCard } from "./formats/markdown.ts";
import { toolkitToCard } from "./formats/model-card-toolkit.ts";

const MAX_SECTION_CHARS = 20_000;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("invalid_input", "This is not JSON.", { errors: [{ pointer: "/text", message: "It does not parse." }] });
  }
}

/** A card in another format, read. Throws `invalid_input` that says where it does not fit. */
export function readForeignCard(format: z.output<typeof importCardBody>["format"], text: string): ReadCard {
  const read = format === "markdown" ? markdownToCard(text) : format === "cyclonedx" ? cycloneDxToCard(json(text)) : toolkitToCard(json(text));
  for (const [name, written] of read.sections) {
    if (written.length <= MAX_SECTION_CHARS) continue;
    const message = `“${CARD_SECTIONS[name].title}” has ${String(written.length)} characters; ${String(MAX_SECTION_CHARS)} is the most.`;
    throw new AppError("invalid_input", message, { errors: [{ pointer: "/text", message }] });
  }
  return read;
}
