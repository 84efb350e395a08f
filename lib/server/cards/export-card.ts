import type { z } from "zod";
import type { exportCardQuery } from "#lib/contracts/card-api.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { cardToCycloneDx } from "./formats/cyclonedx.ts";
import { cardToHtml } from "./formats/html.ts";
import { cardToMarkdown } from "./formats/markdown.ts";
import { cardToToolkit } from "./formats/model-card-toolkit.ts";
import { cardToPdf } from "./formats/pdf.ts";
import { type CardWithLocks, readCardDocument } from "./read-card.ts";

type Format = z.output<typeof exportCardQuery>["format"];
export type CardFile = { readonly fileName: string; readonly contentType: string; readonly bytes: Buffer };

const FILES: Readonly<Record<Format, { readonly ending: string; readonly contentType: string }>> = {
  markdown: { ending: "card.md", contentType: "text/markdown; charset=utf-8" },
  "model-card-toolkit": { ending: "model-card.json", contentType: "application/json" },
  cyclonedx: { ending: "cdx.json", contentType: "application/vnd.cyclonedx+json; version=1.6" },
  html: { ending: "card.html", contentType: "text/html; charset=utf-8" },
  pdf: { ending: "card.pdf", contentType: "application/pdf" },
};

async function bytesOf({ card, locks }: CardWithLocks, format: Format): Promise<Buffer> {
  const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`, "utf8");
  switch (format) {
    case "markdown":
      return Buffer.from(cardToMarkdown(card), "utf8");
    case "model-card-toolkit":
      return json(cardToToolkit(card));
    case "cyclonedx":
      return json(cardToCycloneDx(card, locks));
    case "html":
      return Buffer.from(cardToHtml(card), "utf8");
    case "pdf":
      return cardToPdf(card);
  }
}

/** A card in one of its formats. */
export const exportCard =
  (store: Store) =>
  async (actor: Actor, input: { readonly model: string; readonly version: string; readonly revision: number | null; readonly format: Format }): Promise<CardFile> => {
    const { format, ...which } = input;
    const found = await readCardDocument(store)(actor, which);
    const { card } = found;
    const { ending, contentType } = FILES[format];
    return { fileName: `${card.model}-${card.version}.${ending}`, contentType, bytes: await bytesOf(found, format) };
  };
