/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's I/O ports that KVM does not serve itself, and the loop that runs the guest. */
#ifndef NESTREADY_LAB_L0_PORTS_H
#define NESTREADY_LAB_L0_PORTS_H

#include "base/error.h"
#include "tests/lab/l0/backdoor.h"
#include "tests/lab/l0/serial.h"
#include "tests/lab/l0/vm.h"

struct ports {
	struct serial serial[2];
	struct backdoor backdoor;
};

/* Runs the guest until it resets itself: 0.  Negative when it cannot run on. */
int ports_run(struct ports *ports, const struct vm *vm, struct error *err);

#endif
