/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that the platform can take from the running guest.
 *
 * A bound balloon driver shows that it could, not that it does: libvirt gives
 * every VM a balloon, and Hyper-V offers its channel with dynamic memory off
 * too.  So `memory.dynamic` is true only when pages are gone right now, false
 * only when no driver is bound, and else not known from here.  Memory that is
 * plugged and unplugged as a device (virtio-mem, ACPI) is not looked at.
 */
#ifndef NESTREADY_PROBES_BALLOON_H
#define NESTREADY_PROBES_BALLOON_H

#include <stdint.h>

#include "probes/probe.h"

/* Emits memory.balloon and memory.dynamic; `ballooned`: bytes that the kernel says are gone. */
void balloon_emit(const struct probe_run *run, uint64_t ballooned);

#endif
