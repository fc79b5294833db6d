/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question each, which the recorder asks the machine once for all probes. */
#include "probes/installed.h"

#include <string.h>

#include "probes/exists.h"

/* The one daemon of old, or the one that serves KVM alone. */
const char *installed_libvirt(struct machine *machine, struct answer *answer)
{
	static const char *const daemons[] = { "/usr/sbin/libvirtd", "/usr/sbin/virtqemud" };
	const char *path = exists_any(machine, daemons, 2, answer);
	return path != NULL ? path : daemons[1];
}

const char *installed_proxmox(struct machine *machine, struct answer *answer)
{
	static const char path[] = "/usr/bin/pveversion";
	exists_ask(machine, path, answer);
	return path;
}

/* Xen says `control_d` to the domain that controls it (tools/libs/light, xenfs). */
const char *installed_xen_dom0(struct machine *machine, struct answer *answer)
{
	static const char path[] = "/proc/xen/capabilities";
	if (machine_read_file(machine, path, answer) == STATUS_OBSERVED &&
	    strstr(answer->text, "control_d") == NULL)
		answer_set_status(answer, STATUS_ABSENT, "not the control domain");
	return path;
}

bool installed_host_of_vms(struct machine *machine)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_kvm(machine, &answer) != STATUS_ABSENT)
		return true;
	installed_libvirt(machine, &answer);
	if (answer.status == STATUS_OBSERVED)
		return true;
	installed_proxmox(machine, &answer);
	if (answer.status == STATUS_OBSERVED)
		return true;
	installed_xen_dom0(machine, &answer);
	return answer.status == STATUS_OBSERVED;
}
