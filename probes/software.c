/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hypervisor software is installed in this guest: that decides the default target. */
#include <errno.h>
#include <string.h>

#include "probes/lines.h"
#include "probes/probe.h"
#include "probes/relay.h"

/*
 * Whether there is such a file, for one system call and without reading it:
 * readlink says EINVAL of what is there and no link (readlink(2)).
 */
static void ask_existence(struct machine *machine, const char *path, struct answer *answer)
{
	machine_read_link(machine, path, answer);
	if (answer->status == STATUS_FAILED && answer->sys_errno == EINVAL)
		answer_set_text(answer, "", 0);
}

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

static void emit_proxmox(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	ask_existence(run->machine, "/usr/bin/pveversion", &answer);
	relay_presence(run->facts, "software.proxmox", &answer, "/usr/bin/pveversion");
}

/* Xen says `control_d` to the domain that controls it (tools/libs/light, xenfs). */
static void emit_xen(const struct probe_run *run)
{
	static const char path[] = "/proc/xen/capabilities";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, path, &answer) == STATUS_OBSERVED)
		fact_bool(run->facts, "software.xen-dom0", strstr(answer.text, "control_d") != NULL,
		          path);
	else
		relay_presence(run->facts, "software.xen-dom0", &answer, path);
}

/* The one daemon of old, or the one that serves KVM alone. */
static void emit_libvirt(const struct probe_run *run)
{
	static const char *const daemons[] = { "/usr/sbin/libvirtd", "/usr/sbin/virtqemud" };
	cleanup_answer struct answer answer = ANSWER_INIT;
	const char *path = NULL;
	for (size_t i = 0; i < 2 && answer.status != STATUS_OBSERVED; i++) {
		path = daemons[i];
		ask_existence(run->machine, path, &answer);
	}
	relay_presence(run->facts, "software.libvirt", &answer, path);
}

static void run_software(const struct probe_run *run)
{
	emit_proxmox(run);
	emit_kernel(run);
	emit_xen(run);
	emit_libvirt(run);
}

static const struct fact_declaration facts[] = {
	{ "software.proxmox", "Proxmox VE is installed" },
	{ "software.proxmox-kernel", "the running kernel is Proxmox VE's own" },
	{ "software.xen-dom0", "this is the control domain of Xen" },
	{ "software.libvirt", "libvirt's daemon for QEMU is installed" },
	{ NULL, NULL },
};

const struct probe probe_software = {
	.id = "software",
	.title = "hypervisor software installed in this guest",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_software,
};
