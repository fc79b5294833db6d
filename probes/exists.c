/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readlink says EINVAL of what is there and no link (readlink(2)). */
#include "probes/exists.h"

#include <errno.h>

enum status exists_ask(struct machine *machine, const char *path, struct answer *answer)
{
	machine_read_link(machine, path, answer);
	if (answer->status == STATUS_FAILED && answer->sys_errno == EINVAL)
		answer_set_text(answer, "", 0);
	return answer->status;
}

const char *exists_any(struct machine *machine, const char *const *paths, size_t count,
                       struct answer *answer)
{
	for (size_t i = 0; i < count; i++)
		if (exists_ask(machine, paths[i], answer) == STATUS_OBSERVED)
			return paths[i];
	return NULL;
}
