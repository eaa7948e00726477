interface Block {
  readonly first: number;
  readonly last: number;
}

const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;
/** AWS gives no larger block to a VPC, and a smaller one has no room for the subnets. */
const LONGEST_PREFIX = 20;
const SHORTEST_PREFIX = 16;

/** The addresses of a block, or undefined if the text is none or its address is not the block's first. */
function blockOf(text: string): (Block & { readonly prefix: number }) | undefined {
  const [, ...parts] = CIDR.exec(text) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = parts.map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** Not all addresses: neither a firewall nor who may call can be told by that. */
export function isCidr(text: string): boolean {
  return (blockOf(text)?.prefix ?? 0) > 0;
}

export function isVpcCidr(text: string): boolean {
  const block = blockOf(text);
  return block !== undefined && block.prefix >= SHORTEST_PREFIX && block.prefix <= LONGEST_PREFIX;
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [blockOf(one), blockOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}
