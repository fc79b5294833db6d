# SPDX-License-Identifier: GPL-2.0-or-later
"""Does to a guest what nestready told to do: what stands in its text, as typed."""
import re
import subprocess
import tempfile
from pathlib import Path


def typed(text):
    """What the fix of the first problem says to type; its sentences stand further left."""
    steps = re.search(r"\n +fix \(.*?\):\n(.*?)\n +verify[:,]", text, re.S)[1]
    return re.findall(r"^ {9}(.+)", steps, re.M)


def qemu(how, text):
    """The command line of QEMU, changed as told."""
    word, = typed(text)
    option = re.fullmatch(r"-cpu (\S+)", word)
    if option:
        return how | {"cpu": option[1]}
    assert re.fullmatch(r",\+\w+", word), word
    return how | {"cpu": how["cpu"].replace(word.replace("+", "-"), "") + word}


def bochs(how, text):
    """The lines of bochsrc, changed as told."""
    command, = typed(text)
    with tempfile.TemporaryDirectory() as directory:
        bochsrc = Path(directory) / "bochsrc"
        bochsrc.write_text("".join(f"{line}\n" for line in how["lines"]))
        subprocess.run(command, shell=True, check=True, cwd=directory)
        return how | {"lines": bochsrc.read_text().splitlines()}


OF_EMULATOR = {"QEMU TCG": qemu, "Bochs": bochs}
