/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Second-level address translation: EPT on Intel, NPT on AMD, and what comes
 * with it.  Intel tells it in MSRs, which need root; the kernel retells part of
 * them in /proc/cpuinfo.  The `source` of each fact says who told it.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probes/cpus.h"
#include "probes/leaves.h"
#include "probes/msr_rules.h"
#include "probes/percpu.h"
#include "probes/probe.h"
#include "probes/proc_cpuinfo.h"

/* From FOUR_LEVEL on: of EPT. */
enum {
	PRESENT,
	UNRESTRICTED,
	VPID,
	FOUR_LEVEL,
	WRITE_BACK,
	PAGES_2M,
	PAGES_1G,
	ACCESSED_DIRTY,
	INVEPT_ALL,
	ASPECTS,
};

/*
 * Where each aspect is told: a bit of MSR 0x48B (upper half) or 0x48C (Intel
 * SDM volume 3, appendix A.3.3 and A.10); a word of the `vmx flags` line (Linux
 * asm/vmxfeatures.h, since 5.6); a word of the `flags` line, in which older
 * kernels told some of it.  NULL: that line does not tell.
 */
static const struct aspect {
	const char *key;
	const char *source;
	enum msr msr;
	unsigned bit;
	const char *vmx_flag;
	const char *flag;
} aspects[ASPECTS] = {
	[PRESENT] = { "slat.present", "MSR 0x48b", MSR_VMX_PROC2, 33, "ept", "ept" },
	[UNRESTRICTED] = { "slat.unrestricted-guest", "MSR 0x48b", MSR_VMX_PROC2, 39,
	                   "unrestricted_guest", NULL },
	[VPID] = { "slat.vpid", "MSR 0x48b", MSR_VMX_PROC2, 37, "vpid", "vpid" },
	[FOUR_LEVEL] = { "slat.ept-4-level", "MSR 0x48c", MSR_VMX_EPT_VPID, 6, NULL, NULL },
	[WRITE_BACK] = { "slat.ept-write-back", "MSR 0x48c", MSR_VMX_EPT_VPID, 14, NULL, NULL },
	[PAGES_2M] = { "slat.ept-2m", "MSR 0x48c", MSR_VMX_EPT_VPID, 16, NULL, NULL },
	[PAGES_1G] = { "slat.ept-1g", "MSR 0x48c", MSR_VMX_EPT_VPID, 17, "ept_1gb", NULL },
	[ACCESSED_DIRTY] = { "slat.ept-accessed-dirty", "MSR 0x48c", MSR_VMX_EPT_VPID, 21, "ept_ad",
	                     "ept_ad" },
	[INVEPT_ALL] = { "slat.ept-invept-all", "MSR 0x48c", MSR_VMX_EPT_VPID, 26, NULL, NULL },
};

static const struct fact_declaration facts[] = {
	{ "slat.present", "bool per CPU, EPT or NPT; absent without vmx and svm" },
	{ "slat.kind", "text, ept or npt, of the first CPU; absent when neither" },
	{ "slat.unrestricted-guest",
	  "bool per CPU, L2 in real mode without emulation; Intel only" },
	{ "slat.vpid", "bool per CPU, tagged translations; Intel only" },
	{ "slat.ept-4-level", "bool per CPU, page walks of 4 levels; absent without EPT" },
	{ "slat.ept-write-back", "bool per CPU, write-back page tables; absent without EPT" },
	{ "slat.ept-2m", "bool per CPU, pages of 2 MiB; absent without EPT" },
	{ "slat.ept-1g", "bool per CPU, pages of 1 GiB; absent without EPT" },
	{ "slat.ept-accessed-dirty", "bool per CPU, accessed and dirty bits; absent without EPT" },
	{ "slat.ept-invept-all", "bool per CPU, INVEPT of all contexts; absent without EPT" },
	{ NULL, NULL },
};

