#!/usr/bin/env python3
"""Checks the test vectors of docs/format.md: `python3 docs/vectors/verify.py` (needs `cryptography`)."""

import hmac
import json
import pathlib
import struct
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from checker import (READS, REGISTRY, Partition, Readings, Registry, chain_next, chain_start, fence_message, key_id, leaf,
                     murmur2, node, part, raw, read_leaf, revision_message, root_of, seal_message, sha, signed, u32, u64,
                     verdict_next)

RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
FOLDER = pathlib.Path(__file__).parent


def hkdf(data, info):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(data)


def load(name):
    return json.loads((FOLDER / name).read_text())


def record_of(given):
    value = given["value"]
    value = raw(value) if isinstance(value, str) else raw(value[0]) + bytes(value[1]) + raw(value[2])
    headers = [(name, raw(text)) for name, text in given["headers"]]
    return {**given, "key": raw(given["key"]), "headers": headers, "value": value}


def check_primitives(file):
    log_id = raw(file["log_id"])
    for one in file["secrets"]:
        seed = sha(b"lienthong test vector: ", one["name"].encode())
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(*RAW)
        assert (seed.hex(), public.hex(), key_id(public).hex()) == (one["seed"], one["public"], one["key_id"])
    for one in file["leaves"]:
        assert leaf(raw(one["body"])).hex() == one["leaf"]
    for one in file["read_leaves"]:
        assert read_leaf(raw(one["body"])).hex() == one["leaf"]
    for one in file["nodes"]:
        assert node(raw(one["left"]), raw(one["right"])).hex() == one["node"]
    for tree in file["trees"]:
        for index, path in enumerate(tree["paths"]):
            of = leaf(bytes([index]))
            assert of.hex() == tree["leaves"][index]
            assert root_of(of, index, tree["size"], [raw(step) for step in path]).hex() == tree["root"]
    for one in file["seals"]:
        root = root_of(raw(one["leaf"]), one["leaf_index"], one["tree_size"], [raw(step) for step in one["path"]])
        message = seal_message(log_id, key_id(raw(one["public"])), one["tree_size"], root)
        assert message.hex() == one["message"] and signed(raw(one["public"]), message, raw(one["signature"]))
    for one in file["revisions"]:
        message = revision_message(raw(one["body"]))
        assert message.hex() == one["message"] and signed(raw(one["public"]), message, raw(one["signature"]))
    for one in file["fences"]:
        message = fence_message(log_id, int(one["n"]), raw(one["hash"]))
        assert message.hex() == one["message"] and signed(raw(one["public"]), message, raw(one["signature"]))
    for one in file["signatures"]:
        message = revision_message(raw(one["body"]))
        assert message.hex() == one["message"]
        assert signed(raw(one["public"]), message, raw(one["signature"])) == one["good"], one["note"]
    for one in file["chains"]:
        before = chain_start(log_id, one["partition"])
        assert before.hex() == one["start"]
        for record in one["records"]:
            before = chain_next(before, record_of(record))
            assert before.hex() == record["chain"]
    before = bytes(32)
    for one in file["verdicts"]:
        before = verdict_next(before, one["offset"], raw(one["leaf"]), one["verdict"])
        assert before.hex() == one["digest"]
    for one in file["log_digests"]:
        each = sorted((p["partition"], p["next"], raw(p["chain"])) for p in one["partitions"])
        assert sha(*(u32(number) + u64(next) + chain for number, next, chain in each)).hex() == one["digest"]
    for one in file["states"]:
        assert sha(part(one["code"].encode()), part(raw(one["state"]))).hex() == one["term"]
    total = sum(int(one["term"], 16) for one in file["states"]) % (1 << 256)
    for one in file["service_digests"]:
        assert all(int(p["state"], 16) == total for p in one["partitions"])
        each = [u32(p["partition"]) + u64(p["next"]) + raw(p["verdict"]) + raw(p["state"]) for p in one["partitions"]]
        assert sha(*each).hex() == one["digest"]
    for one in file["partitions"]:
        number = murmur2(one["code"].encode())
        positive = number & 0x7FFFFFFF
        assert (number, positive % 4, positive % 48) == (one["murmur2"], one["of_4"], one["of_48"])
    check_secrets(file, log_id)


def check_secrets(file, log_id):
    for one in file["data_keys"]:
        key = hkdf(raw(one["a"]) + raw(one["e"]), b"lienthong-data-key-1")
        command = hmac.digest(hkdf(key, b"lienthong-command-1"), raw(one["command"]), "sha256")
        assert (key.hex(), sha(key).hex(), command.hex()) == (one["key"], one["sha256"], one["command_hash"])
    for one in file["envelopes"]:
        place = log_id + part(one["code"].encode()) + part(one["name"].encode())
        opened = AESGCM(raw(one["key"])).decrypt(raw(one["nonce"]), raw(one["ciphertext"]), place)
        assert (place.hex(), opened.hex()) == (one["associated_data"], one["plaintext"])
    for one in file["wraps"]:
        kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\1\0\2"
        extract = lambda of, salt, label, data: hmac.digest(salt or bytes(32), b"HPKE-v1" + of + label + data, "sha256")

        def expand(of, prk, label, info, length):
            info = struct.pack(">H", length) + b"HPKE-v1" + of + label + info
            return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(prk)

        def pair(seed):
            key = X25519PrivateKey.from_private_bytes(expand(kem, extract(kem, b"", b"dkp_prk", seed), b"sk", b"", 32))
            return key, key.public_key().public_bytes(*RAW)

        secret, public = pair(raw(one["seed"]))
        assert sha(b"lienthong-agency-key-1", public).hex() == one["key_id"] and pair(raw(one["drawn"]))[1].hex() == one["encapsulated"]
        info = log_id + part(one["code"].encode()) + part(one["agency"].encode()) + raw(one["key_id"])
        shared = secret.exchange(X25519PublicKey.from_public_bytes(raw(one["encapsulated"])))
        prk = extract(kem, b"", b"eae_prk", shared)
        shared = expand(kem, prk, b"shared_secret", raw(one["encapsulated"]) + public, 32)
        context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
        prk = extract(suite, shared, b"secret", b"")
        key, nonce = expand(suite, prk, b"key", context, 32), expand(suite, prk, b"base_nonce", context, 12)
        assert info.hex() == one["info"] and AESGCM(key).decrypt(nonce, raw(one["ciphertext"]), b"").hex() == one["a"]


