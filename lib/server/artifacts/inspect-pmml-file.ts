import { createReadStream } from "node:fs";
import { SaxesParser } from "saxes";
import { concludePmml, type InspectedPmml } from "#lib/domain/artifact/pmml/conclude-pmml.ts";
import { pmmlMalformed, pmmlOverLimit, startPmmlDraft, defaultPmmlLimits, type PmmlLimits } from "#lib/domain/artifact/pmml/pmml-draft.ts";
import { closeElement, openElement } from "#lib/domain/artifact/pmml/read-pmml-events.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";

export const MAX_PMML_BYTES = 1024 ** 3;
/** One tag or text may not be longer: the parser holds it whole. */
const MAX_TOKEN = 16 * 1024 * 1024;

/** Reads a PMML document as a stream. A DTD or an entity of its own is refused before anything could be expanded. */
export async function inspectPmmlFile(path: string, sizeBytes: number): Promise<InspectedPmml> {
  if (sizeBytes > MAX_PMML_BYTES) throw pmmlOverLimit(`${sizeBytes} bytes; at most 1 GiB is read`);
  return inspectPmmlStream(createReadStream(path, { highWaterMark: 256 * 1024 }), sizeBytes);
}

/** `inspectPmmlFile` over chunks of UTF-8. */
export async function inspectPmmlStream(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, sizeBytes: number, limits: PmmlLimits = defaultPmmlLimits): Promise<InspectedPmml> {
  const draft = startPmmlDraft(limits);
  const parser = new SaxesParser({ fragment: false, position: true });
  let sinceEvent = 0;
  const seen = (): void => {
    sinceEvent = 0;
  };
  parser.on("doctype", () => {
    throw new RefusedArtifact({
      code: "artifact_forbidden",
      message: "The document has a DTD. PMML needs none, and a DTD can read files and expand without end.",
      hint: "Export the document without <!DOCTYPE>.",
      byteOffset: null,
    });
  });
  parser.on("xmldecl", ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) throw pmmlMalformed(`The document is in ${encoding.slice(0, 40)}; only UTF-8 is read`);
  });
  parser.on("error", (error) => {
    throw pmmlMalformed(`The document is not well-formed XML: ${error.message.slice(0, 300)}`);
  });
  parser.on("text", seen);
  parser.on("opentag", ({ name, attributes }) => {
    seen();
    openElement(draft, local(name), new Map(Object.entries(attributes).map(([key, value]) => [local(key), String(value)])));
  });
  parser.on("closetag", () => {
    seen();
    closeElement(draft);
  });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of chunks) {
    sinceEvent += chunk.length;
    if (sinceEvent > MAX_TOKEN) throw pmmlOverLimit("a tag or text of more than 16 MiB");
    parser.write(decoded(() => decoder.decode(chunk, { stream: true })));
  }
  parser.write(decoded(() => decoder.decode()));
  parser.close();
  return concludePmml(draft, sizeBytes);
}

const local = (name: string): string => name.slice(name.indexOf(":") + 1);

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw pmmlMalformed("The document is not valid UTF-8");
  }
}
