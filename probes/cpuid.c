/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the CPUs say of themselves: raw CPUID, which the platform underneath
 * answers, before any kernel had its say.  Every CPU is asked the leaves that
 * hypervisors rest on; whatever else is asked once, for each is a VM exit.
 */
#include <string.h>

#include "probes/cpus.h"
#include "probes/leaves.h"
#include "probes/percpu.h"
#include "probes/probe.h"

/* The leaves that every CPU is asked. */
enum { BASIC, EXTENDED, SVM, LEAVES };

static const uint32_t leaf_numbers[LEAVES] = { 0x1, 0x80000001, 0x8000000a };

#define CPUID_BASIC    "CPUID.1"
#define CPUID_EXTENDED "CPUID.80000001h"
#define CPUID_SVM      "CPUID.8000000Ah"

/* Bits: key, leaf, register, bit, help.  Intel SDM volume 2A; AMD APM volume 3, appendix E. */
#define BITS(X)                                                                                    \
	X("cpu.hypervisor-bit", BASIC, ECX, 31, "the platform says that this is a guest")          \
	X("cpu.vmx", BASIC, ECX, 5, "Intel VT-x is exposed to this guest")                         \
	X("cpu.svm", EXTENDED, ECX, 2, "AMD-V is exposed to this guest")                           \
	X("cpu.nx", EXTENDED, EDX, 20, "no-execute pages")                                         \
	X("cpu.long-mode", EXTENDED, EDX, 29, "64-bit mode")                                       \
	X("cpu.sse4.2", BASIC, ECX, 20, "SSE4.2")                                                  \
	X("cpu.popcnt", BASIC, ECX, 23, "POPCNT")                                                  \
	X("cpu.xsave", BASIC, ECX, 26, "XSAVE")                                                    \
	X("cpu.cx16", BASIC, ECX, 13, "CMPXCHG16B")                                                \
	X("cpu.pcid", BASIC, ECX, 17, "process-context identifiers")                               \
	X("cpu.x2apic", BASIC, ECX, 21, "x2APIC")                                                  \
	X("cpu.lahf", EXTENDED, ECX, 0, "LAHF and SAHF in 64-bit mode")                            \
	X("cpu.prefetchw", EXTENDED, ECX, 8, "PREFETCHW")                                          \
	X("cpu.npt", SVM, EDX, 0, "nested page tables; absent without SVM")                        \
	X("cpu.nrips", SVM, EDX, 3, "next instruction saved at an exit; absent without SVM")

/* Wider fields, from bit 0: key, leaf, register, mask, form, help. */
#define WORDS(X)                                                                                   \
	X("cpu.signature", BASIC, EAX, UINT32_MAX, HEX, "hex, family, model and stepping")         \
	X("cpu.svm-revision", SVM, EAX, 0xff, INT, "int, SVM revision; absent without SVM")        \
	X("cpu.svm-asids", SVM, EBX, UINT32_MAX, INT, "int, address spaces; absent without SVM")   \
	X("cpu.svm-features", SVM, EDX, UINT32_MAX, HEX, "hex, SVM features; absent without SVM")

/* clang-format off */
#define BIT_FIELD(key, leaf, reg, bit, help) \
	{ key, leaf, LEAF_##reg, bit, 1, PERCPU_BOOL, CPUID_##leaf ":" #reg "[" #bit "]" },
#define WORD_FIELD(key, leaf, reg, mask, form, help) \
	{ key, leaf, LEAF_##reg, 0, mask, PERCPU_##form, CPUID_##leaf ":" #reg },
#define BIT_FACT(key, leaf, reg, bit, help) { key, "bool per CPU, " help },
#define WORD_FACT(key, leaf, reg, mask, form, help) { key, help },
/* clang-format on */

static const struct field {
	const char *key;
	uint8_t leaf;
	uint8_t in;
	uint8_t lowest;
	uint32_t mask;
	enum percpu_form form;
	const char *source;
} fields[] = { BITS(BIT_FIELD) WORDS(WORD_FIELD) };

#define FIELDS (sizeof fields / sizeof *fields)

static const struct fact_declaration facts[] = {
	/* clang-format off */
	BITS(BIT_FACT)
	WORDS(WORD_FACT)
	/* clang-format on */
	{ "cpu.vendor", "text, the maker in CPUID's words" },
	{ "cpu.max-basic-leaf", "int, the highest basic leaf" },
	{ "cpu.uniform", "bool, all CPUs gave the same virtualization leaves" },
	{ "cpu.differing", "text, CPUs that differ from the first (\"2-3\"); absent when uniform" },
	{ NULL, NULL },
};

/*
 * What must be alike on every CPU.  Left out: the initial APIC id (1:EBX[31:24]),
 * which names the CPU, and what mirrors a setting of the running kernel: OSXSAVE
 * (1:ECX[27]), MONITOR (1:ECX[3]) and the APIC's enable bit (EDX[9] of both).
 */
static const uint32_t alike[LEAVES][4] = {
	[BASIC] = { UINT32_MAX, 0x00ffffff, ~(1u << 27 | 1u << 3), ~(1u << 9) },
	[EXTENDED] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, ~(1u << 9) },
	[SVM] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX },
};

