/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table from marks to a verdict; the first row that fits is taken.  A "no"
 * stands only on silences that answered controls back (machine/mac_settle.c),
 * and an "open" only on an answer that reached a made-up MAC.
 */
#include "probes/mac_verdict.h"

#define BIT(probe) (1u << (probe))

/* Two more marks: forged frames get out, or they do not. */
#define GETS_OUT     MAC_PROBES
#define DOES_NOT_GET (MAC_PROBES + 1)

enum trait {
	TRAIT_NONE,
	TRAIT_BLOCKED,
	TRAIT_NOT_SENT,
	TRAIT_BROADCASTS,
	TRAIT_BY_SOURCE,
};

static const struct row {
	enum trait trait;
	unsigned seen;
	unsigned silent;
	unsigned unseen; /* silent or unclear or never asked */
	struct mac_verdict verdict;
} rows[] = {
	/* By no answer, but by when the answers ended: a link that fails then does the same. */
	{ TRAIT_BLOCKED, 0, 0, 0, { MAC_PORT_BLOCKED, MAC_MEDIUM } },
	{ TRAIT_NOT_SENT, 0, 0, 0, { MAC_LOCAL_FILTER, MAC_HIGH } },
	{ TRAIT_NONE, BIT(MAC_DHCP), 0, BIT(MAC_ALIVE), { MAC_OPEN, MAC_MEDIUM } },
	{ TRAIT_NONE, 0, 0, BIT(MAC_ALIVE), { MAC_NO_RESPONDER, MAC_HIGH } },
	/* Somebody looks at addresses: F passes with the guest's, and not with one of its own. */
	{ TRAIT_NONE, BIT(MAC_NESTED), BIT(MAC_SPARE), 0, { MAC_EGRESS_FILTERED, MAC_MEDIUM } },
	{ TRAIT_NONE, BIT(MAC_NESTED) | BIT(MAC_FORGED_ECHO), 0, 0, { MAC_OPEN, MAC_HIGH } },
	/*
	 * An ARP proxy answers in the network's place, and hides that frames from F are dropped;
	 * or the responder binds the guest's address to its MAC, and VMs would get through.
	 */
	{ TRAIT_NONE,
	  BIT(MAC_NESTED) | BIT(MAC_ECHO),
	  BIT(MAC_FORGED_ECHO),
	  0,
	  { MAC_EGRESS_FILTERED, MAC_MEDIUM } },
	/* Somebody answers for addresses that nobody has: the answer to F proves nothing. */
	{ TRAIT_NONE,
	  BIT(MAC_NESTED) | BIT(MAC_ANYTHING),
	  0,
	  BIT(MAC_ECHO),
	  { MAC_INCONCLUSIVE, MAC_LOW } },
	/* The blind spot: a proxy that answers for real addresses only looks the same. */
	{ TRAIT_NONE,
	  BIT(MAC_NESTED),
	  BIT(MAC_ECHO) | BIT(MAC_ANYTHING),
	  0,
	  { MAC_OPEN, MAC_MEDIUM } },
	{ TRAIT_NONE, BIT(MAC_NESTED), 0, 0, { MAC_INCONCLUSIVE, MAC_LOW } },
	{ TRAIT_BROADCASTS, BIT(GETS_OUT), 0, 0, { MAC_EGRESS_OK, MAC_MEDIUM } },
	{ TRAIT_BROADCASTS, BIT(DOES_NOT_GET), 0, 0, { MAC_EGRESS_FILTERED, MAC_MEDIUM } },
	{ TRAIT_NONE, BIT(GETS_OUT), BIT(MAC_ANONYMOUS), 0, { MAC_EGRESS_OK, MAC_MEDIUM } },
	{ TRAIT_NONE,
	  BIT(DOES_NOT_GET),
	  BIT(MAC_ANONYMOUS),
	  0,
	  { MAC_EGRESS_FILTERED, MAC_MEDIUM } },
	{ TRAIT_NONE,
	  BIT(GETS_OUT),
	  BIT(MAC_NESTED) | BIT(MAC_INGRESS),
	  0,
	  { MAC_INGRESS_FILTERED, MAC_HIGH } },
	{ TRAIT_NONE,
	  BIT(DOES_NOT_GET) | BIT(MAC_INGRESS),
	  BIT(MAC_NESTED),
	  0,
	  { MAC_EGRESS_FILTERED, MAC_HIGH } },
	{ TRAIT_BY_SOURCE,
	  BIT(DOES_NOT_GET),
	  BIT(MAC_NESTED),
	  0,
	  { MAC_EGRESS_FILTERED, MAC_MEDIUM } },
	{ TRAIT_NONE,
	  BIT(DOES_NOT_GET),
	  BIT(MAC_NESTED) | BIT(MAC_INGRESS),
	  0,
	  { MAC_FILTERED, MAC_HIGH } },
	{ TRAIT_NONE, BIT(MAC_DHCP), 0, BIT(DOES_NOT_GET), { MAC_OPEN, MAC_MEDIUM } },
	{ TRAIT_NONE, BIT(GETS_OUT) | BIT(MAC_INGRESS), 0, 0, { MAC_INCONCLUSIVE, MAC_LOW } },
	{ TRAIT_NONE, BIT(GETS_OUT), 0, 0, { MAC_EGRESS_OK, MAC_MEDIUM } },
	{ TRAIT_NONE, BIT(DOES_NOT_GET), 0, 0, { MAC_EGRESS_FILTERED, MAC_MEDIUM } },
	{ TRAIT_NONE, 0, 0, 0, { MAC_INCONCLUSIVE, MAC_LOW } },
};

