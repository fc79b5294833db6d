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

void fake_vmx_msrs(struct fake_machine *fake, uint32_t cpu)
{
	static const struct {
		uint32_t index;
		uint64_t value;
	} registers[] = {
		{ 0x3a, 0x5 },
		{ 0xc0000080, 0xd01 },
		{ 0x480, 0x00da040000000012 },
		{ 0x481, 0x000000ff00000016 },
		{ 0x482, 0xfff9fffe0401e172 },
		{ 0x483, 0x007fffff00036dff },
		{ 0x484, 0x0000ffff000011ff },
		{ 0x485, 0x300481e5 },
		{ 0x486, 0x80000021 },
		{ 0x487, 0xffffffff },
		{ 0x488, 0x2000 },
		{ 0x489, 0x1767ff },
		{ 0x48a, 0x2a },
		{ 0x48b, 0x02007fff00000000 },
		{ 0x48c, 0x00000f0106334141 },
		{ 0x48d, 0x000000ff00000016 },
		{ 0x48e, 0xfff9fffe04006172 },
		{ 0x48f, 0x007fffff00036dfb },
		{ 0x490, 0x0000ffff000011fb },
		{ 0x491, 0x1 },
	};
	for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
		fake_msr(fake, cpu, registers[i].index, registers[i].value);
}

void fake_cpuinfo(struct fake_machine *fake, unsigned count, const char *flags,
                  const char *vmx_flags)
{
	struct text text = TEXT_INIT;
	for (unsigned cpu = 0; cpu < count; cpu++) {
		text_printf(&text,
		            "processor\t: %u\nmodel name\t: Made up\nmicrocode\t: "
		            "0xd0003f5\nphysical id\t: %u\n",
		            cpu, cpu / 4);
		text_printf(&text, "core id\t\t: %u\nflags\t\t: %s\n", cpu % 4 / 2, flags);
		if (vmx_flags != NULL)
			text_printf(&text, "vmx flags\t: %s\n", vmx_flags);
		text_add(&text, "bugs\t\t:\npower management:\n\n");
	}
	fake_file(fake, "/proc/cpuinfo", text_string(&text));
	text_clear(&text);
}
