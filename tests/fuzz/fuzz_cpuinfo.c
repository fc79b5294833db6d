/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever stands in /proc/cpuinfo, the probes that read it come to an end, and
 * cutting the file changes no answer about a CPU: it only takes answers away.
 * The same bytes are tried as a list of CPUs, which reads back as written.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "probes/cpus.h"
#include "probes/probe.h"
#include "probes/proc_cpuinfo.h"

#define CPUS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct probe probe_cpuinfo;
extern const struct probe probe_resources;
extern const struct probe probe_slat;

/* A machine of the file and four Intel CPUs with VMX, without anything else. */
struct fuzz_machine {
	struct machine machine;
	const uint8_t *data;
	size_t size;
};

static void ask(struct machine *machine, const struct question *question, struct answer *answer)
{
	static const uint64_t leaf[4] = { 1, 0, 1u << 5, 0 };
	const struct fuzz_machine *fuzz = (const struct fuzz_machine *)machine;
	if (question->kind == QUESTION_CPUID)
		answer_set_numbers(answer, leaf, 4);
	else if (question->kind != QUESTION_FILE || strcmp(question->path, PROC_CPUINFO) != 0)
		answer_set_status(answer, STATUS_ABSENT, "not there");
	else
		answer_set_text(answer, fuzz->data, fuzz->size);
}

static const struct machine_ops ops = { .ask = ask };

static void check(struct fact_sink *sink, const struct fact *fact)
{
	(void)sink;
	bool has_why = fact->why != NULL && fact->why[0] != '\0';
	if (fact->status == STATUS_OBSERVED ? fact->value == NULL : !has_why)
		abort();
}

static void run(const struct probe *probe, struct fuzz_machine *machine)
{
	struct fact_sink sink = { check };
	const struct probe_settings settings = { 0 };
	const struct probe_run run = { &machine->machine, &sink, &settings };
	probe->run(&run);
}

/* What is known of each CPU: -1 nothing, else the flags that were asked for. */
static void read_cpus(struct fuzz_machine *machine, int known[CPUS])
{
	struct proc_cpuinfo file;
	proc_cpuinfo_open(&file, &machine->machine);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		const struct processor *processor = proc_cpuinfo_find(&file, cpu);
		known[cpu] = -1;
		if (processor->status == STATUS_OBSERVED)
			known[cpu] = span_has_word(processor->flags, "vmx") |
			             span_has_word(processor->flags, "svm") << 1 |
			             span_has_word(processor->vmx_flags, "ept") << 2;
		else if (processor->why[0] == '\0')
			abort();
	}
	proc_cpuinfo_close(&file);
}

static void check_list(const char *text, size_t size)
{
	struct cpus cpus;
	struct cpus again;
	struct cpu_ranges ranges = CPU_RANGES_INIT;
	if (!cpus_parse(text, size, &cpus))
		return;
	for (size_t i = 0; i < cpus.count; i++)
		cpu_ranges_add(&ranges, cpus.number[i]);
	const char *written = cpu_ranges_string(&ranges);
	if (written == NULL || !cpus_parse(written, strlen(written), &again) ||
	    again.count != cpus.count ||
	    memcmp(again.number, cpus.number, cpus.count * sizeof *cpus.number) != 0)
		abort();
	cpu_ranges_clear(&ranges);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_machine machine = { { &ops }, data, size };
	int whole[CPUS];
	int cut[CPUS];
	read_cpus(&machine, whole);
	run(&probe_cpuinfo, &machine);
	run(&probe_slat, &machine);
	run(&probe_resources, &machine);
	machine.size = size == 0 ? 0 : data[size - 1] * size / 256;
	read_cpus(&machine, cut);
	for (int cpu = 0; cpu < CPUS; cpu++)
		if (cut[cpu] != -1 && cut[cpu] != whole[cpu])
			abort();
	check_list((const char *)data, size);
	return 0;
}