static const char *const word_names[MAC_WORDS] = {
	[MAC_OPEN] = "open",
	[MAC_NOT_APPLICABLE] = "not-applicable",
	[MAC_EGRESS_OK] = "egress-ok-ingress-unknown",
	[MAC_INCONCLUSIVE] = "inconclusive",
	[MAC_NO_RESPONDER] = "no-responder",
	[MAC_LINK_DOWN] = "link-down",
	[MAC_NOT_PERMITTED] = "not-permitted",
	[MAC_INGRESS_FILTERED] = "ingress-filtered",
	[MAC_EGRESS_FILTERED] = "egress-filtered",
	[MAC_FILTERED] = "filtered",
	[MAC_PORT_BLOCKED] = "port-blocked",
	[MAC_LOCAL_FILTER] = "local-filter",
};

const char *mac_word_name(enum mac_word word)
{
	return word_names[word];
}

const char *mac_confidence_name(enum mac_confidence confidence)
{
	static const char *const names[] = {
		[MAC_LOW] = "low",
		[MAC_MEDIUM] = "medium",
		[MAC_HIGH] = "high",
	};
	return names[confidence];
}

static bool has_trait(const struct mac_observation *observation, enum trait trait)
{
	switch (trait) {
	case TRAIT_BLOCKED:
		return observation->blocked;
	case TRAIT_NOT_SENT:
		return observation->not_sent;
	case TRAIT_BROADCASTS:
		return observation->broadcasts;
	case TRAIT_BY_SOURCE:
		return observation->by_source;
	case TRAIT_NONE:
		break;
	}
	return true;
}

/*
 * A network that lost controls may have lost the questions, too, and not one by
 * one as is counted on: what silences say is then no more than likely.
 */
static struct mac_verdict within_loss(const struct row *row,
                                      const struct mac_observation *observation)
{
	struct mac_verdict verdict = row->verdict;
	bool by_silence = row->silent != 0 || (row->seen & BIT(DOES_NOT_GET)) != 0;
	if (by_silence && observation->lost_permille > 0 && verdict.confidence == MAC_HIGH)
		verdict.confidence = MAC_MEDIUM;
	return verdict;
}

struct mac_verdict mac_judge(const struct mac_observation *observation)
{
	unsigned seen = 0;
	unsigned silent = 0;
	for (unsigned i = 0; i < MAC_PROBES; i++) {
		seen |= observation->mark[i] == MAC_SEEN ? BIT(i) : 0;
		silent |= observation->mark[i] == MAC_SILENT ? BIT(i) : 0;
	}
	const unsigned egress = BIT(MAC_FORGED_ECHO) | BIT(MAC_EGRESS);
	if ((seen & egress) != 0)
		seen |= BIT(GETS_OUT);
	else if ((silent & egress) != 0)
		seen |= BIT(DOES_NOT_GET);
	const struct row *row = rows;
	while (!has_trait(observation, row->trait) || (seen & row->seen) != row->seen ||
	       (silent & row->silent) != row->silent || (seen & row->unseen) != 0)
		row++; /* the last row fits always */
	return within_loss(row, observation);
}

struct mac_verdict mac_judge_pair(const struct mac_observation *observation)
{
	const enum mac_mark egress = observation->mark[MAC_EGRESS];
	const enum mac_mark ingress = observation->mark[MAC_INGRESS];
	const enum mac_mark nested = observation->mark[MAC_NESTED];
	bool nothing_in = ingress == MAC_SILENT && nested == MAC_SILENT;
	if (observation->mark[MAC_ALIVE] != MAC_SEEN)
		return (struct mac_verdict){ MAC_NO_RESPONDER, MAC_HIGH };
	if (observation->blocked)
		return (struct mac_verdict){ MAC_PORT_BLOCKED, MAC_MEDIUM };
	if (egress == MAC_SEEN && nested == MAC_SEEN)
		return (struct mac_verdict){ MAC_OPEN, MAC_MEDIUM };
	if (egress == MAC_SEEN)
		return nothing_in ? (struct mac_verdict){ MAC_INGRESS_FILTERED, MAC_MEDIUM }
		                  : (struct mac_verdict){ MAC_EGRESS_OK, MAC_MEDIUM };
	if (egress != MAC_SILENT)
		return (struct mac_verdict){ MAC_INCONCLUSIVE, MAC_LOW };
	return (struct mac_verdict){ nothing_in ? MAC_FILTERED : MAC_EGRESS_FILTERED, MAC_MEDIUM };
}

/* Every word is one kind of answer: the port is fine, it is not, or nobody can tell. */
static bool is_answer(struct mac_verdict verdict)
{
	return verdict.word == MAC_OPEN || verdict.word >= MAC_INGRESS_FILTERED;
}

bool mac_is_final(struct mac_verdict verdict)
{
	return is_answer(verdict) && verdict.confidence == MAC_HIGH;
}

struct mac_verdict mac_combine(struct mac_verdict first, struct mac_verdict second)
{
	if (is_answer(first) != is_answer(second))
		return is_answer(first) ? first : second;
	/* one passes and one does not: VMs use both */
	if (is_answer(first) && (first.word == MAC_OPEN) != (second.word == MAC_OPEN))
		return first.word == MAC_OPEN ? second : first;
	if (first.word == MAC_NO_RESPONDER || second.word == MAC_NO_RESPONDER)
		return first.word == MAC_NO_RESPONDER ? second : first;
	return second.confidence > first.confidence ? second : first;
}
