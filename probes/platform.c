/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything by which the layer underneath can be recognised.  No sign is
 * trusted alone, so none is interpreted here: which platform the facts add up
 * to is data (knowledge/platforms).
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "probes/container.h"
#include "probes/dmi.h"
#include "probes/hyperv.h"
#include "probes/hypervisor.h"
#include "probes/lines.h"
#include "probes/probe.h"
#include "probes/relay.h"

static void emit_signatures(const struct probe_run *run, const struct hypervisor_scan *scan)
{
	static const char *const keys[] = { "hypervisor.signatures", "hypervisor.signature",
		                            "hypervisor.vendor" };
	if (scan->status != STATUS_OBSERVED) {
		for (size_t i = 0; i < 3; i++)
			fact_none(run->facts, keys[i], scan->status, scan->why, "CPUID");
		return;
	}
	json_t *all = json_array();
	for (size_t i = 0; i < scan->count; i++)
		json_array_append_new(all, json_string(scan->found[i].text));
	fact_list(run->facts, keys[0], all, "CPUID.0x40000000 and above");
	const struct hypervisor_signature *first = &scan->found[0];
	if (first->base == HYPERVISOR_BASE)
		fact_text(run->facts, keys[1], first->text, "CPUID.0x40000000");
	else
		fact_none(run->facts, keys[1], STATUS_ABSENT, "nobody signs the first range",
		          "CPUID.0x40000000");
	const char *vendor = hypervisor_vendor(first->text);
	if (vendor != NULL)
		fact_text(run->facts, keys[2], vendor, "CPUID.0x40000000 and above");
	else
		fact_none(run->facts, keys[2], STATUS_ABSENT, "an unknown signature",
		          "CPUID.0x40000000 and above");
}

/* The leaf after a signature.  False, with the fact emitted, when there is no such answer. */
static bool ask_next_leaf(const struct probe_run *run, const struct hypervisor_scan *scan,
                          const char *signature, const char *key, struct answer *answer)
{
	const struct hypervisor_signature *range = hypervisor_find(scan, signature);
	if (range != NULL)
		machine_cpuid(run->machine, 0, range->base + 1, 0, answer);
	else if (scan->status == STATUS_OBSERVED)
		answer_set_status(answer, STATUS_ABSENT, "no %s", signature);
	else
		answer_set_status(answer, scan->status, "%s", scan->why);
	if (answer->status == STATUS_OBSERVED)
		return true;
	relay_none(run->facts, key, answer, "CPUID");
	return false;
}

/* Linux Documentation/virt/kvm/x86/cpuid.rst; Xen public/arch-x86/cpuid.h */
static void emit_kvm_and_xen(const struct probe_run *run, const struct hypervisor_scan *scan)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (ask_next_leaf(run, scan, "KVMKVMKVM", "kvm-guest.features", &answer))
		fact_hex(run->facts, "kvm-guest.features", answer.numbers[0],
		         "CPUID, KVM's range + 1:EAX");
	if (ask_next_leaf(run, scan, "XenVMMXenVMM", "xen.version", &answer)) {
		char version[32];
		snprintf(version, sizeof version, "%" PRIu64 ".%" PRIu64, answer.numbers[0] >> 16,
		         answer.numbers[0] & 0xffff);
		fact_text(run->facts, "xen.version", version, "CPUID, Xen's range + 1:EAX");
	}
}

static void emit_vmbus(const struct probe_run *run)
{
	static const char path[] = "/sys/bus/vmbus/devices";
	cleanup_answer struct answer answer = ANSWER_INIT;
	struct line device;
	int64_t count = 0;
	if (machine_list_dir(run->machine, path, &answer) == STATUS_OBSERVED) {
		for (const char *rest = answer.text; lines_next(&rest, &device);)
			count++;
		fact_int(run->facts, "bus.vmbus", count, path);
	} else {
		relay_none(run->facts, "bus.vmbus", &answer, path);
	}
	hyperv_emit_kvp(run, &answer);
}

