/*
 * tag_program.c
 *	  A rule over keys in three truth values (Kleene's), see tag_program.h.
 *
 * A program is the rule's tree in preorder.  Keys that several leaves ask for
 * are one, and leaves of one key that stand side by side in an AND or OR are
 * one node: "a and b" is "all of a, b", "not a and not b" is "not any of a, b".
 */
#include "tag/tag_program.h"

/* In an OR of more than these the first that may be true ends the search for one that is */
#define FEW 16

typedef enum NodeKind
{
	NODE_KEY,					/* has this key */
	NODE_ANY,					/* any of these keys; if there are none, it can't be told */
	NODE_ALL,					/* all of these keys */
	NODE_GROUP
} NodeKind;

typedef struct Node
{
	uint8_t		kind;
	uint8_t		truth[3];		/* from what is found to what it means: negations, and keys
								 * that are not exact */
	uint32_t	n;				/* references to keys; a group's children, which follow */
	uint32_t	k;				/* groups: at least k of them */
	uint32_t	at;				/* a key's number; the first reference; of groups, the node
								 * behind all that belongs to it */
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
	uint32_t	all;			/* not 0: the program is "all of the keys", which are so many */
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

static Node *
push_node(TagProgram *program, NodeKind kind, bool negated, uint32_t k, uint32_t n)
{
	Node	   *node;

	program->nodes = grown(program->nodes, &program->nodes_room, program->nnodes + 1,
						   sizeof(Node));
	node = &program->nodes[program->nnodes++];
	node->kind = kind;
	node->truth[TAG_NO] = negated ? TAG_YES : TAG_NO;
	node->truth[TAG_YES] = negated ? TAG_NO : TAG_YES;
	node->truth[TAG_MAYBE] = TAG_MAYBE;
	node->n = n;
	node->k = k;
	node->at = 0;
	return node;
}

/* The number of the group, to be ended behind its last child */
static uint32_t
start_group(TagProgram *program, bool negated, uint32_t k, uint32_t n)
{
	return (uint32_t) (push_node(program, NODE_GROUP, negated, k, n) - program->nodes);
}

static void
end_group(TagProgram *program, uint32_t group)
{
	program->nodes[group].at = program->nnodes;
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
	uint32_t	first = program->nrefs;
	uint32_t	keys = program->nkeys;

	if (keys < TAG_PROGRAM_MAX_KEYS)
	{
		tag_leaf_keys(leaf, part, add_key, program);
		if (program->full)
		{
			drop_keys(program, first, keys);
			tag_leaf_coarse_keys(leaf, part, add_key, program);
			if (program->full)
				drop_keys(program, first, keys);
		}
	}
	push_node(program, NODE_ANY, negated, 0, program->nrefs - first)->at = first;
}

/*
 * The last node, a child of an AND (or an OR), into the one before it, if both
 * are leaves of one key, or several that were made one.
 */
static bool
merge_last(TagProgram *program, TagNodeKind group)
{
	Node	   *last = &program->nodes[program->nnodes - 1];
	Node	   *before = last - 1;
	NodeKind	kind;

	if (last->kind != NODE_ANY || last->n != 1 || before->truth[0] != last->truth[0])
		return false;
	kind = (group == TAG_AND) == (last->truth[TAG_NO] == TAG_NO) ? NODE_ALL : NODE_ANY;
	if (before->n == 0 || (before->kind != kind && (before->kind != NODE_ANY || before->n != 1)))
		return false;
	before->kind = kind;
	before->n++;
	program->nnodes--;
	return true;
}

/* True is none of none, false is one of none */
static void
add_constant(TagProgram *program, bool value)
{
	end_group(program, start_group(program, false, value ? 0 : 1, 0));
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
		group = start_group(program, leaf->negated, 2, 2);
		add_part(program, leaf, 0, false);
		add_part(program, leaf, 1, false);
		end_group(program, group);
	}
}

static void add_group(TagProgram *program, const TagNode *node, int depth);

/* Gives where the node ends */
static const uint8_t *
add_node(TagProgram *program, const uint8_t *start, const uint8_t *end, int depth)
{
	TagNode		node;

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: it nests too deep");
	tag_node_read(&node, start, end);
	if (tag_kind_is_group(node.kind))
		add_group(program, &node, depth);
	else
		add_leaf(program, &node);
	return node.end;
}

static void
add_group(TagProgram *program, const TagNode *node, int depth)
{
	uint32_t	group = start_group(program, false, node->k, node->n);
	uint32_t	before = group;
	uint32_t	n = 0;
	const uint8_t *child = node->child;

	for (uint32_t i = 0; i < node->n; i++)
	{
		uint32_t	first = program->nnodes;

		if (i % 256 == 255)
			core_interrupt();
		child = add_node(program, child, node->end, depth + 1);
		if (node->kind != TAG_AT_LEAST && before > group && before == first - 1 &&
			program->nnodes == first + 1 && merge_last(program, node->kind))
			continue;
		before = first;
		n++;
	}
	end_group(program, group);
	if (node->kind != TAG_AT_LEAST)
	{
		program->nodes[group].n = n;
		program->nodes[group].k = node->kind == TAG_AND ? n : 1;
	}
	if (n == 1 && program->nnodes == group + 2)
	{
		/* a group of what is one node now is that */
		program->nodes[group] = program->nodes[group + 1];
		program->nnodes--;
	}
}

/*
 * Leaves of one key need no references.  Where one of "all" is not exact, so is
 * all.
 */
