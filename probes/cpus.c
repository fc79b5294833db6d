/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The online CPUs, and the list form in which the kernel writes them. */
#include "probes/cpus.h"

#include "probes/proc_cpuinfo.h"

#define ONLINE "/sys/devices/system/cpu/online"

/* Reads a decimal below CPUS_MAX at *at; moves *at behind it. */
static bool parse_number(const char **at, const char *end, uint32_t *number)
{
	const char *start = *at;
	*number = 0;
	while (*at < end && **at >= '0' && **at <= '9') {
		*number = *number * 10 + (uint32_t)(**at - '0');
		if (*number >= CPUS_MAX)
			return false;
		++*at;
	}
	return *at > start;
}

/* Reads "N" or "N-M" at *at and appends what it stands for. */
static bool parse_range(const char **at, const char *end, struct cpus *cpus)
{
	uint32_t first;
	if (!parse_number(at, end, &first))
		return false;
	uint32_t last = first;
	if (*at < end && **at == '-') {
		++*at;
		if (!parse_number(at, end, &last) || last <= first)
			return false;
	}
	if (cpus->count > 0 && first <= cpus->number[cpus->count - 1])
		return false;
	for (uint32_t cpu = first; cpu <= last; cpu++)
		cpus->number[cpus->count++] = (uint16_t)cpu;
	return true;
}

bool cpus_parse(const char *list, size_t length, struct cpus *cpus)
{
	const char *end = list + length;
	if (length > 0 && end[-1] == '\n')
		end--;
	cpus->count = 0;
	cpus->source = ONLINE;
	for (;;) {
		if (!parse_range(&list, end, cpus))
			return false;
		if (list == end)
			return true;
		if (*list++ != ',')
			return false;
	}
}

static bool read_cpuinfo(struct machine *machine, struct cpus *cpus)
{
	struct proc_cpuinfo file;
	const struct processor *processor;
	proc_cpuinfo_open(&file, machine);
	cpus->count = 0;
	cpus->source = PROC_CPUINFO;
	while ((processor = proc_cpuinfo_next(&file)) != NULL)
		cpus->number[cpus->count++] = (uint16_t)processor->cpu;
	proc_cpuinfo_close(&file);
	return cpus->count > 0;
}

void cpus_online(struct machine *machine, struct cpus *cpus)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	cpus->status = STATUS_OBSERVED;
	enum status status = machine_read_file(machine, ONLINE, &answer);
	if (status == STATUS_OBSERVED && cpus_parse(answer.text, answer.length, cpus))
		return;
	if (read_cpuinfo(machine, cpus))
		return;
	bool refused = status == STATUS_DENIED || status == STATUS_SKIPPED;
	cpus->status = refused ? status : STATUS_FAILED;
	cpus->source = "assumed: neither " ONLINE " nor " PROC_CPUINFO " tells";
	cpus->count = 1;
	cpus->number[0] = 0;
}

static void write_range(struct cpu_ranges *ranges)
{
	if (ranges->before.length > 0)
		text_add(&ranges->before, ",");
	text_printf(&ranges->before, "%u", ranges->first);
	if (ranges->last > ranges->first)
		text_printf(&ranges->before, "-%u", ranges->last);
}

void cpu_ranges_add(struct cpu_ranges *ranges, uint32_t cpu)
{
	if (ranges->cpus++ == 0) {
		ranges->first = cpu;
	} else if (cpu != ranges->last + 1) {
		write_range(ranges);
		ranges->first = cpu;
	}
	ranges->last = cpu;
}

const char *cpu_ranges_string(struct cpu_ranges *ranges)
{
	write_range(ranges);
	return ranges->before.failed ? NULL : text_string(&ranges->before);
}

void cpu_ranges_clear(struct cpu_ranges *ranges)
{
	text_clear(&ranges->before);
}
