"""A checker of structure, by docs/format.md. Needs `cryptography` for Ed25519 and no more."""

import calendar
import hashlib
import re
import struct
from datetime import datetime, timedelta, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

REGISTRY, READS, EVERY = 0xFFFFFFFF, 0xFFFFFFFE, 64
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
u32, u64, i64 = (lambda n: struct.pack(">I", n)), (lambda n: struct.pack(">Q", n)), (lambda n: struct.pack(">q", n))
part = lambda data: u32(len(data)) + data
raw = bytes.fromhex

# II.2 and II.3: what is hashed and signed.

leaf = lambda body: sha(b"\0", body)
read_leaf = lambda body: sha(b"\2", body)
node = lambda left, right: sha(b"\1", left, right)
key_id = lambda public: sha(b"lienthong-key-1", public)
chain_start = lambda log_id, partition: sha(b"lienthong-chain-1", log_id, u32(partition))
verdict_next = lambda before, offset, of, code: sha(before, u64(offset), of, bytes([code]))
seal_message = lambda log_id, key, size, root: b"lienthong-seal-1" + log_id + key + u64(size) + root
revision_message = lambda body: b"lienthong-revision-1" + part(body)
fence_message = lambda log_id, n, of: b"lienthong-fence-1" + log_id + u64(n) + of


def chain_next(before, record):
    headers = b"".join(part(name.encode()) + part(value) for name, value in record["headers"])
    count = u32(len(record["headers"]))
    return sha(before, i64(record["appended_ms"]), part(record["key"]), count, headers, part(record["value"]))


P = 2**255 - 19
# The y of the points of small order.
SMALL = {0, 1, P - 1, *(int.from_bytes(raw(text), "little") for text in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))}


def is_key(point):
    """Written as it is to be, and not of small order. Whether it is a point at all, the library says."""
    y = int.from_bytes(point, "little") & (1 << 255) - 1
    return y < P and y not in SMALL


