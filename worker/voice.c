/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See voice.h. */
#include "worker/voice.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "report/wire.h"

bool voice_declares(const struct probe *probe, const char *key)
{
	for (const struct fact_declaration *fact = probe->facts; fact->key != NULL; fact++)
		if (strcmp(fact->key, key) == 0 ||
		    (strchr(fact->key, '*') != NULL && fnmatch(fact->key, key, 0) == 0))
			return true;
	return false;
}

static void on_fact(struct fact_sink *sink, const struct fact *fact)
{
	struct voice *voice = (struct voice *)sink;
	if (!voice_declares(voice->probe, fact->key)) {
		if (voice->fault[0] == '\0')
			snprintf(voice->fault, sizeof voice->fault, "undeclared fact \"%s\"",
			         fact->key);
		return;
	}
	struct text *out = outbox_lock(voice->outbox);
	size_t before = out->length;
	wire_fact(out, voice->probe->id, fact);
	if (out->length - before > WIRE_LINE_MAX) {
		struct fact failed = { .key = fact->key,
			               .status = STATUS_FAILED,
			               .why = "the value is too long to be reported",
			               .source = fact->source };
		out->length = before;
		wire_fact(out, voice->probe->id, &failed);
	}
	outbox_commit(voice->outbox);
}

void voice_begin(struct voice *voice, struct outbox *outbox, const struct probe *probe)
{
	*voice = (struct voice){
		.sink = { on_fact },
		.outbox = outbox,
		.probe = probe,
		.began = uv_hrtime(),
	};
	wire_begin(outbox_lock(outbox), probe->id, probe->deadline_ms);
	outbox_commit(outbox);
}

void voice_nothing(struct voice *voice, enum status status, const char *why)
{
	for (const struct fact_declaration *fact = voice->probe->facts; fact->key != NULL; fact++)
		if (strchr(fact->key, '*') == NULL)
			fact_none(&voice->sink, fact->key, status, why, NULL);
}

void voice_end(struct voice *voice, enum status status, const char *why)
{
	if (voice->fault[0] != '\0') {
		status = STATUS_FAILED;
		why = voice->fault;
	}
	wire_end(outbox_lock(voice->outbox), voice->probe->id, status, why,
	         (uv_hrtime() - voice->began) / 1000);
	outbox_commit(voice->outbox);
}
