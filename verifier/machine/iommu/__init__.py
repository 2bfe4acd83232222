"""The address translation unit, VT-d style.

entries   the bytes of tables          walker   hardware reads them       tables   software edits them
queue     the invalidation queue       caches   what hardware remembers
unit      the hardware                 manager  the hypervisor's driver for it
"""
