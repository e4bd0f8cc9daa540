"""How child and parent speak: a request in one line of JSON, then frames of a kind, a length and a body."""

import struct

HEADER = struct.Struct(">cI")
ROWS = b"R"  # text rows for COPY
NAMES = b"N"  # JSON: names of the weightiest counterparties by the hex of their key
SUMMARY = b"S"  # JSON: what was understood; the last frame of a file that was read
REFUSED = b"E"  # JSON: code, where, params; the last frame of a file that was not
RECOGNISE = b"P"  # the file is a picture: a child made for those has to read it
RECOGNISING = "recognising"  # how such a child is called
LONGEST_FRAME = 16 * 1024 * 1024


def frame(kind: bytes, body: bytes) -> bytes:
    return HEADER.pack(kind, len(body)) + body
