#!/usr/bin/env python3
"""Second, independent verifier of Slipway audit bundles. Standard library only; shares no code with the first.

usage: verify_reference.py BUNDLE KEY [SINCE]     exit: 0 valid, 1 tampered, 2 malformed, 3 untrusted key
Written from docs/audit.md, RFC 6962, RFC 8032, RFC 8785 and the C2SP note and checkpoint formats. Slow and plain on purpose.
"""
import base64, hashlib, json, sys

sha256 = lambda data: hashlib.sha256(data).digest()
b64 = lambda text: base64.b64decode(text, validate=True)


class Verdict(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# ---- Ed25519 (RFC 8032 section 5.1), verification only
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_verify(public, message, signature):
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- C2SP notes and checkpoints
def parse_key(text):
    try:
        name, key_id, material = text.strip().split("+", 2)
        material, key_id = b64(material), bytes.fromhex(key_id)
    except ValueError:
        raise Verdict(3, "not a verifier key")
    if len(material) != 33 or material[0] != 1 or sha256(name.encode() + b"\n" + material)[:4] != key_id:
        raise Verdict(3, "not a verifier key")
    return name, key_id, material[1:]


def open_checkpoint(note, key):
    """(origin, size, root) of a checkpoint that this key signed."""
    name, key_id, public = key
    try:
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        signed = False
        for line in signatures.removesuffix("\n").split("\n"):
            dash, signer, encoded = line.split(" ")
            blob = b64(encoded)
            if dash != "\u2014" or len(blob) < 5:
                raise ValueError
            if signer == name and blob[:4] == key_id:
                if not ed25519_verify(public, text.encode(), blob[4:]):
                    raise Verdict(1, "a signature is wrong")
                signed = True
        if not signed:
            raise Verdict(3, "not signed by this key")
        origin, size, root, end = text.split("\n")
        if end or str(int(size)) != size or len(b64(root)) != 32:
            raise ValueError
    except ValueError:
        raise Verdict(1, "not a signed checkpoint")
    if origin != name:
        raise Verdict(3, "a checkpoint of another log")
    return origin, int(size), b64(root)


# ---- RFC 6962, from its recursive definitions
leaf_hash = lambda data: sha256(b"\x00" + data)
node_hash = lambda left, right: sha256(b"\x01" + left + right)


def split(n):
    return 1 << ((n - 1).bit_length() - 1)


class Tree:
    """Roots of the full subtrees of what was added, as (level, hash), largest first."""

    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, node):
        level = 0
        while self.parts and self.parts[-1][0] == level:
            node, level = node_hash(self.parts.pop()[1], node), level + 1
        self.parts.append((level, node))
        self.size += 1

    def root(self):
        if not self.parts:
            return sha256(b"")
        node = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            node = node_hash(left, node)
        return node


def root_from_path(index, size, leaf, path):
    if size == 1:
        if path:
            raise ValueError
        return leaf
    k, path, top = split(size), path[:-1], path[-1] if path else None
    if top is None:
        raise ValueError
    if index < k:
        return node_hash(root_from_path(index, k, leaf, path), top)
    return node_hash(top, root_from_path(index - k, size - k, leaf, path))


def consistency_roots(old, size, path, old_root, whole):
    """(old root, new root) that SUBPROOF(old, D[size], whole) leads to."""
    if old == size:
        if whole:
            return old_root, old_root
        if len(path) != 1:
            raise ValueError
        return path[0], path[0]
    if not path:
        raise ValueError
    k, path, top = split(size), path[:-1], path[-1]
    if old <= k:
        before, after = consistency_roots(old, k, path, old_root, whole)
        return before, node_hash(after, top)
    before, after = consistency_roots(old - k, size - k, path, old_root, False)
    return node_hash(top, before), node_hash(top, after)


# ---- the bundle
def strict(text):
    """JSON whose members are in RFC 8785 order and not doubled. Number spelling is left to the first verifier."""

    def members(pairs):
        names = [name for name, _ in pairs]
        if names != sorted(set(names), key=lambda name: name.encode("utf-16-be")):
            raise ValueError("members doubled or out of order")
        return dict(pairs)

    if text != text.strip():
        raise ValueError("space around the text")
    return json.loads(text, object_pairs_hook=members)


