"""From a module to functions that can be called: a few chosen passes of LLVM, in memory."""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress

from llvmlite import binding, ir  # type: ignore[import-untyped]

LIBRARY = "libllvmlite"
"""What the file that LLVM is in is called."""

OPTIMIZE = 1
"""How hard the code generator tries."""


class MachineCode:
    """The functions of a compiled module that take the address of the context; alive as long as this object.

    Without `new_gvn`, whose own checks fail on the code of one in some thousand random systems, and end the process;
    the code is no slower for it.
    """

    def __init__(self, module: ir.Module) -> None:
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        parsed = binding.parse_assembly(str(module))
        parsed.verify()
        features = binding.get_host_cpu_features().flatten()
        target = binding.Target.from_default_triple()
        machine = target.create_target_machine(cpu=binding.get_host_cpu_name(), features=features, opt=OPTIMIZE)
        builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options())
        inlining = binding.create_new_module_pass_manager()
        inlining.add_always_inliner_pass()
        inlining.run(parsed, builder)
        passes = binding.create_new_function_pass_manager()
        passes.add_sroa_pass()
        passes.add_simplify_cfg_pass()
        passes.add_instruction_combine_pass()
        passes.add_simplify_cfg_pass()
        for function in parsed.functions:
            if not function.is_declaration:
                passes.run(function, builder)
        self._engine = binding.create_mcjit_compiler(parsed, machine)
        self._engine.finalize_object()

    def function(self, name: str, result: type[ctypes.c_int64] | None) -> ctypes._CFunctionType:
        """The function called `name`; it runs without Python's lock, and until it returns no signal is handled."""
        return ctypes.CFUNCTYPE(result, ctypes.c_void_p)(self.address(name))

    def address(self, name: str) -> int:
        """Where the function called `name` is."""
        return int(self._engine.get_function_address(name))


def rest() -> None:
    """Takes LLVM's own code, some fifty megabytes, out of this process's memory until it is used again.

    Code is never written to, so it comes back from its file as it was. Nothing happens where the system does not say
    where the code is.
    """
    with suppress(OSError, AttributeError):
        advise = ctypes.CDLL(None).madvise
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            for line in file:
                place, rights, *rest_of = line.split()
                if rights == "r-xp" and LIBRARY in rest_of[-1]:
                    start, stop = (int(address, 16) for address in place.split("-"))
                    advise(ctypes.c_void_p(start), ctypes.c_size_t(stop - start), mmap.MADV_DONTNEED)
