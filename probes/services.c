/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what manages VMs here is at work, and whether something shuts VMs
 * down when this guest is.  Only asked of software that is installed.
 */
#include <stddef.h>

#include "probes/exists.h"
#include "probes/installed.h"
#include "probes/probe.h"
#include "probes/relay.h"

/* libvirt/src/remote/meson.build, src/qemu/meson.build: sockets of the daemons. */
static const char *const libvirt_sockets[] = { "/run/libvirt/libvirt-sock",
	                                       "/run/libvirt/virtqemud-sock" };
/* pve-cluster and pve-manager: PIDFile= of the units pve-cluster and pvedaemon. */
static const char *const proxmox_pids[] = { "/run/pve-cluster.pid", "/run/pvedaemon.pid" };
/* xen tools/hotplug/Linux: XEN_RUN_STORED. */
static const char *const xen_sockets[] = { "/run/xenstored/socket" };

#define WANTS "/etc/systemd/system/multi-user.target.wants/"

typedef const char *look_function(struct machine *machine, struct answer *answer);

static const struct service {
	const char *key;
	look_function *installed;
	const char *const *paths;
	size_t path_count;
	bool all;             /* every path has to be there, not any */
	const char *shutdown; /* what shuts VMs down, when it is wanted; or NULL */
} services[] = {
	{ "services.libvirt", installed_libvirt, libvirt_sockets, 2, false,
	  WANTS "libvirt-guests.service" },
	{ "services.proxmox", installed_proxmox, proxmox_pids, 2, true,
	  WANTS "pve-guests.service" },
	{ "services.xen", installed_xen_dom0, xen_sockets, 1, false, NULL },
};

#define SERVICES (sizeof services / sizeof *services)

/* The paths that show it at work; those of any or of all. */
static void ask_at_work(struct machine *machine, const struct service *service,
                        struct answer *answer, const char **path)
{
	for (size_t i = 0; i < service->path_count; i++) {
		*path = service->paths[i];
		exists_ask(machine, *path, answer);
		if ((answer->status == STATUS_OBSERVED) != service->all)
			return;
	}
}

static void emit_service(const struct probe_run *run, const struct service *service)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	const char *path = service->installed(run->machine, &answer);
	if (answer.status == STATUS_ABSENT) {
		fact_none(run->facts, service->key, STATUS_ABSENT, "it is not installed", path);
		return;
	}
	if (answer.status != STATUS_OBSERVED) {
		relay_none(run->facts, service->key, &answer, path);
		return;
	}
	ask_at_work(run->machine, service, &answer, &path);
	relay_presence(run->facts, service->key, &answer, path);
}

/* Of the first that is installed. */
static void emit_shutdown(const struct probe_run *run)
{
	static const char key[] = "services.vm-shutdown";
	for (size_t i = 0; i < SERVICES; i++) {
		cleanup_answer struct answer answer = ANSWER_INIT;
		const char *path = services[i].shutdown;
		if (path == NULL)
			continue;
		services[i].installed(run->machine, &answer);
		if (answer.status == STATUS_OBSERVED) {
			exists_ask(run->machine, path, &answer);
			relay_presence(run->facts, key, &answer, path);
			return;
		}
		if (answer.status != STATUS_ABSENT) {
			relay_none(run->facts, key, &answer, path);
			return;
		}
	}
	fact_none(run->facts, key, STATUS_ABSENT, "neither libvirt nor Proxmox VE", WANTS);
}

static void run_services(const struct probe_run *run)
{
	for (size_t i = 0; i < SERVICES; i++)
		emit_service(run, &services[i]);
	emit_shutdown(run);
}

static const struct fact_declaration facts[] = {
	{ "services.libvirt", "bool, libvirt's daemon for QEMU takes connections" },
	{ "services.proxmox", "bool, Proxmox VE's cluster and node daemons run" },
	{ "services.xen", "bool, xenstored takes connections" },
	{ "services.vm-shutdown",
	  "bool, libvirt-guests or pve-guests shuts VMs down with this guest" },
	{ NULL, NULL },
};

const struct probe probe_services = {
	.id = "services",
	.title = "whether what manages VMs here is at work",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_services,
};
