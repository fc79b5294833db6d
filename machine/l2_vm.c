/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VM by way of /dev/kvm.  The order of the ioctls is that of the kernel's
 * Documentation/virt/kvm/api.rst; each one costs time, so there are no more of
 * them than an L2 needs.
 */
#include "machine/l2_vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Three pages that Intel without unrestricted guest needs, where nothing else is (api.rst). */
#define TSS_ADDRESS 0xfffbd000

/*
 * With the 16-bit TSS that AMD's CPUs have in TR after a reset, no long mode can
 * be entered (APM volume 2, 14.6.2); a kernel's boot code loads TR for that reason.
 */
#define TSS_32_BUSY 11

/* Of a page table entry: present, writable, accessed, dirty; and "maps 2 MiB". */
#define PAGE_FLAGS 0x63
#define PAGE_LARGE 0x80

/*
 * What the vCPU says it is.  KVM lets no code set EFER.LME whose CPUID lacks
 * long mode; all else is what that needs to make sense (Intel SDM volume 2,
 * CPUID): MSR, PAE and the 36 physical bits that KVM assumes anyway.
 */
static const struct kvm_cpuid_entry2 cpuid_entries[] = {
	{ .function = 0x00000000, .eax = 1 },
	{ .function = 0x00000001, .edx = 1 << 4 | 1 << 5 | 1 << 6 }, /* TSC, MSR, PAE */
	{ .function = 0x80000000, .eax = 0x80000008 },
	{ .function = 0x80000001, .edx = 1 << 29 }, /* LM */
	{ .function = 0x80000008, .eax = 48 << 8 | 36 },
};

static void *map_memory(int fd, size_t size)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

/* Identity-maps the first 2 MiB and the 2 MiB at L2_HIGH. */
static void write_page_tables(unsigned char *low)
{
	uint64_t *pml4 = (uint64_t *)(void *)(low + L2_PML4);
	uint64_t *pdpt = (uint64_t *)(void *)(low + L2_PDPT);
	uint64_t *pd_low = (uint64_t *)(void *)(low + L2_PD_LOW);
	uint64_t *pd_high = (uint64_t *)(void *)(low + L2_PD_HIGH);
	pml4[0] = L2_PDPT | PAGE_FLAGS;
	pdpt[0] = L2_PD_LOW | PAGE_FLAGS;
	pdpt[L2_HIGH >> 30] = L2_PD_HIGH | PAGE_FLAGS;
	pd_low[0] = PAGE_FLAGS | PAGE_LARGE;
	pd_high[(L2_HIGH >> 21) & 511] = L2_HIGH | PAGE_FLAGS | PAGE_LARGE;
}

static int add_slot(struct l2_vm *vm, uint32_t slot, uint64_t address, void *memory, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = address,
		.memory_size = size,
		.userspace_addr = (uintptr_t)memory,
	};
	return ioctl(vm->vm_fd, KVM_SET_USER_MEMORY_REGION, &region);
}

/* The steps of making a VM: each returns the name of what failed, with errno, or NULL. */
static const char *make_memory(struct l2_vm *vm)
{
	vm->low = map_memory(-1, L2_LOW_SIZE);
	vm->high = map_memory(-1, L2_HIGH_SIZE);
	if (vm->low == NULL || vm->high == NULL)
		return "memory for the L2";
	memcpy(vm->low + L2_CODE, l2_code, (size_t)(l2_code_end - l2_code));
	write_page_tables(vm->low);
	if (add_slot(vm, 0, 0, vm->low, L2_LOW_SIZE) < 0 ||
	    add_slot(vm, 1, L2_HIGH, vm->high, L2_HIGH_SIZE) < 0)
		return "KVM_SET_USER_MEMORY_REGION";
	return NULL;
}

