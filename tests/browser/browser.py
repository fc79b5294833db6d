# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Chromium without a window, driven through bridge.mjs; a method of Page is one of Playwright's."""
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parent
BUILD = Path(os.environ.get("NESTREADY_BUILD", HERE.parents[1] / "build")).resolve()
PLACE = BUILD / "browser"  # where npm puts what it installs
LIBRARY = PLACE / "node_modules/playwright-core"


def reason_of(complaint):
    """The last line in which npm says something itself: behind it comes where its log is."""
    lines = [line for line in complaint.splitlines() if line.split("ERR!")[-1].strip()]
    said = [line for line in lines if "complete log" not in line and "/_logs/" not in line]
    return said[-1] if said else "?"


def missing():
    """Why there is no browser here, or None; installs the library that drives it when first asked."""
    if not shutil.which("chromium"):
        return "no chromium"
    if not shutil.which("npm") or not shutil.which("node"):
        return "no npm, which brings what drives the browser"
    PLACE.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    if LIBRARY.is_dir() and (PLACE / "package-lock.json").is_file() \
            and (PLACE / "package-lock.json").read_bytes() == lock:
        return None
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, PLACE)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PLACE, text=True,
                          capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
    if done.returncode:
        (PLACE / "package-lock.json").unlink()
        return "npm cannot install playwright-core: " + reason_of(done.stderr)
    return None


class Page:
    """One page at a time.  What is unknown here is called in the browser: page.click("a")."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["node", HERE / "bridge.mjs", LIBRARY, shutil.which("chromium")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.base = None

    def call(self, place, method, *values):
        print(json.dumps({"place": place, "method": method, "values": values}), file=self.process.stdin,
              flush=True)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        answer = json.loads(line)
        assert "error" not in answer, f"{method} {values}: {answer['error']}"
        return answer["value"]

    def __getattr__(self, name):
        words = name.split("_")
        method = words[0] + "".join(word.capitalize() for word in words[1:])
        return lambda *values: self.call("page", method, *values)

    def open(self, base, width=1280, height=900, **options):
        """A fresh profile; `base` is where paths of `visit` are."""
        self.base = base
        self.call("own", "open", {"viewport": {"width": width, "height": height}} | options)

    def visit(self, path):
        self.call("page", "goto", self.base + path)

    def press(self, *keys):
        for key in keys:
            self.call("keyboard", "press", key)

    def heard(self):
        return self.call("own", "heard")

    def text(self, selector="body"):
        return self.call("page", "innerText", selector)

    def texts(self, selector):
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => "
                             "e.innerText.trim())")

    def wait(self, condition):
        """Until a condition in JavaScript holds.  Asked from here: a page's own policy forbids eval."""
        end = time.monotonic() + 30
        while not self.look(condition):
            assert time.monotonic() < end, f"not within 30 s: {condition}\n{self.heard()}\n{self.text()[:2000]}"
            time.sleep(0.05)

    def look(self, condition):
        """Whether it holds now; a page that is being left, or half there, holds nothing."""
        try:
            return bool(self.evaluate(f"document.readyState === 'complete' && ({condition})"))
        except AssertionError as error:
            if "context was destroyed" in str(error) or "of null" in str(error):
                return False
            raise

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()
