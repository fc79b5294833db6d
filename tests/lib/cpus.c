/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register values as real processors give them, made into guests. */
#include "tests/lib/cpus.h"

#include <stdio.h>

#include "base/text.h"

/* The initial APIC id stands in 1:EBX[31:24], so that no two CPUs answer alike in all bits. */
static uint32_t apic(uint32_t cpu, uint32_t ebx)
{
	return (ebx & 0x00ffffff) | cpu << 24;
}

void fake_online(struct fake_machine *fake, unsigned count)
{
	char list[32];
	snprintf(list, sizeof list, count == 1 ? "0\n" : "0-%u\n", count - 1);
	fake_file(fake, FAKE_ONLINE, list);
}

void fake_intel_cpu(struct fake_machine *fake, uint32_t cpu, uint32_t flip_basic_ecx)
{
	fake_cpuid(fake, cpu, 1, 0, 0x000306f2, apic(cpu, 0x00400800),
	           (0x7ffefbff | FAKE_HYPERVISOR) ^ flip_basic_ecx, 0xbfebfbff);
	fake_cpuid(fake, cpu, 0x80000001, 0, 0, 0, 0x00000021, 0x2c100800);
}

void fake_intel(struct fake_machine *fake, unsigned count, bool vmx)
{
	fake_online(fake, count);
	fake_cpuid(fake, 0, 0, 0, 0xf, 0x756e6547, 0x6c65746e, 0x49656e69);
	fake_cpuid(fake, 0, 7, 0, 0, 0x000037ab, 0, 0x9c000400);
	fake_cpuid(fake, 0, 0x80000000, 0, 0x80000008, 0, 0, 0);
	for (unsigned cpu = 0; cpu < count; cpu++)
		fake_intel_cpu(fake, cpu, vmx ? 0 : FAKE_VMX);
}

void fake_amd_cpu(struct fake_machine *fake, uint32_t cpu, uint32_t flip_extended_ecx)
{
	fake_cpuid(fake, cpu, 1, 0, 0x00800f12, apic(cpu, 0x00300800), 0xfed83203, 0x178bfbff);
	fake_cpuid(fake, cpu, 0x80000001, 0, 0x00800f12, 0x40000000,
	           (0x004023f3 | FAKE_SVM) ^ flip_extended_ecx, 0x2fd3fbff);
}

void fake_amd(struct fake_machine *fake, unsigned count, bool svm)
{
	fake_online(fake, count);
	fake_cpuid(fake, 0, 0, 0, 0xd, 0x68747541, 0x444d4163, 0x69746e65);
	fake_cpuid(fake, 0, 0x80000000, 0, 0x8000001e, 0x68747541, 0x444d4163, 0x69746e65);
	for (unsigned cpu = 0; cpu < count; cpu++)
		fake_amd_cpu(fake, cpu, svm ? 0 : FAKE_SVM);
}

void fake_svm(struct fake_machine *fake, uint32_t cpu, uint32_t features)
{
	fake_cpuid(fake, cpu, 0x8000000a, 0, 1, 0x8000, 0, features);
}

void fake_cpuinfo(struct fake_machine *fake, unsigned count, const char *flags,
                  const char *vmx_flags)
{
	struct text text = TEXT_INIT;
	for (unsigned cpu = 0; cpu < count; cpu++) {
		text_printf(&text, "processor\t: %u\nmodel name\t: Made up\nphysical id\t: %u\n",
		            cpu, cpu / 4);
		text_printf(&text, "core id\t\t: %u\nflags\t\t: %s\n", cpu % 4 / 2, flags);
		if (vmx_flags != NULL)
			text_printf(&text, "vmx flags\t: %s\n", vmx_flags);
		text_add(&text, "bugs\t\t:\npower management:\n\n");
	}
	fake_file(fake, "/proc/cpuinfo", text_string(&text));
	text_clear(&text);
}
