/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests that were copied and not made new, and what makes them new. */
#include "collector/identity.h"
#include "collector/routes.h"

int route_clones(struct exchange *exchange, struct store *store, struct error *err)
{
	json_t *clones = identity_clones(store, err);
	if (clones == NULL)
		return -1;
	answer_json(&exchange->answer,
	            json_pack("{s:o, s:s}", "clones", clones, "remedy",
	                      "before a guest is copied: sudo nestready preclone; after that, what "
	                      "it lists, in each copy; a system UUID and MAC addresses are given "
	                      "anew by the platform"));
	return 0;
}
