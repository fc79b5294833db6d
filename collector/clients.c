/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list, looked through once a second: a collector has some thousand connections at most. */
#include "collector/clients.h"

#include <stdlib.h>
#include <sys/socket.h>

struct client *clients_add(struct clients *clients, struct MHD_Connection *connection, uint64_t now,
                           unsigned ms)
{
	struct client *client = calloc(1, sizeof *client);
	if (client == NULL)
		return NULL;
	client->fd =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	client->next = clients->first;
	client->link = &clients->first;
	if (client->next != NULL)
		client->next->link = &client->next;
	clients->first = client;
	clients->count++;
	client_allow(client, now, ms);
	return client;
}

void clients_remove(struct clients *clients, struct client *client)
{
	if (client == NULL)
		return;
	*client->link = client->next;
	if (client->next != NULL)
		client->next->link = client->link;
	clients->count--;
	free(client);
}

struct client *client_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
	        ->socket_context;
}

void client_allow(struct client *client, uint64_t now, unsigned ms)
{
	if (client != NULL)
		client->deadline = now + ms;
}

void client_wait(struct client *client)
{
	if (client != NULL)
		client->deadline = 0;
}

size_t clients_expire(struct clients *clients, uint64_t now)
{
	size_t count = 0;
	for (struct client *client = clients->first; client != NULL; client = client->next) {
		if (client->deadline == 0 || client->deadline > now)
			continue;
		/* libmicrohttpd sees the end of the stream, and closes. */
		shutdown(client->fd, SHUT_RDWR);
		client->deadline = 0;
		count++;
	}
	return count;
}
