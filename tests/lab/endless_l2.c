/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into nestready's worker, this makes a VM of it run for ever: where
 * it is told to start, it finds a jump to itself.  Asks the kernel for nothing
 * that the worker does not ask for, as its sandbox would not let it.
 */
#include <linux/kvm.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct kvm_userspace_memory_region memory; /* the first one, where code starts */
static unsigned long long code_base;

/* Right for code that paging leaves where it is, and without paging. */
static void start_endless(const struct kvm_regs *regs)
{
	static const unsigned char jump_to_itself[] = { 0xEB, 0xFE };
	unsigned long long offset = code_base + regs->rip - memory.guest_phys_addr;
	if (offset + sizeof jump_to_itself <= memory.memory_size)
		memcpy((char *)memory.userspace_addr + offset, jump_to_itself,
		       sizeof jump_to_itself);
}

/* The C library's, and looks at what KVM is told. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request == KVM_SET_USER_MEMORY_REGION && memory.memory_size == 0)
		memory = *(const struct kvm_userspace_memory_region *)argument;
	else if (request == KVM_SET_SREGS)
		code_base = ((const struct kvm_sregs *)argument)->cs.base;
	else if (request == KVM_SET_REGS)
		start_endless(argument);
	return (int)syscall(SYS_ioctl, fd, request, argument);
}
