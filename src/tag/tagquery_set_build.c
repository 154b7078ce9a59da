/*
 * tagquery_set_build.c
 *	  Compiling rules: their leaves shared, the rest brought into code.
 *
 * All leaves are numbered as they come, by a hash table, and again in the order
 * of their bytes at the end.  The numbers are kept in a list, in the order in
 * which walks over the rules meet the leaves, so that later walks need not
 * look for them.
 */
#include "common/merge_sort.h"
#include "common/varint.h"
#include "tag/tagquery_set.h"

#define INTERRUPT_ROWS 1024
#define MIN_LEAVES 512

/* Bytes that a record has at most beside its code */
#define RECORD_HEAD (8 + 10)

/* A leaf of some rule, as it is there, whether negated or not */
typedef struct Leaf
{
	const uint8_t *node;
	uint32_t	size;
	uint32_t	number;			/* as they came */
} Leaf;

typedef struct Builder
{
	TagquerySetRow *rows;
	size_t		n;
	/* different leaves, and a hash table of their places plus 1, at most half full */
	Leaf	   *leaves;
	uint32_t	nleaves;
	uint32_t   *table;
	uint32_t	table_size;
	uint32_t   *numbers;		/* of leaves as they came: of leaves in order */
	/* what the walks meet: numbers of leaves, bytes below groups */
	uint32_t   *met;
	size_t		nmet;
	size_t		met_room;
	size_t		next;			/* of "met" */
	uint32_t   *sizes;
	uint32_t	nsizes;
	uint32_t	sizes_room;
	uint32_t	next_size;
	uint8_t    *records;
	size_t		records_size;
	size_t		records_room;
	uint32_t   *places;			/* of the records */
} Builder;

/* ---- rows ---- */

static int
compare_rows(const void *left, const void *right)
{
	const TagquerySetRow *a = left;
	const TagquerySetRow *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return tag_compare_bytes(a->rule, a->rule_size, b->rule, b->rule_size);
}

/* Into order, and without doubles */
static void
sort_rows(Builder *b)
{
	size_t		kept = 0;

	merge_sort(b->rows, b->n, sizeof(TagquerySetRow), compare_rows);
	for (size_t i = 0; i < b->n; i++)
	{
		if (i % INTERRUPT_ROWS == 0)
			core_interrupt();
		if (kept == 0 || compare_rows(&b->rows[kept - 1], &b->rows[i]) != 0)
			b->rows[kept++] = b->rows[i];
	}
	b->n = kept;
}

/* ---- leaves ---- */

static uint64_t
hash_leaf(const uint8_t *node, uint32_t size)
{
	uint64_t	hash = size;

	/* without the negation, which is the second byte */
	for (uint32_t i = 2; i < size; i += 8)
	{
		uint64_t	word = 0;

		memcpy(&word, node + i, size - i < 8 ? size - i : 8);
		hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
		hash ^= hash >> 29;
	}
	return (hash ^ node[0]) * UINT64_C(0x9fb21c651e98df25);
}

static bool
same_leaf(const Leaf *leaf, const uint8_t *node, uint32_t size)
{
	return leaf->size == size && leaf->node[0] == node[0] &&
		memcmp(leaf->node + 2, node + 2, size - 2) == 0;
}

static uint32_t *
table_place(const Builder *b, const uint8_t *node, uint32_t size)
{
	uint32_t	mask = b->table_size - 1;
	uint32_t	i = (uint32_t) (hash_leaf(node, size) >> 32) & mask;

	while (b->table[i] != 0 && !same_leaf(&b->leaves[b->table[i] - 1], node, size))
		i = (i + 1) & mask;
	return &b->table[i];
}

static void
make_table(Builder *b, uint32_t size)
{
	core_free(b->table);
	b->table = core_alloc((size_t) size * sizeof(uint32_t));
	memset(b->table, 0, (size_t) size * sizeof(uint32_t));
	b->table_size = size;
	b->leaves = core_realloc(b->leaves, (size_t) size / 2 * sizeof(Leaf));
	for (uint32_t i = 0; i < b->nleaves; i++)
	{
		if (i % INTERRUPT_ROWS == 0)
			core_interrupt();
		*table_place(b, b->leaves[i].node, b->leaves[i].size) = i + 1;
	}
}

