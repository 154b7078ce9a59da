/*
 * fuzz_identity.c
 *	  Fuzz target for identities.
 *
 * The first byte of an input selects what the rest is:
 *
 *	0	the bytes of a map behind its length word, for identity_check()
 *	1	text, for identity_parse()
 *	2	a recipe of rows with text identifiers (identity_model.h): every way to
 *		a map gives the same bytes, and all answers are those of the model
 *	3	the same with numbers
 *	4	a recipe, then damage done to its map: three bytes each, a place and what
 *		to flip there
 *	5	the same for the flat state of an aggregate
 *	6	a recipe with few identifiers: chains and suspects are those of the model
 *	7	the same with damage to the rows kept
 *	8	type, a byte of zero, and the value of an identifier
 */
#include "identity_model.h"

#include "identity/identifier.h"

#define UTF8 6

static const IdentityBounds bounds = {(size_t) 1 << 28, {UINT64_C(0x123456789ABCDEF), 7}};

static IdentityForest *
new_forest(void)
{
	IdentityForest *f = core_alloc(sizeof(IdentityForest));

	identity_forest_start(f, &bounds);
	return f;
}

static bool
same_map(const IdentityMap *a, const IdentityMap *b)
{
	return identity_size(a) == identity_size(b) && memcmp(a, b, identity_size(a)) == 0;
}

/* ---- bytes from outside ---- */

/* A fetch that gives no byte more than was asked for */
static const uint8_t *
fetch_exactly(void *context, size_t offset, size_t length)
{
	uint8_t    *copy = core_alloc(length);

	memcpy(copy, (const uint8_t *) context + offset, length);
	return copy;
}

/* What holds of every good map */
static void
check_map(const IdentityMap *map)
{
	IdentityView view;
	IdentityIter iter;
	CoreError	error;
	uint32_t	n = 0;
	char	   *text;
	IdentityMap *again;

	REQUIRE(identity_check(map, identity_size(map), UTF8, &error));
	identity_open(&view, map, identity_size(map));
	identity_iter_start(&iter, &view);
	while (identity_iter_next(&iter))
	{
		REQUIRE(identity_lookup_view(&view, iter.bytes, iter.length) == iter.customer + 1);
		n++;
	}
	REQUIRE(n == view.n);
	text = identity_print(&view);
	again = identity_parse(text, strlen(text), UTF8, &error);
	REQUIRE(again != NULL && same_map(map, again));
}

static void
fuzz_bytes(const uint8_t *data, size_t size)
{
	uint8_t    *value = core_alloc(size + 4);
	CoreError	error;

	identity_set_size(value, size + 4);
	if (size > 0)
		memcpy(value + 4, data, size);
	if (identity_check(value, size + 4, UTF8, &error))
		check_map((IdentityMap *) value);
	else
		REQUIRE(error.code == CORE_BAD_BINARY && error.detail[0] != '\0');
}

static void
fuzz_text(const uint8_t *data, size_t size)
{
	CoreError	error;
	IdentityMap *map = identity_parse((const char *) data, size, UTF8, &error);

	if (map == NULL)
		REQUIRE((error.code == CORE_BAD_TEXT || error.code == CORE_OUT_OF_RANGE) &&
				error.message[0] != '\0');
	else
		check_map(map);
}

/* ---- recipes ---- */

/* Rows from "first" on, every "step"-th */
static IdentityForest *
grow(const Model *m, uint32_t first, uint32_t step)
{
	IdentityForest *f = new_forest();
	IdentityItem items[MODEL_ITEMS];

	for (uint32_t row = first; row < m->nrows; row += step)
	{
		size_t		n = model_row(m, row, items);

		if (n > 0)
			identity_forest_add_row(f, m->kind, items, n);
	}
	return f;
}

static void *
state_of(IdentityForest *f, size_t *size)
{
	void	   *state;

	*size = identity_forest_state_size(f);
	state = core_alloc(*size);
	identity_forest_write_state(f, state, *size);
	return state;
}

