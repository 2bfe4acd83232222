"""Second-level tables, their walk, and the caches over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.machine import Figure, Machine, MachineError, Verdict, build
from verifier.machine.iommu.entries import GPA_LIMIT, PAGES_PER_SUPERPAGE
from verifier.machine.iommu.tables import SecondLevelTable
from verifier.machine.iommu.walker import Leaf, walk_table
from verifier.machine.memory import MEMORY_SIZE, PhysicalMemory, page_of
from verifier.machine.state import FIRST_HOST_PAGE

from .helpers import BYSTANDER_HPA, dma, synchronise

GPA = 0x20
PAGES = st.integers(0, GPA_LIMIT - 1) | st.integers(0, 0x400)
FRAMES = st.integers(0, page_of(MEMORY_SIZE) - 1)


def make_table() -> tuple[PhysicalMemory, SecondLevelTable]:
    """An empty table in a memory of its own."""
    memory = PhysicalMemory(page_limit=1000)
    free = iter(range(1, 1000))
    return memory, SecondLevelTable(memory, 0, lambda: next(free))


@given(st.dictionaries(PAGES, FRAMES, max_size=20), st.data())
def test_walk_gives_back_what_was_mapped(mappings: dict[int, int], data: st.DataObject) -> None:
    """Mapping then walking is the identity; what was never mapped or was unmapped again is not there."""
    memory, table = make_table()
    for gpa, hpa in mappings.items():
        table.map(gpa, hpa)
    unmapped = data.draw(st.sets(st.sampled_from(sorted(mappings)))) if mappings else set()
    for gpa in unmapped:
        table.unmap(gpa)

    stranger = data.draw(PAGES)
    for gpa in {*mappings, stranger}:
        expected = None if gpa in unmapped or gpa not in mappings else Leaf(gpa, mappings[gpa], 1)
        assert walk_table(memory, table.root, gpa) == expected


@given(st.integers(0, PAGES_PER_SUPERPAGE - 1))
def test_split_changes_no_translation(index: int) -> None:
    """A 2 MiB leaf and the 512 entries it is split into translate every page alike; the neighbours stay unmapped."""
    memory, table = make_table()
    table.map_superpage(0x200, 0xEE00)
    whole = walk_table(memory, table.root, 0x200 + index)

    table.split(0x200 + index)

    assert whole == Leaf(0x200, 0xEE00, 512)
    assert walk_table(memory, table.root, 0x200 + index) == Leaf(0x200 + index, 0xEE00 + index, 1)
    assert walk_table(memory, table.root, 0x1FF) is None
    assert walk_table(memory, table.root, 0x400) is None


def test_table_edits_that_make_no_sense_are_refused() -> None:
    """Unaligned or doubled superpages, small edits inside one, and splits of nothing are errors that say so."""
    _, table = make_table()
    table.map_superpage(0x200, 0xEE00)

    with pytest.raises(MachineError, match="expected gpa aligned"):
        table.map_superpage(0x201, 0xEE00)
    with pytest.raises(MachineError, match="expected hpa aligned"):
        table.map_superpage(0x400, 0xEE01)
    with pytest.raises(MachineError, match="expected a free entry"):
        table.map_superpage(0x200, 0xEE00)
    with pytest.raises(MachineError, match="split it first"):
        table.map(0x21F, 0x1000)
    with pytest.raises(MachineError, match="split it first"):
        table.unmap(0x21F)
    with pytest.raises(MachineError, match="expected a 2 MiB leaf"):
        table.split(0)
    with pytest.raises(MachineError, match="gpa out of range"):
        table.map(GPA_LIMIT, 0)
    with pytest.raises(MachineError, match="hpa out of range"):
        table.map(0, page_of(MEMORY_SIZE))


def test_translation_fills_both_caches(machine: Machine) -> None:
    """A DMA leaves its context entry and its translation in the caches."""
    assert (machine.context_cache_entry("nic"), machine.iotlb_entry("nic", GPA)) == (None, None)

    machine.issue_dma("nic", GPA)

    assert (machine.context_cache_entry("nic"), machine.iotlb_entry("nic", GPA)) == ("vm1", 0xEE20)


def test_hardware_may_fill_and_evict_unasked(machine: Machine) -> None:
    """Fill and evict moves change the caches only, and there is nothing to fill from what is not present."""
    machine.fill_iotlb("nic", GPA)
    assert machine.iotlb_entry("nic", GPA) == 0xEE20
    machine.evict_iotlb("nic", GPA)
    assert machine.iotlb_entry("nic", GPA) is None
    machine.evict_context_cache("nic")
    assert machine.context_cache_entry("nic") is None
    machine.fill_context_cache("nic")
    assert machine.context_cache_entry("nic") == "vm1"

    with pytest.raises(MachineError, match="expected a present translation"):
        machine.fill_iotlb("nic", 0x500)
    machine.clear_context_entry("nic")
    machine.evict_context_cache("nic")
    with pytest.raises(MachineError, match="expected a present context entry"):
        machine.fill_context_cache("nic")
    assert machine.table_entry("nic", GPA) == 0xEE20


def test_fill_brings_the_table_of_now(machine: Machine) -> None:
    """A walk that the hardware makes unasked replaces what it remembered for the page."""
    machine.fill_iotlb("nic", GPA)
    machine.map_page("nic", GPA, 0xEE21)
    assert machine.iotlb_entry("nic", GPA) == 0xEE20

    machine.fill_iotlb("nic", GPA)

    assert machine.iotlb_entry("nic", GPA) == 0xEE21


def test_stale_iotlb_lets_dma_into_a_foreign_page(machine: Machine) -> None:
    """Bug class 1: unmapped but not invalidated, the page is given away; the audit shows the bytes that got there."""
    dma(machine, GPA)
    machine.unmap_page("nic", GPA)
    machine.give_page(0xEE20, "bystander")

    dma(machine, GPA)

    (violation,) = machine.violations()
    assert violation.verdict is Verdict.FOREIGN
    assert (violation.owner, violation.driver, violation.address) == ("bystander", "vm1", 0xEE20000)
    assert violation.data == b"unsolicited DMA of nic after job 1"
    assert "owner bystander" in str(violation)


def test_invalidation_closes_the_stale_path(machine: Machine) -> None:
    """The same, invalidated and waited for: the DMA is blocked and the audit says why."""
    dma(machine, GPA)
    machine.unmap_page("nic", GPA)
    machine.invalidate_page("nic", GPA)
    synchronise(machine)
    machine.give_page(0xEE20, "bystander")

    dma(machine, GPA)

    assert machine.violations() == ()
    assert machine.audit()[-1].verdict is Verdict.BLOCKED
    assert machine.audit()[-1].fault == "page not mapped"
    assert str(machine.audit()[-1]).endswith("-> nowhere: blocked: page not mapped")


def test_queued_is_not_done(machine: Machine) -> None:
    """A queued invalidation changes nothing until hardware executes it, and the wait says no until then."""
    machine.fill_iotlb("nic", GPA)
    machine.unmap_page("nic", GPA)
    machine.invalidate_page("nic", GPA)

    assert not machine.wait_invalidations()
    assert machine.iotlb_entry("nic", GPA) == 0xEE20
    assert machine.process_invalidations(1) == 1
    assert machine.iotlb_entry("nic", GPA) is None
    assert not machine.wait_invalidations()
    assert machine.process_invalidations(5) == 1
    assert machine.wait_invalidations()


def test_old_wait_does_not_satisfy_a_new_one(machine: Machine) -> None:
    """Bug class 5: after new work is queued, the completion of the wait before it means nothing."""
    assert machine.wait_invalidations()

    machine.invalidate_page("nic", GPA)

    assert not machine.wait_invalidations()


def test_wrong_domain_flushed(machine: Machine) -> None:
    """Bug class 2: after the device moved to vm2's domain, flushing that domain leaves vm1's translations cached."""
    machine.fill_iotlb("nic", GPA)
    machine.set_context_entry("nic", "vm2")

    machine.invalidate_all("nic")
    synchronise(machine)
    assert machine.iotlb_entry("nic", GPA, domain="vm1") == 0xEE20

    machine.invalidate_all("nic", domain="vm1")
    synchronise(machine)
    assert machine.iotlb_entry("nic", GPA, domain="vm1") is None


def test_page_invalidation_is_selective(machine: Machine) -> None:
    """A page-selective invalidation drops one page of one domain."""
    for gpa in (GPA, GPA + 1):
        machine.fill_iotlb("nic", gpa)
    machine.invalidate_page("nic", GPA, domain="vm2")
    machine.invalidate_page("nic", GPA + 1)

    synchronise(machine)

    assert (machine.iotlb_entry("nic", GPA), machine.iotlb_entry("nic", GPA + 1)) == (0xEE20, None)


def test_stale_context_refills_the_iotlb(machine: Machine) -> None:
    """Bug class 3: flushing translations before contexts, a DMA in between brings the old ones back."""
    dma(machine, GPA)
    machine.clear_context_entry("nic")
    machine.invalidate_all("nic")
    synchronise(machine)
    machine.give_page(0xEE20, "bystander")

    dma(machine, GPA)

    assert machine.context_entry("nic") is None
    assert machine.context_cache_entry("nic") == "vm1"
    assert machine.iotlb_entry("nic", GPA) == 0xEE20
    assert machine.violations()[0].owner == "bystander"

    machine.invalidate_context("nic")
    synchronise(machine)
    dma(machine, GPA)
    assert machine.audit()[-1].fault == "context entry not present"


def test_stale_context_goes_to_the_old_table(machine: Machine) -> None:
    """Moved to another domain, all translations flushed, the device still goes by the cached context: vm1's table."""
    dma(machine, GPA)
    machine.set_context_entry("nic", "vm2")
    machine.invalidate_all("nic", domain="vm1")
    machine.invalidate_all("nic", domain="vm2")
    synchronise(machine)

    dma(machine, GPA + 1)

    assert machine.table_entry("nic", GPA + 1) is None
    assert machine.audit()[-1].address == 0xEE21000


