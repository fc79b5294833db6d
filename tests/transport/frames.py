# SPDX-License-Identifier: GPL-2.0-or-later
"""The frames of doc/transports.md, written a second time, from that page alone."""
import base64
import json
import re
import zlib

CHUNK = 768


def frames(identity, body):
    """The lines of a report, as bytes."""
    total = -(-len(body) // CHUNK)
    lines = []
    for seq in range(1, total + 1):
        piece = body[(seq - 1) * CHUNK:seq * CHUNK]
        head = f"{identity} {seq}/{total} ".encode()
        lines.append(b"NR1 %s%08x %s\n" % (head, zlib.crc32(head + piece), base64.b64encode(piece)))
    return lines


def ack(identity):
    return f"NR1 {identity} ack\n".encode()


class Reader:
    """Puts together what comes; `reports` are those that are whole."""

    LINE = re.compile(rb"NR1 ([0-9a-f-]{36}) (\d+)/(\d+) ([0-9a-f]{8}) ([A-Za-z0-9+/]+=*)")

    def __init__(self):
        self.rest = b""
        self.pieces = {}
        self.reports = {}
        self.frames = 0

    def feed(self, data):
        """The id of each frame that came of a report that is whole."""
        *lines, self.rest = re.split(rb"[\r\n]+", self.rest + data)
        done = []
        for line in lines:
            match = self.LINE.fullmatch(line)
            if not match:
                continue
            identity, seq, total, checksum, text = match.groups()
            try:
                piece = base64.b64decode(text, validate=True)
            except ValueError:
                continue
            if zlib.crc32(b"%s %s/%s " % (identity, seq, total) + piece) != int(checksum, 16):
                continue
            self.frames += 1
            pieces = self.pieces.setdefault(identity.decode(), {})
            pieces[int(seq)] = piece
            if len(pieces) == int(total):
                self.reports[identity.decode()] = b"".join(pieces[n] for n in sorted(pieces))
                done.append(identity.decode())
        return done


def report(identity, filler=3000):
    """A report that is one, as the agent writes it."""
    return json.dumps({"schema": "nestready.report/1", "id": identity, "verdict": "ready",
                       "facts": {"filler": "x" * filler}, "findings": []}).encode() + b"\n"
