/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nestready-collector does besides serving; each returns 0, or -1 and *err. */
#ifndef NESTREADY_COLLECTOR_COMMANDS_H
#define NESTREADY_COLLECTOR_COMMANDS_H

#include "collector/options.h"

int command_serve(const struct options *options, struct error *err);
int command_token(const struct options *options, struct error *err); /* add, list, revoke ID */
int command_lab(const struct options *options, struct error *err);   /* lab_command.c */
int command_prune(const struct options *options, struct error *err);
int command_backup(const struct options *options, struct error *err); /* FILE */
int command_import(const struct options *options, struct error *err); /* DIRECTORY */

#endif
