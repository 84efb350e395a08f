/** A digest, cut for the eye and whole for hover, copying and search: "sha256:4be1a7f2". */
export function Digest({ value, characters = 8 }: { value: string; characters?: number }) {
  const [scheme, hex] = value.includes(":")
    ? [value.slice(0, value.indexOf(":") + 1), value.slice(value.indexOf(":") + 1)]
    : ["", value];
  return (
    <span className="digest" title={value}>
      {scheme}
      {hex.slice(0, characters)}
    </span>
  );
}
