# SPDX-License-Identifier: GPL-2.0-only
"""craft.py - hostile ELF files, made of a good one

Elf takes a 64-bit file apart and puts it together with other sections; the rest knows how DWARF,
unwind tables and compressed sections are written, and how they are written to hurt.
"""

import struct
import zlib

SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOTE = 1, 2, 3, 7
SHF_COMPRESSED = 0x800
PT_NULL, PT_LOAD, PT_NOTE, PT_GNU_EH_FRAME = 0, 1, 4, 0x6474E550
EM_AARCH64 = 183
E_PHOFF, E_SHOFF, E_SHENTSIZE, E_PHNUM, E_SHNUM, E_SHSTRNDX = 32, 40, 58, 56, 60, 62
WORD = (1 << 64) - 1


def put(data, at, fmt, *values):
    struct.pack_into("<" + fmt, data, at, *values)


def get(data, at, fmt):
    return struct.unpack_from("<" + fmt, data, at)[0]


class Elf:
    """A file whose sections can be replaced: what is new goes to its end."""

    def __init__(self, data):
        self.data = bytearray(data)
        table, count = get(data, E_SHOFF, "Q"), get(data, E_SHNUM, "H")
        rows = [list(struct.unpack_from("<IIQQQQIIQQ", data, table + 64 * i)) for i in range(count)]
        names = rows[get(data, E_SHSTRNDX, "H")]
        for row in rows:
            at = names[4] + row[0]
            row[0] = bytes(data[at:data.index(b"\0", at)]).decode()
        self.sections = rows
        self.machine = get(data, 18, "H")

    def find(self, name):
        for row in self.sections:
            if row[0] == name:
                return row
        return None

    def replace(self, name, content, flags=0):
        row = self.find(name)
        if not row:
            row = [name, SHT_PROGBITS, 0, 0, 0, 0, 0, 0, 1, 0]
            self.sections.append(row)
        row[2] = row[2] & ~SHF_COMPRESSED | flags
        row[4], row[5] = len(self.data), len(content)
        self.data += content
        return self

    def rename(self, old, new):
        self.find(old)[0] = new
        return self

    def drop_segment(self, kind):
        table = get(self.data, E_PHOFF, "Q")
        for i in range(get(self.data, E_PHNUM, "H")):
            if get(self.data, table + 56 * i, "I") == kind:
                put(self.data, table + 56 * i, "I", PT_NULL)
        return self

    def bytes(self):
        names, at = b"\0", []
        for row in self.sections:
            at.append(len(names))
            names += row[0].encode() + b"\0"
        strings = next(i for i, row in enumerate(self.sections) if row[0] == ".shstrtab")
        self.replace(".shstrtab", names)
        put(self.data, E_SHOFF, "Q", len(self.data))
        put(self.data, E_SHNUM, "H", len(self.sections))
        put(self.data, E_SHSTRNDX, "H", strings)
        for row, name in zip(self.sections, at):
            self.data += struct.pack("<IIQQQQIIQQ", name, *row[1:])
        return bytes(self.data)


# ---- headers ----

def every_section(data, field, fmt, value):
    """The same value in a field of all section headers; None: each one's own number."""
    data, table = bytearray(data), get(data, E_SHOFF, "Q")
    for i in range(get(data, E_SHNUM, "H")):
        put(data, table + 64 * i + field, fmt, i if value is None else value)
    return data


def every_segment(data, field, fmt, value, kinds=None):
    data, table = bytearray(data), get(data, E_PHOFF, "Q")
    for i in range(get(data, E_PHNUM, "H")):
        if not kinds or get(data, table + 56 * i, "I") in kinds:
            put(data, table + 56 * i + field, fmt, value)
    return data


def self_referential(data):
    """All sections are the table of sections, linked with themselves, which names them too."""
    table, count = get(data, E_SHOFF, "Q"), get(data, E_SHNUM, "H")
    data = every_section(data, 24, "Q", table)
    data = every_section(data, 32, "Q", 64 * count)
    data = every_section(data, 40, "I", None)
    return every_section(data, 44, "I", None)


