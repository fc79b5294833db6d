/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See per_nic.h: the facts as they would be if that interface were the only one. */
#include "report/per_nic.h"

#include <stdio.h>
#include <string.h>

/* The interface of a key net.NIC.mac-filter.  False: it is none. */
static bool nic_of(const char *key, char nic[16])
{
	static const char end[] = ".mac-filter";
	const size_t tail = sizeof end - 1;
	size_t length = strlen(key);
	if (strncmp(key, "net.", 4) != 0 || length < 4 + 1 + tail || length > 4 + 15 + tail ||
	    strcmp(key + length - tail, end) != 0)
		return false;
	snprintf(nic, 16, "%.*s", (int)(length - 4 - tail), key + 4);
	return true;
}

static struct fact_set *copy(const struct fact_set *facts)
{
	struct fact_set *same = fact_set_new();
	for (size_t i = 0; same != NULL && i < fact_set_count(facts); i++) {
		if (fact_set_add(same, fact_set_at(facts, i)) != 0) {
			fact_set_free(same);
			return NULL;
		}
	}
	return same;
}

static const char *confidence_of(const struct fact_set *facts, const char *nic)
{
	char key[64];
	snprintf(key, sizeof key, "net.%s.mac-filter.confidence", nic);
	const struct fact *fact = fact_set_find(facts, key);
	const char *text = fact == NULL ? NULL : json_string_value(fact->value);
	return text == NULL ? "" : text;
}

static int judge_nic(const struct requirement *requirement, struct fact_set *facts,
                     const struct fact *fact, struct nic_finding *found)
{
	struct finding finding;
	struct fact alone = *fact;
	alone.key = FINDING_NETWORK;
	if (fact_set_add(facts, &alone) != 0)
		return -1;
	judge_requirement(requirement, facts, &finding);
	found->word = json_string_value(fact->value);
	found->outcome = finding.outcome;
	found->gap = finding.gap;
	return found->word == NULL ? -1 : 0;
}

int per_nic_judge(const struct requirement *requirement, const struct fact_set *facts,
                  struct nic_finding list[PER_NIC_MAX])
{
	struct fact_set *alone = NULL;
	int count = 0;
	for (size_t i = 0; i < fact_set_count(facts) && count >= 0 && count < PER_NIC_MAX; i++) {
		const struct fact *fact = fact_set_at(facts, i);
		struct nic_finding *found = &list[count];
		if (fact->status != STATUS_OBSERVED || !nic_of(fact->key, found->nic))
			continue;
		if (alone == NULL)
			alone = copy(facts);
		found->confidence = confidence_of(facts, found->nic);
		if (alone == NULL || judge_nic(requirement, alone, fact, found) != 0)
			count = -1;
		else
			count++;
	}
	fact_set_free(alone);
	return count;
}
