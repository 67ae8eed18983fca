# SPDX-License-Identifier: GPL-2.0-only
"""programs.py - some programs of patterns/, for checks that plant them beside others

check.py judges all of them, with every toolchain; for the others one toolchain will do.
"""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "1.24"


def build(out, *names):
    """Whether they are in the directory now; false: there is no toolchain."""
    go = subprocess.run([os.path.join(HERE, "toolchain.sh"), VERSION], stdout=subprocess.PIPE, text=True, check=False)
    if go.returncode:
        return False
    env = dict(os.environ, ONLY=" ".join(f"./{name}" for name in names))
    subprocess.run([os.path.join(HERE, "patterns/build.sh"), go.stdout.strip(), out], env=env, check=True)
    return True


def unmeasured(program, copy):
    """Writes a copy that says that a prerelease made it: no table knows that, so it is read as its DWARF says."""
    with open(program, "rb") as file:
        data = file.read()
    with open(copy, "wb") as file:
        file.write(data.replace(f"go{VERSION}.".encode(), f"go{VERSION}r".encode()))
    os.chmod(copy, 0o755)