def many_sections(data):
    """So many that their number stands in the first one's size."""
    data = bytearray(data)
    put(data, E_SHNUM, "H", 0)
    put(data, get(data, E_SHOFF, "Q") + 32, "Q", 1 << 58)
    return data


def many_segments(data):
    data = bytearray(data)
    put(data, E_PHNUM, "H", 0xffff)
    put(data, get(data, E_SHOFF, "Q") + 44, "I", 0xffffffff)
    return data


# ---- compressed sections ----

def zlib_zeros(size):
    """A zlib stream of so many zeros, which takes no time to make: the same piece over and over."""
    piece, packer = 1 << 24, zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    return (b"\x78\xda" + body * (size // piece) + packer.flush(zlib.Z_FINISH)
            + struct.pack(">I", (size % 65521) << 16 | 1))


def compressed(elf, name, size):
    """A section that says it is so large, and is, but for a thousandth."""
    return elf.replace(name, struct.pack("<IIQQ", 1, 0, size, 1) + zlib_zeros(size), SHF_COMPRESSED)


def compressed_gnu(elf, name, size):
    elf.replace(name, b"ZLIB" + struct.pack(">Q", size) + zlib_zeros(size))
    return elf.rename(name, ".z" + name[1:])


def xz_zeros(size):
    """An xz stream of so many zeros. A chunk of LZMA2 that begins with a new dictionary and new
    properties stands for itself, so one of 2 MB is repeated; there is no checksum to be right."""
    import lzma  # pylint: disable=import-outside-toplevel

    piece = 1 << 21
    chunk = lzma.compress(bytes(piece), lzma.FORMAT_RAW,
                          filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 21}])[:-1]
    count = size // piece
    assert chunk[0] >= 0xe0
    head = b"\x02\x00\x21\x01\x12\x00\x00\x00"
    block = head + struct.pack("<I", zlib.crc32(head)) + chunk * count + b"\0"
    unpadded = len(block)
    block += bytes(-len(block) % 4)

    def number(value):
        out = b""
        while value >= 0x80:
            out += bytes([value & 0x7f | 0x80])
            value >>= 7
        return out + bytes([value])

    index = b"\0\x01" + number(unpadded) + number(piece * count)
    index += bytes(-len(index) % 4)
    index += struct.pack("<I", zlib.crc32(index))
    flags = b"\0\0"
    foot = struct.pack("<I", len(index) // 4 - 1) + flags
    return (b"\xfd7zXZ\0" + flags + struct.pack("<I", zlib.crc32(flags)) + block + index
            + struct.pack("<I", zlib.crc32(foot)) + foot + b"YZ")


# ---- DWARF ----

ABBREVS = (  # number, tag, children, attributes and forms
    (1, 0x11, 1, (0x11, 0x01, 0x12, 0x07)),              # a unit: low_pc, high_pc
    (2, 0x2e, 1, (0x11, 0x01, 0x12, 0x07, 0x31, 0x13)),  # a function: ..., abstract_origin
    (3, 0x0b, 1, (0x11, 0x01, 0x12, 0x07)),              # a block
    (4, 0x34, 0, ()),                                    # a variable
    (5, 0x34, 1, (0x01, 0x13)),                          # a variable with children: sibling
    (6, 0x1d, 1, (0x11, 0x01, 0x12, 0x07, 0x31, 0x13)),  # an inlined call
    (7, 0x2e, 1, (0x11, 0x01, 0x12, 0x07, 0x47, 0x13)),  # a function: ..., specification
    (8, 0x39, 1, ()),                                    # a namespace
)
HEAD = 11


class Dwarf:
    """One unit; every entry covers the code of the file."""

    def __init__(self, elf, low, size):
        self.elf, self.range = elf, struct.pack("<QQ", low, size)
        self.body = bytearray(b"\x01" + self.range)

    def here(self):
        return HEAD + len(self.body)

    def add(self, number, reference=None):
        covers = number in (2, 3, 6, 7)
        self.body += bytes([number]) + (self.range if covers else b"")
        if reference is not None:
            self.body += struct.pack("<I", reference)
        return self

    def into(self):
        abbrev = b"".join(bytes([n, tag, kids, *pairs, 0, 0]) for n, tag, kids, pairs in ABBREVS)
        unit = struct.pack("<HIB", 4, 0, 8) + self.body + bytes(64)
        self.elf.replace(".debug_abbrev", abbrev + b"\0")
        return self.elf.replace(".debug_info", struct.pack("<I", len(unit)) + unit)


def origin_loop(elf, low, size, number=2):
    d = Dwarf(elf, low, size)
    d.add(number, d.here())
    d.add(6, d.here())
    return d.into()


def origin_ring(elf, low, size):
    """Two entries, each of which is made from the other."""
    d = Dwarf(elf, low, size)
    first = d.here()
    d.add(2, first + 21)
    return d.add(6, first).into()


def sibling_loop(elf, low, size):
    """Each entry's next one is itself, and so for its children."""
    d = Dwarf(elf, low, size)
    for _ in range(300):
        d.add(8)
        d.add(5, d.here())
    return d.into()


def nested(elf, low, size, number, depth):
    d = Dwarf(elf, low, size)
    d.add(2, HEAD)
    for _ in range(depth):
        d.add(number, HEAD if number == 6 else None)
    return d.into()


def siblings(elf, low, size, count):
    """Very many entries, and each of them has to be looked at."""
    d = Dwarf(elf, low, size)
    d.add(2, HEAD)
    d.body += b"\x04" * count
    return d.into()


def line_rows(elf, size):
    """A line table whose program adds a row with each of its bytes, and is all zeros when packed."""
    head = bytes([1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]) + b"\0a.c\0\0\0\0\0"
    program = b"\xff" * size
    table = struct.pack("<HI", 4, len(head)) + head + program
    raw = struct.pack("<I", len(table)) + table
    return elf.replace(".debug_line", struct.pack("<IIQQ", 1, 0, len(raw), 1) + zlib.compress(raw, 1),
                       SHF_COMPRESSED)


# ---- unwind tables ----

def unwind_table(elf, low, size, program, cie_at=None):
    """An .eh_frame with one description, whose program this is."""
    register = 30 if elf.machine == EM_AARCH64 else 16
    sp = 31 if elf.machine == EM_AARCH64 else 7
    cie = bytes([1]) + b"zR\0" + bytes([1, 0x78, register, 1, 0, 0x0c, sp, 8])
    cie = struct.pack("<II", len(cie) + 4, 0) + cie
    at = len(cie)
    fde = struct.pack("<QQB", low, size, 0) + program
    back = at + 4 if cie_at is None else at + 4 - cie_at
    fde = struct.pack("<II", len(fde) + 4, back & 0xffffffff) + fde
    elf.drop_segment(PT_GNU_EH_FRAME)
    return elf.replace(".eh_frame", cie + fde + bytes(4))


ENDLESS_EXPRESSION = bytes([0x0f, 3, 0x2f, 0xfd, 0xff])  # def_cfa_expression: skip -3
DEEP_EXPRESSION = bytes([0x0f, 0xe8, 0x07]) + b"\x30" * 1000  # lit0, over and over
SELF_FRAME = bytes([0x0c, 7, 0])  # the caller's frame is this one
REMEMBERED = b"\x0a" * 2000000  # remember_state
FAR_REGISTERS = b"".join(bytes([0x05, 0xff, 0xff, 0xff, 0x0f, 1]) for _ in range(1000))


# ---- names ----

def exploding_name(depth):
    """A C++ function made from a template, whose argument is made from two that are the same, and so
    on: 2 to the power of depth names when it is written out."""
    kind = "1pIiiE"
    for i in range(depth):
        kind = f"1pI{kind}S{number36(depth + 1 + i)}E"
    return f"_Z1fI{kind}Evv"


def number36(i):
    """How an earlier part of the name is called again: the bare names come first, outermost first."""
    digits, i = "", i
    while True:
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 36] + digits
        i //= 36
        if not i:
            return digits + "_"


def deep_name(depth):
    return "_Z1f" + "P" * depth + "i"
