/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of libmnl.c in a program that never asks for interfaces, so that it
 * needs no loader of libraries.
 */
#include "base/text.h"
#include "machine/libmnl.h"

bool libmnl_load(struct libmnl *mnl, char *why, size_t size)
{
	(void)mnl;
	text_cut(why, size, "only nestready-probe-net asks for interfaces");
	return false;
}
