/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs inside the L2.  Bytes for the L2 to execute, data for us: they
 * live in .rodata.  The transform is written out here a second time, after
 * l2_transform in machine.c, because the L2 must work it out by itself.
 *
 * Each stage starts in real mode, as every machine does, and the 64-bit stages
 * switch modes the way every kernel's boot code does: through 32-bit protected
 * mode, then PAE, EFER.LME and paging (Intel SDM volume 3, 10.8.5; AMD APM
 * volume 2, 14.6).  Handing KVM a finished long-mode state would be shorter
 * and would prove less: a hypervisor that cannot carry an L2 through these
 * steps boots no operating system.
 */
#include "machine/l2_code.h"

/* Where a label of this file is in the L2. */
#define AT(label) (L2_CODE + label - l2_code)

#define CODE_32 0x08
#define DATA    0x10
#define CODE_64 0x18

/* EAX = l2_transform(stage, EAX), the stage given by its multiplier; uses ECX. */
.macro transform multiplier
	movl	%eax, %ecx
	shrl	$15, %ecx
	xorl	%ecx, %eax
	imull	$\multiplier, %eax, %eax
.endm

/* EAX goes to memory and through the port, and that is all. */
.macro answer
	movl	%eax, L2_MAILBOX + L2_MAILBOX_RESULT
	movl	$L2_PORT_ANSWER, %edx
	outl	%eax, %dx
	hlt
.endm

	.section .rodata
	.globl	l2_code, l2_code_end, l2_real_mode, l2_enter_long_mode
	.globl	l2_long_mode, l2_nested_fault, l2_exit_cost
	.balign	16
l2_code:

	.code16
l2_real_mode:
	movl	L2_MAILBOX + L2_MAILBOX_NONCE, %eax
	transform 0x9e3779b1
	answer

l2_enter_long_mode:
	lgdtl	AT(gdt_pointer)
	movl	%cr0, %eax
	orl	$0x1, %eax		/* CR0.PE */
	movl	%eax, %cr0
	ljmpl	$CODE_32, $AT(protected_mode)

	.code32
protected_mode:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%cr4, %eax
	orl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$L2_PML4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	orl	$0x100, %eax		/* EFER.LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax	/* CR0.PG */
	movl	%eax, %cr0
	ljmpl	$CODE_64, $AT(in_long_mode)

	.code64
in_long_mode:
	jmp	*%rbx

l2_long_mode:
	movl	L2_MAILBOX + L2_MAILBOX_NONCE, %eax
	transform 0x85ebca6b
	answer

/*
 * Writes nonce + i to each address, then reads them all back: EBX collects
 * every bit that came back different and spoils the answer.
 */
l2_nested_fault:
	movl	L2_MAILBOX + L2_MAILBOX_NONCE, %edi
	movl	$L2_MAILBOX + L2_MAILBOX_FAULTS, %esi
	xorl	%ecx, %ecx
1:	movq	(%rsi,%rcx,8), %rdx
	leal	(%rdi,%rcx), %eax
	movl	%eax, (%rdx)
	incl	%ecx
	cmpl	$L2_FAULTS, %ecx
	jb	1b
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
2:	movq	(%rsi,%rcx,8), %rdx
	movl	(%rdx), %eax
	subl	%edi, %eax
	subl	%ecx, %eax
	orl	%eax, %ebx
	incl	%ecx
	cmpl	$L2_FAULTS, %ecx
	jb	2b
	movl	%edi, %eax
	xorl	%ebx, %eax
	transform 0xc2b2ae35
	answer

l2_exit_cost:
	outb	%al, $L2_PORT_TICK
	cmpl	$0, L2_MAILBOX + L2_MAILBOX_STOP
	je	l2_exit_cost
	movl	L2_MAILBOX + L2_MAILBOX_NONCE, %eax
	transform 0x27d4eb2f
	answer

/* Flat segments, marked accessed so that nobody has to write to them. */
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* CODE_32 */
	.quad	0x00cf93000000ffff	/* DATA */
	.quad	0x00af9b000000ffff	/* CODE_64 */
gdt_pointer:
	.word	. - gdt - 1
	.long	AT(gdt)

l2_code_end:

	.section .note.GNU-stack, "", @progbits