static const char *make_vcpu(struct l2_vm *vm, int kvm_fd)
{
	union {
		struct kvm_cpuid2 head;
		unsigned char room[sizeof(struct kvm_cpuid2) + sizeof cpuid_entries];
	} cpuid = { .head.nent = sizeof cpuid_entries / sizeof *cpuid_entries };
	memcpy(cpuid.head.entries, cpuid_entries, sizeof cpuid_entries);
	vm->vcpu_fd = (int)TEMP_FAILURE_RETRY(ioctl(vm->vm_fd, KVM_CREATE_VCPU, 0));
	if (vm->vcpu_fd < 0)
		return "KVM_CREATE_VCPU";
	if (ioctl(vm->vcpu_fd, KVM_SET_CPUID2, &cpuid) < 0)
		return "KVM_SET_CPUID2";
	if (ioctl(vm->vcpu_fd, KVM_GET_SREGS, &vm->at_reset) < 0)
		return "KVM_GET_SREGS";
	int size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm->run_size = size < 0 ? 0 : (size_t)size;
	vm->run = map_memory(vm->vcpu_fd, vm->run_size);
	return vm->run == NULL ? "mapping the vCPU" : NULL;
}

static const char *make_vm(struct l2_vm *vm, int kvm_fd)
{
	/* a signal ends the wait for what the kernel makes for a VM: its thread, its mappings */
	vm->vm_fd = (int)TEMP_FAILURE_RETRY(ioctl(kvm_fd, KVM_CREATE_VM, 0));
	if (vm->vm_fd < 0)
		return "KVM_CREATE_VM";
	if (ioctl(vm->vm_fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) < 0)
		return "KVM_SET_TSS_ADDR";
	const char *failed = make_memory(vm);
	return failed != NULL ? failed : make_vcpu(vm, kvm_fd);
}

struct l2_vm *l2_vm_open(int kvm_fd, struct answer *answer)
{
	struct l2_vm *vm = calloc(1, sizeof *vm);
	if (vm == NULL) {
		answer_set_status(answer, STATUS_FAILED, "out of memory");
		return NULL;
	}
	vm->vm_fd = vm->vcpu_fd = -1;
	const char *failed = make_vm(vm, kvm_fd);
	if (failed == NULL)
		return vm;
	answer_set_errno(answer, errno, failed);
	if (answer->status == STATUS_ABSENT) /* ENODEV and such of an ioctl are no absence */
		answer->status = STATUS_FAILED;
	l2_vm_close(vm);
	return NULL;
}

void l2_vm_close(struct l2_vm *vm)
{
	if (vm == NULL)
		return;
	if (vm->run != NULL)
		munmap(vm->run, vm->run_size);
	cleanup_fd_(&vm->vcpu_fd);
	cleanup_fd_(&vm->vm_fd);
	if (vm->low != NULL)
		munmap(vm->low, L2_LOW_SIZE);
	if (vm->high != NULL)
		munmap(vm->high, L2_HIGH_SIZE);
	free(vm);
}

void *l2_vm_memory(const struct l2_vm *vm, uint64_t address)
{
	if (address < L2_LOW_SIZE)
		return vm->low + address;
	if (address >= L2_HIGH && address - L2_HIGH < L2_HIGH_SIZE)
		return vm->high + (address - L2_HIGH);
	return NULL;
}

int l2_vm_forget_memory(struct l2_vm *vm)
{
	if (madvise(vm->low + L2_UNTOUCHED, L2_LOW_SIZE - L2_UNTOUCHED, MADV_DONTNEED) < 0 ||
	    madvise(vm->high, L2_HIGH_SIZE, MADV_DONTNEED) < 0)
		return -errno;
	return 0;
}

int l2_vm_start(struct l2_vm *vm, uint64_t rip, uint64_t rbx)
{
	struct kvm_sregs sregs = vm->at_reset;
	struct kvm_regs regs = { .rip = rip, .rbx = rbx, .rflags = 2 }; /* bit 1 is always set */
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	sregs.tr.type = TSS_32_BUSY;
	if (ioctl(vm->vcpu_fd, KVM_SET_SREGS, &sregs) < 0 ||
	    ioctl(vm->vcpu_fd, KVM_SET_REGS, &regs) < 0)
		return -errno;
	return 0;
}

int l2_vm_enter(struct l2_vm *vm)
{
	return ioctl(vm->vcpu_fd, KVM_RUN, 0) < 0 ? -errno : 0;
}
