/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats, each defined in the file of its name. */
#ifndef NESTREADY_IMPORT_FORMATS_H
#define NESTREADY_IMPORT_FORMATS_H

#include "import/import.h"

extern const struct import_format import_cpuid_dump;
extern const struct import_format import_cpuid_raw;
extern const struct import_format import_systeminfo;
extern const struct import_format import_coreinfo;
extern const struct import_format import_esxcfg_info;

#endif
