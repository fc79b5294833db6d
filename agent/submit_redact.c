/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts, evidence and reasons come from the machine and are redacted; what
 * knowledge says of findings and remedies does not, and may well name addresses.
 */
#include "agent/submit_redact.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "machine/redact_text.h"

/* The first pattern that a fact's key fits says what its text is. */
static const struct {
	const char *key;
	enum { RULE_KEEP, RULE_STANDIN, RULE_TEXT } rule;
	unsigned detail; /* a kind of stand-in, or flags of redact_text */
} rules[] = {
	{ "l2.answer", RULE_KEEP, 0 },
	{ "caller.name", RULE_STANDIN, STANDIN_USER },
	{ "hyperv.kvp.host", RULE_STANDIN, STANDIN_HOST },
	{ "hyperv.kvp.vm-name", RULE_STANDIN, STANDIN_VM },
	{ "hyperv.kvp.vm-id", RULE_STANDIN, STANDIN_UUID },
	{ "dmi.product-uuid", RULE_STANDIN, STANDIN_UUID },
	{ "guest.boot-id", RULE_STANDIN, STANDIN_UUID },
	{ "*serial*", RULE_STANDIN, STANDIN_SERIAL },
	{ "*asset-tag", RULE_STANDIN, STANDIN_SERIAL },
	{ "*version*", RULE_TEXT, REDACT_NOT_IPV4 },
	{ "*.build", RULE_TEXT, REDACT_NOT_IPV4 },
	{ "os.kernel", RULE_TEXT, REDACT_NOT_IPV4 },
	{ "*", RULE_TEXT, 0 },
};

static json_t *redact_string(struct standins *standins, const char *key, const json_t *value)
{
	cleanup_text struct text out = TEXT_INIT;
	const char *text = json_string_value(value);
	size_t length = json_string_length(value), i = 0;
	while (fnmatch(rules[i].key, key, 0) != 0)
		i++;
	/* Registers and masks are written so, and identify nobody. */
	if (rules[i].rule == RULE_KEEP || strncmp(text, "0x", 2) == 0)
		return json_string(text);
	if (rules[i].rule == RULE_STANDIN)
		standin_add(standins, (enum standin_kind)rules[i].detail, text, length, &out);
	else
		redact_text(standins, rules[i].detail, text, length, &out);
	return out.failed ? NULL : json_stringn(text_string(&out), out.length);
}

/* A member of text, or of a list of texts. */
static int redact_member(struct standins *standins, const char *key, json_t *holder,
                         const char *member)
{
	json_t *value = json_object_get(holder, member);
	if (json_is_string(value))
		return json_object_set_new(holder, member, redact_string(standins, key, value));
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *item = json_array_get(value, i);
		if (json_is_string(item) &&
		    json_array_set_new(value, i, redact_string(standins, key, item)) != 0)
			return -1;
	}
	return 0;
}

static int redact_values(struct standins *standins, const char *key, json_t *holder)
{
	json_t *exceptions = json_object_get(holder, "exceptions");
	for (size_t i = 0; i < json_array_size(exceptions); i++) {
		if (redact_member(standins, key, json_array_get(exceptions, i), "value") != 0)
			return -1;
	}
	return redact_member(standins, key, holder, "value") != 0 ||
	                       redact_member(standins, "", holder, "why") != 0
	               ? -1
	               : 0;
}

static int redact_findings(struct standins *standins, json_t *findings)
{
	for (size_t i = 0; i < json_array_size(findings); i++) {
		json_t *finding = json_array_get(findings, i);
		json_t *evidence = json_object_get(finding, "evidence");
		for (size_t k = 0; k < json_array_size(evidence); k++) {
			json_t *piece = json_array_get(evidence, k);
			const char *key = json_string_value(json_object_get(piece, "key"));
			if (redact_values(standins, key == NULL ? "" : key, piece) != 0)
				return -1;
		}
		if (redact_member(standins, "", finding, "because") != 0)
			return -1;
	}
	return 0;
}

static int redact_all(struct standins *standins, json_t *report)
{
	const char *key;
	json_t *fact;
	json_t *probes = json_object_get(report, "probes");
	json_object_foreach(json_object_get(report, "facts"), key, fact)
	{
		if (redact_values(standins, key, fact) != 0)
			return -1;
	}
	for (size_t i = 0; i < json_array_size(probes); i++) {
		if (redact_member(standins, "", json_array_get(probes, i), "why") != 0)
			return -1;
	}
	return redact_findings(standins, json_object_get(report, "findings"));
}

/* A UUID of version 8 (RFC 9562, 5.8), the same for the same machine. */
static void digest_uuid(const char *uuid, char made[37])
{
	char lower[40], hex[SHA256_HEX_SIZE];
	snprintf(lower, sizeof lower, "%.36s", uuid);
	for (char *at = lower; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	sha256_hmac_hex("nestready system-uuid", lower, strlen(lower), hex);
	snprintf(made, 37, "%.8s-%.4s-8%.3s-8%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15,
	         hex + 18);
}

/* Who is no root cannot read the UUID; a machine has to be called something all the same. */
static int redact_guest(json_t *guest)
{
	const char *uuid = json_string_value(json_object_get(guest, "system_uuid"));
	const char *machine = json_string_value(json_object_get(guest, "machine_id"));
	const char *host = json_string_value(json_object_get(guest, "hostname"));
	char word[64], hex[SHA256_HEX_SIZE];
	json_object_del(guest, "boot_id");
	if (uuid != NULL) {
		digest_uuid(uuid, word);
		json_object_del(guest, "hostname");
		return json_object_set_new(guest, "system_uuid", json_string(word));
	}
	sha256_hmac_hex("nestready host", host == NULL ? "" : host, host == NULL ? 0 : strlen(host),
	                hex);
	snprintf(word, sizeof word, "guest-%.12s", machine != NULL ? machine : hex);
	return json_object_set_new(guest, "hostname", json_string(word));
}

int submit_redact(json_t *report, struct error *err)
{
	struct standins standins = { .failed = false };
	int status = redact_all(&standins, report);
	if (status == 0)
		status = redact_guest(json_object_get(report, "guest"));
	if (standins.failed)
		status = -1;
	standins_clear(&standins);
	return status == 0 ? 0 : error_set(err, ERROR_INTERNAL, 0, "out of memory");
}
