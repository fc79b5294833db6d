/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See doorman.h. */
#include "collector/doorman.h"

#include <stddef.h>

#include "collector/exchange.h"

/* Between two looks for those who wait: ten a second, of some milliseconds each. */
#define LOOK_MS 100

static struct doorman *doorman_of(struct lane_job *job)
{
	return (struct doorman *)(void *)((char *)job - offsetof(struct doorman, look));
}

/* On the reader's thread. */
static void look(struct lane_job *job)
{
	struct doorman *doorman = doorman_of(job);
	doorman->failed = keyring_load(doorman->server->read_store, &doorman->found, NULL) != 0;
}

static void wake_all(struct exchange **list, enum doubt doubt)
{
	while (*list != NULL) {
		struct exchange *exchange = *list;
		*list = exchange->next_doubted;
		exchange->doubt = doubt;
		exchange_wake(exchange);
	}
}

static void on_next(uv_timer_t *timer)
{
	doorman_look(timer->data);
}

/* Those who came meanwhile have to wait for another look: this one began before their token. */
static void plan(struct doorman *doorman)
{
	uint64_t now = uv_now(doorman->server->loop), due = doorman->looked + LOOK_MS;
	if (doorman->waiting != NULL && !doorman->looking && !doorman->server->ending)
		uv_timer_start(&doorman->next, on_next, due > now ? due - now : 0, 0);
}

static void on_looked(struct lane_job *job)
{
	struct doorman *doorman = doorman_of(job);
	doorman->looking = false;
	if (!doorman->failed) {
		keyring_clear(&doorman->keyring);
		doorman->keyring = doorman->found;
		/* Once there was a token, revoked or not, the door stays shut. */
		doorman->open = doorman->open && doorman->keyring.count == 0;
	}
	wake_all(&doorman->served, doorman->failed ? DOUBT_FAILED : DOUBT_OVER);
	plan(doorman);
}

int doorman_begin(struct doorman *doorman, struct server *server, struct error *err)
{
	doorman->server = server;
	if (keyring_load(server->read_store, &doorman->keyring, err) != 0)
		return -1;
	doorman->open = doorman->keyring.count == 0;
	uv_timer_init(server->loop, &doorman->next);
	doorman->next.data = doorman;
	return 0;
}

void doorman_look(struct doorman *doorman)
{
	struct server *server = doorman->server;
	if (doorman->looking || server->ending)
		return;
	doorman->look.work = look;
	doorman->look.done = on_looked;
	doorman->looking = lane_put(server->reader, &doorman->look);
	if (!doorman->looking)
		return; /* the next second's may find room */
	doorman->looked = uv_now(server->loop);
	doorman->served = doorman->waiting;
	doorman->waiting = NULL;
}

void doorman_doubt(struct doorman *doorman, struct exchange *exchange)
{
	exchange->next_doubted = doorman->waiting;
	doorman->waiting = exchange;
	exchange_sleep(exchange);
	plan(doorman);
}

void doorman_end(struct doorman *doorman)
{
	wake_all(&doorman->served, DOUBT_FAILED);
	wake_all(&doorman->waiting, DOUBT_FAILED);
	keyring_clear(&doorman->keyring);
}
