import { isIP } from "node:net";

/**
 * An address as it is compared and shown; undefined for what is none. IPv4 inside of IPv6,
 * as a socket that listens on both says it, is the IPv4 address; a port is left out.
 */
export function parseAddress(text: string): string | undefined {
  const bare = withoutPort(text.trim()).split("%", 1)[0]!;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  const address = mapped ?? bare;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

/**
 * What counts as one peer: an IPv4 address, or the 64 bits of an IPv6 one that a household
 * is given as a whole and could choose the rest of, anew for every connection.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = withoutDots(address).split("::");
  const start = head === "" ? [] : head.split(":");
  const end = tail === "" ? [] : tail.split(":");
  const zeros = address.includes("::") ? 8 - start.length - end.length : 0;
  const groups = [...start, ...Array.from({ length: zeros }, () => "0"), ...end];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** `1.2.3.4:80` and `[::1]:80`; an IPv6 address without brackets has no port. */
function withoutPort(text: string): string {
  const bracketed = /^"?\[([^\]]*)\](?::\d+)?"?$/.exec(text)?.[1];
  return bracketed ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

/** The last 32 bits may be written as an IPv4 address: the same as two groups. */
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
