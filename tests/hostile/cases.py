# SPDX-License-Identifier: GPL-2.0-only
"""cases.py - the traps of `make check-hostile`: how each plant is started, and what must be seen

A case is a way to be stuck (a HOW of trap.c) in a file that craft.py makes of a good one. `named`
are functions that the stack must show in spite of it; `entry` says that the address in the hostile
file must be there, `stop` that the stack must say why it ends; `lost`, that the symbolizer is given
up and that is said; `disturb`, what is done to it meanwhile.
"""

import os
import struct

import craft
import watch

GB = 1 << 30
LOCK = ("pthread_mutex_lock",)


class Case:
    def __init__(self, name, how="file", make=None, **wants):
        self.name, self.how, self.make = name, how, make
        self.named = wants.get("named", LOCK if how[:3] != "sp-" else ())
        self.entry = wants.get("entry", how in ("file", "deleted", "memfd", "memory"))
        self.stop = wants.get("stop", False)
        self.lost = wants.get("lost", False)
        self.disturb, self.after = wants.get("disturb"), wants.get("after", 0.0)
        self.traps = wants.get("traps")
        self.prefix = wants.get("prefix")
        self.seconds = wants.get("seconds", 30)
        self.seed = wants.get("seed", "good")


def remade(change):
    """A maker of files from one that gets the good one's sections, and where its code is."""
    def make(data, low, size):
        return change(craft.Elf(data), low, size).bytes()
    return make


def raw(change):
    return lambda data, low, size: change(data)


HEADERS = (
    Case("cut behind its code", make=lambda data, low, size: data[:low + size]),
    Case("cut in its header", "cut"),
    Case("cut in its sections", make=lambda data, low, size: data[:-100]),
    Case("sections that are the table of sections", make=raw(craft.self_referential)),
    Case("2^58 sections", make=raw(craft.many_sections)),
    Case("65279 sections", make=raw(lambda d: patched(d, craft.E_SHNUM, "H", 0xfeff))),
    Case("2^32 segments", make=raw(craft.many_segments)),
    Case("65534 segments", make=raw(lambda d: patched(d, craft.E_PHNUM, "H", 0xfffe))),
    Case("sections beyond all", make=raw(lambda d: craft.every_section(d, 32, "Q", 1 << 63))),
    Case("sections that wrap", make=raw(lambda d: craft.every_section(d, 24, "Q", craft.WORD - 8))),
    Case("entries of no size", make=raw(lambda d: craft.every_section(d, 56, "Q", 0))),
    Case("entries of one byte", make=raw(lambda d: craft.every_section(d, 56, "Q", 1))),
    Case("alignment of zero and more", make=raw(lambda d: craft.every_section(d, 48, "Q", craft.WORD))),
    Case("all sections are symbols", make=raw(lambda d: craft.every_section(d, 4, "I", craft.SHT_SYMTAB))),
    Case("all sections are notes", make=raw(lambda d: craft.every_section(d, 4, "I", craft.SHT_NOTE))),
    Case("segments of 2^63 bytes", make=raw(lambda d: craft.every_segment(d, 32, "Q", 1 << 63))),
    Case("segments that wrap", make=raw(lambda d: craft.every_segment(d, 8, "Q", craft.WORD))),
    Case("all segments are notes", make=raw(lambda d: craft.every_segment(d, 0, "I", craft.PT_NOTE))),
    Case("another machine's", make=raw(lambda d: patched(d, 18, "H", 8)), stop=True),
    Case("an object file", make=raw(lambda d: patched(d, 16, "H", 1)), stop=True),
    Case("a core dump", make=raw(lambda d: patched(d, 16, "H", 4)), stop=True),
)


def patched(data, at, fmt, value):
    data = bytearray(data)
    craft.put(data, at, fmt, value)
    return data