class AsSaid:
    """Level two, as the vectors say it. It remembers what it was asked."""

    def __init__(self, verdict):
        self.said, self.asked = verdict, False

    def events_are_bad(self, record):
        bad = record["rules"] and record["verdict"] == 2
        self.asked |= bad
        return bad

    def verdict(self, record):
        assert self.said in (0, 13, 14, 15, 16, 17), (record["note"], self.said)
        self.asked = True
        return self.said


def edited(records, edits):
    by_offset = {record["offset"]: record for record in records}
    for edit in edits:
        if edit.get("remove"):
            del by_offset[edit["offset"]]
        else:
            by_offset[edit["offset"]] = {**by_offset[edit["offset"]], **edit["set"]}
    return [by_offset[offset] for offset in sorted(by_offset)]


def read_registry(records, outcomes):
    registry = Registry()
    for given, outcome in zip(records, outcomes, strict=True):
        found = registry.take(record_of(given), outcome)
        assert found == outcome, (given["note"], found, outcome)
    return registry


def read_partition(registry, number, records, verdicts):
    partition = Partition(registry, number)
    for given, verdict in zip(records, verdicts, strict=True):
        _, code = partition.take(record_of(given), AsSaid(verdict))
        assert code == verdict, (given["note"], code, verdict)
    return partition


def read_readings(registry, records, faults):
    readings = Readings(registry)
    for given, fault in zip(records, faults, strict=True):
        found = readings.take(record_of(given))
        assert found == fault, (given["note"], found, fault)
    return readings


def finder(records, told, now):
    """What refuses the first record that had counted and does not count in the copy."""
    counts = lambda said: said in (0, "", "part") or str(said).startswith("whole")
    refused = [after for record, after in zip(records, now, strict=True) if counts(record[told]) and not counts(after)]
    by = {11: "its seal", 7: "prev of the next one", "void NotNext": "prev of the next one",
          5: "the witness of the record after the 64th", "OtherHistory": "the witness of the record after the 64th",
          "void OtherHistory": "the next revision's history"}
    return by[refused[0]] if refused else "a running hash known from elsewhere"


def main():
    check_primitives(load("primitives.json"))
    log, dossiers = load("log.json"), load("log.json")["dossiers"]
    registry = read_registry(log["registry"], [record["outcome"] for record in log["registry"]])
    assert registry.log_id.hex() == log["log_id"]
    partition = Partition(registry, dossiers["partition"])
    for given in dossiers["records"]:
        rules = AsSaid(given["verdict"])
        of, code = partition.take(record_of(given), rules)
        assert (of.hex(), code) == (given["leaf"], given["verdict"]), given["note"]
        # What the rules decide passes every check of structure, and nothing else does.
        assert rules.asked == given["rules"], given["note"]
        assert (partition.chain.hex(), partition.digest.hex()) == (given["chain"], given["verdict_digest"])
    readings = Readings(registry)
    for given in log["reads"]:
        fault = readings.take(record_of(given))
        assert (fault, readings.chain.hex()) == (given["fault"], given["chain"]), (given["note"], fault)
    ends = {number: (0, chain_start(registry.log_id, number)) for number in range(log["partitions"])}
    ends[READS] = readings.next, readings.chain
    ends[dossiers["partition"]] = partition.next, partition.chain
    ends[REGISTRY] = registry.next, registry.history[-1]
    digest = sha(*(u32(number) + u64(next) + chain for number, (next, chain) in sorted(ends.items())))
    assert digest.hex() == log["log_digest"]
    cases = load("tampered.json")
    for case in cases:
        if case["partition"] == "registry":
            records = edited(log["registry"], case["edits"])
            copy = read_registry(records, case["outcomes"])
            assert copy.history[-1].hex() == case["chain"] != registry.history[-1].hex(), case["note"]
            assert finder(records, "outcome", case["outcomes"]) == case["found_by"], case["note"]
            continue
        if case["partition"] == "reads":
            records = edited(log["reads"], case["edits"])
            copy = read_readings(registry, records, case["faults"])
            assert copy.chain.hex() == case["chain"] != readings.chain.hex(), case["note"]
            assert finder(records, "fault", case["faults"]) == case["found_by"], case["note"]
            continue
        records = edited(dossiers["records"], case["edits"])
        assert finder(records, "verdict", case["verdicts"]) == case["found_by"], case["note"]
        copy = read_partition(registry, dossiers["partition"], records, case["verdicts"])
        assert (copy.chain.hex(), copy.digest.hex()) == (case["chain"], case["verdict_digest"]), case["note"]
        assert copy.chain != partition.chain, case["note"]
    records = len(log["registry"]) + len(dossiers["records"]) + len(log["reads"])
    print(f"{records} records and {len(cases)} tampered copies are as they say")


if __name__ == "__main__":
    sys.exit(main())
