"""Computes every test vector anew."""

import copy
import json

from codec import Refused
import crypto
from crypto import hash_of
import link


class Failed(Exception):
    pass


class Checker:
    def __init__(self, schema, vectors):
        self.schema = schema
        self.vectors = vectors
        self.count = 0

    def same(self, what, found, expected):
        self.count += 1
        if isinstance(found, bytes):
            found = found.hex()
        if found != expected:
            raise Failed(f"{what}: {found}, expected {expected}")

    def holds(self, what, condition):
        self.same(what, bool(condition), True)

    def decoded(self, kind, encoded):
        """What decodes encodes to the same bytes."""
        value = self.schema.decode(kind, bytes.fromhex(encoded))
        self.same(f"{kind}, encoded", self.schema.encode(kind, value), encoded)
        return value

    # -- keys, hashes, batches ------------------------------------------------

    def check_keys(self):
        for item in self.vectors["keys"]:
            key = crypto.Key(bytes.fromhex(item["seed"]))
            self.same(f"key {item['name']}", key.public, item["public"])
            for signed in self.vectors["signatures"]:
                if signed["public"] == item["public"]:
                    made = key.sign(bytes.fromhex(signed["message"]))
                    self.same("signature", made, signed["signature"])

    def check_hashes(self):
        for item in self.vectors["hashes"]:
            found = hash_of(item["domain"], bytes.fromhex(item["data"]))
            self.same(item["domain"], found, item["hash"])

    def check_batches(self):
        for item in self.vectors["batches"]:
            leaves = [bytes.fromhex(leaf) for leaf in item["leaves"]]
            signer = bytes.fromhex(item["signer"])
            signature = bytes.fromhex(item["signature"])
            self.same("root", crypto.merkle_root(leaves), item["root"])
            self.holds("batch", crypto.verify_batch(signer, leaves, signature))
            for leaf, proof in zip(leaves, item["proofs"], strict=True):
                path = [bytes.fromhex(one) for one in proof["path"]]
                found = crypto.root_by_path(leaf, proof["index"],
                                            proof["count"], path)
                self.same("root by path", found, item["root"])
                self.same("path", [one.hex() for one in crypto.merkle_path(
                    leaves, proof["index"])], proof["path"])

    # -- messages -------------------------------------------------------------

    def check_signed(self):
        for item in self.vectors["signed"]:
            kind, field = item["type"], item["signature_field"]
            value = self.decoded(kind, item["encoded"])
            signature = value[field]
            bare = copy.deepcopy(value)
            bare[field] = bytes(64)
            digest = hash_of(item["domain"], self.schema.encode(kind, bare))
            self.same(f"digest of {kind}", digest, item["digest"])
            self.same(f"signature of {kind}", signature, item["signature"])
            self.holds(f"{kind} is signed", crypto.verify(
                bytes.fromhex(item["signer"]), digest, signature))

    def check_refused(self):
        for item in self.vectors["refused"]:
            try:
                self.schema.decode(item["type"], bytes.fromhex(item["encoded"]))
            except Refused:
                self.count += 1
            else:
                raise Failed(f"was not refused: {item['why']}")

    def check_names(self):
        """What receipts call inputs, code and outputs."""
        for item in self.vectors["inputs"]:
            value = self.decoded("job_input", item["encoded"])
            self.same("input", crypto.input_hash(value), item["hash"])
        for item in self.vectors["codes"]:
            value = self.decoded("code_ref", item["encoded"])
            self.same("code", crypto.code_hash(value), item["hash"])
        for item in self.vectors["outputs"]:
            value = self.decoded("run_output", item["run_output"])
            files = value["files"]
            self.same("files", crypto.files_hash(files), item["files_hash"])
            self.same("output", crypto.output_hash(value["output"], files),
                      item["hash"])

    def check_blobs(self):
        for item in self.vectors["blobs"]:
            content = bytes(i % 251 for i in range(item["bytes"]))
            self.same("blob", crypto.blob_id(content), item["id"])
            leaves = crypto.piece_leaves(content)
            paths = [[one.hex() for one in crypto.merkle_path(leaves, i)]
                     for i in range(len(leaves))]
            self.same("paths", paths, item["paths"])

    def check_job(self):
        job = self.vectors["job"]
        assign = self.decoded("job_assign", job["job_assign"])
        terms = hash_of("artel.terms.v1",
                        self.schema.encode("task_terms", assign["terms"]))
        self.same("terms", terms, job["terms"])
        worker = bytes.fromhex(job["worker"])
        leaves = [crypto.assignment_leaf(terms, worker, one["job"],
                                         one["attempt"],
                                         crypto.input_hash(one["input"]))
                  for one in assign["jobs"]]
        self.same("assignments", [one.hex() for one in leaves],
                  job["assignment_leaves"])
        self.holds("assignments are signed", crypto.verify_batch(
            assign["terms"]["requester"], leaves, assign["batch_signature"]))
        result = self.decoded("job_result", job["job_result"])
        receipts = [hash_of("artel.receipt.v1", self.schema.encode(
            "receipt", one["receipt"])) for one in result["entries"]]
        self.same("receipts", [one.hex() for one in receipts],
                  job["receipt_leaves"])
        self.holds("receipts are signed", crypto.verify_batch(
            worker, receipts, result["batch_signature"]))
        self.check_proof(job, "receipt", "worker")
        self.check_proof(job, "verdict", "requester")

    def check_proof(self, job, kind, signer):
        name = f"signed_{kind}"
        value = self.decoded(name, job[name])
        of = "receipt" if kind == "receipt" else "job_verdict"
        leaf = hash_of(f"artel.{kind}.v1", self.schema.encode(of, value[kind]))
        self.holds(name, crypto.verify_proof(value[kind][signer], leaf,
                                             value["proof"]))

    # -- the link -------------------------------------------------------------

    def check_transcript(self):
        sequences = {}
        for step in self.vectors["transcript"]:
            items = link.decode_frame(self.schema, bytes.fromhex(step["frame"]))
            self.same("frame", link.encode_frame(self.schema, items),
                      step["frame"])
            for item, shown in zip(items, step["envelopes"], strict=True):
                self.same("type", item["type"], shown["type"])
                digest = crypto.envelope_digest(item)
                self.same("digest", digest, shown["digest"])
                self.decoded(item["type"], item["payload"].hex())
                lane = step["from"], item["priority"]
                sequences[lane] = sequences.get(lane, 0) + 1
                self.same("sequence", item["sequence"], sequences[lane])
                is_signed = any(item["sender_signature"])
                self.same("signed", is_signed, shown["signed"])
                self.same("signed", is_signed, item["type"] == "handshake")
                if is_signed:
                    self.holds("greeting", crypto.verify(
                        item["sender"], digest, item["sender_signature"]))

    def check_link(self):
        item = self.vectors["link"]["certificate"]
        info = bytes.fromhex(item["public_key_info"])
        self.same("extension", link.EXTENSION, item["extension"])
        digest = hash_of("artel.tls.v1", info)
        self.same("binding", digest, item["digest"])
        content = bytes.fromhex(item["content"])
        self.same("node", content[:32], item["node"])
        self.holds("binding is signed", crypto.verify(content[:32], digest,
                                                      content[32:]))
        tls_key = crypto.Key(bytes.fromhex(item["tls_key_seed"]))
        self.same("key info", tls_key.public_info, item["public_key_info"])
        made = link.make_certificate(
            crypto.Key(bytes.fromhex(self.vectors["keys"][0]["seed"])), tls_key)
        self.same("own certificate", link.node_of(made),
                  self.vectors["keys"][0]["public"])
        segments = self.vectors["link"]["segments"]
        reader = link.SegmentReader()
        reader.feed(bytes.fromhex(segments["stream"]))
        found = [{"class": number, "frame": frame.hex()}
                 for number, frame in reader.frames]
        self.same("segments", found, segments["frames"])


def check(schema, path):
    with open(path, encoding="utf-8") as file:
        checker = Checker(schema, json.load(file))
    for name in ("keys", "hashes", "batches", "signed", "refused", "names",
                 "blobs", "job", "transcript", "link"):
        getattr(checker, f"check_{name}")()
    return checker.count