/* Who tells, chosen by the first CPU. */
enum teller { BY_NOBODY, BY_MSR, BY_VMX_FLAGS, BY_FLAGS, BY_SVM_LEAF };

static const char *const line_sources[] = {
	[BY_NOBODY] = "CPUID",
	[BY_VMX_FLAGS] = PROC_CPUINFO " vmx flags",
	[BY_FLAGS] = PROC_CPUINFO " flags",
	[BY_SVM_LEAF] = "CPUID.8000000Ah:EDX[0]",
};

/* What is known of one aspect of one CPU. */
struct told {
	enum status status;
	bool value;
	char why[112];
};

struct slat {
	struct leaves leaves;
	struct msr_access access;
	struct proc_cpuinfo cpuinfo;
	enum teller teller;
};

static void tell(struct told *told, enum status status, bool value, const char *why)
{
	told->status = status;
	told->value = value;
	text_cut(told->why, sizeof told->why, why);
}

static void ask_svm_leaf(const struct slat *slat, uint32_t cpu, struct told told[ASPECTS])
{
	struct leaf leaf;
	leaves_ask(&slat->leaves, cpu, 0x8000000a, &leaf);
	tell(&told[PRESENT], leaf.status, (leaf.registers[LEAF_EDX] & 1) != 0, leaf.why);
	for (int i = PRESENT + 1; i < ASPECTS; i++)
		tell(&told[i], STATUS_ABSENT, false, "only EPT has it");
}

static void ask_msrs(const struct slat *slat, uint32_t cpu,
                     const struct virtualization *virtualization, struct told told[ASPECTS])
{
	struct msr_value values[MSR_COUNT];
	msr_read(&slat->access, cpu, MSR_VMX_PROC, virtualization, values);
	msr_read(&slat->access, cpu, MSR_VMX_PROC2, virtualization, values);
	msr_read(&slat->access, cpu, MSR_VMX_EPT_VPID, virtualization, values);
	for (int i = 0; i < ASPECTS; i++) {
		const struct msr_value *in = &values[aspects[i].msr];
		if (in->status == STATUS_ABSENT) /* no secondary controls: none of them */
			tell(&told[i], STATUS_OBSERVED, false, "");
		else
			tell(&told[i], in->status, (in->value >> aspects[i].bit & 1) != 0, in->why);
	}
}

static void ask_cpuinfo(struct slat *slat, uint32_t cpu, struct told told[ASPECTS])
{
	const struct processor *processor = proc_cpuinfo_find(&slat->cpuinfo, cpu);
	bool vmx_flags = slat->teller == BY_VMX_FLAGS;
	struct span line = vmx_flags ? processor->vmx_flags : processor->flags;
	for (int i = 0; i < ASPECTS; i++) {
		const char *word = vmx_flags ? aspects[i].vmx_flag : aspects[i].flag;
		if (processor->status != STATUS_OBSERVED)
			tell(&told[i], processor->status, false, processor->why);
		else if (line.at == NULL)
			tell(&told[i], STATUS_FAILED, false, PROC_CPUINFO ": no vmx flags line");
		else if (word == NULL)
			tell(&told[i], STATUS_SKIPPED, false,
			     PROC_CPUINFO " does not tell; the msr device would");
		else
			tell(&told[i], STATUS_OBSERVED, span_has_word(line, word), "");
	}
}

/* Fills in what is known of one CPU. */
static void ask_cpu(struct slat *slat, uint32_t cpu, struct told told[ASPECTS])
{
	struct virtualization virtualization;
	leaves_virtualization(&slat->leaves, cpu, &virtualization);
	bool none = virtualization.status == STATUS_OBSERVED && !virtualization.vmx &&
	            !virtualization.svm;
	for (int i = 0; i < ASPECTS; i++)
		tell(&told[i], none ? STATUS_ABSENT : virtualization.status, false,
		     none ? "no vmx and no svm" : virtualization.why);
	if (none || virtualization.status != STATUS_OBSERVED)
		return;
	if (virtualization.svm)
		ask_svm_leaf(slat, cpu, told);
	else if (slat->teller == BY_MSR || slat->teller == BY_NOBODY) /* the first CPU had none */
		ask_msrs(slat, cpu, &virtualization, told);
	else
		ask_cpuinfo(slat, cpu, told);
	for (int i = FOUR_LEVEL; i < ASPECTS; i++)
		if (told[PRESENT].status == STATUS_OBSERVED && !told[PRESENT].value)
			tell(&told[i], STATUS_ABSENT, false, "no EPT");
}

