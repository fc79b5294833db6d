/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual machine; Linux Documentation/virt/kvm/api.rst. */
#include "tests/lab/l0/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where Intel's CPUs want three pages and one page of their own, with nothing else there. */
#define TSS_ADDRESS      0xfffbd000u
#define IDENTITY_ADDRESS 0xfffbc000ull

#define HUGE_PAGE ((size_t)2 << 20)

static int fail(struct error *err, const char *what)
{
	return error_set(err, ERROR_INTERNAL, errno, "%s", what);
}

static int make_machine(struct vm *vm, struct error *err)
{
	uint64_t identity = IDENTITY_ADDRESS;
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY }; /* with port 0x61 */
	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return fail(err, "KVM_CREATE_VM");
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) < 0)
		return fail(err, "KVM_SET_TSS_ADDR");
	if (ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity) < 0)
		return fail(err, "KVM_SET_IDENTITY_MAP_ADDR");
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) < 0)
		return fail(err, "KVM_CREATE_IRQCHIP");
	if (ioctl(vm->fd, KVM_CREATE_PIT2, &pit) < 0)
		return fail(err, "KVM_CREATE_PIT2");
	return 0;
}

/*
 * In huge pages if there are any: with small ones two of three exits are first touches of memory,
 * and an exit is what takes the time in an emulated machine.
 */
static int make_memory(struct vm *vm, size_t size, struct error *err)
{
	size_t room = size + HUGE_PAGE;
	uint8_t *memory = mmap(NULL, room, PROT_READ | PROT_WRITE,
	                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return fail(err, "memory of the guest");
	vm->mapping = memory;
	vm->mapping_size = room;
	vm->memory = memory + (HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE);
	vm->memory_size = size;
	madvise(vm->memory, size, MADV_HUGEPAGE);
	struct kvm_userspace_memory_region region = {
		.memory_size = size,
		.userspace_addr = (uintptr_t)vm->memory,
	};
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return fail(err, "KVM_SET_USER_MEMORY_REGION");
	return 0;
}

static int make_vcpu(struct vm *vm, struct error *err)
{
	vm->vcpu_fd = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu_fd < 0)
		return fail(err, "KVM_CREATE_VCPU");
	int size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return fail(err, "KVM_GET_VCPU_MMAP_SIZE");
	void *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu_fd, 0);
	if (run == MAP_FAILED)
		return fail(err, "mapping the vCPU");
	vm->run = run;
	vm->run_size = (size_t)size;
	int khz = ioctl(vm->vcpu_fd, KVM_GET_TSC_KHZ);
	vm->tsc_khz = khz < 0 ? 0 : (uint32_t)khz;
	return 0;
}

int vm_open(struct vm *vm, size_t memory_size, struct error *err)
{
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return fail(err, "/dev/kvm");
	if (make_machine(vm, err) != 0 || make_memory(vm, memory_size, err) != 0)
		return -1;
	return make_vcpu(vm, err);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void vm_close(struct vm *vm)
{
	if (vm->run != NULL)
		munmap(vm->run, vm->run_size);
	close_fd(vm->vcpu_fd);
	close_fd(vm->fd);
	close_fd(vm->kvm_fd);
	if (vm->mapping != NULL)
		munmap(vm->mapping, vm->mapping_size);
}
