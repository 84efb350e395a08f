import ipaddr from "ipaddr.js";

/** Whether an address lies in one of these networks (address or CIDR). No networks: everywhere. An address that is not known lies in none. */
export function isAllowedFrom(networks: readonly string[], ip: string | null): boolean {
  if (networks.length === 0) return true;
  if (ip === null || !ipaddr.isValid(ip)) return false;
  // An IPv4 address may come mapped into IPv6.
  const address = ipaddr.process(ip);
  return networks.some((network) => {
    const [base, bits] = network.includes("/") ? ipaddr.parseCIDR(network) : wholeAddress(network);
    return base.kind() === address.kind() && address.match([base, bits] as never);
  });
}

function wholeAddress(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const address = ipaddr.parse(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
