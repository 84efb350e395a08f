import { crc32, deflateRawSync } from "node:zlib";
import { concat, type Bytes } from "#lib/domain/artifact/onnx-builder.fixture.ts";

/** Writes zip and tar archives for tests: honest ones, and ones whose headers lie. */
export type ZipMember = {
  readonly name: string;
  readonly content: Bytes;
  readonly deflate?: boolean;
  /** What the header in front of the entry says instead. */
  readonly localName?: string;
  readonly localSize?: number;
  readonly crc?: number;
  readonly flags?: number;
  readonly unixMode?: number;
  readonly declaredSize?: number;
};

const utf8 = new TextEncoder();

export function zip(members: readonly ZipMember[], prefix: Bytes = new Uint8Array(0)): Bytes {
  const parts: Bytes[] = [prefix];
  const directory: Bytes[] = [];
  let at = prefix.length;
  for (const member of members) {
    const stored = member.deflate === true ? new Uint8Array(deflateRawSync(member.content)) : member.content;
    const crc = member.crc ?? crc32(member.content);
    const size = member.declaredSize ?? member.content.length;
    const head = (name: Bytes, local: boolean): Bytes => {
      const view = new DataView(new ArrayBuffer(26));
      view.setUint16(0, 20, true);
      view.setUint16(2, member.flags ?? 0, true);
      view.setUint16(4, member.deflate === true ? 8 : 0, true);
      view.setUint32(10, crc, true);
      view.setUint32(14, stored.length, true);
      view.setUint32(18, local ? (member.localSize ?? size) : size, true);
      view.setUint16(22, name.length, true);
      return new Uint8Array(view.buffer);
    };
    const localName = utf8.encode(member.localName ?? member.name);
    const name = utf8.encode(member.name);
    const local = concat([utf8.encode("PK\x03\x04"), head(localName, true), localName, stored]);
    const tail = new DataView(new ArrayBuffer(14));
    tail.setUint32(6, (member.unixMode ?? 0) * 65536, true);
    tail.setUint32(10, at, true);
    directory.push(concat([utf8.encode("PK\x01\x02"), Uint8Array.of(20, member.unixMode === undefined ? 0 : 3), head(name, false), new Uint8Array(tail.buffer), name]));
    parts.push(local);
    at += local.length;
  }
  const whole = concat(directory);
  const end = new DataView(new ArrayBuffer(18));
  end.setUint16(4, members.length, true);
  end.setUint16(6, members.length, true);
  end.setUint32(8, whole.length, true);
  end.setUint32(12, at, true);
  return concat([...parts, whole, utf8.encode("PK\x05\x06"), new Uint8Array(end.buffer)]);
}

export type TarMember = { readonly name: string; readonly content?: Bytes; readonly type?: string; readonly link?: string; readonly size?: number };

/** POSIX ustar: 512-byte headers, contents filled up to 512 bytes, two empty blocks. */
export function tar(members: readonly TarMember[]): Bytes {
  const blocks = members.flatMap(({ name, content = new Uint8Array(0), type = "0", link = "", size }) => {
    const header = new Uint8Array(512);
    const put = (at: number, text: string): void => header.set(utf8.encode(text), at);
    put(0, name.slice(0, 100));
    put(100, "0000644\0");
    put(124, `${(size ?? content.length).toString(8).padStart(11, "0")}\0`);
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, type);
    put(157, link.slice(0, 100));
    put(257, "ustar\x0000");
    put(148, `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `);
    return [header, content, new Uint8Array((512 - (content.length % 512)) % 512)];
  });
  return concat([...blocks, new Uint8Array(1024)]);
}
