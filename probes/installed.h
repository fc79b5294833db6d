/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which software for VMs is installed in this guest, and whether VMs are any business of its. */
#ifndef NESTREADY_PROBES_INSTALLED_H
#define NESTREADY_PROBES_INSTALLED_H

#include <stdbool.h>

#include "machine/machine.h"

/* Each answers observed or absent, or why that is not known, and gives the file that it looked at.
 */
const char *installed_libvirt(struct machine *machine, struct answer *answer);
const char *installed_proxmox(struct machine *machine, struct answer *answer);

/* The same; observed only in the domain that controls Xen. */
const char *installed_xen_dom0(struct machine *machine, struct answer *answer);

/*
 * Whether this guest has /dev/kvm (though it may be refused), or software for
 * VMs.  Where it has neither, what its VMs would need is not asked: there
 * is something else to mend first, and a check has no time to spare.
 */
bool installed_host_of_vms(struct machine *machine);

/* The words for it. */
#define INSTALLED_NO_HOST "this guest has no /dev/kvm and no software for VMs"

#endif