SECTIONS = (
    Case("4 GB of .debug_info", make=remade(lambda e, l, s: craft.compressed(e, ".debug_info", 4 * GB))),
    Case("1 GB of .debug_info", make=remade(lambda e, l, s: craft.compressed(e, ".debug_info", GB))),
    Case("1 GB of .zdebug_str", make=remade(lambda e, l, s: craft.compressed_gnu(e, ".debug_str", GB))),
    Case("a line table of 2^27 rows", make=remade(lambda e, l, s: craft.line_rows(e, 1 << 27))),
    Case("8 GB of .gnu_debugdata",
         make=remade(lambda e, l, s: e.replace(".gnu_debugdata", craft.xz_zeros(8 * GB)))),
    Case("an entry made from itself", make=remade(craft.origin_loop)),
    Case("an entry specified by itself", make=remade(lambda e, l, s: craft.origin_loop(e, l, s, 7))),
    Case("two entries made from each other", make=remade(craft.origin_ring)),
    Case("entries that follow themselves", make=remade(craft.sibling_loop)),
    Case("200000 blocks inside each other", make=remade(lambda e, l, s: craft.nested(e, l, s, 3, 200000))),
    Case("1000 inlined calls inside each other", make=remade(lambda e, l, s: craft.nested(e, l, s, 6, 1000))),
    Case("30 million entries", make=remade(lambda e, l, s: craft.siblings(e, l, s, 30000000))),
    Case("an expression without end",
         make=remade(lambda e, l, s: craft.unwind_table(e, l, s, craft.ENDLESS_EXPRESSION)), stop=True),
    Case("an expression of 1000 values",
         make=remade(lambda e, l, s: craft.unwind_table(e, l, s, craft.DEEP_EXPRESSION)), stop=True),
    Case("a frame that is its own caller",
         make=remade(lambda e, l, s: craft.unwind_table(e, l, s, craft.SELF_FRAME)), stop=True),
    Case("2 million states to remember",
         make=remade(lambda e, l, s: craft.unwind_table(e, l, s, craft.REMEMBERED)), stop=True),
    Case("registers without number",
         make=remade(lambda e, l, s: craft.unwind_table(e, l, s, craft.FAR_REGISTERS)), stop=True),
    Case("a description of itself",
         make=remade(lambda e, l, s: craft.unwind_table(e, l, s, b"", cie_at=0x14))),
    Case("a name of 2^60 names", seed="exploding", named=("f<p<p<p<",)),
    Case("a name of 1900 pointers", seed="deep"),
)


def debug_link(name):
    content = name.encode() + b"\0"
    content += bytes(-len(content) % 4) + struct.pack("<I", 0)
    return remade(lambda e, l, s: e.replace(".gnu_debuglink", content))


def fifo_by_build_id(where):
    """The debug files' directory of the plant's own mount namespace holds a FIFO for this file."""
    return ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs none /usr/lib/debug; '
            f'mkdir -p "$(dirname "/usr/lib/debug/{where}")"; mkfifo "/usr/lib/debug/{where}"; exec "$@"',
            "sh"]


def as_fifo(path, _):
    os.mkfifo(path)


def as_device(path, _):
    os.mknod(path, 0o20666, os.makedev(1, 5))


def as_link(path, secret):
    os.symlink(secret, path)


def as_directory(path, _):
    os.mkdir(path)


def as_large(path, _):
    with open(path, "wb") as file:
        file.truncate(GB)


def as_lines(path, _):
    """64 MB of short lines, and after them, far out, nothing."""
    with open(path, "wb") as file:
        file.write(b"1 1 a\n" * (10 << 20))
        file.truncate(GB)


FILES = (
    Case("its file is deleted", "deleted"),
    Case("a memfd with a path for a name", "memfd"),
    Case("cut while it is read", "shrinking"),
    Case("a device as code", "device"),
    Case("a debug link that leads out", make=debug_link("../../../../../../etc/shadow")),
    Case("a debug link to a link", make=debug_link("secret"), traps="secret"),
    Case("a debug link to a FIFO", make=debug_link("fifo"), traps="fifo"),
    Case("a debug link to nothing", make=debug_link("..")),
    Case("a FIFO by build id", prefix=fifo_by_build_id),
    Case("a perf map that is a FIFO", "memory", traps=as_fifo),
    Case("a perf map that is a device", "memory", traps=as_device),
    Case("a perf map that is a link to a secret", "memory", traps=as_link),
    Case("a perf map that is a directory", "memory", traps=as_directory),
    Case("a perf map of 1 GB of nothing", "memory", traps=as_large),
    Case("a perf map of 1 GB behind 10 million lines", "memory", traps=as_lines),
)

PROCESSES = (
    Case("65000 mappings", "many"),
    Case("a process that unmaps meanwhile", "changing"),
    Case("its stack is at 0", "sp-null"),
    Case("its stack is at the end of all", "sp-top"),
    Case("its stack is not mapped", "sp-unmapped"),
    Case("its stack is the page of zeros", "sp-zeros"),
    Case("its stack points at itself", "sp-self"),
    Case("its stack calls itself", "sp-calls"),
    Case("its stack ends with its file", "sp-end-of-file"),
)

SYMBOLIZERS = (
    Case("the symbolizer is killed at once", named=(), disturb=watch.kill, stop=True, lost=True),
    Case("the symbolizer is killed while it reads", make=remade(lambda e, l, s: craft.siblings(e, l, s, 30000000)),
         named=(), disturb=watch.kill, after=0.02, stop=True, lost=True),
    Case("the symbolizer hangs", named=(), disturb=watch.freeze, stop=True, lost=True),
    Case("the symbolizer has no memory left", named=(), disturb=watch.starve),
)

GROUPS = (HEADERS, SECTIONS, FILES, PROCESSES, SYMBOLIZERS)
