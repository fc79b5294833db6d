/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which answers hold identifiers that their form does not tell, and the walk over all answers. */
#include "machine/redact.h"

#include <endian.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/redact_text.h"
#include "machine/snapshot.h"

typedef void redact_function(struct standins *standins, const char *bytes, size_t length,
                             struct text *out);

/* The whole text but for the newline at its end. */
static void redact_line(struct standins *standins, enum standin_kind kind, const char *bytes,
                        size_t length, struct text *out)
{
	size_t line = length;
	while (line > 0 && strchr("\n\r ", bytes[line - 1]) != NULL)
		line--;
	standin_add(standins, kind, bytes, line, out);
	text_add_bytes(out, bytes + line, length - line);
}

static void redact_host(struct standins *standins, const char *bytes, size_t length,
                        struct text *out)
{
	redact_line(standins, STANDIN_HOST, bytes, length, out);
}

static void redact_serial(struct standins *standins, const char *bytes, size_t length,
                          struct text *out)
{
	redact_line(standins, STANDIN_SERIAL, bytes, length, out);
}

static void redact_version(struct standins *standins, const char *bytes, size_t length,
                           struct text *out)
{
	redact_text(standins, REDACT_NOT_IPV4, bytes, length, out);
}

/* Subnets that libvirt makes up are the same everywhere; which ones overlap must stay. */
static void redact_networks(struct standins *standins, const char *bytes, size_t length,
                            struct text *out)
{
	redact_text(standins, REDACT_NOT_IPV4, bytes, length, out);
}

static void redact_classes(struct standins *standins, const char *bytes, size_t length,
                           struct text *out)
{
	redact_text(standins, REDACT_NOT_UUID, bytes, length, out);
}

/* Variables, each with a NUL.  Only the one that names a container's maker keeps its value. */
static void redact_environment(struct standins *standins, const char *bytes, size_t length,
                               struct text *out)
{
	static const char kept[] = "container=";
	const char *end = bytes + length;
	for (const char *entry = bytes; entry < end;) {
		size_t size = strnlen(entry, (size_t)(end - entry));
		const char *equals = memchr(entry, '=', size);
		size_t name = equals == NULL ? 0 : (size_t)(equals - entry) + 1;
		if (name == strlen(kept) && memcmp(entry, kept, name) == 0)
			name = size;
		text_add_bytes(out, entry, name);
		standin_add(standins, STANDIN_VALUE, entry + name, size - name, out);
		entry += size;
		if (entry < end)
			text_add_bytes(out, entry++, 1);
	}
}

/* HV_KVP_EXCHANGE_MAX_KEY_SIZE and ..._VALUE_SIZE, include/uapi/linux/hyperv.h. */
#define KVP_KEY   512
#define KVP_VALUE 2048

/* What the values of these keys are; all others are some text. */
static const struct {
	const char *key; /* pattern */
	enum standin_kind kind;
} kvp_kinds[] = {
	{ "*HostName*", STANDIN_HOST },
	{ "*DomainName*", STANDIN_HOST },
	{ "VirtualMachineName", STANDIN_VM },
	{ "VirtualMachineId", STANDIN_UUID },
};

/* Numbers and versions identify nobody; anybody may have written anything else. */
static void redact_kvp_value(struct standins *standins, const char *key, const char *value,
                             size_t length, struct text *out)
{
	if (strspn(value, "0123456789.") == length) {
		text_add_bytes(out, value, length);
		return;
	}
	enum standin_kind kind = STANDIN_VALUE;
	for (size_t i = 0; i < sizeof kvp_kinds / sizeof kvp_kinds[0]; i++)
		if (kind == STANDIN_VALUE && fnmatch(kvp_kinds[i].key, key, 0) == 0)
			kind = kvp_kinds[i].kind;
	standin_add(standins, kind, value, length, out);
}

/* Writes one record.  A value that does not end, as a torn file has it, will not end either. */
static void redact_record(struct standins *standins, const char *record, struct text *out)
{
	char key[KVP_KEY + 1] = "";
	char value[KVP_VALUE + 1] = "";
	memcpy(key, record, KVP_KEY);
	memcpy(value, record + KVP_KEY, KVP_VALUE);
	size_t length = strlen(value);
	cleanup_text struct text redacted = TEXT_INIT;
	redact_kvp_value(standins, key, value, length, &redacted);
	out->failed |= redacted.failed;
	size_t size = redacted.length < KVP_VALUE ? redacted.length : KVP_VALUE - 1;
	memset(value, length < KVP_VALUE ? '\0' : 'x', KVP_VALUE);
	memcpy(value, text_string(&redacted), size);
	text_add_bytes(out, record, KVP_KEY);
	text_add_bytes(out, value, KVP_VALUE);
}

/* Records of fixed size.  What is left of a torn one becomes NULs. */
static void redact_kvp(struct standins *standins, const char *bytes, size_t length,
                       struct text *out)
{
	size_t at = 0;
	for (; length - at >= KVP_KEY + KVP_VALUE; at += KVP_KEY + KVP_VALUE)
		redact_record(standins, bytes + at, out);
	for (; at < length; at++)
		text_add_bytes(out, "", 1);
}

