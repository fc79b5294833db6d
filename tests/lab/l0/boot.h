/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a Linux kernel into the guest's memory and its vCPU at the kernel's
 * entry: the 64-bit boot protocol, Linux Documentation/x86/boot.rst.
 */
#ifndef NESTREADY_LAB_L0_BOOT_H
#define NESTREADY_LAB_L0_BOOT_H

#include "base/error.h"
#include "tests/lab/l0/vm.h"

/* The kernel is a bzImage.  0 or negative. */
int boot_linux(const struct vm *vm, const char *kernel, const char *initrd, const char *command,
               struct error *err);

#endif
