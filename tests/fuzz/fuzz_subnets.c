/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes, libvirt's networks and groups: what is found is well formed, and nothing is read beyond.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/caller.h"
#include "probes/subnets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct subnet *subnet)
{
	char text[SUBNET_TEXT];
	subnet_text(subnet, text);
	if (memchr(subnet->device, '\0', sizeof subnet->device) == NULL ||
	    strchr(text, '/') == NULL || !subnets_overlap(subnet, subnet))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	cleanup_text struct text groups = TEXT_INIT;
	struct subnet subnet;
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (const char *rest = text; subnets_next_route(&rest, &subnet);)
		check(&subnet);
	if (subnets_libvirt(text, &subnet))
		check(&subnet);
	caller_add_groups(&groups, text, "alice");
	if (strspn(text_string(&groups), " 0123456789") != groups.length)
		abort();
	free(text);
	return 0;
}
