# SPDX-License-Identifier: GPL-2.0-or-later
"""The checks of layers and style find planted violations, and nothing in clean code."""
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPDX = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"


class Tree:
    """A small source tree with the libraries of ours that are checked, to be planted with violations."""

    def __init__(self, path):
        self.path = path

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(SPDX + text)

    def build(self):
        for layer in ("base", "machine", "report", "import", "probes"):
            objects = []
            for file in sorted((self.path / layer).glob("*.c")):
                objects.append(file.with_suffix(".o"))
                if not objects[-1].exists():
                    subprocess.run(["gcc", "-w", "-c", "-I", self.path, "-o", objects[-1], file],
                                   check=True)
            subprocess.run(["ar", "cr", self.path / f"lib{layer}.a", *objects], check=True)

    def layers(self):
        self.build()
        return subprocess.run([ROOT / "tests/check-layers", self.path, self.path],
                              capture_output=True, text=True)


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    tree = Tree(tmp_path_factory.mktemp("clean"))
    for layer in ("base", "machine", "report", "import", "probes", "worker", "agent"):
        tree.write(f"{layer}/{layer}.c", f"int {layer}_number;\n")
    tree.write("machine/machine.c", "int machine_read_file(void) { return 0; }\n")
    tree.write("machine/live.c", "int machine_live_open(void) { return 0; }\n")
    tree.build()
    return tree


@pytest.fixture
def tree(clean, tmp_path):
    return Tree(Path(shutil.copytree(clean.path, tmp_path / "tree")))


def test_a_clean_tree_passes(tree):
    tree.write("probes/good.c", "#include <string.h>\n"
               "int machine_read_file(void);\n"
               "int good(const char *s) { return machine_read_file() + (int)strlen(s); }\n")
    done = tree.layers()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file, include", [
    ("base/bad.c", "machine/machine.h"),
    ("machine/bad.c", "report/fact.h"),
    ("report/bad.c", "machine/machine.h"),
    ("probes/bad.c", "machine/adapters.h"),
    ("probes/bad.c", "report/report.h"),
    ("worker/bad.c", "agent/command.h"),
    ("agent/bad.c", "probes/probe.h"),
    ("agent/bad.c", "machine/adapters.h"),
    ("agent/bad.c", "machine/live_msr.h"),
])
def test_an_include_against_the_flow_is_found(tree, file, include):
    tree.write(include, "")
    tree.write(file, f'#include "{include}"\n')
    done = tree.layers()
    assert done.returncode == 1
    assert f"{file}: {file.split('/')[0]} may not include {include}" in done.stdout


@pytest.mark.parametrize("layer", ["import", "probes", "report"])
def test_a_header_of_io_is_found(tree, layer):
    tree.write(f"{layer}/bad.c", "#include <fcntl.h>\n")
    done = tree.layers()
    assert done.returncode == 1
    assert f"{layer}/bad.c: {layer} does no I/O and may not include <fcntl.h>" in done.stdout


@pytest.mark.parametrize("layer", ["import", "probes", "report"])
def test_calls_with_effects_are_found_though_nothing_is_included(tree, layer):
    calls = ["open", "openat", "fopen", "ioctl", "socket", "system", "popen", "execve", "read",
             "syscall", "getenv", "json_load_file", "machine_live_open", "printf", "sleep",
             "pthread_create"]
    tree.write(f"{layer}/bad.c", "".join(
        f"long {call}();\nlong bad_{call}(void) {{ return {call}(1, 2); }}\n" for call in calls))
    done = tree.layers()
    assert done.returncode == 1
    found = [line for line in done.stdout.splitlines() if "which is not on the list" in line]
    assert found == [f"lib{layer}.a(bad.o): calls {call}, which is not on the list of functions "
                     "without effects" for call in sorted(calls)]


def test_assembler_is_found(tree):
    tree.write("probes/bad.c", 'void bad(void) { __asm__ volatile("cpuid"); }\n')
    assert "probes/bad.c: probes has no business with assembler" in tree.layers().stdout


def style(path):
    subprocess.run(["git", "init", "-q", path], check=True)
    return subprocess.run([ROOT / "tests/check-style", path], capture_output=True, text=True)


@pytest.mark.parametrize("name, text, complaint", [
    ("a.c", "int a;\n", "a.c: no SPDX line"),
    ("a.c", SPDX + "int   a;\n", "clang-format"),
    ("a.c", SPDX + "int a;\n" * 450, "a.c: 451 lines"),
    ("run", "#!/bin/sh\n# SPDX-License-Identifier: x\necho $1\n", "SC2086"),
    ("run", "#!/usr/bin/python3\n", "run: no SPDX line"),
])
def test_bad_style_is_found(tmp_path, name, text, complaint):
    (tmp_path / "good.c").write_text(SPDX + "int good;\n")
    (tmp_path / "good").write_text("#!/bin/sh\n# SPDX-License-Identifier: x\ntrue\n")
    assert style(tmp_path).returncode == 0
    (tmp_path / name).write_text(text)
    done = style(tmp_path)
    assert done.returncode == 1
    assert complaint in done.stdout
