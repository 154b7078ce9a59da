/*
 * tag_program.c
 *	  A rule over keys in three truth values (Kleene's), see tag_program.h.
 *
 * A program is the rule's tree in preorder.  Keys that several leaves ask for
 * are one.
 */
#include "tag/tag_program.h"

/* In an OR of more than these the first that may be true ends the search for one that is */
#define FEW 16

typedef struct Node
{
	bool		group;
	bool		negated;
	uint32_t	k;				/* groups: at least k of the n children that follow */
	uint32_t	n;				/* leaves: of references to keys; 0 can't be told */
	uint32_t	first;			/* leaves: the first reference */
	uint32_t	end;			/* groups: the node behind all that belongs to it */
} Node;

/* A leaf's key: its number, and whether it is exact */
#define REF(number, exact)	((number) << 1 | ((exact) ? 1u : 0u))

struct TagProgram
{
	Node	   *nodes;
	uint32_t	nnodes;
	uint32_t	nodes_room;
	uint32_t   *refs;
	uint32_t	nrefs;
	uint32_t	refs_room;
	TagProgramKey *keys;
	uint32_t	nkeys;
	uint32_t	keys_room;
	/* while it is made: numbers of keys + 1 by their hashes, open addressing */
	uint32_t   *table;
	uint32_t	table_size;
	bool		full;
};

/* ---- making ---- */

static void *
grown(void *array, uint32_t *room, uint32_t needed, size_t width)
{
	if (needed <= *room)
		return array;
	*room = needed < 8 ? 8 : needed * 2;
	if (*room < needed)
		core_throw(CORE_LIMIT, NULL, "tagquery has too many leaves");
	return array ? core_realloc(array, core_mul_size(*room, width))
		: core_alloc(core_mul_size(*room, width));
}

static uint32_t
push_node(TagProgram *program, Node node)
{
	program->nodes = grown(program->nodes, &program->nodes_room, program->nnodes + 1,
						   sizeof(Node));
	program->nodes[program->nnodes] = node;
	return program->nnodes++;
}

/* A group, to be ended when its children are pushed */
static uint32_t
push_group(TagProgram *program, uint32_t k, uint32_t n, bool negated)
{
	return push_node(program, (Node) {true, negated, k, n, 0, 0});
}

static void
end_group(TagProgram *program, uint32_t group)
{
	program->nodes[group].end = program->nnodes;
}

