"""Why a system cannot be searched natively."""

from __future__ import annotations


class NativeUnavailable(Exception):  # noqa: N818  (not a failure: there is another engine)
    """There is no machine code for this system, or on this machine; the message says why."""