/* QUESTION_CALLER: the line with the name. */
static void redact_caller(struct standins *standins, const char *bytes, size_t length,
                          struct text *out)
{
	static const char word[] = "name ";
	size_t skip = strlen(word);
	const char *end = bytes + length;
	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t size = newline == NULL ? (size_t)(end - bytes) : (size_t)(newline - bytes);
		bool named = size > skip && memcmp(bytes, word, skip) == 0;
		text_add_bytes(out, bytes, named ? skip : size);
		if (named)
			standin_add(standins, STANDIN_USER, bytes + skip, size - skip, out);
		bytes += size;
		if (newline != NULL)
			text_add_bytes(out, bytes++, 1);
	}
}

/* Networks that are nobody's own: RFC 1918, 6598, 3927, 1122, and 0 and 224 to 255. */
static bool is_common_network(uint32_t address)
{
	uint32_t first = address >> 24;
	uint32_t two = address >> 16;
	return first == 0 || first == 10 || first == 127 || first >= 224 || two == 0xc0a8 ||
	       two == 0xa9fe || two >> 4 == 0xac1 || two >> 6 == 0x6440 >> 6;
}

/* /proc/net/route: an address is eight hex digits in the order of bytes of the machine. */
static void redact_routes(struct standins *standins, const char *bytes, size_t length,
                          struct text *out)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *end = bytes + length;
	while (bytes < end) {
		size_t word = strspn(bytes, digits);
		char hex[9] = "";
		if (word == 8)
			memcpy(hex, bytes, 8);
		if (word == 8 && !is_common_network(be32toh((uint32_t)strtoul(hex, NULL, 16))))
			standin_add(standins, STANDIN_NETWORK, bytes, 8, out);
		else
			text_add_bytes(out, bytes, word);
		bytes += word;
		for (word = 0; bytes + word < end && strchr(digits, bytes[word]) == NULL;)
			word++;
		text_add_bytes(out, bytes, word);
		bytes += word;
		if (word == 0 && bytes < end)
			text_add_bytes(out, bytes++, 1);
	}
}

static void redact_any(struct standins *standins, const char *bytes, size_t length,
                       struct text *out)
{
	redact_text(standins, 0, bytes, length, out);
}

/* The first pattern that a question's key fits says how its text is redacted. */
static const struct {
	const char *key;
	redact_function *redact;
} rules[] = {
	{ "file /proc/sys/kernel/hostname", redact_host },
	{ "file /etc/hostname", redact_host },
	{ "file *[_/]serial", redact_serial },
	{ "file *_asset_tag", redact_serial },
	{ "file /proc/*/environ", redact_environment },
	{ "file */.kvp_pool_*", redact_kvp },
	{ "* /sys/bus/vmbus*", redact_classes },
	{ "* /sys/firmware/efi/*", redact_classes },
	{ "uname", redact_version },
	{ "caller", redact_caller },
	{ "file /proc/net/route", redact_routes },
	{ "file /etc/libvirt/qemu/networks/*", redact_networks },
	{ "file *version*", redact_version },
	{ "file *release*", redact_version },
	{ "*", redact_any },
};

static void redact_by_rule(struct standins *standins, const char *key, const struct answer *answer,
                           struct text *out)
{
	size_t i = 0;
	while (fnmatch(rules[i].key, key, 0) != 0)
		i++;
	rules[i].redact(standins, answer->text, answer->length, out);
}

/* Stand-ins may be longer than originals, but no text is longer than a file may be. */
static void replace_text(struct answer *answer, struct text *text)
{
	bool cut = text->length > MACHINE_FILE_LIMIT;
	bool truncated = answer->truncated || cut;
	enum status status = answer->status;
	answer_set_text(answer, text_string(text), cut ? MACHINE_FILE_LIMIT : text->length);
	text->failed |= answer->text == NULL;
	answer->truncated = truncated;
	answer->status = status;
}

static json_t *redact_answer(struct standins *standins, const char *key, const json_t *json,
                             struct error *err)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	cleanup_text struct text text = TEXT_INIT;
	cleanup_text struct text why = TEXT_INIT;
	if (answer_from_json(json, &answer, err) != 0)
		return NULL;
	redact_text(standins, 0, answer.why, strlen(answer.why), &why);
	snprintf(answer.why, sizeof answer.why, "%s", text_string(&why));
	if (answer.text != NULL) {
		redact_by_rule(standins, key, &answer, &text);
		replace_text(&answer, &text);
	}
	bool failed = standins->failed || text.failed || why.failed;
	json_t *redacted = failed ? NULL : answer_to_json(&answer);
	if (redacted == NULL)
		error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return redacted;
}

static int by_name(const void *first, const void *second)
{
	return strcmp(*(const char *const *)first, *(const char *const *)second);
}

/* Numbers are given in the order of the keys, whatever the order in which questions were asked. */
int redact_answers(json_t *answers, struct error *err)
{
	size_t count = json_object_size(answers);
	cleanup_free const char **keys = calloc(count + 1, sizeof *keys);
	if (keys == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	size_t filled = 0;
	const char *key;
	json_t *value;
	json_object_foreach(answers, key, value)
	{
		keys[filled++] = key;
	}
	qsort(keys, count, sizeof *keys, by_name);
	struct standins standins = { .failed = false };
	int failed = 0;
	for (size_t i = 0; i < count && failed == 0; i++) {
		json_t *redacted =
		        redact_answer(&standins, keys[i], json_object_get(answers, keys[i]), err);
		failed = redacted == NULL ||
		         json_object_set_new_nocheck(answers, keys[i], redacted) != 0;
		if (failed != 0)
			error_wrap(err, "answers: \"%.100s\"", keys[i]);
	}
	standins_clear(&standins);
	return failed == 0 ? 0 : error_set(err, ERROR_INTERNAL, 0, "out of memory");
}