def verify(lines, key, since):
    try:
        manifest = strict(lines[0])
        if manifest["format"] != "slipway-audit-bundle" or manifest["v"] not in (1, 2) or manifest["scope"] not in ("all", "selection"):
            raise ValueError
        size, count, whole = manifest["treeSize"], manifest["count"], manifest["scope"] == "all"
    except (ValueError, KeyError, TypeError, IndexError):
        raise Verdict(2, "no manifest of a Slipway audit bundle, version 1 or 2")
    if len(lines) < 2:
        raise Verdict(2, "the file ends before its checkpoint")
    try:
        note = strict(lines[1])["checkpoint"]
    except (ValueError, KeyError, TypeError):
        raise Verdict(1, "the second line is not a checkpoint")
    origin, signed_size, root = open_checkpoint(note, key)
    if (manifest["origin"], size) != (origin, signed_size) or (whole and count != size):
        raise Verdict(1, "manifest and checkpoint differ")
    expected = {size: root}
    if since is not None:
        _, since_size, since_root = open_checkpoint(since, key)
        if since_size > size or expected.setdefault(since_size, since_root) != since_root:
            raise Verdict(1, f"the log is not the one of your checkpoint; first bad entry at or before {min(size, since_size)}")
    proven = since is None or whole or since_size in (0, size)
    seqs, tree, chain, at = [], Tree(), bytes(32), 2
    missing, acts = [], []
    while at < len(lines) and not seqs and lines[at].startswith(('{"earlier":', '{"consistency":')):
        try:
            line = strict(lines[at])
            if whole:
                _, early_size, early_root = open_checkpoint(line["earlier"], key)
            else:
                _, early_size, early_root = open_checkpoint(line["consistency"]["from"], key)
                path = [b64(item) for item in line["consistency"]["proof"]]
                if consistency_roots(early_size, size, path, early_root, True) != (early_root, root):
                    raise ValueError
                proven = proven or early_size == since_size
            if early_size >= size or expected.setdefault(early_size, early_root) != early_root:
                raise ValueError
        except Verdict as verdict:
            if verdict.code != 3 or not whole:
                raise
        except (ValueError, KeyError, TypeError):
            raise Verdict(1, "an earlier checkpoint does not fit")
        at += 1
    for text in lines[at:]:
        here = tree.size if whole else "?"
        try:
            entry = strict(text)
            seq, pruned = entry["seq"], "hash" in entry
            here = here if whole else seq
            if pruned:
                if manifest["v"] != 2:
                    raise ValueError
                missing.append(seq)
                node = b64(entry["hash"])
            else:
                told = strict(entry["leaf"])
                node = leaf_hash(entry["leaf"].encode())
                if isinstance(told, dict) and told.get("action") == "audit.texts_pruned" and told["outcome"] == "ok" and told["after"]["toSeq"] <= seq:
                    acts.append(told["after"])
            if len(node) != 32:
                raise ValueError
            if whole:
                chain = sha256(b"\x02" + chain + node)
                if set(entry) != {"chain", "hash" if pruned else "leaf", "seq"} or seq != tree.size or seq >= size or b64(entry["chain"]) != chain:
                    raise ValueError
                tree.add(node)
                if tree.size in expected and tree.root() != expected[tree.size]:
                    raise ValueError
            else:
                if set(entry) != {"hash" if pruned else "leaf", "proof", "seq"} or seqs and seq <= seqs[-1] or not 0 <= seq < size:
                    raise ValueError
                if root_from_path(seq, size, node, [b64(item) for item in entry["proof"]]) != root:
                    raise ValueError
        except (ValueError, KeyError, TypeError):
            raise Verdict(1, f"first bad entry at or before {here}")
        seqs.append(seq)
    if len(seqs) != count:
        raise Verdict(1, f"the file ends after {len(seqs)} of {count} entries")
    if (manifest["firstSeq"], manifest["lastSeq"]) != ((seqs[0], seqs[-1]) if seqs else (None, None)):
        raise Verdict(1, "the manifest names other entries")
    if whole:
        for seq in missing:
            if not any(act["fromSeq"] <= seq < act["toSeq"] for act in acts):
                raise Verdict(1, f"first bad entry at or before {seq}: its text is missing and no act of pruning tells of it")
        if len(missing) > sum(act["texts"] for act in acts):
            raise Verdict(1, "more texts are missing than acts of pruning tell of")
    if size == 0 and root != sha256(b""):
        raise Verdict(1, "the root of an empty log is wrong")
    if not proven:
        raise Verdict(2, "no proof from your checkpoint")
    return f"{count} entries of {origin}, log of {size}"


def main(arguments):
    try:
        with open(arguments[0], "rb") as file:
            data = file.read()
        since = open(arguments[2], encoding="utf-8").read() if len(arguments) > 2 else None
        key = parse_key(arguments[1])
        if data.startswith(b"\xef\xbb\xbf") or b"\r\n" in data or not data.endswith(b"\n"):
            raise Verdict(2, "the file was rewritten or cut")
        lines = [line.decode("utf-8", errors="surrogateescape") for line in data.removesuffix(b"\n").split(b"\n")]
        print("VALID", verify(lines, key, since))
        return 0
    except Verdict as verdict:
        print({1: "TAMPERED", 2: "MALFORMED", 3: "UNTRUSTED KEY"}[verdict.code], verdict)
        return verdict.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