/* Kernels before 5.6 show these among the flags (detect_vmx_virtcap); one of them shows that. */
static bool tells_in_flags(struct span flags)
{
	static const char *const words[] = { "tpr_shadow", "vnmi", "flexpriority", "ept", "vpid" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_has_word(flags, words[i]))
			return true;
	return false;
}

static enum teller choose_teller(struct slat *slat, uint32_t cpu)
{
	struct virtualization virtualization;
	struct msr_value values[MSR_COUNT];
	const struct msr_value *proc2 = &values[MSR_VMX_PROC2];
	leaves_virtualization(&slat->leaves, cpu, &virtualization);
	if (virtualization.svm)
		return BY_SVM_LEAF;
	if (!virtualization.vmx)
		return BY_NOBODY;
	msr_read(&slat->access, cpu, MSR_VMX_PROC, &virtualization, values);
	msr_read(&slat->access, cpu, MSR_VMX_PROC2, &virtualization, values);
	if (proc2->status == STATUS_OBSERVED || proc2->status == STATUS_ABSENT)
		return BY_MSR;
	proc_cpuinfo_open(&slat->cpuinfo, slat->leaves.machine);
	const struct processor *processor = proc_cpuinfo_find(&slat->cpuinfo, cpu);
	if (processor->vmx_flags.at != NULL)
		return BY_VMX_FLAGS;
	return tells_in_flags(processor->flags) ? BY_FLAGS : BY_MSR;
}

static void emit_kind(const struct told *present, bool svm, const char *source,
                      struct fact_sink *sink)
{
	if (present->status != STATUS_OBSERVED)
		fact_none(sink, "slat.kind", present->status, present->why, source);
	else if (!present->value)
		fact_none(sink, "slat.kind", STATUS_ABSENT, "neither EPT nor NPT", source);
	else
		fact_text(sink, "slat.kind", svm ? "npt" : "ept", source);
}

static void run(const struct probe_run *run)
{
	struct cpus cpus;
	struct percpu collected[ASPECTS];
	struct told told[ASPECTS];
	cpus_online(run->machine, &cpus);
	struct slat slat = { .leaves = { run->machine, cpus.number[0] } };
	msr_access_open(&slat.access, run->machine, cpus.number[0]);
	slat.teller = choose_teller(&slat, cpus.number[0]);
	for (int i = 0; i < ASPECTS; i++)
		percpu_begin(&collected[i], aspects[i].key, PERCPU_BOOL,
		             slat.teller == BY_MSR ? aspects[i].source : line_sources[slat.teller]);
	for (size_t i = 0; i < cpus.count; i++) {
		ask_cpu(&slat, cpus.number[i], told);
		if (i == 0)
			emit_kind(&told[PRESENT], slat.teller == BY_SVM_LEAF,
			          collected[PRESENT].source, run->facts);
		for (int aspect = 0; aspect < ASPECTS; aspect++)
			percpu_add(&collected[aspect], cpus.number[i], told[aspect].status,
			           told[aspect].value, told[aspect].why);
	}
	for (int i = 0; i < ASPECTS; i++)
		percpu_emit(&collected[i], run->facts);
	proc_cpuinfo_close(&slat.cpuinfo);
}

const struct probe probe_slat = {
	.id = "slat",
	.title = "second-level address translation (EPT, NPT)",
	.deadline_ms = 3000,
	.facts = facts,
	.run = run,
};
