import { z } from "zod";
import * as card from "#lib/contracts/card-api.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";

const none = z.strictObject({});
const byVersion = z.strictObject({ model: slug, version: versionName });
const standing = z.object({ revision: z.number().int(), state: z.enum(["draft", "published", "replaced"]), digest: z.string() });

export const getCard = operation({
  name: "getCard",
  method: "GET",
  path: "/api/v1/models/{model}/versions/{version}/card",
  summary: "The model card: facts from the records, the written part, signatures, what stops publishing",
  permission: "card:read",
  params: byVersion,
  query: z.strictObject({
    revision: z.coerce.number().int().positive().nullable().default(null),
    /** `VERSION/REVISION` to compare with, word by word. */
    against: z.string().max(80).nullable().default(null),
  }),
  body: null,
  response: card.cardView,
  status: 200,
});

export const writeCardSection = operation({
  name: "writeCardSection",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/card/sections",
  summary: "Write one section; signatures on the draft become void",
  permission: "card:edit",
  params: byVersion,
  query: none,
  body: card.writeCardSectionBody,
  response: standing,
  status: 200,
});

export const importCard = operation({
  name: "importCard",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/card/import",
  summary: "Take the written part and the claimed figures from a card in another format",
  permission: "card:edit",
  params: byVersion,
  query: none,
  body: card.importCardBody,
  response: standing.extend({ sections: z.array(z.string()), claims: z.number().int(), ignored: z.array(z.string()) }),
  status: 200,
  maxBodyBytes: 1_048_576,
});

export const signCard = operation({
  name: "signCard",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/card/sign",
  summary: "Sign the draft; whoever wrote a part of it or made the version cannot",
  permission: "card:sign",
  params: byVersion,
  query: none,
  body: card.signCardBody,
  response: standing,
  status: 200,
});

export const publishCard = operation({
  name: "publishCard",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/card/publish",
  summary: "Publish the draft: refused while a section or signature is missing or a figure differs from its evidence",
  permission: "card:publish",
  params: byVersion,
  query: none,
  body: card.publishCardBody,
  response: standing,
  status: 200,
});

export const exportCard = operation({
  name: "exportCard",
  method: "GET",
  path: "/api/v1/models/{model}/versions/{version}/card/export",
  summary: "The card as Markdown with Hugging Face front matter, Model Card Toolkit JSON, CycloneDX ML-BOM 1.6, HTML or PDF",
  permission: "card:read",
  params: byVersion,
  query: card.exportCardQuery,
  body: null,
  response: null,
  status: 200,
  responseType: "application/octet-stream",
});
