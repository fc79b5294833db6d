/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this guest has to share with its own VMs: CPUs, memory, room on disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/balloon.h"
#include "probes/cpus.h"
#include "probes/probe.h"
#include "probes/proc_cpuinfo.h"
#include "probes/relay.h"
#include "probes/sizes.h"

#define MEMINFO    "/proc/meminfo"
#define PARTITIONS "/proc/partitions"

static const struct fact_declaration facts[] = {
	{ "cpu.count", "int, online CPUs" },
	{ "cpu.cores", "int, cores they are on; absent where the kernel does not tell" },
	{ "cpu.sockets", "int, packages they are on; absent where the kernel does not tell" },
	{ "memory.total", "int, bytes the kernel can use; somewhat less than the VM was given" },
	{ "memory.balloon", "text, bound driver through which memory can be taken; absent: none" },
	{ "memory.ballooned", "int, bytes seen to be away now; absent: none, or an old kernel" },
	{ "memory.dynamic",
	  "bool, memory is ballooned away now; false only without such a driver" },
	{ "disk.free", "int, bytes free where VM images usually go" },
	{ "disk.largest", "int, bytes of the largest disk" },
	{ NULL, NULL },
};

static int compare_keys(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one;
	uint64_t b = *(const uint64_t *)other;
	return (a > b) - (a < b);
}

/* How many different values are in a sorted array, each shifted right first. */
static int64_t count_distinct(const uint64_t *keys, size_t count, unsigned shift)
{
	int64_t distinct = 0;
	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || keys[i] >> shift != keys[i - 1] >> shift;
	return distinct;
}

static void emit_no_topology(struct fact_sink *sink, enum status status, const char *why)
{
	fact_none(sink, "cpu.cores", status, why, PROC_CPUINFO);
	fact_none(sink, "cpu.sockets", status, why, PROC_CPUINFO);
}

/* A core id counts within its package, so a core is the pair of both. */
static void emit_topology(const struct probe_run *run, const struct cpus *cpus)
{
	struct proc_cpuinfo file;
	uint64_t keys[CPUS_MAX];
	const struct processor *wrong = NULL;
	proc_cpuinfo_open(&file, run->machine);
	for (size_t i = 0; i < cpus->count && wrong == NULL; i++) {
		const struct processor *processor = proc_cpuinfo_find(&file, cpus->number[i]);
		if (processor->status != STATUS_OBSERVED || processor->package < 0 ||
		    processor->core < 0)
			wrong = processor;
		keys[i] = (uint64_t)processor->package << 32 | (uint32_t)processor->core;
	}
	if (wrong == NULL) {
		qsort(keys, cpus->count, sizeof *keys, compare_keys);
		fact_int(run->facts, "cpu.cores", count_distinct(keys, cpus->count, 0),
		         PROC_CPUINFO);
		fact_int(run->facts, "cpu.sockets", count_distinct(keys, cpus->count, 32),
		         PROC_CPUINFO);
	} else if (wrong->status == STATUS_OBSERVED) {
		emit_no_topology(run->facts, STATUS_ABSENT, "no core id and physical id");
	} else {
		emit_no_topology(run->facts, wrong->status, wrong->why);
	}
	proc_cpuinfo_close(&file);
}

static void emit_memory(const struct probe_run *run)
{
	struct answer answer = ANSWER_INIT;
	uint64_t total;
	uint64_t ballooned = 0;
	if (machine_read_file(run->machine, MEMINFO, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, "memory.total", &answer, MEMINFO);
	} else if (!sizes_meminfo(answer.text, "MemTotal", &total)) {
		fact_none(run->facts, "memory.total", STATUS_FAILED, MEMINFO ": no MemTotal in kB",
		          MEMINFO);
	} else {
		fact_int(run->facts, "memory.total", (int64_t)total, MEMINFO);
		sizes_meminfo(answer.text, "Balloon", &ballooned); /* since Linux 6.16 */
	}
	balloon_emit(run, ballooned);
	answer_clear(&answer);
}

/* Where libvirt, Proxmox, and everything else keep the disks of VMs: the first that is there. */
static void emit_room(const struct probe_run *run)
{
	static const char *const places[] = { "/var/lib/libvirt/images", "/var/lib/vz", "/var",
		                              "/" };
	struct answer answer = ANSWER_INIT;
	const char *place = NULL;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		place = places[i];
		if (machine_disk(run->machine, place, &answer) != STATUS_ABSENT)
			break;
	}
	if (answer.status == STATUS_OBSERVED)
		fact_int(run->facts, "disk.free", (int64_t)answer.numbers[0], place);
	else
		relay_none(run->facts, "disk.free", &answer, place);
	answer_clear(&answer);
}

static void emit_largest_disk(const struct probe_run *run)
{
	struct answer answer = ANSWER_INIT;
	uint64_t largest = 0;
	if (machine_read_file(run->machine, PARTITIONS, &answer) != STATUS_OBSERVED)
		relay_none(run->facts, "disk.largest", &answer, PARTITIONS);
	else if (!sizes_largest_disk(answer.text, &largest))
		fact_none(run->facts, "disk.largest", STATUS_FAILED,
		          PARTITIONS ": not a list of disks", PARTITIONS);
	else if (largest == 0)
		fact_none(run->facts, "disk.largest", STATUS_ABSENT, "no disk", PARTITIONS);
	else
		fact_int(run->facts, "disk.largest", (int64_t)largest, PARTITIONS);
	answer_clear(&answer);
}

static void run(const struct probe_run *run)
{
	struct cpus cpus;
	cpus_online(run->machine, &cpus);
	if (cpus.status == STATUS_OBSERVED)
		fact_int(run->facts, "cpu.count", (int64_t)cpus.count, cpus.source);
	else
		fact_none(run->facts, "cpu.count", cpus.status, "no list of CPUs", cpus.source);
	emit_topology(run, &cpus);
	emit_memory(run);
	emit_room(run);
	emit_largest_disk(run);
}

const struct probe probe_resources = {
	.id = "resources",
	.title = "CPUs, memory and disk space of this guest",
	.deadline_ms = 2000,
	.facts = facts,
	.run = run,
};