def test_flushing_contexts_leaves_translations(machine: Machine) -> None:
    """A context-cache invalidation drops the context entry and no translation."""
    machine.fill_iotlb("nic", GPA)
    machine.invalidate_context("nic")
    synchronise(machine)

    assert (machine.context_cache_entry("nic"), machine.iotlb_entry("nic", GPA)) == (None, 0xEE20)


def test_global_invalidations_of_the_boot(figure: Figure) -> None:
    """A new root table is followed by a global invalidation of contexts, then of translations; they drop everything."""
    machine = Machine()
    build(machine, figure)
    machine.fill_iotlb("nic", GPA)

    machine.process_invalidations(1)
    assert (machine.context_cache_entry("nic"), machine.iotlb_entry("nic", GPA)) == (None, 0xEE20)
    machine.process_invalidations(1)
    assert machine.iotlb_entry("nic", GPA) is None


def test_addresses_beyond_the_table_are_blocked(machine: Machine) -> None:
    """A device address of more than 48 bits does not wrap round to a mapped one."""
    dma(machine, GPA + GPA_LIMIT)

    assert machine.audit()[-1].verdict is Verdict.BLOCKED


def make_superpage(machine: Machine) -> None:
    """vm1's 512 pages around the window as one 2 MiB leaf in vm2's (empty) domain, which the nic is moved to."""
    machine.map_superpage("nic", 0, 0xEE00, domain="vm2")
    machine.set_context_entry("nic", "vm2")
    machine.invalidate_context("nic")
    synchronise(machine)


