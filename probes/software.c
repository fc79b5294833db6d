/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hypervisor software is installed in this guest: that decides the default target. */
#include <string.h>

#include "probes/installed.h"
#include "probes/lines.h"
#include "probes/os_release.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define OS_RELEASE "/etc/os-release"

/* The kernel of Proxmox VE is the only one whose release ends like this. */
static bool is_proxmox_kernel(const struct line *release)
{
	static const char suffix[] = "-pve";
	size_t size = sizeof suffix - 1;
	return release->length >= size &&
	       memcmp(release->start + release->length - size, suffix, size) == 0;
}

static void emit_kernel(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_uname(run->machine, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, "software.proxmox-kernel", &answer, "uname");
		return;
	}
	struct line release = lines_release(answer.text);
	fact_bool(run->facts, "software.proxmox-kernel", is_proxmox_kernel(&release), "uname");
}

typedef const char *look_function(struct machine *machine, struct answer *answer);

/* True when it is there. */
static bool emit_installed(const struct probe_run *run, const char *key, look_function *look)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	const char *source = look(run->machine, &answer);
	relay_presence(run->facts, key, &answer, source);
	return answer.status == STATUS_OBSERVED;
}

/* Only advice needs it, and there is none to give where KVM works and nothing else is installed. */
static void emit_distributions(const struct probe_run *run, bool any)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (!any && machine_kvm(run->machine, &answer) != STATUS_ABSENT)
		fact_none(run->facts, "os.distributions", STATUS_SKIPPED,
		          "there is /dev/kvm, and nothing that manages VMs", OS_RELEASE);
	else if (machine_read_file(run->machine, OS_RELEASE, &answer) == STATUS_OBSERVED)
		fact_list(run->facts, "os.distributions", os_release_ids(answer.text), OS_RELEASE);
	else
		relay_none(run->facts, "os.distributions", &answer, OS_RELEASE);
}

static void run_software(const struct probe_run *run)
{
	bool any = emit_installed(run, "software.proxmox", installed_proxmox);
	emit_kernel(run);
	any = emit_installed(run, "software.xen-dom0", installed_xen_dom0) || any;
	any = emit_installed(run, "software.libvirt", installed_libvirt) || any;
	emit_distributions(run, any);
}

static const struct fact_declaration facts[] = {
	{ "software.proxmox", "Proxmox VE is installed" },
	{ "software.proxmox-kernel", "the running kernel is Proxmox VE's own" },
	{ "software.xen-dom0", "this is the control domain of Xen" },
	{ "software.libvirt", "libvirt's daemon for QEMU is installed" },
	{ "os.distributions", "list, the distribution and those that it is like, by their ids" },
	{ NULL, NULL },
};

const struct probe probe_software = {
	.id = "software",
	.title = "hypervisor software installed in this guest",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_software,
};