static void emit_directory(const struct probe_run *run, const char *key, const char *path)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	machine_list_dir(run->machine, path, &answer);
	relay_presence(run->facts, key, &answer, path);
}

/* The kernel's release goes to `release`, "" when it cannot be had. */
static void emit_kernel(const struct probe_run *run, struct text *release)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_uname(run->machine, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, "os.kernel", &answer, "uname");
		return;
	}
	struct line line = lines_release(answer.text);
	text_add_bytes(release, line.start, line.length);
	fact_text(run->facts, "os.kernel", text_string(release), "uname");
}

static void emit_boot_id(const struct probe_run *run)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	cleanup_answer struct answer answer = ANSWER_INIT;
	machine_read_file(run->machine, path, &answer);
	relay_line(run->facts, "guest.boot-id", &answer, path);
}

static void run_platform(const struct probe_run *run)
{
	struct hypervisor_scan scan;
	cleanup_text struct text release = TEXT_INIT;
	hypervisor_scan(run->machine, &scan);
	emit_signatures(run, &scan);
	hyperv_emit(run, &scan);
	emit_kvm_and_xen(run, &scan);
	dmi_emit(run, scan.count == 0);
	emit_vmbus(run);
	emit_directory(run, "bus.xen", "/sys/bus/xen");
	emit_directory(run, "firmware.fw-cfg", "/sys/firmware/qemu_fw_cfg");
	emit_kernel(run, &release);
	emit_boot_id(run);
	container_emit(run, text_string(&release));
}

static const struct fact_declaration facts[] = {
	{ "hypervisor.signatures", "every signature in CPUID, in the order of their ranges" },
	{ "hypervisor.signature", "the signature at 0x40000000" },
	{ "hypervisor.vendor", "who signs like the first signature" },
	{ "hyperv.interface", "the Hyper-V interface Hv#1 is offered" },
	{ "hyperv.version", "version that the Hyper-V interface gives" },
	{ "hyperv.build", "build number in that version" },
	{ "hyperv.root-partition", "this is the parent partition of Hyper-V, no guest" },
	{ "hyperv.nested", "the hypervisor underneath is nested in Hyper-V itself" },
	{ "hyperv.nested-features", "CPUID.0x4000000A:EAX, help for nested hypervisors" },
	{ "hyperv.kvp.host", "name of the Hyper-V host" },
	{ "hyperv.kvp.vm-name", "name of this VM on its host" },
	{ "hyperv.kvp.vm-id", "id of this VM on its host" },
	{ "hyperv.kvp.nested-level", "how deep the host itself is nested" },
	{ "hyperv.kvp.dynamic-memory", "the host may change this VM's memory" },
	{ "kvm-guest.features", "paravirtual features that KVM offers" },
	{ "xen.version", "version of Xen underneath" },
	{ "dmi.sys-vendor", "DMI: vendor of the system" },
	{ "dmi.product-name", "DMI: name of the product" },
	{ "dmi.product-version", "DMI: version of the product" },
	{ "dmi.board-vendor", "DMI: vendor of the board" },
	{ "dmi.bios-vendor", "DMI: vendor of the firmware" },
	{ "dmi.bios-version", "DMI: version of the firmware" },
	{ "dmi.chassis-asset-tag", "DMI: asset tag of the chassis" },
	{ "dmi.product-uuid", "DMI: UUID of the system" },
	{ "dmi.virtual-machine",
	  "SMBIOS says virtual machine; asked only when CPUID names nobody" },
	{ "acpi.oem-id", "maker of the ACPI tables; asked only when there is no DMI" },
	{ "bus.vmbus", "devices on Hyper-V's vmbus" },
	{ "bus.xen", "there is a Xen bus" },
	{ "firmware.fw-cfg", "QEMU's configuration device is there" },
	{ "container.kind", "container that the agent runs in" },
	{ "os.kernel", "release of the kernel" },
	{ "guest.boot-id", "id of this boot" },
	{ NULL, NULL },
};

const struct probe probe_platform = {
	.id = "platform",
	.title = "signs of the layer underneath",
	.deadline_ms = 2000,
	.facts = facts,
	.run = run_platform,
};
