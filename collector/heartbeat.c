/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As strict as with a report (intake.c): schema/heartbeat.schema.json. */
#include "collector/heartbeat.h"

#include <string.h>

#include "base/json_at.h"
#include "collector/shape.h"

static int take(const json_t *json, const char *lab, struct heartbeat *heartbeat, struct error *err)
{
	const json_t *guest = json_object_get(json, "guest");
	const char *uuid = json_at_text(guest, "system_uuid"),
	           *hostname = json_at_text(guest, "hostname");
	struct store_heard *heard = &heartbeat->heard;
	if (strlen(json_at_text(json, "target")) > INTAKE_NAME_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "target: longer than %d bytes",
		                 INTAKE_NAME_MAX);
	text_cut(heartbeat->id, sizeof heartbeat->id, json_at_text(json, "id"));
	text_cut(heartbeat->name, sizeof heartbeat->name, uuid[0] != '\0' ? uuid : hostname);
	if (heartbeat->name[0] == '\0')
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "guest: expected system_uuid or hostname, to know whose it is");
	intake_guest(lab, heartbeat->name, heard->guest);
	text_cut(heard->target, sizeof heard->target, json_at_text(json, "target"));
	text_cut(heard->verdict, sizeof heard->verdict, json_at_text(json, "verdict"));
	text_cut(heard->report, sizeof heard->report, json_at_text(json, "full"));
	return 0;
}

int heartbeat_read(const char *bytes, size_t length, const char *lab, struct heartbeat *heartbeat,
                   bool *well_formed, struct error *err)
{
	json_t *json = intake_json(bytes, length, err);
	int status = -1;
	*heartbeat = (struct heartbeat){ .id = "" };
	*well_formed = json != NULL;
	if (json != NULL && shape_check(shape_heartbeat, json, err) == 0)
		status = take(json, lab, heartbeat, err);
	json_decref(json);
	return status;
}
