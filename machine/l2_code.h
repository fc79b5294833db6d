/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest-physical memory of the L2 and the names that its code and its
 * maker (l2_vm.c) share.  Read by C and by the assembler.
 */
#ifndef NESTREADY_MACHINE_L2_CODE_H
#define NESTREADY_MACHINE_L2_CODE_H

/* Low memory, from 0: the code's page, the mailbox, the page tables, then pages left untouched. */
#define L2_CODE      0x1000
#define L2_MAILBOX   0x2000
#define L2_PML4      0x3000
#define L2_PDPT      0x4000
#define L2_PD_LOW    0x5000
#define L2_PD_HIGH   0x6000
#define L2_UNTOUCHED 0x10000
#define L2_LOW_SIZE  0x40000

/* High memory, beyond what 32 bits reach; below the 36 bits that KVM grants without being asked. */
#define L2_HIGH      0x140000000
#define L2_HIGH_SIZE 0x10000

/* struct l2_mailbox, by offset. */
#define L2_MAILBOX_NONCE  0
#define L2_MAILBOX_RESULT 4
#define L2_MAILBOX_STOP   8
#define L2_MAILBOX_FAULTS 16

#define L2_FAULTS 4 /* addresses that the nested-fault stage touches */

/* Ports that no device model in a kernel answers, so that each OUT comes back to us. */
#define L2_PORT_TICK   0xf0 /* exit-cost: one exit */
#define L2_PORT_ANSWER 0xf4 /* the result, 32 bits */

#ifndef __ASSEMBLER__

#include <stdint.h>

/* How maker and code talk, in the L2's memory. */
struct l2_mailbox {
	uint32_t nonce;
	uint32_t result;
	uint32_t stop; /* exit-cost: not 0 ends it */
	uint32_t reserved;
	uint64_t faults[L2_FAULTS]; /* nested-fault: where to write and read back */
};

/* The code, position-dependent: it must be copied to L2_CODE. */
extern const unsigned char l2_code[], l2_code_end[];

/* Entry points within l2_code, in 16-bit real mode ... */
extern const unsigned char l2_real_mode[], l2_enter_long_mode[];

/* ... and in 64-bit mode: l2_enter_long_mode jumps to the L2's address of one of these in RBX. */
extern const unsigned char l2_long_mode[], l2_nested_fault[], l2_exit_cost[];

#endif

#endif
