/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firmware says of the machine: DMI, and ACPI where there is no DMI. */
#ifndef NESTREADY_PROBES_DMI_H
#define NESTREADY_PROBES_DMI_H

#include "probes/probe.h"

/*
 * Emits the facts `dmi.*` and `acpi.oem-id`.  `nameless`: CPUID names no
 * hypervisor, so that the firmware's own word on being virtual is wanted too.
 */
void dmi_emit(const struct probe_run *run, bool nameless);

#endif
