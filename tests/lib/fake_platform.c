/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leaves and files as the sources named in the probes describe them. */
#include "tests/lib/fake_platform.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define CPUID_1_EAX 0x00a00f11u /* an AMD EPYC 7003 */

struct fake_machine *fake_bare_machine(void)
{
	static const char *const nowhere[] = {
		"dir /sys/class/dmi/id",
		"file /sys/firmware/acpi/tables/FACP",
		"dir /sys/bus/xen",
		"dir /sys/bus/vmbus/devices",
		"dir /sys/firmware/qemu_fw_cfg",
	};
	struct fake_machine *fake = fake_machine_new();
	fake_cpuid(fake, 0, 1, 0, CPUID_1_EAX, 0, 0, 0);
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		fake_status(fake, nowhere[i], STATUS_ABSENT, ENOENT);
	fake_uname(fake, "6.1.0-37-amd64");
	fake_file(fake, "/proc/sys/kernel/random/boot_id",
	          "5c3b71a6-2f6e-4d0c-9a1b-7e0f3c9d2b11\n");
	fake_link(fake, "/proc/self/ns/pid", "pid:[4026531836]");
	return fake;
}

struct fake_machine *fake_guest_machine(void)
{
	struct fake_machine *fake = fake_bare_machine();
	fake_cpuid(fake, 0, 1, 0, CPUID_1_EAX, 0, 1u << 31, 0);
	for (uint32_t base = 0x40000000; base <= 0x40000400; base += 0x100)
		fake_cpuid(fake, 0, base, 0, 0, 0, 0, 0);
	return fake;
}

static uint32_t word(const char *text, size_t index)
{
	char padded[13] = "";
	uint32_t value;
	snprintf(padded, sizeof padded, "%s", text);
	memcpy(&value, padded + 4 * index, sizeof value);
	return value;
}

void fake_signature(struct fake_machine *fake, uint32_t base, uint32_t max_leaf, const char *text)
{
	fake_cpuid(fake, 0, base, 0, max_leaf, word(text, 0), word(text, 1), word(text, 2));
}

void fake_kvm(struct fake_machine *fake, uint32_t base)
{
	fake_signature(fake, base, base + 1, "KVMKVMKVM");
	fake_cpuid(fake, 0, base + 1, 0, 0x01007efb, 0, 0, 0);
}

void fake_xen(struct fake_machine *fake, uint32_t base)
{
	fake_signature(fake, base, base + 4, "XenVMMXenVMM");
	fake_cpuid(fake, 0, base + 1, 0, 4 << 16 | 17, 0, 0, 0);
}

void fake_vmware(struct fake_machine *fake)
{
	fake_signature(fake, 0x40000000, 0x40000010, "VMwareVMware");
	fake_cpuid(fake, 0, 0x40000001, 0, 0, 0, 0, 0);
}

void fake_hyperv(struct fake_machine *fake, const char *signature)
{
	fake_signature(fake, 0x40000000, 0x4000000a, signature);
	fake_cpuid(fake, 0, 0x40000001, 0, 0x31237648, 0, 0, 0);
	fake_cpuid(fake, 0, 0x40000002, 0, 20348, 10 << 16, 0, 0x01000001);
	fake_cpuid(fake, 0, 0x40000003, 0, 0x2e7f, 0x3b8030, 0, 0);
	fake_cpuid(fake, 0, 0x40000004, 0, 0x2c2c, 0xfff, 0, 0);
	fake_cpuid(fake, 0, 0x4000000a, 0, 0, 0, 0, 0);
}

void fake_dmi(struct fake_machine *fake, ...)
{
	cleanup_text struct text names = TEXT_INIT;
	const char *file;
	va_list args;
	va_start(args, fake);
	while ((file = va_arg(args, const char *)) != NULL) {
		char path[128];
		snprintf(path, sizeof path, "/sys/class/dmi/id/%s", file);
		text_printf(&names, "%s\n", file);
		fake_file(fake, path, va_arg(args, const char *));
	}
	va_end(args);
	fake_dir(fake, "/sys/class/dmi/id", text_string(&names));
}