static uint32_t
number_leaf(Builder *b, const uint8_t *node, uint32_t size)
{
	uint32_t   *place = table_place(b, node, size);

	if (*place == 0)
	{
		if (b->nleaves == b->table_size / 2)
		{
			/* a leaf takes more bytes than it has codes */
			if (b->table_size > TAGQUERY_SET_MAX_SIZE / TAG_NODE_HEADER * 2)
				tagquery_set_too_large();
			make_table(b, b->table_size * 2);
			place = table_place(b, node, size);
		}
		b->leaves[b->nleaves] = (Leaf){node, size, b->nleaves};
		*place = ++b->nleaves;
	}
	return *place - 1;
}

/* By their bytes with a 0 for the negation, as they will be stored */
static int
compare_leaves(const void *left, const void *right)
{
	const Leaf *a = left;
	const Leaf *b = right;

	if (a->node[0] != b->node[0])
		return a->node[0] < b->node[0] ? -1 : 1;
	return tag_compare_bytes(a->node + 2, a->size - 2, b->node + 2, b->size - 2);
}

static void
collect_leaves(Builder *b, const uint8_t *start, const uint8_t *end, int depth)
{
	TagNode		node;
	const uint8_t *child;

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: it nests too deep");
	tag_node_read(&node, start, end);
	if (node.kind == TAG_TRUE || node.kind == TAG_FALSE)
		return;
	if (!tag_kind_is_group(node.kind))
	{
		TAGQUERY_SET_ROOM(b->met, b->met_room, b->nmet + 1);
		b->met[b->nmet++] = number_leaf(b, start, (uint32_t) (node.end - start));
		return;
	}
	child = node.child;
	for (uint32_t i = 0; i < node.n; i++)
	{
		if (i % INTERRUPT_ROWS == INTERRUPT_ROWS - 1)
			core_interrupt();
		collect_leaves(b, child, node.end, depth + 1);
		child += load32(child + 4);
	}
}

static const uint8_t *
open_rule(const TagquerySetRow *row, const uint8_t **end)
{
	TagqueryView rule;
	CoreError	error;

	core_interrupt();
	if (!tagquery_open(&rule, row->rule, row->rule_size, &error))
		core_throw_error(&error);
	*end = rule.end;
	return rule.root;
}

static void
number_leaves(Builder *b)
{
	make_table(b, 2 * MIN_LEAVES);
	for (size_t i = 0; i < b->n; i++)
	{
		const uint8_t *end;
		const uint8_t *root = open_rule(&b->rows[i], &end);

		collect_leaves(b, root, end, 1);
	}
	merge_sort(b->leaves, b->nleaves, sizeof(Leaf), compare_leaves);
	b->numbers = core_alloc((size_t) b->nleaves * sizeof(uint32_t) + 1);
	for (uint32_t i = 0; i < b->nleaves; i++)
		b->numbers[b->leaves[i].number] = i;
}

/* ---- code; the rules have been looked at by collect_leaves() ---- */

static size_t
word_size(uint64_t word)
{
	size_t		size = 1;

	for (; word >= 0x80; word >>= 7)
		size++;
	return size;
}

static uint64_t
leaf_word(const Builder *b, size_t met, const uint8_t *node)
{
	return (uint64_t) b->numbers[b->met[met]] << TAG_CODE_BITS |
		(node[1] ? TAG_CODE_NEGATED : TAG_CODE_LEAF);
}

static uint64_t
group_word(const TagNode *node, uint32_t *k)
{
	bool		constant = node->kind == TAG_TRUE || node->kind == TAG_FALSE;

	*k = constant ? node->kind == TAG_FALSE : node->k;
	return (uint64_t) (constant ? 0 : node->n) << TAG_CODE_BITS | TAG_CODE_GROUP;
}

/* How many bytes a node's code has; those below groups go to "sizes", outer ones first */
static size_t
measure(Builder *b, const uint8_t *start, const uint8_t *end)
{
	TagNode		node;
	const uint8_t *child;
	uint32_t	at = b->nsizes;
	uint32_t	k;
	uint64_t	word;
	size_t		size = 0;

	tag_node_read(&node, start, end);
	if (!tag_kind_is_group(node.kind) && node.kind != TAG_TRUE && node.kind != TAG_FALSE)
		return word_size(leaf_word(b, b->next++, start));
	core_check_stack();
	TAGQUERY_SET_ROOM(b->sizes, b->sizes_room, at + 1);
	b->nsizes++;
	word = group_word(&node, &k);
	child = node.child;
	for (uint64_t i = 0; i < word >> TAG_CODE_BITS; i++)
	{
		if (i % INTERRUPT_ROWS == INTERRUPT_ROWS - 1)
			core_interrupt();
		size += measure(b, child, node.end);
		child += load32(child + 4);
	}
	b->sizes[at] = (uint32_t) size;
	return word_size(word) + word_size(k) + word_size(size) + size;
}

