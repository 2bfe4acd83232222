"""The one error of the machine."""


class MachineError(Exception):
    """The machine was asked for something it cannot do. The message says what was expected and what was found.

    An operation that raises it has changed nothing and has cost no cycles, except when physical memory is full: then
    the machine is not to be used any more.
    """
