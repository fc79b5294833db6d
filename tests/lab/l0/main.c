/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nestready-lab-l0: the platform of a nested guest, for the lab.
 *
 * QEMU's emulation has one identity, hides no register behind a fault and
 * cannot have its KVM misconfigured, as it has none.  This runs in such an
 * emulated machine, whose kernel has KVM, and boots a guest that sees VMware,
 * VirtualBox, Hyper-V or KVM underneath, with the SVM or VMX that KVM's module
 * parameters leave it.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/lab/l0/boot.h"
#include "tests/lab/l0/cpuid.h"
#include "tests/lab/l0/options.h"
#include "tests/lab/l0/ports.h"
#include "tests/lab/l0/smbios.h"

/*
 * The guest is told the rate of its TSC, and to trust it: what it measures itself against emulated
 * timers is too far off, and KVM_RUN was seen to hang in a guest without a usable TSC.  reboot=t:
 * by triple fault, as there is no keyboard controller.
 */
static void write_command_line(const struct vm *vm, const char *append, struct text *line)
{
	text_add(line, "reboot=t ");
	if (vm->tsc_khz != 0)
		text_printf(line, "tsc=reliable tsc_early_khz=%u ", vm->tsc_khz);
	text_add(line, append);
}

static int run(const struct options *options, struct error *err)
{
	cleanup_vm struct vm vm = VM_INIT;
	cleanup_text struct text command = TEXT_INIT;
	if (vm_open(&vm, options->memory, err) != 0 ||
	    cpuid_give(&vm, options->identity, options->hidden, err) != 0)
		return -1;
	write_command_line(&vm, options->append, &command);
	smbios_write(vm.memory, &options->identity->strings);
	if (boot_linux(&vm, options->kernel, options->initrd, text_string(&command), err) != 0)
		return -1;
	struct ports ports = {
		.serial = {
			{ .port = 0x3f8, .irq = 4, .vm_fd = vm.fd, .out_fd = STDERR_FILENO },
			{ .port = 0x2f8, .irq = 3, .vm_fd = vm.fd, .out_fd = STDOUT_FILENO },
		},
		.backdoor = options->backdoor,
	};
	return ports_run(&ports, &vm, err);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct options options;
	if (options_parse(&options, argc, argv, &err) == 0 && run(&options, &err) == 0)
		return 0;
	fprintf(stderr, "nestready-lab-l0: %s\n", err.message);
	if (err.code == ERROR_USAGE)
		fputs(options_usage, stderr);
	return (int)err.code;
}
