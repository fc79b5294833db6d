/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual machine by way of /dev/kvm: memory from 0 up, interrupt controllers, timer, one vCPU.
 */
#ifndef NESTREADY_LAB_L0_VM_H
#define NESTREADY_LAB_L0_VM_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define VM_APIC_HZ 1000000000u /* Linux arch/x86/kvm/lapic.h, APIC_BUS_CYCLE_NS */

struct vm {
	int kvm_fd;
	int fd;
	int vcpu_fd;
	struct kvm_run *run;
	size_t run_size;
	uint8_t *memory; /* the guest's, in `mapping` */
	size_t memory_size;
	uint8_t *mapping;
	size_t mapping_size;
	uint32_t tsc_khz; /* 0 when KVM does not know */
};

#define VM_INIT                                                                                    \
	{                                                                                          \
		.kvm_fd = -1, .fd = -1, .vcpu_fd = -1                                              \
	}

/* Must be closed in either case.  0 or negative. */
int vm_open(struct vm *vm, size_t memory_size, struct error *err);
void vm_close(struct vm *vm);

#define cleanup_vm __attribute__((cleanup(vm_close)))

#endif
