/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backdoor; see the header. */
#include "tests/lab/l0/backdoor.h"

#include <sys/ioctl.h>

#define MAGIC   0x564d5868u
#define NOTHING 0xffffffffu /* what a port without a device gives, and an unknown command too */

enum { GETVERSION = 10, GETHWVERSION = 17, GETHZ = 45 };

uint32_t backdoor_read(const struct backdoor *backdoor, const struct vm *vm)
{
	struct kvm_regs regs;
	uint32_t eax = NOTHING;
	if (!backdoor->answers || ioctl(vm->vcpu_fd, KVM_GET_REGS, &regs) < 0 ||
	    (uint32_t)regs.rax != MAGIC)
		return NOTHING;
	switch (regs.rcx & 0xffff) {
	case GETVERSION:
		eax = 6;
		regs.rbx = MAGIC;
		regs.rcx = backdoor->product;
		break;
	case GETHWVERSION:
		eax = backdoor->hardware_version;
		break;
	case GETHZ: /* of the TSC, 64 bits, and of the local APIC's timer */
		eax = (uint32_t)(vm->tsc_khz * 1000ull);
		regs.rbx = vm->tsc_khz * 1000ull >> 32;
		regs.rcx = VM_APIC_HZ;
		break;
	}
	/* Where KVM emulates the instruction, for user mode, this counts and not what it read. */
	regs.rax = eax;
	return ioctl(vm->vcpu_fd, KVM_SET_REGS, &regs) < 0 ? NOTHING : eax;
}