/* The same rows backwards, identifiers backwards, in small states as far as they go */
static IdentityMap *
by_small_states(const Model *m)
{
	IdentityForest *f = new_forest();
	IdentityState *state = core_alloc(IDENTITY_STATE_MAX_SIZE);
	IdentityItem items[MODEL_ITEMS];

	identity_state_start(state, IDENTITY_STATE_MAX_SIZE, IDENTITY_EMPTY);
	for (uint32_t row = m->nrows; row-- > 0;)
	{
		size_t		n = model_row(m, row, items);

		for (size_t i = 0; i < n / 2; i++)
		{
			IdentityItem swap = items[i];

			items[i] = items[n - 1 - i];
			items[n - 1 - i] = swap;
		}
		if (n == 0 || identity_state_add_row(state, m->kind, items, n))
			continue;
		identity_forest_add_state(f, state, IDENTITY_STATE_MAX_SIZE);
		identity_state_start(state, IDENTITY_STATE_MAX_SIZE, IDENTITY_EMPTY);
		if (!identity_state_add_row(state, m->kind, items, n))
			identity_forest_add_row(f, m->kind, items, n);
	}
	if (f->n == 0 && f->npending == 0)
		return identity_state_write(state, IDENTITY_STATE_MAX_SIZE, UTF8);
	identity_forest_add_state(f, state, IDENTITY_STATE_MAX_SIZE);
	return identity_forest_write(f, UTF8);
}

static void
check_ways(const Model *m, const IdentityMap *map)
{
	IdentityForest *by_states = new_forest();
	IdentityForest *by_maps = new_forest();
	IdentityForest *by_forests = new_forest();

	for (uint32_t part = 0; part < 3; part++)
	{
		IdentityForest *f = grow(m, 2 - part, 3);
		size_t		size;
		void	   *state = state_of(f, &size);
		IdentityMap *partial = identity_forest_write(f, UTF8);
		IdentityView view;

		REQUIRE(same_map(partial, identity_forest_write(f, UTF8)));
		REQUIRE(same_map(partial, identity_state_write(state, size, UTF8)));
		identity_open(&view, partial, identity_size(partial));
		identity_forest_add_state(by_states, state, size);
		identity_forest_add_map(by_maps, &view);
		if (part == 1)
			identity_forest_drop_slots(by_forests);
		identity_forest_add_forest(by_forests, f);
		if (view.n > 0)
			identity_forest_add_map(by_forests, &view);
	}
	REQUIRE(same_map(map, identity_forest_write(by_states, UTF8)));
	REQUIRE(same_map(map, identity_forest_write(by_maps, UTF8)));
	REQUIRE(same_map(map, identity_forest_write(by_forests, UTF8)));
	REQUIRE(same_map(map, by_small_states(m)));
}

static void
check_sizes(const Model *m, const IdentityView *view)
{
	uint32_t   *sizes = identity_customer_sizes(view);
	uint32_t   *largest;
	uint32_t   *largest_sizes;
	IdentitySize *counts;
	uint32_t	n = identity_size_counts(view, &counts);
	uint32_t	customers = 0;

	for (uint32_t c = 0; c < m->customers; c++)
	{
		uint32_t	size = 0;

		for (uint32_t i = 0; i < m->nids; i++)
			size += m->customer[i] == c;
		REQUIRE(sizes[c] == size);
	}
	for (uint32_t i = 0; i < n; i++)
	{
		REQUIRE(i == 0 || counts[i].size > counts[i - 1].size);
		customers += counts[i].customers;
	}
	REQUIRE(customers == m->customers);
	n = identity_largest(view, 5, &largest, &largest_sizes);
	REQUIRE(n == (m->customers < 5 ? m->customers : 5));
	for (uint32_t i = 0; i < n; i++)
	{
		REQUIRE(largest_sizes[i] == sizes[largest[i]]);
		REQUIRE(i == 0 || largest_sizes[i] < largest_sizes[i - 1] ||
				(largest_sizes[i] == largest_sizes[i - 1] && largest[i] > largest[i - 1]));
	}
	/* nobody who is not among them is larger than the last one */
	for (uint32_t c = 0; c < m->customers && n > 0; c++)
	{
		bool		among = false;

		for (uint32_t i = 0; i < n; i++)
			among |= largest[i] == c;
		REQUIRE(among || sizes[c] < largest_sizes[n - 1] ||
				(sizes[c] == largest_sizes[n - 1] && c > largest[n - 1]));
	}
}

