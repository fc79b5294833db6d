/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leaves of the Hyper-V interface.  Source of numbers and bits: the Hypervisor
 * Top-Level Functional Specification, "Feature and Interface Discovery", and
 * Linux asm/hyperv-tlfs.h.
 */
#include "probes/hyperv.h"

#include <inttypes.h>
#include <stdio.h>

#include "probes/relay.h"

#define HV_INTERFACE 0x31237648u /* "Hv#1" */

/* Leaves, as distances from the base of the range. */
enum { LEAF_INTERFACE = 1, LEAF_VERSION = 2, LEAF_FEATURES = 3, LEAF_HINTS = 4, LEAF_NESTED = 10 };

#define FEATURES_EBX_CPU_MANAGEMENT (1u << 12)
#define FEATURES_EBX_ISOLATION      (1u << 22)
#define HINTS_EAX_NESTED            (1u << 12)

enum { EAX, EBX, ECX, EDX };

/* Asks one leaf of the range.  True when it answered. */
static bool ask(const struct probe_run *run, const struct hypervisor_signature *range,
                uint32_t leaf, struct answer *answer)
{
	if (range->base + leaf > range->max_leaf)
		answer_set_status(answer, STATUS_ABSENT, "beyond the highest leaf");
	else
		machine_cpuid(run->machine, 0, range->base + leaf, 0, answer);
	return answer->status == STATUS_OBSERVED;
}

static void emit_version(const struct probe_run *run, const struct hypervisor_signature *range)
{
	static const char source[] = "CPUID.0x40000002";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (ask(run, range, LEAF_VERSION, &answer) && answer.numbers[EBX] == 0)
		answer_set_status(&answer, STATUS_ABSENT, "the leaf is not filled in");
	if (answer.status != STATUS_OBSERVED) {
		relay_none(run->facts, "hyperv.version", &answer, source);
		relay_none(run->facts, "hyperv.build", &answer, source);
		return;
	}
	/* EAX build, EBX major and minor, EDX[23:0] service number */
	char version[64];
	snprintf(version, sizeof version, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64,
	         answer.numbers[EBX] >> 16, answer.numbers[EBX] & 0xffff, answer.numbers[EAX],
	         answer.numbers[EDX] & 0xffffff);
	fact_text(run->facts, "hyperv.version", version, source);
	fact_int(run->facts, "hyperv.build", (int64_t)answer.numbers[EAX], source);
}

/* As Linux decides it (hv_identify_partition_type): an isolated VM is none, whatever it may do. */
static void emit_root(const struct probe_run *run, const struct hypervisor_signature *range)
{
	static const char key[] = "hyperv.root-partition";
	static const char source[] = "CPUID.0x40000003:EBX[12]";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (ask(run, range, LEAF_FEATURES, &answer))
		fact_bool(run->facts, key,
		          (answer.numbers[EBX] & FEATURES_EBX_CPU_MANAGEMENT) != 0 &&
		                  (answer.numbers[EBX] & FEATURES_EBX_ISOLATION) == 0,
		          source);
	else
		relay_none(run->facts, key, &answer, source);
}

static void emit_nested(const struct probe_run *run, const struct hypervisor_signature *range)
{
	static const char source[] = "CPUID.0x40000004:EAX[12]";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (ask(run, range, LEAF_HINTS, &answer))
		fact_bool(run->facts, "hyperv.nested",
		          (answer.numbers[EAX] & HINTS_EAX_NESTED) != 0, source);
	else
		relay_none(run->facts, "hyperv.nested", &answer, source);
}

static void emit_nested_features(const struct probe_run *run,
                                 const struct hypervisor_signature *range)
{
	static const char source[] = "CPUID.0x4000000A:EAX";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (ask(run, range, LEAF_NESTED, &answer))
		fact_hex(run->facts, "hyperv.nested-features", answer.numbers[EAX], source);
	else
		relay_none(run->facts, "hyperv.nested-features", &answer, source);
}

/* Where there is no interface nothing else of Hyper-V is either. */
static void emit_none(const struct probe_run *run, enum status status, const char *why)
{
	static const char *const keys[] = { "hyperv.interface", "hyperv.version",
		                            "hyperv.build",     "hyperv.root-partition",
		                            "hyperv.nested",    "hyperv.nested-features" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		fact_none(run->facts, keys[i], status, why, "CPUID.0x40000001");
}

void hyperv_emit(const struct probe_run *run, const struct hypervisor_scan *scan)
{
	/* The interface is always in the first range; who signs there differs (VirtualBox). */
	const struct hypervisor_signature *first = &scan->found[0];
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (scan->status != STATUS_OBSERVED) {
		emit_none(run, scan->status, scan->why);
		return;
	}
	if (first->base != HYPERVISOR_BASE)
		answer_set_status(&answer, STATUS_ABSENT, "nobody signs the first range");
	else if (ask(run, first, LEAF_INTERFACE, &answer) && answer.numbers[EAX] != HV_INTERFACE)
		answer_set_status(&answer, STATUS_ABSENT, "the interface is not Hv#1");
	if (answer.status != STATUS_OBSERVED) {
		emit_none(run, answer.status, answer.why);
		return;
	}
	fact_bool(run->facts, "hyperv.interface", true, "CPUID.0x40000001");
	emit_version(run, first);
	emit_root(run, first);
	emit_nested(run, first);
	emit_nested_features(run, first);
}
