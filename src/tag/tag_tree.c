/*
 * tag_tree.c
 *	  Groups of rules in memory, their canonical form, and writing it; see
 *	  tag_tree.h.
 *
 * tag_tree_finish() goes over the tree once from the leaves up: a negation
 * goes down with it, a group is folded, flattened and sorted when its children
 * are done.  Children are compared as the bytes that will be written, without
 * writing them: sizes are known, and stand at the front of a node, so that two
 * large ones are walked through only if they are as large as each other.
 * Then all is written once.
 */
#include "common/merge_sort.h"
#include "tag/tag_tree.h"

/*
 * What is put together of stored rules, or a comparison that becomes two, may
 * nest deeper than what is stored until it is flat.
 */
#define DEPTH_MAX (2 * TAGQUERY_MAX_DEPTH)

#define GROUP_HEADER (TAG_NODE_HEADER + 8)

#define INTERRUPT_CHILDREN 4096

/* ---- groups ---- */

TagTree *
tag_tree_group(TagNodeKind kind, uint32_t k)
{
	TagTree    *group = core_alloc(sizeof(TagTree));

	*group = (TagTree) {.kind = kind, .k = k};
	return group;
}

void
tag_tree_add(TagTree *group, TagTree *child)
{
	if (group->n == group->room)
	{
		if (group->room > UINT32_MAX / 2)
			core_throw(CORE_LIMIT, NULL, "a tagquery has too many parts");
		group->room = group->room ? 2 * group->room : 4;
		group->children = core_realloc(group->children,
									   core_mul_size(group->room, sizeof(TagTree *)));
	}
	group->children[group->n++] = child;
}

TagTree *
tag_tree_not(TagTree *tree)
{
	tree->negated = !tree->negated;
	return tree;
}

/* ---- from values ---- */

static TagTree *
read_tree(const uint8_t *start, const uint8_t *end, int depth)
{
	TagNode		node;
	TagTree    *tree;
	const uint8_t *p;

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "it nests too deep");
	tag_node_read(&node, start, end);
	tree = tag_tree_group(node.kind, 0);
	tree->negated = node.negated;
	if (!tag_kind_is_group(node.kind))
	{
		tree->image = start;
		tree->size = (uint32_t) (node.end - start);
		return tree;
	}
	tree->k = node.k;
	p = node.child;
	for (uint32_t i = 0; i < node.n; i++)
	{
		if (i % INTERRUPT_CHILDREN == 0)
			core_interrupt();
		tag_tree_add(tree, read_tree(p, node.end, depth + 1));
		p += load32(p + 4);
	}
	return tree;
}

TagTree *
tag_tree_read(const uint8_t *start, const uint8_t *end)
{
	return read_tree(start, end, 1);
}

/* ---- the order of nodes: that of their bytes ---- */

/* The header, most significant byte first */
static inline uint64_t
header_key(const TagTree *tree)
{
	uint64_t	mark = tag_kind_is_group(tree->kind) ? 0 : load16(tree->image + 2);

	return __builtin_bswap64((uint64_t) tree->kind | (uint64_t) tree->negated << 8 |
							 mark << 16 | (uint64_t) tree->size << 32);
}

static int
compare_trees(const TagTree *a, const TagTree *b)
{
	uint64_t	a_key = header_key(a);
	uint64_t	b_key = header_key(b);

	if (a_key != b_key)
		return a_key < b_key ? -1 : 1;
	if (!tag_kind_is_group(a->kind))
		return memcmp(a->image + TAG_NODE_HEADER, b->image + TAG_NODE_HEADER,
					  a->size - TAG_NODE_HEADER);
	if (a->k != b->k)
		return __builtin_bswap32(a->k) < __builtin_bswap32(b->k) ? -1 : 1;
	if (a->n != b->n)
		return __builtin_bswap32(a->n) < __builtin_bswap32(b->n) ? -1 : 1;
	core_check_stack();
	for (uint32_t i = 0; i < a->n; i++)
	{
		int			order = compare_trees(a->children[i], b->children[i]);

		if (i % INTERRUPT_CHILDREN == 0)
			core_interrupt();
		if (order != 0)
			return order;
	}
	return 0;
}

static int
compare_children(const void *a, const void *b)
{
	return compare_trees(*(TagTree *const *) a, *(TagTree *const *) b);
}

/* ---- the canonical form ---- */

bool
tag_tree_too_deep(CoreError *error)
{
	core_set_error(error, CORE_LIMIT, "tagquery nests too deep");
	core_set_detail(error, "Groups and negations may nest %d deep.", TAGQUERY_MAX_DEPTH);
	return false;
}

static bool
too_large(CoreError *error)
{
	core_set_error(error, CORE_LIMIT, "tagquery is too large");
	core_set_detail(error, "A rule takes at most %zu MB.", TAGQUERY_MAX_SIZE >> 20);
	return false;
}

static inline bool
is_all(int64_t k, uint32_t n)
{
	return k == n;
}

/*
 * Children that are true count, those that are false don't, and neither is
 * kept.  Then those of a child of the same kind take its place.
 */