static void ask_cpu(const struct leaves *leaves, uint32_t cpu, struct leaf answers[LEAVES])
{
	leaves_ask(leaves, cpu, leaf_numbers[BASIC], &answers[BASIC]);
	leaves_ask(leaves, cpu, leaf_numbers[EXTENDED], &answers[EXTENDED]);
	const struct leaf *extended = &answers[EXTENDED];
	if (extended->status != STATUS_OBSERVED) {
		answers[SVM] = *extended;
	} else if ((extended->registers[LEAF_ECX] >> 2 & 1) == 0) {
		answers[SVM] = (struct leaf){ .status = STATUS_ABSENT, .why = "no svm" };
	} else {
		leaves_ask(leaves, cpu, leaf_numbers[SVM], &answers[SVM]);
	}
}

static bool same(const struct leaf one[LEAVES], const struct leaf other[LEAVES])
{
	for (int leaf = 0; leaf < LEAVES; leaf++) {
		if (one[leaf].status != other[leaf].status)
			return false;
		for (int i = 0; i < 4; i++) {
			uint32_t differ = one[leaf].registers[i] ^ other[leaf].registers[i];
			if ((differ & alike[leaf][i]) != 0)
				return false;
		}
	}
	return true;
}

/* The first leaf that could not be asked; NULL when all could. */
static const struct leaf *find_unanswered(const struct leaf answers[LEAVES])
{
	for (int leaf = 0; leaf < LEAVES; leaf++)
		if (answers[leaf].status != STATUS_OBSERVED &&
		    answers[leaf].status != STATUS_ABSENT)
			return &answers[leaf];
	return NULL;
}

static void add_fields(struct percpu *collected, uint32_t cpu, const struct leaf answers[LEAVES])
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct leaf *leaf = &answers[fields[i].leaf];
		uint32_t value = leaf->registers[fields[i].in] >> fields[i].lowest;
		percpu_add(&collected[i], cpu, leaf->status, value & fields[i].mask, leaf->why);
	}
}

/* How the other CPUs compare to the first. */
struct comparison {
	struct leaf first[LEAVES];
	struct cpu_ranges differing;
	struct leaf unanswered; /* a leaf that could not be asked; else `observed` */
};

static void compare(struct comparison *comparison, uint32_t cpu, const struct leaf answers[LEAVES])
{
	const struct leaf *unanswered = find_unanswered(answers);
	if (unanswered != NULL)
		comparison->unanswered = *unanswered;
	else if (find_unanswered(comparison->first) == NULL && !same(comparison->first, answers))
		cpu_ranges_add(&comparison->differing, cpu);
}

static void emit_comparison(struct comparison *comparison, struct fact_sink *sink)
{
	static const char source[] = CPUID_BASIC ", " CPUID_EXTENDED ", " CPUID_SVM;
	const struct leaf *unanswered = &comparison->unanswered;
	if (comparison->differing.cpus > 0) {
		const char *cpus = cpu_ranges_string(&comparison->differing);
		fact_bool(sink, "cpu.uniform", false, source);
		fact_text(sink, "cpu.differing", cpus == NULL ? "?" : cpus, source);
	} else if (unanswered->status == STATUS_OBSERVED) {
		fact_bool(sink, "cpu.uniform", true, source);
		fact_none(sink, "cpu.differing", STATUS_ABSENT, "the CPUs are alike", source);
	} else {
		fact_none(sink, "cpu.uniform", unanswered->status, unanswered->why, source);
		fact_none(sink, "cpu.differing", unanswered->status, unanswered->why, source);
	}
	cpu_ranges_clear(&comparison->differing);
}

static void ask_every_cpu(const struct leaves *leaves, const struct cpus *cpus,
                          struct fact_sink *sink)
{
	struct comparison comparison = { .differing = CPU_RANGES_INIT };
	struct percpu collected[FIELDS];
	comparison.unanswered.status = cpus->status;
	snprintf(comparison.unanswered.why, sizeof comparison.unanswered.why, "no list of CPUs");
	for (size_t i = 0; i < FIELDS; i++)
		percpu_begin(&collected[i], fields[i].key, fields[i].form, fields[i].source);
	for (size_t i = 0; i < cpus->count; i++) {
		struct leaf answers[LEAVES];
		ask_cpu(leaves, cpus->number[i], answers);
		add_fields(collected, cpus->number[i], answers);
		if (i == 0)
			memcpy(comparison.first, answers, sizeof answers);
		compare(&comparison, cpus->number[i], answers);
	}
	for (size_t i = 0; i < FIELDS; i++)
		percpu_emit(&collected[i], sink);
	emit_comparison(&comparison, sink);
}

static void run(const struct probe_run *run)
{
	struct cpus cpus;
	cpus_online(run->machine, &cpus);
	struct leaves leaves = { run->machine, cpus.number[0] };
	struct leaf leaf;
	char vendor[13];
	if (leaves_ask(&leaves, leaves.first_cpu, 0, &leaf) == STATUS_OBSERVED) {
		leaf_text(&leaf, LEAF_EBX, LEAF_EDX, LEAF_ECX, vendor);
		fact_text(run->facts, "cpu.vendor", vendor, "CPUID.0:EBX,EDX,ECX");
		fact_int(run->facts, "cpu.max-basic-leaf", leaf.registers[LEAF_EAX], "CPUID.0:EAX");
	} else {
		fact_none(run->facts, "cpu.vendor", leaf.status, leaf.why, "CPUID.0");
		fact_none(run->facts, "cpu.max-basic-leaf", leaf.status, leaf.why, "CPUID.0");
	}
	ask_every_cpu(&leaves, &cpus, run->facts);
}

const struct probe probe_cpuid = {
	.id = "cpuid",
	.title = "what each CPU says of itself (raw CPUID)",
	.deadline_ms = 2000,
	.facts = facts,
	.run = run,
};
