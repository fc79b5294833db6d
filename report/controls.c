/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See controls.h.  Names as in the Intel SDM, volume 3: sections 25.6 to 25.8
 * (controls) and appendix A (capabilities), and in the AMD APM, volume 3,
 * CPUID 8000000Ah.
 */
#include "report/controls.h"

#include <stdio.h>
#include <string.h>

static const char *const pin[64] = {
	[0] = "external-interrupt exiting", [3] = "NMI exiting",       [5] = "virtual NMIs",
	[6] = "VMX-preemption timer",       [7] = "posted interrupts",
};

static const char *const primary[64] = {
	[2] = "interrupt-window exiting",
	[3] = "TSC offsetting",
	[7] = "HLT exiting",
	[9] = "INVLPG exiting",
	[10] = "MWAIT exiting",
	[11] = "RDPMC exiting",
	[12] = "RDTSC exiting",
	[15] = "CR3-load exiting",
	[16] = "CR3-store exiting",
	[17] = "tertiary controls",
	[19] = "CR8-load exiting",
	[20] = "CR8-store exiting",
	[21] = "TPR shadow",
	[22] = "NMI-window exiting",
	[23] = "MOV-DR exiting",
	[24] = "unconditional I/O exiting",
	[25] = "I/O bitmaps",
	[27] = "monitor trap flag",
	[28] = "MSR bitmaps",
	[29] = "MONITOR exiting",
	[30] = "PAUSE exiting",
	[31] = "secondary controls",
};

static const char *const secondary[64] = {
	[0] = "virtualize APIC accesses",
	[1] = "EPT",
	[2] = "descriptor-table exiting",
	[3] = "RDTSCP",
	[4] = "virtualize x2APIC mode",
	[5] = "VPID",
	[6] = "WBINVD exiting",
	[7] = "unrestricted guest",
	[8] = "APIC-register virtualization",
	[9] = "virtual-interrupt delivery",
	[10] = "PAUSE-loop exiting",
	[11] = "RDRAND exiting",
	[12] = "INVPCID",
	[13] = "VM functions",
	[14] = "VMCS shadowing",
	[15] = "ENCLS exiting",
	[16] = "RDSEED exiting",
	[17] = "page-modification logging",
	[18] = "EPT-violation #VE",
	[19] = "conceal VMX from PT",
	[20] = "XSAVES and XRSTORS",
	[21] = "PASID translation",
	[22] = "mode-based execute control for EPT",
	[23] = "sub-page write permissions for EPT",
	[24] = "PT uses guest physical addresses",
	[25] = "TSC scaling",
	[26] = "user wait and pause",
	[27] = "PCONFIG",
	[28] = "ENCLV exiting",
	[30] = "bus-lock detection",
	[31] = "instruction timeout",
};

static const char *const tertiary[64] = {
	[0] = "LOADIWKEY exiting",         [1] = "hypervisor-managed linear-address translation",
	[2] = "EPT paging-write control",  [3] = "guest-paging verification",
	[4] = "IPI virtualization",        [6] = "MSR-list instructions",
	[7] = "virtualize IA32_SPEC_CTRL",
};

static const char *const exit_controls[64] = {
	[2] = "save debug controls",
	[9] = "64-bit host",
	[12] = "load IA32_PERF_GLOBAL_CTRL",
	[15] = "acknowledge interrupt on exit",
	[18] = "save IA32_PAT",
	[19] = "load IA32_PAT",
	[20] = "save IA32_EFER",
	[21] = "load IA32_EFER",
	[22] = "save VMX-preemption timer",
	[23] = "clear IA32_BNDCFGS",
	[24] = "conceal VMX from PT",
	[25] = "clear IA32_RTIT_CTL",
	[26] = "clear IA32_LBR_CTL",
	[27] = "clear UINV",
	[28] = "load CET state",
	[29] = "load PKRS",
	[30] = "save IA32_PERF_GLOBAL_CTRL",
	[31] = "secondary exit controls",
};

