/*
 * tag_explain.c
 *	  Which leaves decided, and the smallest change of the answer.
 *
 * The rule is unfolded into an array of nodes in which every group counts its
 * true children.  Turning a leaf walks up as far as truths change, so that
 * "is it decisive" costs a leaf no more than its depth.
 *
 * The smallest change: a group turns when enough of the children that hold it
 * where it is are turned, the cheapest ones first.  One pass from the leaves up
 * finds that, and is exact where every leaf occurs once.  Else sets of 2, 3, ...
 * leaves are searched.  While the answer stands, there is a proof of it: leaves
 * (k true ones of an "at least k", ...) that keep it as it is whatever the
 * others do.  Every change turns one of them, so only these are tried.
 */
#include "common/merge_sort.h"
#include "tag/tag_explain.h"

/* Nodes to look at while searching: some 10 ms */
#define SEARCH_WORK 2000000

#define INTERRUPT_NODES 4096

typedef struct Node
{
	uint32_t	parent;
	uint32_t	end;			/* the first node behind all that is below it */
	uint32_t	k;
	uint32_t	n;				/* children; 0: a leaf */
	uint32_t	hits;			/* true children */
	uint32_t	cost;			/* see choose() */
	uint32_t	reason;			/* of a leaf: which one */
	uint32_t	next;			/* of a leaf: its next occurrence, or 0 */
	bool		truth;
	bool		chosen;			/* by choose(), from its parent's children */
} Node;

typedef struct Leaf
{
	const uint8_t *start;
	uint32_t	size;
	uint32_t	node;
} Leaf;

/* A reason at work */
typedef struct Switch
{
	uint32_t	first;			/* its first occurrence */
	bool		fixed;			/* turned, or not to be turned, in the search */
	bool		found;			/* by the search */
} Switch;

typedef struct Walk
{
	Node	   *nodes;			/* parents before their children, the root first */
	uint32_t	n;
	uint32_t	room;
	Leaf	   *leaves;
	uint32_t	nleaves;
	uint32_t	leaves_room;
	Switch	   *switches;
	TagReasons *result;
	uint64_t   *order;			/* for choose(): costs and places of children */
	uint64_t	work;			/* nodes looked at in the search */
} Walk;

/* ---- unfolding ---- */

static uint32_t
add_node(Walk *w, uint32_t parent)
{
	if (w->n == w->room)
	{
		w->room = w->room ? 2 * w->room : 64;
		w->nodes = core_realloc(w->nodes, core_mul_size(w->room, sizeof(Node)));
	}
	w->nodes[w->n] = (Node) {.parent = parent};
	return w->n++;
}

static void
add_leaf(Walk *w, const TagNode *leaf, uint32_t node)
{
	if (w->nleaves == w->leaves_room)
	{
		w->leaves_room = w->leaves_room ? 2 * w->leaves_room : 64;
		w->leaves = core_realloc(w->leaves, core_mul_size(w->leaves_room, sizeof(Leaf)));
	}
	w->leaves[w->nleaves++] = (Leaf) {leaf->start, (uint32_t) (leaf->end - leaf->start), node};
}

static void
unfold(Walk *w, const uint8_t *start, const uint8_t *end, uint32_t parent, int depth,
	   TagLeafTrue leaf_true, void *context)
{
	TagNode		node;
	uint32_t	self = add_node(w, parent);

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: %s", "it nests too deep");
	if (self % INTERRUPT_NODES == 0)
		core_interrupt();
	tag_node_read(&node, start, end);
	if (tag_kind_is_group(node.kind))
	{
		const uint8_t *child = node.child;

		w->nodes[self].k = node.k;
		w->nodes[self].n = node.n;
		for (uint32_t i = 0; i < node.n; i++)
		{
			unfold(w, child, node.end, self, depth + 1, leaf_true, context);
			child += load32(child + 4);
		}
		w->nodes[self].truth = w->nodes[self].hits >= node.k;
	}
	else
	{
		w->nodes[self].truth = leaf_true(&node, context);
		add_leaf(w, &node, self);
	}
	w->nodes[self].end = w->n;
	if (self != 0)
		w->nodes[parent].hits += w->nodes[self].truth;
}

/* By what they ask, whether negated or not; the sort is stable */
static int
compare_leaves(const void *a, const void *b)
{
	const Leaf *x = a;
	const Leaf *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	if (x->start[0] != y->start[0])
		return x->start[0] < y->start[0] ? -1 : 1;
	return memcmp(x->start + 2, y->start + 2, x->size - 2);
}