static void
finish_nodes(TagProgram *program)
{
	for (uint32_t i = 0; i < program->nnodes; i++)
	{
		Node	   *node = &program->nodes[i];
		bool		exact = true;

		if (node->kind == NODE_GROUP || (node->kind == NODE_ANY && node->n != 1))
			continue;
		for (uint32_t ref = 0; ref < node->n; ref++)
			exact &= program->refs[node->at + ref] & 1;
		if (!exact)
			node->truth[TAG_YES] = TAG_MAYBE;
		if (node->n == 1)
		{
			node->kind = NODE_KEY;
			node->at = program->refs[node->at] >> 1;
		}
	}
	if (program->nnodes == 1 && program->nodes->kind == NODE_ALL &&
		program->nodes->truth[TAG_YES] == TAG_YES && program->nodes->n == program->nkeys &&
		!program->full)
		program->all = program->nkeys;
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
	finish_nodes(program);
	core_free(program->table);
	program->table = NULL;
	return program;
}

/* The key of one value; a value that is true has no key of its own, nor has a date */
static void
add_value(TagProgram *program, const TagRecord *record, const TagValue *value)
{
	TagKey		key;

	memset(&key, 0, sizeof(key));
	key.name = record->name;
	key.name_length = record->name_length;
	key.kind = value->type != TAG_BOOL ? TAG_KEY_EQUAL
		: value->payload[0] == 0 ? TAG_KEY_FALSE : TAG_KEY_HAS;
	key.value = *value;
	key.value.type = tag_value_class(value->type);
	add_key(program, &key, key.kind != TAG_KEY_HAS && key.value.type != TAG_TIME);
}

TagProgram *
tag_program_of_tagset(const TagsetView *tags, bool all)
{
	TagProgram *program = core_alloc(sizeof(*program));
	TagRecord	record;
	TagItem		item;
	const uint8_t *p;

	memset(program, 0, sizeof(*program));
	for (uint32_t i = 0; i < tags->n && !program->full; i++)
	{
		core_interrupt();
		tagset_record(tags, i, &record);
		for (p = tag_item_next(&record, NULL, &item); p; p = tag_item_next(&record, p, &item))
			add_value(program, &record, &item.value);
	}
	if (tags->n == 0)
		add_constant(program, all);
	else if (program->full && !all)
		push_node(program, NODE_ANY, false, 0, 0);	/* those left out may do */
	else
		push_node(program, all ? NODE_ALL : NODE_ANY, false, 0, program->nrefs);
	finish_nodes(program);
	if (program->full)
		program->nodes->truth[TAG_YES] = TAG_MAYBE;
	return program;
}

TagProgram *
tag_program_of_nothing(void)
{
	TagProgram *program = core_alloc(sizeof(*program));

	memset(program, 0, sizeof(*program));
	push_node(program, NODE_ANY, false, 0, 0);
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
run_any(const TagProgram *program, const Node *node, const char *keys)
{
	const uint32_t *refs = program->refs + node->at;
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

/* Keys that are not exact are seen to by finish_nodes() */
static inline TagTruth
run_all(const TagProgram *program, const Node *node, const char *keys)
{
	const uint32_t *refs = program->refs + node->at;
	const uint32_t *end = refs + node->n;
	char		all = TAG_YES;

	for (; refs < end; refs++)
	{
		char		known = keys[*refs >> 1];

		if (known == TAG_NO)
			return TAG_NO;
		all |= known;
	}
	return all == TAG_YES ? TAG_YES : TAG_MAYBE;
}

static TagTruth run_group(const TagProgram *program, const Node *group, const char *keys);

/* The node at *at, which goes on to the next one */
static inline TagTruth
run_node(const TagProgram *program, const Node **at, const char *keys)
{
	const Node *node = (*at)++;

	switch ((NodeKind) node->kind)
	{
		case NODE_KEY:
			return node->truth[(uint8_t) keys[node->at]];
		case NODE_ANY:
			return node->truth[run_any(program, node, keys)];
		case NODE_ALL:
			return node->truth[run_all(program, node, keys)];
		default:
			*at = program->nodes + node->at;
			return node->truth[run_group(program, node, keys)];
	}
}

/* Groups nest no deeper than in the rule, at most TAGQUERY_MAX_DEPTH, at some 100 bytes each */
static TagTruth
run_group(const TagProgram *program, const Node *group, const char *keys)
{
	const Node *at = group + 1;
	uint32_t	wanted = group->k;
	uint32_t	possible = group->n;	/* children that are not false, as far as is known */

	/* as long as both are possible */
	for (uint32_t i = 0; i < group->n && wanted > 0 && possible >= group->k; i++)
	{
		TagTruth	truth = run_node(program, &at, keys);

		if (truth == TAG_YES)
			wanted--;
		else if (truth == TAG_NO)
			possible--;
		else if (group->k == 1 && group->n > FEW)
			return TAG_MAYBE;
	}
	return wanted == 0 ? TAG_YES : possible >= group->k ? TAG_MAYBE : TAG_NO;
}

TagTruth
tag_program_run(const TagProgram *program, const char *keys)
{
	const Node *at;
	char		all = TAG_YES;

	/* what is asked most is asked first: called for each row that has the rarest tag */
	if (program->all > 0)
	{
		for (const char *key = keys; key < keys + program->all; key++)
		{
			if (*key == TAG_NO)
				return TAG_NO;
			all |= *key;
		}
		return all == TAG_YES ? TAG_YES : TAG_MAYBE;
	}
	at = program->nodes;
	return run_node(program, &at, keys);
}
