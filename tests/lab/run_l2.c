/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a VM of its own through /dev/kvm, sharing no line with nestready: what
 * the lab calls reality.  Its code writes a byte to a port and stops, in real
 * mode.  Exit status 0 when it did, 1 with the reason when it did not.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define CODE   0x1000
#define SIZE   0x2000
#define PORT   0xE9
#define ANSWER 42

/* mov al, 40; add al, 2; out PORT, al; hlt */
static const unsigned char code[] = { 0xB0, 40, 0x04, 2, 0xE6, PORT, 0xF4 };

static int must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static void *must_map(size_t size, int flags, int fd, const char *what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (memory == MAP_FAILED) {
		perror(what);
		exit(1);
	}
	return memory;
}

static void set_registers(int vcpu)
{
	struct kvm_sregs sregs;
	must(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	struct kvm_regs regs = { .rip = CODE, .rflags = 2 };
	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static int answer_of(int vcpu, const struct kvm_run *run)
{
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT) {
		fprintf(stderr, "KVM_RUN: exit reason %u\n", run->exit_reason);
		exit(1);
	}
	return *((const unsigned char *)run + run->io.data_offset);
}

int main(void)
{
	alarm(20);
	int kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	int vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	/* Where VMX without unrestricted guest keeps what its real mode needs. */
	must(ioctl(vm, KVM_SET_TSS_ADDR, 0xFFFBD000), "KVM_SET_TSS_ADDR");

	unsigned char *memory = must_map(SIZE, MAP_SHARED | MAP_ANONYMOUS, -1, "memory");
	memcpy(memory + CODE, code, sizeof code);
	struct kvm_userspace_memory_region region = {
		.memory_size = SIZE,
		.userspace_addr = (unsigned long)memory,
	};
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");

	int vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	int size = must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	struct kvm_run *run = must_map((size_t)size, MAP_SHARED, vcpu, "vcpu");
	set_registers(vcpu);

	int answer = answer_of(vcpu, run);
	if (answer != ANSWER) {
		fprintf(stderr, "the VM answered %d instead of %d\n", answer, ANSWER);
		return 1;
	}
	return 0;
}