static void
fold_and_flatten(TagTree *group, int64_t *k)
{
	TagTree   **children = group->children;
	uint32_t	n = group->n;
	TagNodeKind same;

	group->n = 0;
	for (uint32_t i = 0; i < n; i++)
	{
		if (children[i]->kind == TAG_TRUE)
			--*k;
		else if (children[i]->kind != TAG_FALSE)
			children[group->n++] = children[i];
	}
	n = group->n;
	if (!is_all(*k, n) && *k != 1)
		return;
	same = is_all(*k, n) ? TAG_AND : TAG_OR;
	group->n = group->room = 0;
	group->children = NULL;
	for (uint32_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_CHILDREN == 0)
			core_interrupt();
		if (children[i]->kind != same)
			tag_tree_add(group, children[i]);
		else
		{
			for (uint32_t j = 0; j < children[i]->n; j++)
				tag_tree_add(group, children[i]->children[j]);
		}
	}
	if (is_all(*k, n))
		*k = group->n;
}

/* Sort the children; under AND and OR each stays once */
static void
sort_children(TagTree *group, int64_t *k)
{
	bool		all = is_all(*k, group->n);
	uint32_t	kept = 0;

	merge_sort(group->children, group->n, sizeof(TagTree *), compare_children);
	if (!all && *k != 1)
		return;
	for (uint32_t i = 0; i < group->n; i++)
	{
		if (kept == 0 || compare_trees(group->children[kept - 1], group->children[i]) != 0)
			group->children[kept++] = group->children[i];
	}
	group->n = kept;
	if (all)
		*k = kept;
}

/* What is left of a group whose children are done, which needs k of them */
static bool
reduce(TagTree *group, int64_t k, CoreError *error)
{
	size_t		size = GROUP_HEADER;

	fold_and_flatten(group, &k);
	if (k <= 0 || k > group->n)
	{
		*group = *tag_tree_constant(k <= 0);
		return true;
	}
	sort_children(group, &k);
	if (group->n == 1)
	{
		*group = *group->children[0];
		return true;
	}
	for (uint32_t i = 0; i < group->n; i++)
		size += group->children[i]->size;
	if (size > TAGQUERY_MAX_SIZE)
		return too_large(error);
	group->kind = is_all(k, group->n) ? TAG_AND : k == 1 ? TAG_OR : TAG_AT_LEAST;
	group->k = (uint32_t) k;
	group->size = (uint32_t) size;
	return true;
}

/* All that is below, and whether it counts negated */
static bool
canonicalize(TagTree *tree, bool negate, int depth, CoreError *error)
{
	int64_t		k = tree->kind == TAG_AND ? tree->n : tree->kind == TAG_OR ? 1 : tree->k;

	negate ^= tree->negated;
	tree->negated = false;
	if (depth > DEPTH_MAX)
		return tag_tree_too_deep(error);
	if (tree->kind <= TAG_TRUE)
	{
		*tree = *tag_tree_constant((tree->kind == TAG_TRUE) != negate);
		return true;
	}
	if (!tag_kind_is_group(tree->kind))
	{
		tree->negated = negate;
		return tree->size <= TAGQUERY_MAX_SIZE || too_large(error);
	}
	core_check_stack();
	for (uint32_t i = 0; i < tree->n; i++)
	{
		if (i % INTERRUPT_CHILDREN == 0)
			core_interrupt();
		if (!canonicalize(tree->children[i], negate, depth + 1, error))
			return false;
	}
	return reduce(tree, negate ? tree->n - k + 1 : k, error);
}

/* ---- writing ---- */

typedef struct Writer
{
	uint8_t    *p;
	uint32_t	leaves;
	uint8_t		unbound;
	int			depth;
} Writer;

static void
write_tree(Writer *w, const TagTree *tree, int depth)
{
	if (depth > w->depth)
		w->depth = depth;
	if (!tag_kind_is_group(tree->kind))
	{
		core_copy(w->p, tree->image, tree->size);
		w->p[1] = tree->negated;
		w->p += tree->size;
		w->leaves += tree->kind > TAG_TRUE;
		w->unbound |= tag_leaf_unbound(tree->kind);
		return;
	}
	core_check_stack();
	store64(w->p, __builtin_bswap64(header_key(tree)));
	store32(w->p + TAG_NODE_HEADER, tree->k);
	store32(w->p + TAG_NODE_HEADER + 4, tree->n);
	w->p += GROUP_HEADER;
	for (uint32_t i = 0; i < tree->n; i++)
	{
		if (i % INTERRUPT_CHILDREN == 0)
			core_interrupt();
		write_tree(w, tree->children[i], depth + 1);
	}
}

void *
tag_tree_finish(TagTree *tree, CoreError *error)
{
	uint8_t    *value;
	size_t		size;
	Writer		w = {0};

	if (!canonicalize(tree, false, 1, error))
		return NULL;
	size = TAGQUERY_HEADER + tree->size;
	value = core_alloc(size);
	w.p = value + TAGQUERY_HEADER;
	write_tree(&w, tree, 1);
	if (w.depth > TAGQUERY_MAX_DEPTH)
	{
		tag_tree_too_deep(error);
		core_free(value);
		return NULL;
	}
	store32(value, (uint32_t) size << 2);
	value[4] = TAGQUERY_VERSION;
	value[5] = w.unbound;
	store16(value + 6, (uint16_t) w.depth);
	store32(value + 8, w.leaves);
	return value;
}