def test_superpage_split_in_the_wrong_order(machine: Machine) -> None:
    """Bug class 12: a page moved before the 2 MiB translation is invalidated is still reached at its old frame."""
    make_superpage(machine)
    dma(machine, GPA)
    machine.split_superpage("nic", GPA)
    machine.map_page("nic", GPA + 1, 0x2000)
    machine.give_page(0xEE21, "bystander")

    dma(machine, GPA + 1)

    assert machine.table_entry("nic", GPA + 1) == 0x2000
    assert machine.violations()[0].address == 0xEE21000


def test_superpage_split_in_the_right_order(machine: Machine) -> None:
    """Split, invalidate, wait, and only then move a page: it and its neighbours are reached where they are."""
    make_superpage(machine)
    machine.place_page("vm1", 0x300, 0x2000)
    dma(machine, GPA)
    machine.split_superpage("nic", GPA)
    machine.invalidate_page("nic", GPA)
    synchronise(machine)
    machine.map_page("nic", GPA + 1, 0x2000)
    machine.give_page(0xEE21, "bystander")

    for gpa in (GPA, GPA + 1, GPA + 2):
        dma(machine, gpa)

    assert machine.violations() == ()
    assert [record.address for record in machine.audit()[-3:]] == [0xEE20000, 0x2000000, 0xEE22000]


