/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this is a confidential VM: no platform lends its extension to one.
 *
 *   TDX     CPUID leaf 0x21 spells "IntelTDX    " (Intel TDX module, CPUID
 *           virtualization).
 *   SEV     CPUID 0x8000001F:EAX[1] says that the CPU can, SEV_STATUS (MSR
 *           0xC0010131) that this VM is (AMD APM volume 2, 15.34.10); the kernel
 *           shows an SNP guest its privilege level too (6.11), without root.
 *   Hyper-V where a paravisor hides both, Hyper-V's own leaf of isolation tells
 *           (TLFS, 0x4000000C; EBX[22] of 0x40000003 says that it is filled in).
 *
 * The sev flags of /proc/cpuinfo are no evidence: at best they tell what the CPU can.
 */
#include <stdio.h>
#include <string.h>

#include "probes/cpus.h"
#include "probes/hypervisor.h"
#include "probes/leaves.h"
#include "probes/percpu.h"
#include "probes/probe.h"

#define KIND           "confidential.kind"
#define MSR_SEV_STATUS 0xc0010131u
#define HV_INTERFACE   0x31237648u /* "Hv#1" */
#define SNP_LEVEL      "/sys/devices/system/cpu/sev/vmpl"

static const struct fact_declaration facts[] = {
	{ KIND, "text, of the confidential VM: sev, sev-es, snp, tdx, vbs; absent: it is none" },
	{ NULL, NULL },
};

/* What one of the ways to know came to. */
struct verdict {
	enum status status; /* `absent`: not of this kind */
	const char *kind;   /* when observed */
	const char *source;
	char why[112];
};

static void conclude(struct verdict *verdict, enum status status, const char *kind,
                     const char *source, const char *why)
{
	*verdict = (struct verdict){ .status = status, .kind = kind, .source = source };
	snprintf(verdict->why, sizeof verdict->why, "%s", why);
}

static void ask_tdx(const struct leaves *leaves, struct verdict *verdict)
{
	static const char source[] = "CPUID.21h";
	struct leaf leaf;
	char signature[13];
	if (leaves_ask(leaves, leaves->first_cpu, 0x21, &leaf) != STATUS_OBSERVED) {
		conclude(verdict, leaf.status, NULL, source, leaf.why);
		return;
	}
	leaf_text(&leaf, LEAF_EBX, LEAF_EDX, LEAF_ECX, signature);
	if (strcmp(signature, "IntelTDX    ") == 0)
		conclude(verdict, STATUS_OBSERVED, "tdx", source, "");
	else
		conclude(verdict, STATUS_ABSENT, NULL, source, "no TDX guest");
}

/* The MSR could not be read: the kernel may have told, of the strongest kind. */
static void ask_sysfs(struct machine *machine, const char *why_not, struct verdict *verdict)
{
	struct answer answer = ANSWER_INIT;
	if (machine_read_file(machine, SNP_LEVEL, &answer) == STATUS_OBSERVED)
		conclude(verdict, STATUS_OBSERVED, "snp", SNP_LEVEL, "");
	else
		snprintf(verdict->why, sizeof verdict->why,
		         "CPUID shows SEV; whether this VM uses it is in an MSR: %.40s", why_not);
	answer_clear(&answer);
}

static void ask_sev_status(const struct leaves *leaves, struct verdict *verdict)
{
	static const char source[] = "MSR 0xc0010131";
	struct answer answer = ANSWER_INIT;
	char why[112];
	enum status status =
	        machine_rdmsr(leaves->machine, leaves->first_cpu, MSR_SEV_STATUS, &answer);
	uint64_t bits = answer.numbers[0];
	percpu_why(&answer, why, sizeof why);
	answer_clear(&answer);
	if (status != STATUS_OBSERVED) {
		if (status == STATUS_ABSENT) { /* of the device: nobody could look */
			status = STATUS_SKIPPED;
			snprintf(why, sizeof why, "no msr device (modprobe msr)");
		}
		conclude(verdict, status, NULL, source, "");
		ask_sysfs(leaves->machine, why, verdict);
	} else if ((bits & 4) != 0) { /* each implies those below it */
		conclude(verdict, STATUS_OBSERVED, "snp", source, "");
	} else if ((bits & 2) != 0) {
		conclude(verdict, STATUS_OBSERVED, "sev-es", source, "");
	} else if ((bits & 1) != 0) {
		conclude(verdict, STATUS_OBSERVED, "sev", source, "");
	} else {
		conclude(verdict, STATUS_ABSENT, NULL, source, "SEV is not used for this VM");
	}
}

static void ask_sev(const struct leaves *leaves, struct verdict *verdict)
{
	static const char source[] = "CPUID.8000001Fh:EAX[1]";
	struct leaf leaf;
	if (leaves_ask(leaves, leaves->first_cpu, 0x8000001f, &leaf) != STATUS_OBSERVED)
		conclude(verdict, leaf.status, NULL, source, leaf.why);
	else if ((leaf.registers[LEAF_EAX] >> 1 & 1) == 0)
		conclude(verdict, STATUS_ABSENT, NULL, source, "CPUID shows no SEV");
	else
		ask_sev_status(leaves, verdict);
}

