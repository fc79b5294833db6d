/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel made of the CPUs: it hides vmx and svm when the
 * firmware, or a platform that plays firmware, left them locked and off.  Raw
 * CPUID and /proc/cpuinfo that disagree tell that apart from "not exposed".
 */
#include <stdio.h>
#include <string.h>

#include "probes/cpus.h"
#include "probes/leaves.h"
#include "probes/percpu.h"
#include "probes/probe.h"
#include "probes/proc_cpuinfo.h"

static const struct fact_declaration facts[] = {
	{ "cpu.name", "text, brand string of the first CPU" },
	{ "cpu.microcode",
	  "text, its revision, of the first CPU; a guest may be shown a made-up one" },
	{ "cpuinfo.flags-line", "bool true: every online CPU has a whole block with flags" },
	{ "cpuinfo.vmx", "bool per CPU, vmx among the flags" },
	{ "cpuinfo.svm", "bool per CPU, svm among the flags" },
	{ "cpuinfo.npt", "bool per CPU, npt among the flags" },
	{ "cpuinfo.vmx-flags",
	  "list, the `vmx flags` of the first CPU; absent without such a line" },
	{ "cpuinfo.agrees", "bool per CPU: vmx and svm are what raw CPUID says" },
	{ NULL, NULL },
};

enum { FLAGS_LINE, VMX, SVM, NPT, AGREES, COLLECTED };

static const struct {
	const char *key;
	const char *source;
} collected_facts[COLLECTED] = {
	[FLAGS_LINE] = { "cpuinfo.flags-line", PROC_CPUINFO },
	[VMX] = { "cpuinfo.vmx", PROC_CPUINFO " flags" },
	[SVM] = { "cpuinfo.svm", PROC_CPUINFO " flags" },
	[NPT] = { "cpuinfo.npt", PROC_CPUINFO " flags" },
	[AGREES] = { "cpuinfo.agrees",
	             PROC_CPUINFO " flags, CPUID.1:ECX[5], CPUID.80000001h:ECX[2]" },
};

static void add_cpu(struct percpu collected[COLLECTED], const struct processor *processor,
                    const struct virtualization *raw)
{
	enum status status = processor->status;
	bool vmx = span_has_word(processor->flags, "vmx");
	bool svm = span_has_word(processor->flags, "svm");
	bool npt = span_has_word(processor->flags, "npt");
	uint32_t cpu = processor->cpu;
	percpu_add(&collected[FLAGS_LINE], cpu, status, true, processor->why);
	percpu_add(&collected[VMX], cpu, status, vmx, processor->why);
	percpu_add(&collected[SVM], cpu, status, svm, processor->why);
	percpu_add(&collected[NPT], cpu, status, npt, processor->why);
	if (status != STATUS_OBSERVED)
		percpu_add(&collected[AGREES], cpu, status, 0, processor->why);
	else
		percpu_add(&collected[AGREES], cpu, raw->status, raw->vmx == vmx && raw->svm == svm,
		           raw->why);
}

/* The words of a span as a JSON list; NULL on lack of memory. */
static json_t *words_of(struct span span)
{
	json_t *list = json_array();
	const char *end = span.at + span.length;
	for (const char *at = span.at; at < end;) {
		const char *space = memchr(at, ' ', (size_t)(end - at));
		const char *stop = space == NULL ? end : space;
		if (stop > at &&
		    json_array_append_new(list, fact_text_value(at, (size_t)(stop - at))) != 0) {
			json_decref(list);
			return NULL;
		}
		at = stop + 1;
	}
	return list;
}

/* A line of the first CPU as a fact. */
static void emit_text(const struct processor *first, struct span span, const char *key,
                      const char *source, struct fact_sink *sink)
{
	char text[128];
	snprintf(text, sizeof text, "%.*s", (int)span.length, span.at == NULL ? "" : span.at);
	if (span.at != NULL)
		fact_text(sink, key, text, source);
	else if (first->status != STATUS_OBSERVED)
		fact_none(sink, key, first->status, first->why, source);
	else
		fact_none(sink, key, STATUS_ABSENT, "no such line", source);
}

static void emit_first(const struct processor *first, struct fact_sink *sink)
{
	static const char vmx_source[] = PROC_CPUINFO " vmx flags";
	if (first->status != STATUS_OBSERVED)
		fact_none(sink, "cpuinfo.vmx-flags", first->status, first->why, vmx_source);
	else if (first->vmx_flags.at == NULL)
		fact_none(sink, "cpuinfo.vmx-flags", STATUS_ABSENT, "no such line", vmx_source);
	else
		fact_list(sink, "cpuinfo.vmx-flags", words_of(first->vmx_flags), vmx_source);

	emit_text(first, first->name, "cpu.name", PROC_CPUINFO " model name", sink);
	emit_text(first, first->microcode, "cpu.microcode", PROC_CPUINFO " microcode", sink);
}

static void run(const struct probe_run *run)
{
	struct cpus cpus;
	struct proc_cpuinfo file;
	struct percpu collected[COLLECTED];
	cpus_online(run->machine, &cpus);
	struct leaves leaves = { run->machine, cpus.number[0] };
	for (int i = 0; i < COLLECTED; i++)
		percpu_begin(&collected[i], collected_facts[i].key, PERCPU_BOOL,
		             collected_facts[i].source);
	proc_cpuinfo_open(&file, run->machine);
	for (size_t i = 0; i < cpus.count; i++) {
		const struct processor *processor = proc_cpuinfo_find(&file, cpus.number[i]);
		struct virtualization raw = { .status = STATUS_OBSERVED };
		if (processor->status == STATUS_OBSERVED)
			leaves_virtualization(&leaves, cpus.number[i], &raw);
		if (i == 0)
			emit_first(processor, run->facts);
		add_cpu(collected, processor, &raw);
	}
	proc_cpuinfo_close(&file);
	for (int i = 0; i < COLLECTED; i++)
		percpu_emit(&collected[i], run->facts);
}

const struct probe probe_cpuinfo = {
	.id = "cpuinfo",
	.title = "what the kernel made of the CPUs (/proc/cpuinfo)",
	.deadline_ms = 2000,
	.facts = facts,
	.run = run,
};
