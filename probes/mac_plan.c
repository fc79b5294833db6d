/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_plan.h. */
#include "probes/mac_plan.h"

#include <stdio.h>
#include <string.h>

#include "machine/mac.h"
#include "probes/mac_describe.h"

static const char table[] = "rtnetlink";

const char *mac_plan_objection(const struct probe_run *run, const struct nics *nics,
                               const struct nic *nic, struct mac_verdict *verdict)
{
	const char *why = nic_unfit(nics, nic);
	*verdict = (struct mac_verdict){ MAC_NOT_APPLICABLE, MAC_HIGH };
	if (why == NULL && run->settings->nics == NULL)
		why = nic_guarded(nic);
	if (why == NULL && (nic->flags & NIC_CARRIER) == 0) {
		*verdict = (struct mac_verdict){ MAC_LINK_DOWN, MAC_HIGH };
		why = "it has no carrier";
	}
	return why;
}

/* Who would be asked over that interface; "" when nobody could be. */
static void name_asked(const struct probe_run *run, const struct nic_path *four,
                       const struct nic_path *six, size_t others, char *line, size_t size)
{
	bool by_four = four->own != NULL && four->responder_count > 0;
	bool by_six = six->own != NULL && six->responder_count > 0;
	if (by_four || by_six)
		snprintf(line, size, "%s%s%s", by_four ? four->responder[0] : "",
		         by_four && by_six ? " or " : "", by_six ? six->responder[0] : "");
	else
		snprintf(line, size, "%s",
		         run->settings->mac_dhcp ? "all, for an address"
		         : others > 0            ? "another interface of this guest"
		                                 : "");
}

void mac_plan_emit(const struct probe_run *run, const struct nics *nics,
                   const struct nic *const *list, size_t count)
{
	json_t *plan = json_array();
	size_t fit = 0;
	int families = 1;
	struct mac_verdict verdict;
	for (size_t i = 0; i < count; i++)
		fit += mac_plan_objection(run, nics, list[i], &verdict) == NULL;
	for (size_t i = 0; i < count; i++) {
		struct nic_path four;
		struct nic_path six;
		char asked[2 * NIC_ADDRESS];
		char line[160];
		if (mac_plan_objection(run, nics, list[i], &verdict) != NULL)
			continue;
		nic_find_path(nics, list[i], false, &four);
		nic_find_path(nics, list[i], true, &six);
		name_asked(run, &four, &six, fit - 1, asked, sizeof asked);
		if (six.responder_count > 0)
			families = 2;
		snprintf(line, sizeof line, "%s to %s", list[i]->name, asked);
		if (asked[0] != '\0')
			mac_describe_line(plan, line);
	}
	int pairs = fit < 2 ? 0 : (int)(fit - 1) * (run->settings->vlan == NULL ? 1 : 2);
	fact_list(run->facts, "net.mac-filter.plan", plan, table);
	fact_int(run->facts, "net.mac-filter.most", families * MAC_FRAMES + pairs * MAC_PAIR_FRAMES,
	         table);
}

/* Named twice it is tested once. */
static bool is_listed(const struct nic *const *list, size_t count, const struct nic *nic)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == nic)
			return true;
	return false;
}

bool mac_plan_choose(const struct probe_run *run, const struct nics *nics, const struct nic **list,
                     size_t *count, char *why, size_t size)
{
	const char *names = run->settings->nics;
	*count = 0;
	if (names == NULL) {
		*count = nics_candidates(nics, list, MAC_PLAN_NICS);
		snprintf(why, size,
		         "no default route leads out of this guest; --nic names an interface");
		return *count > 0;
	}
	while (names != NULL && *count < MAC_PLAN_NICS) {
		char name[NIC_NAME];
		size_t length = strcspn(names, ",");
		snprintf(name, sizeof name, "%.*s", (int)length, names);
		const struct nic *nic = nics_find(nics, name);
		if (nic == NULL) {
			snprintf(why, size, "there is no interface %s%s", name,
			         nics->count < NICS_MAX ? "" : " among the first of many");
			return false;
		}
		if (!is_listed(list, *count, nic))
			list[(*count)++] = nic;
		names = names[length] == ',' ? names + length + 1 : NULL;
	}
	return true;
}
