/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the agent itself sits in a container: then it is not on the guest's own ground. */
#ifndef NESTREADY_PROBES_CONTAINER_H
#define NESTREADY_PROBES_CONTAINER_H

#include "probes/probe.h"

/* Emits `container.kind`.  `release` is the kernel's, "" when not known. */
void container_emit(const struct probe_run *run, const char *release);

#endif