static uint32_t *
table_place(const TagProgram *program, const uint8_t *image, size_t size)
{
	uint64_t	hash = size;
	uint32_t	i;

	for (size_t b = 0; b < size; b++)
		hash = (hash ^ image[b]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 32;
	for (i = (uint32_t) hash & (program->table_size - 1);; i = (i + 1) & (program->table_size - 1))
	{
		uint32_t	number = program->table[i];

		if (number == 0 || (program->keys[number - 1].size == size &&
							memcmp(program->keys[number - 1].image, image, size) == 0))
			return &program->table[i];
	}
}

/* At most half full */
static void
grow_table(TagProgram *program)
{
	if (program->nkeys * 2 < program->table_size)
		return;
	core_free(program->table);
	program->table_size = program->table_size > 0 ? program->table_size * 4 : 32;
	program->table = core_alloc(program->table_size * sizeof(uint32_t));
	memset(program->table, 0, program->table_size * sizeof(uint32_t));
	for (uint32_t i = 0; i < program->nkeys; i++)
		*table_place(program, program->keys[i].image, program->keys[i].size) = i + 1;
}

static void
add_key(void *context, const TagKey *key, bool exact)
{
	TagProgram *program = context;
	uint8_t		image[TAG_KEY_IMAGE_MAX];
	uint8_t    *copy;
	size_t		size;
	uint32_t   *place;

	if (program->full)
		return;
	exact &= tag_key_image(key, image, &size);
	grow_table(program);
	place = table_place(program, image, size);
	if (*place == 0)
	{
		if (program->nkeys == TAG_PROGRAM_MAX_KEYS)
		{
			program->full = true;
			return;
		}
		program->keys = grown(program->keys, &program->keys_room, program->nkeys + 1,
							  sizeof(TagProgramKey));
		copy = core_alloc(size);
		memcpy(copy, image, size);
		program->keys[program->nkeys++] = (TagProgramKey) {copy, (uint32_t) size};
		*place = program->nkeys;
	}
	program->refs = grown(program->refs, &program->refs_room, program->nrefs + 1,
						  sizeof(uint32_t));
	program->refs[program->nrefs++] = REF(*place - 1, exact);
}

/* Take back a leaf's keys, of which there are too many */
static void
drop_keys(TagProgram *program, uint32_t refs, uint32_t keys)
{
	program->nrefs = refs;
	program->full = false;
	program->nkeys = keys;
	memset(program->table, 0, program->table_size * sizeof(uint32_t));
	for (uint32_t i = 0; i < keys; i++)
		*table_place(program, program->keys[i].image, program->keys[i].size) = i + 1;
}

static void
add_part(TagProgram *program, const TagNode *leaf, int part, bool negated)
{
	Node		node = {false, negated, 0, 0, program->nrefs, 0};
	uint32_t	keys = program->nkeys;

	if (keys < TAG_PROGRAM_MAX_KEYS)
	{
		tag_leaf_keys(leaf, part, add_key, program);
		if (program->full)
		{
			drop_keys(program, node.first, keys);
			tag_leaf_coarse_keys(leaf, part, add_key, program);
			if (program->full)
				drop_keys(program, node.first, keys);
		}
	}
	node.n = program->nrefs - node.first;
	push_node(program, node);
}

/* True is none of none, false is one of none */
static void
add_constant(TagProgram *program, bool value)
{
	end_group(program, push_group(program, value ? 0 : 1, 0, false));
}

static void
add_leaf(TagProgram *program, const TagNode *leaf)
{
	uint32_t	group;

	if (leaf->kind == TAG_TRUE || leaf->kind == TAG_FALSE)
		add_constant(program, leaf->kind == TAG_TRUE);
	else if (tag_leaf_parts(leaf) == 1)
		add_part(program, leaf, 0, leaf->negated);
	else
	{
		group = push_group(program, 2, 2, leaf->negated);
		add_part(program, leaf, 0, false);
		add_part(program, leaf, 1, false);
		end_group(program, group);
	}
}

static const uint8_t *
add_node(TagProgram *program, const uint8_t *start, const uint8_t *end, int depth)
{
	TagNode		node;
	const uint8_t *child;
	uint32_t	group;

	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: it nests too deep");
	tag_node_read(&node, start, end);
	if (!tag_kind_is_group(node.kind))
		add_leaf(program, &node);
	else
	{
		group = push_group(program, node.k, node.n, false);
		child = node.child;
		for (uint32_t i = 0; i < node.n; i++)
		{
			if (i % 256 == 255)
				core_interrupt();
			child = add_node(program, child, node.end, depth + 1);
		}
		end_group(program, group);
	}
	return node.end;
}

TagProgram *
tag_program_make(const TagqueryView *rule)
{
	TagProgram *program = core_alloc(sizeof(*program));

	memset(program, 0, sizeof(*program));
	if (rule->unbound != 0)
		add_constant(program, false);
	else
		add_node(program, rule->root, rule->end, 1);
	core_free(program->table);
	program->table = NULL;
	return program;
}

const TagProgramKey *
tag_program_keys(const TagProgram *program, uint32_t *n)
{
	*n = program->nkeys;
	return program->keys;
}

/* ---- running ---- */

static TagTruth
run_leaf(const TagProgram *program, const Node *node, const char *keys)
{
	const uint32_t *refs = program->refs + node->first;
	TagTruth	truth = node->n == 0 ? TAG_MAYBE : TAG_NO;

	for (uint32_t i = 0; i < node->n; i++)
	{
		char		known = keys[refs[i] >> 1];

		if (known == TAG_NO)
			continue;
		if (known == TAG_YES && refs[i] & 1)
			return TAG_YES;
		truth = TAG_MAYBE;
		if (node->n > FEW)
			break;
	}
	return truth;
}

static TagTruth
run_node(const TagProgram *program, const Node **at, const char *keys)
{
	const Node *node = (*at)++;
	TagTruth	truth;
	uint32_t	yes = 0;
	uint32_t	maybe = 0;
	uint32_t	i;

	if (!node->group)
		truth = run_leaf(program, node, keys);
	else
	{
		/* as long as both are possible */
		for (i = 0; i < node->n && yes < node->k && yes + maybe + (node->n - i) >= node->k; i++)
		{
			truth = run_node(program, at, keys);
			yes += truth == TAG_YES;
			maybe += truth == TAG_MAYBE;
			if (node->k == 1 && maybe > 0 && node->n > FEW)
				break;
		}
		truth = yes >= node->k ? TAG_YES : yes + maybe + (node->n - i) >= node->k ? TAG_MAYBE : TAG_NO;
		*at = program->nodes + node->end;
	}
	if (node->negated && truth != TAG_MAYBE)
		truth = truth == TAG_YES ? TAG_NO : TAG_YES;
	return truth;
}

TagTruth
tag_program_run(const TagProgram *program, const char *keys)
{
	const Node *at = program->nodes;

	return run_node(program, &at, keys);
}
