/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. */
#ifndef NESTREADY_LAB_L0_OPTIONS_H
#define NESTREADY_LAB_L0_OPTIONS_H

#include <stddef.h>

#include "base/error.h"
#include "tests/lab/l0/backdoor.h"
#include "tests/lab/l0/identity.h"

struct options {
	const char *kernel;
	const char *initrd;
	const char *append;
	size_t memory; /* bytes */
	const struct identity *identity;
	unsigned hidden; /* 1 << enum cpuid_feature */
	struct backdoor backdoor;
};

extern const char options_usage[];

/* 0 or negative. */
int options_parse(struct options *options, int argc, char **argv, struct error *err);

#endif
