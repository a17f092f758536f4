#include "check/table.h"

#include <stdlib.h>

void
table_create(struct table *table, size_t room)
{
	*table = (struct table){.room = room};
	table->all = allocate(room * sizeof(*table->all));
}

void
table_free(struct table *table)
{
	while (table->open.first)
		table_close(table, table->open.first);
	while (table->answered.first)
		table_close(table, table->answered.first);
	free(table->all);
	*table = (struct table){0};
}

static void
append(struct queue *queue, struct connection *connection)
{
	connection->next = NULL;
	connection->previous = queue->last;
	if (queue->last)
		queue->last->next = connection;
	else
		queue->first = connection;
	queue->last = connection;
}

static void
take_out(struct queue *queue, struct connection *connection)
{
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		queue->first = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	else
		queue->last = connection->previous;
}

static struct queue *
queue_of(struct table *table, const struct connection *connection)
{
	return connection->answered ? &table->answered : &table->open;
}

/* Counts per asker, by open addressing: called only when there is no more room. */
struct tally {
	const struct address *from;
	size_t count;
};

#define TALLIES ((size_t)2 * CONNECTIONS_MAX)

static struct tally *
find_tally(struct tally *tallies, const struct address *from)
{
	const unsigned char *bytes = from->v6.s6_addr;
	size_t length = from->family == AF_INET ? 4 : 16;
	size_t place = 0;

	for (size_t i = 0; i < length; i++)
		place = place * 31 + bytes[i];
	for (place %= TALLIES; tallies[place].from; place = (place + 1) % TALLIES)
		if (address_equal(tallies[place].from, from))
			break;
	return &tallies[place];
}

static struct address
greediest(const struct table *table)
{
	const struct queue *const queues[] = {&table->open, &table->answered};
	struct tally *tallies = allocate(TALLIES * sizeof(*tallies));
	struct tally *most = tallies;
	struct address from;

	for (size_t i = 0; i < 2; i++)
		for (const struct connection *at = queues[i]->first; at;
		     at = at->next) {
			struct tally *tally = find_tally(tallies, &at->from);

			tally->from = &at->from;
			if (++tally->count > most->count)
				most = tally;
		}
	from = *most->from;
	free(tallies);
	return from;
}

static struct connection *
oldest(const struct queue *queue, const struct address *from, bool reading)
{
	for (struct connection *at = queue->first; at; at = at->next)
		if (address_equal(&at->from, from) &&
		    (!reading || at->phase == PHASE_READING))
			return at;
	return NULL;
}

/* Who has not even asked goes first, then who was answered, then whoever it is. */
static struct connection *
victim(const struct table *table)
{
	struct address from = greediest(table);
	struct connection *found = oldest(&table->open, &from, true);

	if (!found)
		found = oldest(&table->answered, &from, false);
	return found ? found : oldest(&table->open, &from, false);
}

struct connection *
table_add(struct table *table, int fd, const struct address *from, bool allowed,
    clock_ms_t deadline, bool *dropped)
{
	struct connection *connection;

	*dropped = table->count == table->room;
	if (*dropped)
		table_close(table, victim(table));
	connection = table->free;
	if (connection)
		table->free = connection->next;
	else
		connection = &table->all[table->used++];
	connection_begin(connection, fd, from, deadline);
	connection->allowed = allowed;
	append(&table->open, connection);
	table->count++;
	table->strangers += !allowed;
	return connection;
}

void
table_move_answered(
    struct table *table, struct connection *connection, clock_ms_t deadline)
{
	take_out(&table->open, connection);
	connection->answered = true;
	connection->deadline = deadline;
	append(&table->answered, connection);
}

void
table_close(struct table *table, struct connection *connection)
{
	take_out(queue_of(table, connection), connection);
	table->count--;
	table->strangers -= !connection->allowed;
	connection_close(connection);
	connection->phase = PHASE_FREE;
	connection->next = table->free;
	table->free = connection;
}
