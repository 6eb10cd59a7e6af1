"""Hashes, keys, Merkle batches and blobs. Ed25519 is openssl's."""

import hashlib
import pathlib
import struct
import subprocess
import tempfile

# DER before an Ed25519 key: its public one, and the seed of a secret one.
PUBLIC_INFO = bytes.fromhex("302a300506032b6570032100")
SECRET_INFO = bytes.fromhex("302e020100300506032b657004220420")
PIECE_BYTES = 262144


def u64(number):
    return struct.pack("<Q", number % 2**64)


def sized(data):
    return u64(len(data)) + data


def hash_of(domain, data):
    return hashlib.blake2b(sized(domain.encode()) + data,
                           digest_size=32).digest()


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], check=False,
                          capture_output=True, timeout=30)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def must_openssl(*words):
    code, out, err = openssl(*words)
    if code != 0:
        raise RuntimeError(f"openssl {words[0]}: {err}")
    return out


class Key:
    """A secret key, in a file of a directory of its own."""

    def __init__(self, seed):
        self._directory = tempfile.TemporaryDirectory()
        self.directory = pathlib.Path(self._directory.name)
        self.path = self.directory / "key.der"
        self.path.touch(mode=0o600)
        self.path.write_bytes(SECRET_INFO + seed)
        self.public_info = must_openssl("pkey", "-inform", "DER", "-in",
                                        self.path, "-pubout", "-outform", "DER")
        self.public = self.public_info[-32:]

    def sign(self, message):
        source = self.directory / "message"
        source.write_bytes(message)
        return must_openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER",
                            "-inkey", self.path, "-in", source)


def verify(public, message, signature):
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for file, content in (("key", PUBLIC_INFO + public),
                              ("message", message), ("sig", signature)):
            (directory / file).write_bytes(content)
        code, _, _ = openssl("pkeyutl", "-verify", "-rawin", "-pubin",
                             "-keyform", "DER", "-inkey", directory / "key",
                             "-in", directory / "message", "-sigfile",
                             directory / "sig")
    return code == 0


# -- batches --------------------------------------------------------------------


def levels(leaves):
    """All levels of the tree, from the leaves' nodes to the root."""
    level = [hash_of("artel.merkle.leaf.v1", leaf) for leaf in leaves]
    result = [level]
    while len(level) > 1:
        above = [hash_of("artel.merkle.node.v1", level[i] + level[i + 1])
                 for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
        result.append(level)
    return result


def merkle_root(leaves):
    return levels(leaves)[-1][0]


def merkle_path(leaves, index):
    path = []
    for level in levels(leaves)[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index //= 2
    return path


def root_by_path(leaf, index, count, path):
    """The root that the path leads to; None where it does not fit."""
    node = hash_of("artel.merkle.leaf.v1", leaf)
    rest = list(path)
    while count > 1:
        if index ^ 1 < count:
            if not rest:
                return None
            sibling = rest.pop(0)
            pair = node + sibling if index % 2 == 0 else sibling + node
            node = hash_of("artel.merkle.node.v1", pair)
        index //= 2
        count = (count + 1) // 2
    return None if rest else node


def batch_digest(count, root):
    return hash_of("artel.batch.v1", u64(count) + root)


def sign_batch(key, leaves):
    return key.sign(batch_digest(len(leaves), merkle_root(leaves)))


def verify_batch(public, leaves, signature):
    return bool(leaves) and verify(
        public, batch_digest(len(leaves), merkle_root(leaves)), signature)


def verify_proof(public, leaf, proof):
    if proof["index"] >= proof["count"]:
        return False
    root = root_by_path(leaf, proof["index"], proof["count"], proof["path"])
    return root is not None and verify(
        public, batch_digest(proof["count"], root), proof["root_signature"])


# -- what receipts name ---------------------------------------------------------


def envelope_digest(item):
    return hash_of(
        "artel.envelope.v1",
        u64(item["version"]) + sized(item["network"].encode())
        + sized(item["type"].encode()) + item["sender"] + item["recipient"]
        + u64(item["priority"]) + u64(item["sequence"]) + u64(item["sent"])
        + u64(item["time_to_live_ms"]) + sized(item["payload"]))


def input_hash(item):
    return hash_of(
        "artel.input.v1",
        u64(item["kind"]) + u64(item["first"]) + u64(item["last"])
        + sized(item["name"].encode()) + sized(item["data"]))


def code_hash(code):
    if not code["kernel"]:
        return code["bundle"]
    words = [code["kernel"], *code["kernel_arguments"]]
    return hash_of("artel.kernel.v1",
                   b"".join(sized(word.encode()) for word in words))


def files_hash(files):
    if not files:
        return bytes(32)
    parts = [u64(len(files))]
    for file in files:
        parts += [sized(file["name"].encode()), sized(file["data"])]
    return hash_of("artel.output_files.v1", b"".join(parts))


def output_hash(output, files):
    own = hash_of("artel.output.v1", output)
    if not files:
        return own
    return hash_of("artel.output_with_files.v1", own + files_hash(files))


def assignment_leaf(terms, worker, job, attempt, input_digest):
    return hash_of("artel.assignment.v1",
                   terms + worker + u64(job) + u64(attempt) + input_digest)


# -- blobs ----------------------------------------------------------------------


def piece_leaves(content):
    pieces = [content[i:i + PIECE_BYTES]
              for i in range(0, len(content), PIECE_BYTES)] or [b""]
    return [hash_of("artel.blob-piece.v1", piece) for piece in pieces]


def blob_id(content):
    return hash_of("artel.blob.v1",
                   u64(len(content)) + merkle_root(piece_leaves(content)))