static int
compare_places(const void *a, const void *b)
{
	const Leaf *x = a;
	const Leaf *y = b;

	return (x->node > y->node) - (x->node < y->node);
}

/* Reasons, in the order of the rule, and the occurrences of each; are there any twice? */
static bool
find_reasons(Walk *w)
{
	TagReasons *result = w->result;
	uint32_t	kept = 0;
	bool		repeated = false;

	merge_sort(w->leaves, w->nleaves, sizeof(Leaf), compare_leaves);
	for (uint32_t i = 0; i < w->nleaves; i++)
		if (kept == 0 || compare_leaves(&w->leaves[kept - 1], &w->leaves[i]) != 0)
			w->leaves[kept++] = w->leaves[i];
		else
		{
			Node	   *first = &w->nodes[w->leaves[kept - 1].node];
			uint32_t	node = w->leaves[i].node;

			w->nodes[node].next = first->next;
			first->next = node;
			repeated = true;
		}
	merge_sort(w->leaves, kept, sizeof(Leaf), compare_places);

	result->n = kept;
	result->reasons = core_alloc(core_mul_size(kept, sizeof(TagReason)));
	w->switches = core_alloc(core_mul_size(kept, sizeof(Switch)));
	for (uint32_t i = 0; i < kept; i++)
	{
		const Leaf *leaf = &w->leaves[i];
		uint32_t	node;

		result->reasons[i] = (TagReason) {
			leaf->start, leaf->start + leaf->size, w->nodes[leaf->node].truth, false, false
		};
		w->switches[i] = (Switch) {.first = leaf->node};
		node = leaf->node;
		do
			w->nodes[node].reason = i;
		while ((node = w->nodes[node].next) != 0);
	}
	return repeated;
}

/* ---- turning ---- */

static void
turn(Walk *w, uint32_t reason)
{
	uint32_t	leaf = w->switches[reason].first;

	do
	{
		uint32_t	i = leaf;

		w->nodes[i].truth = !w->nodes[i].truth;
		while (i != 0)
		{
			bool		truth = w->nodes[i].truth;
			Node	   *parent = &w->nodes[i = w->nodes[i].parent];

			parent->hits += truth ? 1 : -1;
			if (parent->truth == (parent->hits >= parent->k))
				break;
			parent->truth = !parent->truth;
		}
		leaf = w->nodes[leaf].next;
	} while (leaf != 0);
}

static inline bool
turned(const Walk *w)
{
	return w->nodes[0].truth != w->result->matched;
}

/* ---- choosing ---- */

typedef enum Aim
{
	TO_TURN,					/* what turns the answer, were all leaves different */
	TO_PROVE					/* what keeps the answer; fixed leaves cost nothing */
} Aim;

