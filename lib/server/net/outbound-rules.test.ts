import { describe, expect, it } from "vitest";
import { parseOutboundRules, parseOutboundUrl, requireOpen, type OutboundRules } from "./outbound-rules.ts";

const rulesOf = (text: string): OutboundRules => {
  const rules = parseOutboundRules(text);
  if ("problem" in rules) throw new Error(rules.problem);
  return rules;
};
const NONE = rulesOf("");

/** Ways to write an address that must not be spoken to: by form, number base, mapping, dots, alphabets and sections. */
const BYPASSES = [
  "http://example.com/",
  "ftp://example.com/",
  "file:///etc/passwd",
  "gopher://example.com/",
  "https://127.0.0.1/",
  "https://127.1/",
  "https://127.0.1/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://0x7f000001/",
  "https://0x7f.0x0.0x0.0x1/",
  "https://0177.0.0.1/",
  "https://017700000001/",
  "https://127.0.0.1./",
  "https://127。0。0。1/",
  "https://①②⑦.⓪.⓪.①/",
  "https://0/",
  "https://0.0.0.0/",
  "https://0x0/",
  "https://[::1]/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b::a9fe:a9fe]/",
  "https://[2002:7f00:1::]/",
  "https://[2001:0:7f00:1::]/",
  "https://[fe80::1]/",
  "https://[fc00::1]/",
  "https://[fd00:ec2::254]/",
  "https://[ff02::1]/",
  "https://[2001:db8::1]/",
  "https://10.0.0.1/",
  "https://10.255.255.255/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.0.1/",
  "https://0xc0a80001/",
  "https://192.168.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://169.254.43518/",
  "https://[::ffff:169.254.169.254]/",
  "https://100.64.0.1/",
  "https://100.127.255.254/",
  "https://192.0.0.1/",
  "https://192.0.2.1/",
  "https://198.18.0.1/",
  "https://198.51.100.1/",
  "https://203.0.113.1/",
  "https://224.0.0.1/",
  "https://239.255.255.255/",
  "https://240.0.0.1/",
  "https://255.255.255.255/",
  "https://user@example.com/",
  "https://user:password@example.com/",
  "https://example.com:password@127.0.0.1/",
  "https://example.com:22/",
  "https://example.com:8080/",
  "https://example.com:6379/",
  "https://",
  "not an address",
  `https://example.com/${"a".repeat(2100)}`,
];

describe("where messages may be sent", () => {
  it.each(BYPASSES)("refuses %s", (address) => {
    expect(() => parseOutboundUrl(address, NONE)).toThrow();
  });

  it("accepts the public internet by https on the usual ports", () => {
    for (const address of ["https://hooks.slack.com/services/a/b", "https://example.com:8443/x", "https://1.1.1.1/", "https://[2606:4700::1111]/"]) {
      expect(parseOutboundUrl(address, NONE).protocol).toBe("https:");
    }
  });

  it("refuses a name by what it resolves to", () => {
    for (const address of ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "169.254.169.254", "fd00:ec2::254"]) {
      expect(() => requireOpen(address, "innocent.example", 443, NONE)).toThrow(/private or reserved/);
    }
    expect(() => requireOpen("93.184.216.34", "innocent.example", 443, NONE)).not.toThrow();
  });

  it("lets through what the operator names, and nothing beside it", () => {
    const rules = rulesOf("10.1.0.0/16, hooks.internal:9000, *.corp.example, [::1]:8000, 127.0.0.1");
    expect(parseOutboundUrl("http://10.1.2.3:5000/x", rules).port).toBe("5000");
    expect(() => parseOutboundUrl("http://10.2.0.1/", rules)).toThrow();
    expect(parseOutboundUrl("http://hooks.internal:9000/", rules).host).toBe("hooks.internal:9000");
    expect(() => parseOutboundUrl("http://hooks.internal:9001/", rules)).toThrow();
    expect(parseOutboundUrl("https://a.corp.example/", rules).host).toBe("a.corp.example");
    expect(() => requireOpen("10.9.9.9", "a.corp.example", 443, rules)).not.toThrow();
    expect(() => requireOpen("10.9.9.9", "corp.example.evil", 443, rules)).toThrow();
    expect(parseOutboundUrl("http://[::1]:8000/", rules).port).toBe("8000");
    expect(parseOutboundUrl("http://127.0.0.1:1234/", rules).port).toBe("1234");
  });

  it("names the part of the setting that it cannot read", () => {
    for (const text of ["10.0.0.0/99", "host:99999", "a b", "https://x"]) expect(parseOutboundRules(text)).toEqual({ problem: text });
  });
});