def signed(public, message, signature):
    """OpenSSL looks at S and leaves the cofactor out, but takes any A and R."""
    if not is_key(public) or not is_key(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def root_of(of, index, size, path):
    if index >= size:
        return None
    fn, sn, root = index, size - 1, of
    for step in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            root = node(step, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node(root, step)
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 else None


def murmur2(data):
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if data[whole:]:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


# II.1: protobuf, encoded in one way. Repeated fields have a list for a type, optional ones a tuple, messages a dictionary;
# `raw` are messages that structure does not look into, `line` is a text that may have any characters, `day` one of a day.

WITNESS = {1: ("count", "u64"), 2: ("hash", 32)}
SEAL = {1: ("key_id", 32), 2: ("tree_size", "u64"), 3: ("leaf_index", "u64"), 4: ("path", [32]), 5: ("signature", 64)}
FENCE = {1: ("log_id", 32), 2: ("n", "u64"), 3: ("hash", 32), 4: ("signature", 64)}
ENTRY = {1: ("proposal", ({1: ("body", "bytes"), 2: ("seal", SEAL)},)), 2: ("fence", (FENCE,))}
ACTOR = {1: ("officer", "text"), 2: ("name", "text"), 3: ("role", "text"), 4: ("power", "u32")}
ENVELOPE = {1: ("name", "text"), 2: ("nonce", 12), 3: ("ciphertext", "bytes")}
WRAP = {1: ("recipient", "text?"), 2: ("key_id", 32), 3: ("encapsulated", 32), 4: ("ciphertext", 48)}
BODY = {1: ("log_id", 32), 2: ("rules", "u32"), 3: ("code", "text"), 4: ("at_us", "i64"), 5: ("occurred_at_us", ("i64",)),
        6: ("prev", -32), 7: ("witness", WITNESS), 8: ("command_id", 16), 9: ("command_hash", 32), 10: ("agency", "text"),
        11: ("actor", ACTOR), 12: ("events", ["raw"]), 13: ("data_key_sha256", -32), 14: ("envelopes", [ENVELOPE]),
        15: ("wraps", [WRAP])}
READ = {1: ("body", "bytes"), 2: ("seal", SEAL)}
READ_BODY = {1: ("log_id", 32), 2: ("rules", "u32"), 3: ("at_us", "i64"), 4: ("agency", "text"), 5: ("actor", ACTOR),
             6: ("purpose", "u32"), 7: ("ground", "text?"), 8: ("kind", "u32"), 9: ("codes", ["text"]),
             10: ("classes", "bytes?"), 11: ("witness", WITNESS), 12: ("request_id", 16)}
PERIOD = {1: ("from", "day?"), 2: ("to", "day?")}
NODE = {1: ("key", 32), 2: ("name", "line?"), 3: ("agencies", ["text"]), 4: ("in_force", PERIOD)}
GENESIS = {1: ("kind", "u32"), 2: ("name", "line?"), 3: ("partitions", "u32"), 4: ("authority_key", 32),
           5: ("recovery_key", 32), 6: ("recovery_wrap_key", 32), 7: ("continues_log_id", -32), 8: ("continues_at", "bytes?")}
REVISION = {1: ("number", "u64"), 2: ("prev", -32), 3: ("part", "u32"), 4: ("last", "bool"), 5: ("rules", "u32"),
            6: ("genesis", (GENESIS,)), 7: ("authority_key", -32), 8: ("agencies", ["raw"]), 9: ("nodes", [NODE]),
            **{number: (str(number), ["raw"]) for number in range(10, 16)}, 16: ("history", (WITNESS,)), 17: ("next_sha256", -32)}
REGISTRY_ENTRY = {1: ("body", "bytes"), 2: ("signature", 64), 3: ("signer_key_id", 32), 4: ("fence", (FENCE,))}
NUMBERS = {"u32": 1 << 32, "u64": 1 << 64, "i64": 1 << 64, "bool": 2}
EARLIEST_US, LATEST_US = -62_135_596_800_000_000, 253_402_207_200_000_000


class Bad(Exception):
    """Not the encoding of such a message."""


def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def read_varint(data, at):
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Bad
        number, at = number | (data[at] & 0x7F) << shift, at + 1
        if not data[at - 1] & 0x80:
            return number, at
    raise Bad


def one_field(kind, value):
    """The value of a field on its own, checked."""
    if isinstance(kind, dict):
        return decode(kind, value)
    if isinstance(kind, int) and len(value) != abs(kind):
        raise Bad
    if isinstance(kind, str) and kind.startswith(("text", "line", "day")):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise Bad from None
        if kind.startswith("text") and any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text):
            raise Bad
        if kind.startswith("day") and not day(text):
            raise Bad
        return text
    return value


def day(text):
    """Of the years 0000 to 9999; Python knows none before 0001."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    year, month, number = map(int, text.split("-"))
    return 1 <= month <= 12 and 1 <= number <= calendar.monthrange(year or 400, month)[1]


def decode(schema, data):
    """The message that has just this encoding; what is required is there, or Bad."""
    found, at, last = {}, 0, 0
    while at < len(data):
        start = at
        tag, at = read_varint(data, at)
        number = tag >> 3
        if number not in schema or number < last or varint(tag) != data[start:at]:
            raise Bad
        name, kind = schema[number]
        inner = kind[0] if isinstance(kind, (list, tuple)) else kind
        if isinstance(inner, str) and inner in NUMBERS:
            start = at
            value, at = read_varint(data, at)
            default = value == 0 and not isinstance(kind, tuple)
            if tag & 7 or value >= NUMBERS[inner] or varint(value) != data[start:at] or default:
                raise Bad
            value = value - (1 << 64) if inner == "i64" and value >> 63 else value
        else:
            start = at
            length, at = read_varint(data, at)
            if tag & 7 != 2 or varint(length) != data[start:at] or at + length > len(data):
                raise Bad
            value, at = data[at : at + length], at + length
            if not value and not isinstance(kind, (list, tuple)) and not isinstance(kind, dict):
                raise Bad
            value = one_field(inner, value)
        if isinstance(kind, list):
            found.setdefault(name, []).append(value)
        elif name in found:
            raise Bad
        else:
            found[name] = value
        last = number
    for name, kind in schema.values():
        if name in found:
            continue
        if isinstance(kind, dict) or kind in ("text", "bytes") or isinstance(kind, int) and kind > 0:
            raise Bad
        absent = {"text?": "", "line?": "", "day?": "", "bytes?": b""}.get(kind, 0) if isinstance(kind, str) else b""
        found[name] = [] if isinstance(kind, list) else None if isinstance(kind, tuple) else absent
    return found


def loose(schema, data):
    """What any protobuf decoder makes of it: unknown fields left out, and the last of those that are there twice."""
    absent = lambda kind: None if isinstance(kind, (dict, list, tuple)) else 0 if kind in NUMBERS else b""
    found, at = {name: absent(kind) for name, kind in schema.values()}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        elif tag & 7 in (1, 2, 5):
            length, at = read_varint(data, at) if tag & 7 == 2 else (8 if tag & 7 == 1 else 4, at)
            value, at = data[at : at + length], at + length
        else:
            raise Bad
        if at > len(data):
            raise Bad
        name, kind = schema.get(tag >> 3, (None, None))
        if name is None:
            continue
        kind = kind[0] if isinstance(kind, (list, tuple)) else kind
        if isinstance(kind, dict):
            value = loose(kind, value)
        elif kind in NUMBERS:
            value %= NUMBERS[kind]
        elif isinstance(value, int) and kind != "bytes?":
            raise Bad
        found[name] = value
    return found


def read_entry(value):
    entry = decode(ENTRY, value)
    if (entry["proposal"] is None) == (entry["fence"] is None) or entry["proposal"] and len(entry["proposal"]["seal"]["path"]) > 64:
        raise Bad
    return entry


def agency(text):
    return len(text) <= 32 and all(char.isascii() and (char.isalnum() or char in "._-") for char in text)


def acted(body, sizes):
    """What the bodies of dossiers and of readings have in common is of its form, and no text too long."""
    actor = body["actor"]
    sizes = [*sizes, (actor["officer"], 64), (actor["name"], 200), (actor["role"], 200)]
    return (body["rules"] and EARLIEST_US <= body["at_us"] <= LATEST_US and 1 <= actor["power"] <= 3
            and agency(body["agency"]) and all(len(text.encode()) <= most for text, most in sizes))


def read_body(data):
    body = decode(BODY, data)
    sizes = [(body["code"], 50), *((envelope["name"], 200) for envelope in body["envelopes"])]
    occurred = body["occurred_at_us"]
    good = (acted(body, sizes) and (occurred is None or EARLIEST_US <= occurred <= LATEST_US)
            and 1 <= len(body["events"]) <= 16 and len(body["envelopes"]) <= 16 and len(body["wraps"]) <= 17
            and all(agency(wrap["recipient"]) for wrap in body["wraps"])
            and all(len(envelope["ciphertext"]) >= 16 for envelope in body["envelopes"]))
    if not good:
        raise Bad
    return body


def read_reading(value):
    """The body of a reading, its fields, and its seal."""
    read = decode(READ, value)
    if len(read["seal"]["path"]) > 64 or len(read["body"]) > 16_384:
        raise Bad
    body = decode(READ_BODY, read["body"])
    sizes = [(body["ground"], 100), *((code, 50) for code in body["codes"])]
    # Of three classes, each a byte.
    classes = list(body["classes"])
    good = (acted(body, sizes) and 1 <= body["purpose"] <= 7 and 1 <= body["kind"] <= 2 and len(body["codes"]) <= 100
            and all(body["codes"]) and classes == sorted(set(classes) & {1, 2, 3}))
    if not good:
        raise Bad
    return read["body"], body, read["seal"]


# II.6: the registry's chain.


class Registry:
    """The revisions: for each its nodes by key id, the authority's key, its last leaf and its fence."""

    def __init__(self):
        self.whole, self.head, self.open, self.history, self.next = [], b"", None, [], 0
        self.now = None

    def take(self, record, given):
        self.now = record["appended_ms"]
        outcome = self.judge(record, given)
        self.history.append(chain_next(self.history[-1], record))
        self.next = record["offset"] + 1
        return outcome

    def judge(self, record, given):
        try:
            entry = loose(REGISTRY_ENTRY, record["value"])
            revision, fence = loose(REVISION, entry["body"]), entry["fence"]
        except Bad:
            return "void Unreadable"
        lengths = [len(entry["signature"]) == 64, len(entry["signer_key_id"]) == 32, len(revision["prev"]) in (0, 32),
                   not fence or (len(fence["log_id"]), len(fence["hash"]), len(fence["signature"])) == (32, 32, 64)]
        if not 1 <= len(entry["body"]) <= 65_536 or not revision["rules"] or not all(lengths):
            return "void Unreadable"
        of = leaf(entry["body"])
        if not self.history:
            self.genesis, self.log_id = revision["genesis"], of
            self.history = [chain_start(of, REGISTRY)]
        authority = self.whole[-1]["authority"] if self.whole else self.genesis["authority_key"]
        signer = {key_id(key): key for key in (authority, self.genesis["recovery_key"])}.get(entry["signer_key_id"])
        if signer is None or not signed(signer, revision_message(entry["body"]), entry["signature"]):
            return "void Signature"
        if revision["prev"] != self.head:
            return "void NotNext"
        if revision["rules"] != 1:
            raise NotImplementedError("rules that this checker does not know")
        try:
            entry = decode(REGISTRY_ENTRY, record["value"])
            revision = decode(REVISION, entry["body"])
        except Bad:
            return "void Unreadable"
        genesis = revision["genesis"]
        if genesis is not None and not (genesis["kind"] in (1, 2) and 1 <= genesis["partitions"] <= 65_535):
            return "void Unreadable"
        if any(not agency(one) for node in revision["nodes"] for one in node["agencies"]):
            return "void Unreadable"
        number, first = revision["number"], not self.head
        if (genesis is not None) != first:
            return "void NotNext"
        goes_on = self.open and (number, revision["part"], revision["rules"], signer) == self.open["next"]
        begins = revision["part"] == 1 and number == len(self.whole) and (number > 0 or first)
        announces = number == 0 and not revision["last"]
        announced = self.open["said"] if goes_on and number == 0 else b""
        if not goes_on and not begins or bool(revision["next_sha256"]) != announces:
            return "void NotNext"
        if announced and announced != sha(entry["body"][34:]):
            return "void NotNext"
        lists = any(revision[name] for name in ("agencies", "nodes", *map(str, range(10, 16))))
        alone = revision["part"] == 1 and revision["last"] and revision["authority_key"] and not lists
        if signer != authority and not alone:
            return "void Signature"
        history = revision["history"]
        kept = history and len(self.history) - 1 - history["count"] <= 65_536
        if not first and (history is None) != (number == 0) or number and not (
                kept and self.history[history["count"]:][:1] == [history["hash"]]):
            return "void OtherHistory"
        fence = entry["fence"]
        if bool(fence) != (revision["last"] and number > 0) or fence and not (
                (fence["log_id"], fence["n"], fence["hash"]) == (self.log_id, number, of)
                and signed(signer, fence_message(self.log_id, number, of), fence["signature"])):
            return "void Fence"
        if given == "void Content":  # Level two.
            return given
        before = self.whole[-1] if self.whole else {"nodes": {}, "authority": self.genesis["authority_key"]}
        change = self.open["change"] if goes_on else {"nodes": dict(before["nodes"]), "authority": before["authority"]}
        change["nodes"].update({key_id(one["key"]): one for one in revision["nodes"]})
        change["authority"] = number and revision["authority_key"] or change["authority"]
        self.head = of
        if not revision["last"]:
            self.open = {"next": (number, revision["part"] + 1, revision["rules"], signer), "change": change,
                         "said": revision["next_sha256"]}
            return "part"
        self.whole.append({**change, "number": number, "rules": revision["rules"], "hash": of, "fence": fence,
                           "appended_ms": self.now})
        self.open = None
        return f"whole {number}"


def sealed(log_id, revision, of, body, seal):
    """What is the matter with a seal under a revision: 12 a key that may not, 11 a seal that does not fit, else 0."""
    by = revision["nodes"].get(seal["key_id"])
    if by is None:
        return 12
    root = root_of(of, seal["leaf_index"], seal["tree_size"], seal["path"])
    message = root and seal_message(log_id, seal["key_id"], seal["tree_size"], root)
    if not root or not signed(by["key"], message, seal["signature"]):
        return 11
    day = (datetime(1970, 1, 1, 7, tzinfo=timezone.utc) + timedelta(microseconds=body["at_us"])).date().isoformat()
    first, last = by["in_force"]["from"], by["in_force"]["to"] or "9999"
    return 0 if body["agency"] in by["agencies"] and first <= day <= last else 12


# II.5: a dossier partition.


class Partition:
    """What is known of a partition after its first records."""

    def __init__(self, registry, number):
        self.registry, self.number, self.force = registry, number, registry.whole[0]
        self.chain, self.digest, self.count, self.next = chain_start(registry.log_id, number), bytes(32), 0, 0
        self.kept, self.dossiers = {0: self.chain}, {}

    def take(self, record, level_two):
        """`level_two.events_are_bad(record)` and `.verdict(record)` say what takes the rules of dossiers."""
        of, code, body = self.judge(record, level_two)
        if code == 0 and body:
            dossier = self.dossiers.setdefault(body["code"], {"commands": set()})
            dossier["commands"].add(body["command_id"])
            dossier.update(head=of, at=body["at_us"])
        self.chain, self.digest = chain_next(self.chain, record), verdict_next(self.digest, record["offset"], of, code)
        self.count, self.next = self.count + 1, record["offset"] + 1
        if self.count % EVERY == 0:
            self.kept[self.count] = self.chain
        return of, code

    def judge(self, record, level_two):
        value, none, force = record["value"], leaf(record["value"]), self.force
        if len(value) > 69_632:
            return none, 1, None
        try:
            entry = read_entry(value)
        except Bad:
            return none, 2, None
        if entry["fence"]:
            return none, self.fence(record, entry["fence"]), None
        data, seal = entry["proposal"]["body"], entry["proposal"]["seal"]
        of = leaf(data)
        if len(data) > 65_536:
            return of, 1, None
        try:
            body = read_body(data)
        except Bad:
            return of, 2, None
        if body["rules"] != force["rules"] or level_two.events_are_bad(record):
            return of, 2, None
        code = self.structure(record, body, seal, of)
        if code == 0:
            code = level_two.verdict(record)
        return of, code, body

    def structure(self, record, body, seal, of):
        log_id, genesis, code = self.registry.log_id, self.registry.genesis, body["code"].encode()
        if record["key"] != code or (murmur2(code) & 0x7FFFFFFF) % genesis["partitions"] != self.number:
            return 4
        witness = body["witness"]
        if body["log_id"] != log_id or self.kept.get(witness["count"]) != witness["hash"]:
            return 5
        dossier = self.dossiers.get(body["code"], {"commands": set(), "head": b"", "at": body["at_us"]})
        if body["command_id"] in dossier["commands"]:
            return 6
        if body["prev"] != dossier["head"]:
            return 7
        appended = record["appended_ms"] * 1000
        if body["at_us"] < dossier["at"]:
            return 8
        if genesis["kind"] == 1 and body["at_us"] > appended + 5_000_000:
            return 9
        if genesis["kind"] == 1 and appended > body["at_us"] + 30_000_000:
            return 10
        return sealed(log_id, self.force, of, body, seal) or (18 if len(dossier["commands"]) >= 4_096 else 0)

    def fence(self, record, fence):
        if record["key"]:
            return 4
        message = fence_message(fence["log_id"], fence["n"], fence["hash"])
        by = (self.force["authority"], self.registry.genesis["recovery_key"])
        named = fence["log_id"] == self.registry.log_id and 1 <= fence["n"] - self.force["number"] <= 64
        if not named or not any(signed(key, message, fence["signature"]) for key in by):
            return 3
        revision = self.registry.whole[fence["n"]]
        if revision["fence"] != fence:
            return 3
        self.force = revision
        return 0


# II.7: the partition of readings.


class Readings:
    """What is known of the partition after its first records."""

    def __init__(self, registry):
        self.registry, self.count, self.next = registry, 0, 0
        self.chain = chain_start(registry.log_id, READS)
        self.kept = {0: self.chain}

    def take(self, record):
        fault = self.judge(record)
        self.chain = chain_next(self.chain, record)
        self.count, self.next = self.count + 1, record["offset"] + 1
        if self.count % EVERY == 0:
            self.kept[self.count] = self.chain
        return fault

    def judge(self, record):
        """The fault, or nothing."""
        if len(record["value"]) > 20_480:
            return "Size"
        try:
            data, body, seal = read_reading(record["value"])
        except Bad:
            return "Decoding"
        if record["key"]:
            return "Key"
        witness, log_id = body["witness"], self.registry.log_id
        if body["log_id"] != log_id or self.kept.get(witness["count"]) != witness["hash"]:
            return "OtherHistory"
        earliest, latest = record["appended_ms"] - 30_000, record["appended_ms"] + 5_000
        if body["at_us"] > latest * 1000:
            return "Ahead"
        production = self.registry.genesis["kind"] == 1
        if production and body["at_us"] < earliest * 1000:
            return "Expired"
        faults, end = [], None
        for revision in reversed(self.registry.whole):
            begin = revision["appended_ms"]
            if not production or begin <= latest and (end is None or end >= earliest):
                fault = self.under(revision, read_leaf(data), body, seal)
                if not fault:
                    return ""
                faults.append(fault)
            end = begin
        return faults[0] if faults else "OtherNode"

    def under(self, revision, of, body, seal):
        if body["rules"] > revision["rules"]:
            return "Rules"
        return {0: "", 11: "Seal", 12: "OtherNode"}[sealed(self.registry.log_id, revision, of, body, seal)]
