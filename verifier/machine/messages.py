"""Messages between hypervisors and VMs: delivered in any order, lost when their receiver crashes or has crashed."""

from collections import Counter

from verifier.machine.errors import MachineError


class Mailboxes:
    """What has been sent and not yet taken, by receiver."""

    def __init__(self) -> None:
        self._waiting: dict[str, Counter[str]] = {}

    def send(self, receiver: str, message: str) -> None:
        """Put a message into a mailbox."""
        self._waiting.setdefault(receiver, Counter())[message] += 1

    def take(self, receiver: str, message: str) -> None:
        """Receive a message, or lose it. MachineError if there is none."""
        if message not in self.waiting(receiver):
            found = ", ".join(self.waiting(receiver)) or "nothing"
            raise MachineError(f"mailbox of {receiver}: expected {message!r}, found {found}")
        self._waiting[receiver][message] -= 1

    def waiting(self, receiver: str) -> tuple[str, ...]:
        """The messages in a mailbox, sorted."""
        return tuple(sorted(self._waiting.get(receiver, Counter()).elements()))

    def discard(self, receiver: str) -> None:
        """Empty a mailbox."""
        self._waiting.pop(receiver, None)