static void
fuzz_recipe(uint8_t kind, const uint8_t *data, size_t size)
{
	Model	   *m = core_alloc(sizeof(Model));
	IdentityMap *map;
	IdentityView view;
	CoreError	error;

	model_cook(m, kind, 1000, data, data + size);
	map = identity_forest_write(grow(m, 0, 1), UTF8);
	REQUIRE(identity_check(map, identity_size(map), UTF8, &error));
	identity_open(&view, map, identity_size(map));
	REQUIRE(view.n == m->nids && view.customers == m->customers);
	for (uint32_t i = 0; i < m->nids; i++)
	{
		REQUIRE(identity_number(&view, m->rank[i]) == m->customer[i]);
		REQUIRE(identity_lookup_view(&view, m->ids[i].bytes, m->ids[i].length) ==
				m->customer[i] + 1);
	}
	for (uint32_t name = 0; name < 300; name += 7)
	{
		IdentityItem item = model_item(kind, name);
		uint32_t	expected = 0;

		for (uint32_t i = 0; i < m->nids; i++)
		{
			if (model_compare(m->ids[i], item) == 0)
				expected = m->customer[i] + 1;
		}
		REQUIRE(identity_lookup(&view, fetch_exactly, map, item.bytes, item.length) == expected);
	}
	check_map(map);
	check_ways(m, map);
	check_sizes(m, &view);
}

/* ---- damage: errors, but nothing worse ---- */

typedef struct Task
{
	void		(*run) (struct Task *);
	void	   *value;
	size_t		size;
} Task;

static void
run_task(void *argument)
{
	Task	   *task = argument;

	task->run(task);
}

static void
try_task(void (*run) (Task *), void *value, size_t size)
{
	Task		task = {run, value, size};
	CoreError	error;

	if (!core_try(run_task, &task, &error))
		REQUIRE(error.code == CORE_CORRUPT || error.code == CORE_BAD_BINARY ||
				error.code == CORE_LIMIT || error.code == CORE_MEMORY);
}

static void
do_damage(uint8_t *bytes, size_t size, const uint8_t *data, const uint8_t *end)
{
	for (; size > 0 && end - data >= 3; data += 3)
		bytes[load16(data) % size] ^= data[2];
}

static void
task_read(Task *task)
{
	IdentityView view;
	IdentityIter iter;

	identity_open(&view, task->value, task->size);
	identity_iter_start(&iter, &view);
	while (identity_iter_next(&iter))
		;
	identity_print(&view);
}

static void
task_lookup(Task *task)
{
	IdentityView view;

	identity_open(&view, task->value, task->size);
	for (uint32_t name = 0; name < 40; name++)
	{
		IdentityItem item = model_item(view.kind == IDENTITY_BIGINT ? IDENTITY_BIGINT :
									   IDENTITY_TEXT, name);

		identity_lookup(&view, fetch_exactly, task->value, item.bytes, item.length);
	}
}

static void
task_sizes(Task *task)
{
	IdentityView view;
	IdentitySize *counts;
	uint32_t   *customers;
	uint32_t   *sizes;

	identity_open(&view, task->value, task->size);
	identity_size_counts(&view, &counts);
	identity_largest(&view, 3, &customers, &sizes);
}

