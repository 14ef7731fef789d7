"""The smallest pictures of each kind, made by hand."""

import struct
import zlib


def png(width=2, height=1, *, text=b""):
    """Return a picture that any program can open; the text makes two of them differ."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    parts = [(b"IHDR", header), (b"tEXt", b"Comment\0" + text), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def jpeg(width=2, height=1):
    """Return the marks of a picture: a comment, a frame, a scan and an end."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"hey!"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + b"\x7f"
    return b"\xff\xd8" + comment + b"\xff" + frame + scan + b"\xff\xd9"


def gif(width=2, height=1):
    """Return a picture without a frame."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def webp(kind, width=2, height=1):
    """Return a picture of one of the three forms."""
    if kind == b"VP8X":
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = b"\0\0\0\0" + sides
    elif kind == b"VP8L":
        body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        body = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    rest = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(rest)) + rest