static uint8_t *
write_code(Builder *b, const uint8_t *start, const uint8_t *end, uint8_t *p)
{
	TagNode		node;
	const uint8_t *child;
	uint32_t	k;
	uint64_t	word;

	tag_node_read(&node, start, end);
	if (!tag_kind_is_group(node.kind) && node.kind != TAG_TRUE && node.kind != TAG_FALSE)
		return varint_put(p, leaf_word(b, b->next++, start));
	core_check_stack();
	word = group_word(&node, &k);
	p = varint_put(p, word);
	p = varint_put(p, k);
	p = varint_put(p, b->sizes[b->next_size++]);
	child = node.child;
	for (uint64_t i = 0; i < word >> TAG_CODE_BITS; i++)
	{
		if (i % INTERRUPT_ROWS == INTERRUPT_ROWS - 1)
			core_interrupt();
		p = write_code(b, child, node.end, p);
		child += load32(child + 4);
	}
	return p;
}

static void
write_records(Builder *b)
{
	b->places = core_alloc(core_mul_size(b->n, sizeof(uint32_t)) + 1);
	b->next = 0;
	for (size_t i = 0; i < b->n; i++)
	{
		const uint8_t *end;
		const uint8_t *root = open_rule(&b->rows[i], &end);
		size_t		first = b->next;
		size_t		size;
		uint8_t    *p;

		b->nsizes = b->next_size = 0;
		size = measure(b, root, end);
		if (b->records_size + RECORD_HEAD + size > TAGQUERY_SET_MAX_SIZE)
			tagquery_set_too_large();
		TAGQUERY_SET_ROOM(b->records, b->records_room, b->records_size + RECORD_HEAD + size);
		b->places[i] = (uint32_t) b->records_size;
		p = b->records + b->records_size;
		store64(p, (uint64_t) b->rows[i].id);
		p = varint_put(p + 8, size);
		b->next = first;
		p = write_code(b, root, end, p);
		b->records_size = (size_t) (p - b->records);
	}
}

/* ---- the value ---- */

static uint8_t *
write_binary(const Builder *b, size_t *size)
{
	size_t		leaves_size = 0;
	uint8_t    *binary;
	uint8_t    *ends;
	uint8_t    *p;

	for (uint32_t i = 0; i < b->nleaves; i++)
		leaves_size += b->leaves[i].size;
	*size = TAGQUERY_SET_HEADER + (size_t) b->nleaves * 4 + leaves_size + b->records_size;
	if (*size > TAGQUERY_SET_MAX_SIZE)
		tagquery_set_too_large();
	binary = core_alloc(*size);
	memset(binary, 0, TAGQUERY_SET_HEADER);
	binary[0] = TAGQUERY_SET_VERSION;
	store32(binary + 4, (uint32_t) b->n);
	store32(binary + 8, b->nleaves);
	store32(binary + 12, (uint32_t) leaves_size);
	store32(binary + 16, (uint32_t) b->records_size);
	ends = binary + TAGQUERY_SET_HEADER;
	p = ends + (size_t) b->nleaves * 4;
	for (uint32_t i = 0; i < b->nleaves; i++)
	{
		if (i % INTERRUPT_ROWS == 0)
			core_interrupt();
		memcpy(p, b->leaves[i].node, b->leaves[i].size);
		p[1] = 0;
		p += b->leaves[i].size;
		store32(ends + (size_t) i * 4, (uint32_t) (p - ends - (size_t) b->nleaves * 4));
	}
	core_copy(p, b->records, b->records_size);
	return binary;
}

void *
tagquery_set_make(TagquerySetRow *rows, size_t n)
{
	Builder		b = {.rows = rows, .n = n};
	uint8_t    *binary;
	size_t		size;
	void	   *value;

	sort_rows(&b);
	number_leaves(&b);
	core_free(b.table);
	write_records(&b);
	core_free(b.met);
	core_free(b.sizes);
	core_free(b.numbers);
	binary = write_binary(&b, &size);
	core_free(b.records);
	core_free(b.leaves);
	value = tagquery_set_add_index(binary, size, rows, b.places);
	core_free(b.places);
	core_free(binary);
	return value;
}
