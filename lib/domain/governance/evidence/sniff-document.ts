/** What a document is, judged by its content and never by its name. Null for what is not taken: programs, web pages, archives, macros. */
export type DocumentType = { readonly mediaType: string; readonly word: string };

const starts = (bytes: Uint8Array, signature: readonly number[]): boolean => signature.every((byte, index) => bytes[index] === byte);

const latin = (bytes: Uint8Array): string => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
};

/** Office Open XML: a zip whose table of contents names its parts; one with macros is refused. */
function office(bytes: Uint8Array): DocumentType | null {
  const names = latin(bytes);
  if (!names.includes("[Content_Types].xml") || names.includes("vbaProject.bin")) return null;
  if (names.includes("word/document.xml")) return { mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", word: "Word document" };
  if (names.includes("xl/workbook.xml")) return { mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", word: "Excel workbook" };
  return null;
}

function utf8Text(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // Tab, line feed and carriage return are the only control characters of a text.
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function textual(text: string): DocumentType | null {
  const head = text.trimStart().slice(0, 512).toLowerCase();
  if (head.startsWith("<") || head.startsWith("#!") || head.includes("<script")) return null;
  try {
    JSON.parse(text);
    return { mediaType: "application/json", word: "JSON" };
  } catch {
    return { mediaType: "text/plain; charset=utf-8", word: "Text" };
  }
}

export function sniffDocument(bytes: Uint8Array): DocumentType | null {
  if (bytes.length === 0) return null;
  if (starts(bytes, [0x25, 0x50, 0x44, 0x46, 0x2d])) {
    return latin(bytes.subarray(Math.max(0, bytes.length - 1024))).includes("%%EOF") ? { mediaType: "application/pdf", word: "PDF" } : null;
  }
  if (starts(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return { mediaType: "image/png", word: "PNG image" };
  if (starts(bytes, [0xff, 0xd8, 0xff])) return { mediaType: "image/jpeg", word: "JPEG image" };
  if (starts(bytes, [0x50, 0x4b, 0x03, 0x04])) return office(bytes);
  const text = utf8Text(bytes);
  return text === null ? null : textual(text);
}
