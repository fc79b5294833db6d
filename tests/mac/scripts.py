# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts around a guest of networks.py, in namespaces of their own.

What nestready keeps for later runs goes to a file system of the script's own.
"""
import json
import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("NESTREADY_BUILD", HERE.parents[1] / "build")).resolve()
WORKER = BUILD / "nestready-probe-net"
PROGRAM = BUILD / "nestready"
STATE = re.search(r"^localstatedir = (.*)$", (BUILD / "Makefile").read_text(),
                  re.MULTILINE)[1].replace("${prefix}", "/usr/local") + "/lib/nestready"

BEFORE = f"""
import json, os, pty, signal, subprocess, sys, time
subprocess.run(["mount", "-t", "tmpfs", "none", {str(Path(STATE).parent)!r}], check=True)
os.mkdir({STATE!r})
sys.path.insert(0, {str(HERE)!r})
import net, networks
program, worker = {str(PROGRAM)!r}, {str(WORKER)!r}
"""
BUILT = """
guest, processes = net.build(networks.CASES[case])
"""
AFTER = """
for process in processes:
    process.kill()
print(json.dumps(result))
"""
APART = ("--net", "--mount")


def run_script(script, case, apart=APART, **values):
    """What the script left in `result`.  It has guest, program, worker, the names in values and the usual modules."""
    values = "".join(f"{name} = {value!r}\n" for name, value in {"case": case, **values}.items())
    done = subprocess.run(["unshare", *apart, "/usr/bin/python3", "-c", BEFORE + values + BUILT + script + AFTER],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