static void
task_add_map(Task *task)
{
	IdentityForest *f = new_forest();
	IdentityView view;

	identity_open(&view, task->value, task->size);
	identity_forest_add_map(f, &view);
	identity_forest_write(f, UTF8);
}

static void
fuzz_damaged(const uint8_t *data, size_t size)
{
	Model	   *m = core_alloc(sizeof(Model));
	const uint8_t *damage;
	IdentityMap *map;
	uint8_t    *exact;
	size_t		n;

	if (size == 0)
		return;
	damage = model_cook(m, data[0] % 2 ? IDENTITY_TEXT : IDENTITY_BIGINT, 1000,
						data + 1, data + size);
	map = identity_forest_write(grow(m, 0, 1), UTF8);
	n = identity_size(map);
	exact = core_alloc(n);
	memcpy(exact, map, n);
	do_damage(exact + 4, n - 4, damage, data + size);
	fuzz_bytes(exact + 4, n - 4);
	try_task(task_read, exact, n);
	try_task(task_lookup, exact, n);
	try_task(task_sizes, exact, n);
	try_task(task_add_map, exact, n);
}

static void
task_add_state(Task *task)
{
	IdentityForest *f = new_forest();
	IdentityItem item = {(const uint8_t *) "c:8", 3};

	identity_forest_add_state(f, task->value, task->size);
	identity_forest_write(f, UTF8);
	/* once more, into a forest that has something */
	if (f->kind == IDENTITY_TEXT)
		identity_forest_add_row(f, IDENTITY_TEXT, &item, 1);
	identity_forest_add_state(f, task->value, task->size);
	identity_forest_write(f, UTF8);
}

static void
fuzz_damaged_state(const uint8_t *data, size_t size)
{
	Model	   *m = core_alloc(sizeof(Model));
	const uint8_t *damage;
	uint8_t    *state;
	size_t		n;

	if (size == 0)
		return;
	damage = model_cook(m, data[0] % 2 ? IDENTITY_TEXT : IDENTITY_BIGINT, 1000,
						data + 1, data + size);
	state = state_of(grow(m, 0, 1), &n);
	do_damage(state + 4, n - 4, damage, data + size);
	try_task(task_add_state, state, n);
}

/* ---- chains and suspects ---- */

#define FEW_NAMES 14

static uint8_t *
rows_of(const Model *m, size_t *size)
{
	IdentityItem ends[2] = {model_item(IDENTITY_TEXT, 0), model_item(IDENTITY_TEXT, 5)};
	IdentityItem items[MODEL_ITEMS];
	uint8_t    *state;

	*size = identity_rows_head_size(ends);
	for (uint32_t row = 0; row < m->nrows; row++)
		*size += identity_rows_row_size(items, model_row(m, row, items));
	state = core_alloc(*size);
	identity_rows_start(state, *size, ends);
	for (uint32_t row = 0; row < m->nrows; row++)
	{
		size_t		n = model_row(m, row, items);

		if (n > 0)
			identity_rows_add(state, items, n);
	}
	return state;
}

