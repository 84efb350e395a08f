import { describe, expect, test } from "vitest";
import { sniffDocument } from "./sniff-document.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const raw = (...parts: (string | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((char) => char.charCodeAt(0)) : part)));

describe("a document is what its content says", () => {
  test.each([
    ["application/pdf", bytes("%PDF-1.7\n1 0 obj\n%%EOF\n")],
    ["image/png", raw([0x89], "PNG", [0x0d, 0x0a, 0x1a, 0x0a])],
    ["image/jpeg", raw([0xff, 0xd8, 0xff, 0xe0])],
    ["application/json", bytes('{"passed": true}')],
    ["text/plain; charset=utf-8", bytes("group,recall\n18-39,0.886\n")],
    ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", raw("PK", [3, 4], "[Content_Types].xml word/document.xml")],
  ])("%s", (mediaType, content) => {
    expect(sniffDocument(content)?.mediaType).toBe(mediaType);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["a Windows program", raw("MZ", [0x90, 0, 3, 0])],
    ["a Linux program", raw([0x7f], "ELF", [2, 1, 1, 0])],
    ["a web page", bytes("<!doctype html><script>alert(1)</script>")],
    ["an SVG image", bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>')],
    ["a shell script", bytes("#!/bin/sh\nrm -rf /\n")],
    ["a pickle", raw([0x80, 4, 0x95])],
    ["a plain archive", raw("PK", [3, 4], "evil.exe")],
    ["a document with macros", raw("PK", [3, 4], "[Content_Types].xml word/document.xml word/vbaProject.bin")],
    ["a PDF cut short", bytes("%PDF-1.7\n1 0 obj")],
    ["text with control characters", raw("hello", [0, 1])],
    ["bytes that are no UTF-8", raw([0xc3, 0x28])],
  ])("%s is not taken", (_name, content) => {
    expect(sniffDocument(content)).toBeNull();
  });
});
