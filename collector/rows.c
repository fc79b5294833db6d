/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of members are an interface (doc/collector.md). */
#include "collector/rows.h"

#include <stdio.h>

#include "collector/answer.h"
#include "collector/words.h"

json_t *row_report(const struct store_report *row, int64_t stale)
{
	char time[WORD_TIME_SIZE], received[WORD_TIME_SIZE];
	word_time_write(row->time, time);
	word_time_write(row->received, received);
	json_t *json = json_pack(
	        "{s:s, s:o, s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:I}", "guest",
	        row->guest, "lab", answer_string(row->lab), "name", row->name, "hostname",
	        answer_string(row->hostname), "platform", answer_string(row->platform), "target",
	        row->target, "verdict", row->verdict, "basis", row->basis, "agent",
	        answer_string(row->agent), "report", row->id, "time", time, "received", received,
	        "seq", (json_int_t)row->seq);
	if (json != NULL && stale != 0)
		json_object_set_new(json, "stale", json_boolean(row->received < stale));
	return json;
}

int rows_take_report(void *context, const struct store_report *row)
{
	struct rows *rows = context;
	rows->more = json_array_size(rows->list) == rows->limit;
	if (rows->more)
		return 1;
	if (json_array_append_new(rows->list, row_report(row, rows->stale)) != 0) {
		rows->failed = true;
		return 1;
	}
	if (rows->by_guest)
		snprintf(rows->next, sizeof rows->next, "%s.%s", row->guest, row->target);
	else
		snprintf(rows->next, sizeof rows->next, "%lld", (long long)row->seq);
	return 0;
}

json_t *rows_page(struct rows *rows, const char *name)
{
	json_t *list = rows->list;
	rows->list = NULL;
	if (rows->failed) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:o, s:o}", name, list, "next",
	                 answer_string(rows->more ? rows->next : NULL));
}
