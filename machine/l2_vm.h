/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The L2: one VM with one vCPU and no devices at all, just large enough to
 * prove that code really runs in it.
 */
#ifndef NESTREADY_MACHINE_L2_VM_H
#define NESTREADY_MACHINE_L2_VM_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/l2_code.h"
#include "machine/machine.h"

struct l2_vm {
	int vm_fd;
	int vcpu_fd;
	struct kvm_run *run;
	size_t run_size;
	unsigned char *low;        /* guest memory at 0 */
	unsigned char *high;       /* guest memory at L2_HIGH */
	struct kvm_sregs at_reset; /* the vCPU as KVM made it */
};

/*
 * Makes the VM with the code of l2_code.S in it, from an open /dev/kvm.  NULL
 * on failure, and `answer` says why; EBUSY there means that another hypervisor
 * holds VMX or SVM.
 */
struct l2_vm *l2_vm_open(int kvm_fd, struct answer *answer);
void l2_vm_close(struct l2_vm *vm); /* NULL is fine */

static inline struct l2_mailbox *l2_vm_mailbox(const struct l2_vm *vm)
{
	return (struct l2_mailbox *)(void *)(vm->low + L2_MAILBOX);
}

/* Where we see what the L2 sees at `address`; NULL where it has no memory. */
void *l2_vm_memory(const struct l2_vm *vm, uint64_t address);

/* Takes untouched memory away, so that the L2's next touch of it faults again.  0 or -errno. */
int l2_vm_forget_memory(struct l2_vm *vm);

/* Puts the vCPU into real mode at `rip`, with `rbx`.  0 or -errno. */
int l2_vm_start(struct l2_vm *vm, uint64_t rip, uint64_t rbx);

/* One KVM_RUN.  0, or -errno: -EINTR after a signal. */
int l2_vm_enter(struct l2_vm *vm);

#endif
