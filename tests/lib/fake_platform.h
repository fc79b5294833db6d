/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layers made up by a test: a bare machine on which everything that the
 * platform probes ask is absent, and what turns it into a guest.
 */
#ifndef NESTREADY_TESTS_LIB_FAKE_PLATFORM_H
#define NESTREADY_TESTS_LIB_FAKE_PLATFORM_H

#include "tests/lib/fake_machine.h"

/* No hypervisor bit, no DMI, no ACPI, no paravirtual bus, no container; Debian's kernel. */
struct fake_machine *fake_bare_machine(void);

/* The same under a hypervisor that signs nowhere; what follows adds signatures to such a machine.
 */
struct fake_machine *fake_guest_machine(void);

void fake_signature(struct fake_machine *fake, uint32_t base, uint32_t max_leaf, const char *text);

/* The usual signatures, with the leaf behind each. */
void fake_kvm(struct fake_machine *fake, uint32_t base);
void fake_xen(struct fake_machine *fake, uint32_t base);
void fake_vmware(struct fake_machine *fake);

/* Hyper-V's interface, build 20348, no root partition; a leaf may be replaced afterwards. */
void fake_hyperv(struct fake_machine *fake, const char *signature);

/* What is in /sys/class/dmi/id: pairs of a file and its text, ended by NULL. */
void fake_dmi(struct fake_machine *fake, ...);

#endif