/* Are two identifiers (by place in the model) together in a row? */
static bool
together(const Model *m, uint32_t a, uint32_t b)
{
	for (uint32_t row = 0; row < m->nrows; row++)
	{
		bool		has_a = false;
		bool		has_b = false;

		for (uint32_t i = m->start[row]; i < m->start[row + 1]; i++)
		{
			has_a |= m->row_ids[i] == a;
			has_b |= m->row_ids[i] == b;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

static uint32_t
model_find(const Model *m, IdentityItem item)
{
	uint32_t	i = 0;

	while (i < m->nids && model_compare(m->ids[i], item) != 0)
		i++;
	return i;
}

/* The chain that is shortest, and first in bytewise order, by its definition */
static uint32_t
model_path(const Model *m, uint32_t a, uint32_t b, uint32_t *chain)
{
	uint32_t	distance[FEW_NAMES];
	uint32_t	n = 0;

	if (a == m->nids || b == m->nids)
		return 0;
	for (uint32_t i = 0; i < m->nids; i++)
		distance[i] = i == b ? 0 : UINT32_MAX - 1;
	for (uint32_t round = 0; round < m->nids; round++)
	{
		for (uint32_t i = 0; i < m->nids; i++)
		{
			for (uint32_t j = 0; j < m->nids; j++)
			{
				if (together(m, i, j) && distance[j] + 1 < distance[i])
					distance[i] = distance[j] + 1;
			}
		}
	}
	if (distance[a] >= m->nids)
		return 0;
	for (chain[n++] = a; a != b; chain[n++] = a)
	{
		uint32_t	best = m->nids;

		for (uint32_t j = 0; j < m->nids; j++)
		{
			if (together(m, a, j) && distance[j] + 1 == distance[a] &&
				(best == m->nids || m->rank[j] < m->rank[best]))
				best = j;
		}
		a = best;
	}
	return n;
}

/* How many parts with identifiers are left without one, and the largest of these */
static uint32_t
model_pieces(const Model *m, uint32_t without, uint32_t *largest)
{
	uint32_t	label[FEW_NAMES];
	uint32_t	pieces = 0;

	for (uint32_t i = 0; i < m->nids; i++)
		label[i] = i;
	for (uint32_t round = 0; round < m->nids; round++)
	{
		for (uint32_t i = 0; i < m->nids; i++)
		{
			for (uint32_t j = 0; j < m->nids; j++)
			{
				if (i != without && j != without && together(m, i, j) && label[j] < label[i])
					label[i] = label[j];
			}
		}
	}
	*largest = 0;
	for (uint32_t i = 0; i < m->nids; i++)
	{
		uint32_t	size = 0;

		if (label[i] != i || i == without || m->label[i] != m->label[without])
			continue;
		for (uint32_t j = 0; j < m->nids; j++)
			size += j != without && label[j] == i;
		pieces++;
		if (size > *largest)
			*largest = size;
	}
	return pieces;
}

static uint32_t
model_degree(const Model *m, uint32_t id)
{
	uint32_t	degree = 0;

	for (uint32_t row = 0; row < m->nrows; row++)
	{
		bool		has = false;

		for (uint32_t i = m->start[row]; i < m->start[row + 1]; i++)
			has |= m->row_ids[i] == id;
		degree += has;
	}
	return degree;
}

static void
check_suspects(const Model *m, IdentityGraph *graph)
{
	IdentitySuspect *suspects;
	uint32_t	n = identity_suspects(graph, &suspects);
	uint32_t	expected = 0;

	for (uint32_t id = 0; id < m->nids; id++)
	{
		uint32_t	largest;
		uint32_t	pieces = model_pieces(m, id, &largest);
		uint32_t	i = 0;

		if (pieces < 2)
			continue;
		expected++;
		while (i < n && suspects[i].id != m->rank[id])
			i++;
		REQUIRE(i < n && suspects[i].pieces == pieces && suspects[i].largest == largest &&
				suspects[i].degree == model_degree(m, id));
	}
	REQUIRE(n == expected);
	for (uint32_t i = 1; i < n; i++)
	{
		const IdentitySuspect *a = &suspects[i - 1];
		const IdentitySuspect *b = &suspects[i];

		REQUIRE(a->pieces > b->pieces ||
				(a->pieces == b->pieces &&
				 (a->largest < b->largest || (a->largest == b->largest && a->id < b->id))));
	}
}

static void
fuzz_graph(const uint8_t *data, size_t size)
{
	Model	   *m = core_alloc(sizeof(Model));
	IdentityGraph graph;
	IdentityItem ends[2];
	size_t		n;
	uint8_t    *state;
	uint32_t   *chain;
	uint32_t	expected[FEW_NAMES + 1];
	uint32_t	length;

	if (size > 300)
		size = 300;
	model_cook(m, IDENTITY_TEXT, FEW_NAMES, data, data + size);
	state = rows_of(m, &n);
	identity_rows_check(state, n);
	identity_graph_build(&graph, state, n, &bounds);
	REQUIRE(graph.nids == m->nids);
	REQUIRE(identity_rows_ends(state, n, ends));
	length = model_path(m, model_find(m, ends[0]), model_find(m, ends[1]), expected);
	REQUIRE(identity_path(&graph, ends[0], ends[1], &chain) == length);
	for (uint32_t i = 0; i < length; i++)
		REQUIRE(chain[i] == m->rank[expected[i]]);
	check_suspects(m, &graph);
}

static void
task_graph(Task *task)
{
	IdentityGraph graph;
	IdentityItem ends[2];
	IdentitySuspect *suspects;
	uint32_t   *chain;

	identity_graph_build(&graph, task->value, task->size, &bounds);
	identity_suspects(&graph, &suspects);
	if (identity_rows_ends(task->value, task->size, ends))
		identity_path(&graph, ends[0], ends[1], &chain);
}

static void
fuzz_damaged_rows(const uint8_t *data, size_t size)
{
	Model	   *m = core_alloc(sizeof(Model));
	const uint8_t *damage = model_cook(m, IDENTITY_TEXT, 256, data, data + size);
	size_t		n;
	uint8_t    *state = rows_of(m, &n);

	do_damage(state + 4, n - 4, damage, data + size);
	try_task(task_graph, state, n);
}

/* ---- identifiers ---- */

/* What comes out is canonical: it stays what it is */
static void
fuzz_identifier(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
	IdentifierPart type = {(const char *) data, end == NULL ? size : (size_t) (end - data)};
	IdentifierPart value = {(const char *) data + type.length, 0};
	IdentifierPart parts[3];

	if (end != NULL)
		value = (IdentifierPart){(const char *) end + 1, size - type.length - 1};
	identifier_split((const char *) data, size, &parts[0], &parts[1], &parts[2]);
	for (int utf8 = 0; utf8 < 2; utf8++)
	{
		char	   *once = core_alloc(value.length + IDENTIFIER_ROOM);
		char	   *twice;
		size_t		n;
		size_t		again;

		if (identifier_normalize(type, value, utf8, once, &n) != IDENTIFIER_GOOD)
			continue;
		REQUIRE(n > 0 && n <= value.length + IDENTIFIER_ROOM);
		twice = core_alloc(n + IDENTIFIER_ROOM);
		REQUIRE(identifier_normalize(type, (IdentifierPart){once, n}, utf8, twice, &again) ==
				IDENTIFIER_GOOD);
		REQUIRE(again == n && memcmp(once, twice, n) == 0);
	}
}

/* ---- the target ---- */

static void
fuzz(void *argument)
{
	const IdentityItem *input = argument;
	const uint8_t *data = input->bytes + 1;
	size_t		size = input->length - 1;

	switch (input->bytes[0] % 9)
	{
		case 0:
			fuzz_bytes(data, size);
			break;
		case 1:
			fuzz_text(data, size);
			break;
		case 2:
			fuzz_recipe(IDENTITY_TEXT, data, size);
			break;
		case 3:
			fuzz_recipe(IDENTITY_BIGINT, data, size);
			break;
		case 4:
			fuzz_damaged(data, size);
			break;
		case 5:
			fuzz_damaged_state(data, size);
			break;
		case 6:
			fuzz_graph(data, size);
			break;
		case 7:
			fuzz_damaged_rows(data, size);
			break;
		default:
			fuzz_identifier(data, size);
			break;
	}
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	IdentityItem input = {data, size};
	CoreError	error;

	if (size == 0)
		return 0;
	if (!core_try(fuzz, &input, &error))
	{
		fprintf(stderr, "fuzz_identity.c: not to be thrown: %s\n", error.message);
		abort();
	}
	core_release_all();
	return 0;
}
