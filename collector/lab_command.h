/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `nestready-collector lab` share. */
#ifndef NESTREADY_COLLECTOR_LAB_COMMAND_H
#define NESTREADY_COLLECTOR_LAB_COMMAND_H

#include "collector/options.h"
#include "collector/store.h"

/* Who changes things from the command line, for the log. */
void lab_command_caller(char who[64]);

int lab_command_add(struct store *store, const struct options *options, struct error *err);

#endif