static int
compare_costs(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

/* The cheapest of the children that hold a group where it is */
static void
choose_children(Walk *w, uint32_t group, Aim aim)
{
	Node	   *node = &w->nodes[group];
	uint32_t	n = 0;
	uint32_t	wanted;

	if (aim == TO_TURN)
		wanted = node->truth ? node->hits - node->k + 1 : node->k - node->hits;
	else
		wanted = node->truth ? node->k : node->n - node->k + 1;
	for (uint32_t i = group + 1; i < node->end; i = w->nodes[i].end)
	{
		w->nodes[i].chosen = false;
		if (w->nodes[i].truth == node->truth)
			w->order[n++] = (uint64_t) w->nodes[i].cost << 32 | i;
	}
	if (wanted < n)
		merge_sort(w->order, n, sizeof(uint64_t), compare_costs);
	node->cost = 0;
	for (uint32_t i = 0; i < n && i < wanted; i++)
	{
		node->cost += (uint32_t) (w->order[i] >> 32);
		w->nodes[(uint32_t) w->order[i]].chosen = true;
	}
}

/* Mark the leaves that are chosen, and what leads to them */
static void
choose(Walk *w, Aim aim)
{
	for (uint32_t i = w->n; i-- > 0;)
	{
		if (i % INTERRUPT_NODES == 0)
			core_interrupt();
		if (w->nodes[i].n > 0)
			choose_children(w, i, aim);
		else
			w->nodes[i].cost = aim == TO_TURN || !w->switches[w->nodes[i].reason].fixed;
	}
	w->nodes[0].chosen = true;
	for (uint32_t i = 1; i < w->n; i++)
		w->nodes[i].chosen = w->nodes[i].chosen && w->nodes[w->nodes[i].parent].chosen;
}

static void
set_fixed(Walk *w, const uint32_t *reasons, uint32_t n, bool fixed)
{
	for (uint32_t i = 0; i < n; i++)
		w->switches[reasons[i]].fixed = fixed;
}

/* The leaves chosen that are not fixed, as reasons, each once */
static uint32_t
take_chosen(Walk *w, uint32_t **taken)
{
	uint32_t	n = 0;

	*taken = core_alloc(core_mul_size((size_t) w->nodes[0].cost + 1, sizeof(uint32_t)));
	for (uint32_t i = 0; i < w->n; i++)
	{
		const Node *node = &w->nodes[i];

		if (node->n > 0 || !node->chosen || w->switches[node->reason].fixed)
			continue;
		w->switches[node->reason].fixed = true;
		(*taken)[n++] = node->reason;
	}
	set_fixed(w, *taken, n, false);
	return n;
}

/* ---- the smallest change ---- */

/* What choose() says, if it turns the answer; how many leaves that takes, else 0 */
static uint32_t
try_chosen(Walk *w)
{
	uint32_t   *taken;
	uint32_t	n;
	bool		found;

	choose(w, TO_TURN);
	n = take_chosen(w, &taken);
	for (uint32_t i = 0; i < n; i++)
		turn(w, taken[i]);
	found = turned(w);
	for (uint32_t i = 0; i < n; i++)
	{
		turn(w, taken[i]);
		w->result->reasons[taken[i]].change = found;
	}
	core_free(taken);
	return found ? n : 0;
}

/*
 * Turn up to so many leaves that are not fixed; notes those that did it.  Of a
 * proof's leaves the first one turned is tried with those before it left alone.
 */
static bool
search(Walk *w, uint32_t left)
{
	uint32_t   *taken;
	uint32_t	n;
	bool		found = false;

	core_check_stack();
	if (turned(w))
		return true;
	w->work += w->n;
	if (left == 0 || w->work > SEARCH_WORK)
		return false;
	choose(w, TO_PROVE);
	n = take_chosen(w, &taken);
	for (uint32_t i = 0; i < n && !found; i++)
	{
		w->switches[taken[i]].fixed = true;
		turn(w, taken[i]);
		found = search(w, left - 1);
		turn(w, taken[i]);
		w->switches[taken[i]].found = found;
	}
	set_fixed(w, taken, n, false);
	core_free(taken);
	return found;
}

static void
find_decisive(Walk *w)
{
	TagReasons *result = w->result;

	for (uint32_t i = 0; i < result->n; i++)
	{
		if (i % INTERRUPT_NODES == 0)
			core_interrupt();
		turn(w, i);
		result->reasons[i].decisive = turned(w);
		turn(w, i);
	}
}

static void
find_change(Walk *w, bool repeated)
{
	TagReasons *result = w->result;
	uint32_t	most = try_chosen(w);
	bool		found = false;

	if (!repeated)
		return;
	if (most == 0)
		most = result->n + 1;
	for (uint32_t size = 1; size < most && !found && w->work <= SEARCH_WORK; size++)
		found = search(w, size);
	result->cut_off = !found && w->work > SEARCH_WORK;
	for (uint32_t i = 0; found && i < result->n; i++)
		result->reasons[i].change = w->switches[i].found;
}

void
tag_explain(TagReasons *result, const TagqueryView *rule, TagLeafTrue leaf_true, void *context)
{
	Walk		w = {.result = result};
	bool		repeated;

	*result = (TagReasons) {0};
	if (rule->root[0] == TAG_TRUE || rule->root[0] == TAG_FALSE)
	{
		result->matched = rule->root[0] == TAG_TRUE;
		return;
	}
	unfold(&w, rule->root, rule->end, 0, 1, leaf_true, context);
	result->matched = w.nodes[0].truth;
	w.order = core_alloc(core_mul_size(w.n, sizeof(uint64_t)));
	repeated = find_reasons(&w);
	find_decisive(&w);
	find_change(&w, repeated);
	core_free(w.nodes);
	core_free(w.leaves);
	core_free(w.switches);
	core_free(w.order);
}
