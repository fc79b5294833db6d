/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds and keys of the documents of labs (collector/lab.h); nothing else includes it. */
#ifndef NESTREADY_COLLECTOR_LAB_KINDS_H
#define NESTREADY_COLLECTOR_LAB_KINDS_H

#include <stdio.h>

#include "collector/lab.h"

#define KIND_LAB      "lab"
#define KIND_STUDENT  "lab-student"
#define KIND_CODE     "lab-code"
#define KIND_TOKEN    "lab-token"
#define KIND_OVERRIDE "lab-override"
#define KIND_ATTEMPT  "lab-attempt"
#define KIND_SUM      "lab-sum"

static inline void lab_key(const char *lab, const char *student, char key[LAB_KEY_SIZE])
{
	snprintf(key, LAB_KEY_SIZE, "%.60s/%.100s", lab, student);
}

#endif
