# SPDX-License-Identifier: GPL-2.0-or-later
"""What remedies write into a configuration of xl: read by the parser that xl has, under names that its manual has.

xl itself wants a Xen underneath even for a dry run.
"""
import ctypes
import ctypes.util
import gzip
from pathlib import Path

import pytest

from commands import SHARED, run

MANUAL = Path("/usr/share/man/man5/xl.cfg.5.gz")
LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/libxlutil.so.4.*"))), None)
pytestmark = pytest.mark.skipif(LIBRARY is None or not MANUAL.exists(),
                                reason="xen-utils is not installed, or without manuals")
CONFIGURATION = 'type = "hvm"\nname = "vm"\nmemory = 512\nmaxmem = 1024\nvcpus = 1\nhap = 0\n'
OLD = {"OLD-MB": "512", "OLD-NUMBER": "1"}
CHANGES = {"xl-nested": {"nestedhvm": 1, "hap": 1}, "xl-hap": {"hap": 1}, "xl-cpus": {"vcpus": 2},
           "xl-memory": {"memory": 8192, "maxmem": None}, "xl-fixed-memory": {"maxmem": None}}
# what undo does not bring back: what is not needed any more, or what was another number
LEFT = {"xl-nested": {"hap": 1}, "xl-memory": {"maxmem": None}, "xl-fixed-memory": {"maxmem": 512}}
NAMES = ("nestedhvm", "hap", "vcpus", "memory", "maxmem")


def read(path):
    """The numbers of a configuration, None for what is not in it."""
    library = ctypes.CDLL(str(LIBRARY))
    library.xlu_cfg_init.restype = ctypes.c_void_p
    config = ctypes.c_void_p(library.xlu_cfg_init(None, b"vm.cfg"))
    text = path.read_bytes()
    assert library.xlu_cfg_readdata(config, text, len(text)) == 0
    found, value = {}, ctypes.c_long()
    for name in NAMES:
        there = library.xlu_cfg_get_long(config, name.encode(), ctypes.byref(value), 1) == 0
        found[name] = value.value if there else None
    library.xlu_cfg_destroy(config)
    return found


def type_in(lines, path):
    for line in lines:
        for word, value in OLD.items():
            line = line.replace(word, value)
        done = run(line.replace("CONFIGURATION", str(path)))
        assert done.returncode == 0, done.stderr


def test_every_remedy_of_xl_is_here():
    assert set(CHANGES) == {name for name, remedy in SHARED["remedies"].items() if remedy["tool"] == "xl"}


@pytest.mark.parametrize("name", CHANGES)
def test_the_configuration_says_what_it_is_to_say(name, tmp_path):
    path = tmp_path / "vm.cfg"
    path.write_text(CONFIGURATION)
    before = read(path)
    type_in(SHARED["remedies"][name]["steps"], path)
    assert read(path) == before | CHANGES[name]
    type_in(SHARED["remedies"][name]["undo"], path)
    assert read(path) == before | LEFT.get(name, {})


def test_the_manual_knows_the_names():
    manual = gzip.decompress(MANUAL.read_bytes()).decode()
    for name in NAMES:
        assert f'"{name}=' in manual
