/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MAC addresses in settings of the network, whoever reads them. */
#ifndef NESTREADY_PROBES_MAC_TEXT_H
#define NESTREADY_PROBES_MAC_TEXT_H

#include <stdbool.h>

/* Whether a line that is no comment (# or ;) has a MAC address in it. */
bool mac_text_names_one(const char *text);

#endif
