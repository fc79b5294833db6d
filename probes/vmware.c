/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What VMware's backdoor port says of the product and of the virtual hardware.
 *
 * It is asked only where VMware is the one hypervisor that CPUID names: on
 * anything else the port faults, or QEMU's vmport answers and claims to be
 * ESX.  A second signature means that somebody poses as VMware.
 *
 * Commands and registers: open-vm-tools lib/include/backdoor_def.h,
 * vm_vmx_type.h.
 */
#include <inttypes.h>

#include "probes/hypervisor.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define BACKDOOR_MAGIC 0x564d5868u
#define BACKDOOR_NONE  0xffffffffu /* the answer to a command that is not there */

enum { BACKDOOR_GETVERSION = 10, BACKDOOR_GETHWVERSION = 17 };

/* Numbers of a backdoor answer. */
enum { EAX, EBX, ECX };

static const char *const keys[] = { "vmware.backdoor", "vmware.product",
	                            "vmware.hardware-version" };

static void none(const struct probe_run *run, size_t first, enum status status, const char *why)
{
	for (size_t i = first; i < sizeof keys / sizeof *keys; i++)
		fact_none(run->facts, keys[i], status, why, "VMware backdoor");
}

/* NULL when the port may be asked, else why not. */
static const char *gate(struct machine *machine)
{
	struct hypervisor_scan scan;
	hypervisor_scan(machine, &scan);
	if (hypervisor_find(&scan, "VMwareVMware") == NULL)
		return "CPUID does not say VMware";
	if (scan.status != STATUS_OBSERVED)
		return "CPUID could not be read to the end";
	return scan.count == 1 ? NULL : "CPUID names another hypervisor beside VMware";
}

static void emit_version(const struct probe_run *run, const struct answer *answer)
{
	uint32_t product = (uint32_t)answer->numbers[ECX];
	fact_bool(run->facts, keys[0], true, "VMware backdoor 10");
	if (product >= 1 && product <= 5) /* Express to ACE */
		fact_int(run->facts, keys[1], product, "VMware backdoor 10");
	else
		fact_none(run->facts, keys[1], STATUS_ABSENT, "the port names no product",
		          "VMware backdoor 10");
}

static void emit_hardware(const struct probe_run *run)
{
	static const char source[] = "VMware backdoor 17";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_backdoor(run->machine, BACKDOOR_GETHWVERSION, &answer) != STATUS_OBSERVED)
		relay_none(run->facts, keys[2], &answer, source);
	else if ((uint32_t)answer.numbers[EAX] == BACKDOOR_NONE)
		fact_none(run->facts, keys[2], STATUS_ABSENT, "the port does not know the command",
		          source);
	else
		fact_int(run->facts, keys[2], (uint32_t)answer.numbers[EAX], source);
}

static void run_vmware(const struct probe_run *run)
{
	const char *closed = gate(run->machine);
	if (closed != NULL) {
		none(run, 0, STATUS_SKIPPED, closed);
		return;
	}
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_backdoor(run->machine, BACKDOOR_GETVERSION, &answer) != STATUS_OBSERVED) {
		none(run, 0, answer.status, answer.why);
		return;
	}
	if ((uint32_t)answer.numbers[EBX] != BACKDOOR_MAGIC) {
		fact_bool(run->facts, keys[0], false, "VMware backdoor 10");
		none(run, 1, STATUS_ABSENT, "the port does not answer");
		return;
	}
	emit_version(run, &answer);
	emit_hardware(run);
}

static bool risks_vmware(const struct probe_run *run)
{
	return gate(run->machine) == NULL;
}

static const struct fact_declaration facts[] = {
	{ "vmware.backdoor", "VMware's backdoor port answers" },
	{ "vmware.product", "1 Express, 2 ESX, 3 Server, 4 Workstation or Fusion, 5 ACE" },
	{ "vmware.hardware-version", "virtual hardware version of the VM" },
	{ NULL, NULL },
};

const struct probe probe_vmware = {
	.id = "vmware",
	.title = "VMware's product and virtual hardware version",
	.flags = PROBE_RISKY,
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_vmware,
	.risks = risks_vmware,
};