static const char *const entry_controls[64] = {
	[2] = "load debug controls",
	[9] = "64-bit guest",
	[10] = "entry to SMM",
	[11] = "deactivate dual-monitor treatment",
	[13] = "load IA32_PERF_GLOBAL_CTRL",
	[14] = "load IA32_PAT",
	[15] = "load IA32_EFER",
	[16] = "load IA32_BNDCFGS",
	[17] = "conceal VMX from PT",
	[18] = "load IA32_RTIT_CTL",
	[19] = "load UINV",
	[20] = "load CET state",
	[21] = "load IA32_LBR_CTL",
	[22] = "load PKRS",
};

static const char *const ept_vpid[64] = {
	[0] = "execute-only EPT pages",
	[6] = "4-level EPT",
	[7] = "5-level EPT",
	[8] = "uncacheable EPT structures",
	[14] = "write-back EPT structures",
	[16] = "2 MiB EPT pages",
	[17] = "1 GiB EPT pages",
	[20] = "INVEPT",
	[21] = "accessed and dirty flags for EPT",
	[22] = "advanced information on EPT violations",
	[23] = "supervisor shadow-stack control",
	[25] = "single-context INVEPT",
	[26] = "all-context INVEPT",
	[32] = "INVVPID",
	[40] = "individual-address INVVPID",
	[41] = "single-context INVVPID",
	[42] = "all-context INVVPID",
	[43] = "single-context INVVPID that keeps globals",
};

static const char *const functions[64] = { [0] = "EPTP switching" };

static const char *const svm[64] = {
	[0] = "nested paging",
	[1] = "LBR virtualization",
	[2] = "SVM lock",
	[3] = "NRIP save",
	[4] = "TSC rate control",
	[5] = "VMCB clean bits",
	[6] = "flush by ASID",
	[7] = "decode assists",
	[10] = "pause filter",
	[12] = "pause filter threshold",
	[13] = "AVIC",
	[15] = "virtual VMSAVE and VMLOAD",
	[16] = "virtual GIF",
	[25] = "virtual NMIs",
};

/* Of the control registers the upper half says what may be 1 (SDM volume 3, appendix A.3). */
static const struct controls {
	const char *key;
	unsigned shift;
	const char *const *names;
} table[] = {
	{ "msr.vmx-pin", 32, pin },
	{ "msr.vmx-proc", 32, primary },
	{ "msr.vmx-exit", 32, exit_controls },
	{ "msr.vmx-entry", 32, entry_controls },
	{ "msr.vmx-proc2", 32, secondary },
	{ "msr.vmx-proc3", 0, tertiary },
	{ "msr.vmx-true-pin", 32, pin },
	{ "msr.vmx-true-proc", 32, primary },
	{ "msr.vmx-true-exit", 32, exit_controls },
	{ "msr.vmx-true-entry", 32, entry_controls },
	{ "msr.vmx-ept-vpid", 0, ept_vpid },
	{ "msr.vmx-vmfunc", 0, functions },
	{ "cpu.svm-features", 0, svm },
};

static const struct controls *find(const char *key)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].key, key) == 0)
			return &table[i];
	return NULL;
}

bool controls_offered(const char *key, uint64_t value, uint64_t *offered)
{
	const struct controls *controls = find(key);
	if (controls == NULL)
		return false;
	*offered = value >> controls->shift;
	return true;
}

json_t *controls_names(const char *key, uint64_t offered)
{
	const struct controls *controls = find(key);
	json_t *list = json_array();
	for (unsigned bit = 0; controls != NULL && bit < 64; bit++) {
		char number[16];
		const char *name = controls->names[bit];
		if ((offered >> bit & 1) == 0)
			continue;
		snprintf(number, sizeof number, "bit %u", bit);
		if (json_array_append_new(list, json_string(name == NULL ? number : name)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