/* Asks a leaf of Hyper-V's range; false, with a verdict, when it gives no answer. */
static bool ask_hyperv(const struct leaves *leaves, const struct hypervisor_signature *range,
                       uint32_t distance, uint64_t registers[4], struct verdict *verdict)
{
	static const char source[] = "CPUID.4000000Ch:EBX[3:0]";
	struct answer answer = ANSWER_INIT;
	if (range->base + distance > range->max_leaf) {
		conclude(verdict, STATUS_ABSENT, NULL, source, "Hyper-V has no such leaf");
		return false;
	}
	enum status status = machine_cpuid(leaves->machine, leaves->first_cpu,
	                                   range->base + distance, 0, &answer);
	memcpy(registers, answer.numbers, 4 * sizeof *registers);
	conclude(verdict, status, NULL, source, answer.why);
	answer_clear(&answer);
	return status == STATUS_OBSERVED;
}

static void ask_isolation(const struct leaves *leaves, const struct hypervisor_signature *range,
                          struct verdict *verdict)
{
	static const char *const kinds[] = { NULL, "vbs", "snp", "tdx" };
	uint64_t interface[4];
	uint64_t features[4];
	uint64_t isolation[4];
	if (!ask_hyperv(leaves, range, 1, interface, verdict) ||
	    !ask_hyperv(leaves, range, 3, features, verdict))
		return;
	const char *source = verdict->source;
	if (interface[LEAF_EAX] != HV_INTERFACE || (features[LEAF_EBX] >> 22 & 1) == 0) {
		conclude(verdict, STATUS_ABSENT, NULL, source, "not an isolated partition");
		return;
	}
	if (!ask_hyperv(leaves, range, 12, isolation, verdict))
		return;
	uint64_t kind = isolation[LEAF_EBX] & 0xf;
	if (kind == 0)
		conclude(verdict, STATUS_ABSENT, NULL, source, "isolation of no kind");
	else if (kind < sizeof kinds / sizeof *kinds)
		conclude(verdict, STATUS_OBSERVED, kinds[kind], source, "");
	else
		conclude(verdict, STATUS_FAILED, NULL, source, "isolation of an unknown kind");
}

/* What the CPU itself tells. */
static void ask_cpu(const struct leaves *leaves, struct verdict *verdict)
{
	static const char source[] = "CPUID";
	struct leaf leaf;
	char vendor[13];
	if (leaves_ask(leaves, leaves->first_cpu, 1, &leaf) != STATUS_OBSERVED) {
		conclude(verdict, leaf.status, NULL, source, leaf.why);
		return;
	}
	if ((leaf.registers[LEAF_ECX] >> 31 & 1) == 0) {
		conclude(verdict, STATUS_ABSENT, NULL, source, "no hypervisor underneath");
		return;
	}
	if (leaves_ask(leaves, leaves->first_cpu, 0, &leaf) != STATUS_OBSERVED) {
		conclude(verdict, leaf.status, NULL, source, leaf.why);
		return;
	}
	leaf_text(&leaf, LEAF_EBX, LEAF_EDX, LEAF_ECX, vendor);
	if (strcmp(vendor, "GenuineIntel") == 0)
		ask_tdx(leaves, verdict);
	else if (strcmp(vendor, "AuthenticAMD") == 0 || strcmp(vendor, "HygonGenuine") == 0)
		ask_sev(leaves, verdict);
	else
		conclude(verdict, STATUS_ABSENT, NULL, source, "a CPU without such VMs");
}

static void run(const struct probe_run *run)
{
	struct cpus cpus;
	struct hypervisor_scan scan;
	struct verdict verdict;
	cpus_online(run->machine, &cpus);
	struct leaves leaves = { run->machine, cpus.number[0] };
	hypervisor_scan(run->machine, &scan);
	ask_cpu(&leaves, &verdict);
	const struct hypervisor_signature *hyperv = hypervisor_find(&scan, "Microsoft Hv");
	if (verdict.status != STATUS_OBSERVED && hyperv != NULL) {
		struct verdict isolation;
		ask_isolation(&leaves, hyperv, &isolation);
		if (isolation.status == STATUS_OBSERVED || verdict.status == STATUS_ABSENT)
			verdict = isolation;
	}
	if (verdict.status == STATUS_OBSERVED)
		fact_text(run->facts, KIND, verdict.kind, verdict.source);
	else
		fact_none(run->facts, KIND, verdict.status, verdict.why, verdict.source);
}

const struct probe probe_confidential = {
	.id = "confidential",
	.title = "whether this is a confidential VM (SEV, TDX, Hyper-V isolation)",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run,
};
