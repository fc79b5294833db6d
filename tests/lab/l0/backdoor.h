/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMware's backdoor, as far as nestready and Linux ask it.  Commands and
 * registers: open-vm-tools lib/include/backdoor_def.h, vm_vmx_type.h.
 *
 * KVM lets the guest's user mode reach the port only with the module parameter
 * kvm.enable_vmware_backdoor=1; else the instruction faults there, as it does
 * under a VMware that restricts its backdoor.
 */
#ifndef NESTREADY_LAB_L0_BACKDOOR_H
#define NESTREADY_LAB_L0_BACKDOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/lab/l0/vm.h"

#define BACKDOOR_PORT 0x5658

struct backdoor {
	bool answers;
	uint32_t product;          /* 2 ESX, 4 Workstation */
	uint32_t hardware_version; /* 19: ESXi 7.0 U2 */
};

/* What an `in` from the port gives in EAX; the other registers are set in the vCPU. */
uint32_t backdoor_read(const struct backdoor *backdoor, const struct vm *vm);

#endif