def test_small_and_large_translation_of_a_page_can_both_be_cached(machine: Machine) -> None:
    """After a split an unasked walk caches the 4 KiB translation beside the 2 MiB one; an invalidation drops both."""
    make_superpage(machine)
    machine.fill_iotlb("nic", GPA)
    machine.split_superpage("nic", GPA)
    machine.map_page("nic", GPA, 0x2000)
    machine.fill_iotlb("nic", GPA)
    assert (machine.iotlb_entry("nic", GPA), machine.iotlb_entry("nic", GPA + 1)) == (0x2000, 0xEE21)

    machine.invalidate_page("nic", GPA)
    synchronise(machine)

    assert (machine.iotlb_entry("nic", GPA), machine.iotlb_entry("nic", GPA + 1)) == (None, None)


def test_context_entry_moves_a_device_between_domains(machine: Machine) -> None:
    """Switched and its cached entry invalidated, the device uses the table of the new domain."""
    dma(machine, GPA)
    machine.map_page("nic", GPA, BYSTANDER_HPA, domain="bystander")
    machine.set_context_entry("nic", "bystander")
    assert (machine.context_entry("nic"), machine.context_cache_entry("nic")) == ("bystander", "vm1")
    machine.invalidate_context("nic")
    synchronise(machine)

    dma(machine, GPA)

    assert machine.context_cache_entry("nic") == "bystander"
    assert machine.audit()[-1].owner == "bystander"


def test_device_without_context_entry_has_no_domain() -> None:
    """What needs a domain says so; readers say none."""
    machine = Machine()
    machine.add_hypervisor("hv1")
    machine.add_vm("vm1", "hv1")
    machine.add_device("nic")

    assert machine.table_entry("nic", GPA) is None
    assert machine.iotlb_entry("nic", GPA) is None
    assert machine.context_entry("nic") is None
    with pytest.raises(MachineError, match="expected a domain by name"):
        machine.map_page("nic", GPA, 0xEE20)
    with pytest.raises(MachineError, match=r"expected one of \['vm1'\], found 'vm3'"):
        machine.map_page("nic", GPA, 0xEE20, domain="vm3")


def test_tables_can_be_destroyed_by_dma(machine: Machine) -> None:
    """Tables are bytes in memory: DMA into one is a violation, and the garbage it leaves is walked without harm."""
    tables = [hpa for hpa in range(FIRST_HOST_PAGE, FIRST_HOST_PAGE + 0x100) if machine.owner_of(hpa) == "host"]

    for gpa, hpa in enumerate(tables, start=0x40):
        machine.map_page("nic", gpa, hpa)
        machine.fill_iotlb("nic", gpa)
    for gpa, _ in enumerate(tables, start=0x40):
        dma(machine, gpa)

    assert {record.owner for record in machine.violations()} == {"host"}
    machine.evict_context_cache("nic")
    machine.evict_iotlb("nic", GPA, domain="vm1")
    dma(machine, GPA)
    assert machine.audit()[-1].verdict is not Verdict.CONFINED
