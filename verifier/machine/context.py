"""The device context: all that a device needs to go on exactly where it stopped."""

import struct
import zlib
from dataclasses import dataclass

from verifier.machine.errors import MachineError

MAGIC = b"FCTX"
VERSION = 1
CHAIN_SIZE = 16
REGISTERS = 7  # 64-bit registers to read or write: the fields below, the chain being two

_LAYOUT = struct.Struct(
    f"<4sHxxIIIIQQ{CHAIN_SIZE}s"
)  # magic, version, identity, entries, head, tail, ring, sequence, chain
_CHECKSUM = struct.Struct("<I")
CONTEXT_SIZE = _LAYOUT.size + _CHECKSUM.size


@dataclass(frozen=True)
class DeviceContext:
    """The internal registers of the device."""

    ring_gpa: int = 0  # page number as the device sees it: the context moves with the addresses it contains
    ring_entries: int = 0
    head: int = 0  # next descriptor the device takes
    tail: int = 0  # next descriptor the driver writes
    sequence: int = 0  # writes issued, asked for or not
    chain: bytes = bytes(CHAIN_SIZE)  # running key: the output of a job depends on every job before it

    def save(self, identity: int) -> bytes:
        """The context in bytes, bound to the device's identity and sealed with a CRC-32."""
        body = _LAYOUT.pack(
            MAGIC,
            VERSION,
            identity,
            self.ring_entries,
            self.head,
            self.tail,
            self.ring_gpa,
            self.sequence,
            self.chain,
        )
        return body + _CHECKSUM.pack(zlib.crc32(body))

    @classmethod
    def load(cls, data: bytes, identity: int) -> "DeviceContext":
        """Read a saved context back. MachineError if it is damaged, of another version, or of another device."""
        if len(data) < CONTEXT_SIZE or data[: len(MAGIC)] != MAGIC:
            raise MachineError(
                f"device context: expected {CONTEXT_SIZE} bytes that begin with {MAGIC!r}, found {data[:4]!r}"
            )
        body = data[: _LAYOUT.size]
        (checksum,) = _CHECKSUM.unpack_from(data, _LAYOUT.size)
        if checksum != zlib.crc32(body):
            raise MachineError(f"device context: expected checksum {checksum:#010x}, found {zlib.crc32(body):#010x}")
        _, version, owner, ring_entries, head, tail, ring_gpa, sequence, chain = _LAYOUT.unpack(body)
        if version != VERSION:
            raise MachineError(f"device context: expected version {VERSION}, found {version}")
        if owner != identity:
            raise MachineError(f"device context: expected device identity {identity:#x}, found {owner:#x}")
        return cls(ring_gpa, ring_entries, head, tail, sequence, chain)
