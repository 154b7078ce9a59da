/*
 * tag_logic.c
 *	  Does one rule imply another, or exclude it?
 *
 * a implies b where "a and not b" has no tagset, a excludes b where "a and b"
 * has none.  So the question is always whether one rule can be true.  Its
 * alternatives are gone through: leaves that are true together.  As a tag may
 * have many values, each positive leaf can have one of its own; leaves get into
 * each other's way only where the negated ones leave no value to a positive one.
 * When none of the alternatives is possible, that is the proof.  Where one may
 * be, the values found are put together, and if both rules answer of that tagset
 * as wanted, this is the counterexample.
 */
#include "tag/tag_logic.h"
#include "tag/tag_tree.h"

/* Candidates times leaves to be looked at: some 20 ms */
#define LOGIC_WORK 100000

/* Leaves of one alternative, and choices on the way to it */
#define LITERALS_MAX 500
#define CHOICES_MAX 500

/* A part of a rule of which "k" of the "n" children from "child" on have to be true */
typedef struct Goal
{
	const uint8_t *child;
	const uint8_t *end;
	uint32_t	k;
	uint32_t	n;
} Goal;

typedef struct Solver
{
	const TagqueryView *a;
	const TagqueryView *b;
	bool		b_wanted;
	TagNode		positive[LITERALS_MAX];
	TagNode		negative[LITERALS_MAX];
	uint32_t	npositive;
	uint32_t	nnegative;
	Goal		goals[CHOICES_MAX];
	uint32_t	ngoals;
	uint32_t	depth;
	int64_t		work;
} Solver;

/* What becomes of an alternative */
typedef enum Outcome
{
	IMPOSSIBLE,
	POSSIBLE,					/* or not; nobody knows */
	SHOWN
} Outcome;

static Outcome solve(Solver *s, uint32_t next);

/* ---- leaves ---- */

static bool
same_image(const TagNode *a, const TagNode *b)
{
	size_t		size = (size_t) (a->end - a->start);

	return size == (size_t) (b->end - b->start) && memcmp(a->start, b->start, size) == 0;
}

/* Is it true already by what has been taken on? */
static bool
follows(Solver *s, const TagNode *leaf)
{
	const TagNode *taken = leaf->negated ? s->negative : s->positive;
	uint32_t	n = leaf->negated ? s->nnegative : s->npositive;

	s->work -= n;
	for (uint32_t i = 0; i < n; i++)
		if (same_image(&taken[i], leaf) ||
			(leaf->negated ? tag_leaf_covers(&taken[i], leaf) : tag_leaf_covers(leaf, &taken[i])))
			return true;
	return false;
}

/* Is there "not exactly so often" among the leaves about an event? */
static bool
excluded_count(const Solver *s, const TagNode *event, int64_t count)
{
	for (uint32_t i = 0; i < s->nnegative; i++)
		if (tag_same_event(&s->negative[i], event) &&
			s->negative[i].comparison == TAG_EQ && s->negative[i].count == count)
			return true;
	return false;
}

/* All leaves taken on about an event and a window leave some number of times */
static bool
event_possible(const Solver *s, const TagNode *event)
{
	int64_t		least = 0;
	int64_t		most = INT64_MAX;

	for (uint32_t i = 0; i < s->npositive + s->nnegative; i++)
	{
		const TagNode *other = i < s->npositive ? &s->positive[i] : &s->negative[i - s->npositive];
		int64_t		count = other->count;

		if (!tag_same_event(other, event))
			continue;
		if (other->comparison == TAG_EQ && !other->negated)
		{
			least = count > least ? count : least;
			most = count < most ? count : most;
		}
		else if (other->comparison == TAG_GE && other->negated)
			most = count - 1 < most ? count - 1 : most;
		else if (other->comparison == TAG_LE && !other->negated)
			most = count < most ? count : most;
		else if (other->comparison != TAG_EQ)
		{
			count += other->negated;
			least = count > least ? count : least;
		}
	}
	while (least <= most && excluded_count(s, event, least))
		least++;
	return least <= most;
}

/* Can the negated leaf take away what the positive one needs? */
static bool
related(const TagNode *positive, const TagNode *negative)
{
	return positive->kind == TAG_PAIR || negative->kind == TAG_PAIR ||
		(positive->name_length == negative->name_length &&
		 memcmp(positive->name, negative->name, positive->name_length) == 0) ||
		(negative->kind == TAG_SUBTREE &&
		 tag_name_below(positive->name, positive->name_length,
						negative->name, negative->name_length));
}

/*
 * Take a leaf on; false if it cannot be true with the others.  What there is no
 * room for is forgotten, which may hide that nothing is possible, but never the
 * other way round.
 */
static bool
take_leaf(Solver *s, const TagNode *leaf)
{
	uint32_t   *n = leaf->negated ? &s->nnegative : &s->npositive;

	if (*n == LITERALS_MAX || follows(s, leaf))
		return true;
	(leaf->negated ? s->negative : s->positive)[(*n)++] = *leaf;
	if (leaf->kind == TAG_EVENT)
		return event_possible(s, leaf);
	if (!leaf->negated)
		return tag_example(leaf, s->negative, s->nnegative, 0, NULL, &s->work) != TAG_NO_VALUE;
	for (uint32_t i = 0; i < s->npositive; i++)
		if (related(&s->positive[i], leaf) &&
			tag_example(&s->positive[i], s->negative, s->nnegative, 0, NULL,
						&s->work) == TAG_NO_VALUE)
			return false;
	return true;
}

/* ---- groups ---- */

/* Take on a node and all that has to be true for it; what leaves a choice becomes a goal */
static bool
take(Solver *s, const uint8_t *start, const uint8_t *end)
{
	TagNode		node;
	const uint8_t *child;

	core_check_stack();
	s->work--;
	tag_node_read(&node, start, end);
	if (node.kind == TAG_TRUE || node.kind == TAG_FALSE)
		return node.kind == TAG_TRUE;
	if (!tag_kind_is_group(node.kind))
		return take_leaf(s, &node);
	if (node.k < node.n)
	{
		if (s->ngoals < CHOICES_MAX)
			s->goals[s->ngoals++] = (Goal) {node.child, node.end, node.k, node.n};
		return true;
	}
	child = node.child;
	for (uint32_t i = 0; i < node.n && s->work > 0; i++)
	{
		if (!take(s, child, node.end))
			return false;
		child += load32(child + 4);
	}
	return true;
}

/* Is one of the goal's children true anyway? */
static bool
goal_follows(Solver *s, const Goal *goal)
{
	const uint8_t *child = goal->child;
	TagNode		node;

	for (uint32_t i = 0; i < goal->n && s->work > 0; i++)
	{
		tag_node_read(&node, child, goal->end);
		if (!tag_kind_is_group(node.kind) && follows(s, &node))
			return true;
		child = node.end;
	}
	return false;
}

/* Reach a goal in every possible way, and then those behind it */
static Outcome
reach(Solver *s, uint32_t next, Goal goal)
{
	Outcome		result = IMPOSSIBLE;

	if (goal.k == 0 || (goal.k == 1 && goal_follows(s, &goal)))
		return solve(s, next + 1);
	core_check_stack();
	if (s->depth == CHOICES_MAX)
		return POSSIBLE;
	s->depth++;
	for (; goal.n >= goal.k && result != SHOWN; goal.n--)
	{
		uint32_t	npositive = s->npositive;
		uint32_t	nnegative = s->nnegative;
		uint32_t	ngoals = s->ngoals;
		const uint8_t *child = goal.child;
		Outcome		outcome;

		if (s->work <= 0)
		{
			result = POSSIBLE;
			break;
		}
		goal.child += load32(child + 4);
		if (take(s, child, goal.end))
		{
			outcome = reach(s, next, (Goal) {goal.child, goal.end, goal.k - 1, goal.n - 1});
			result = outcome > result ? outcome : result;
		}
		s->npositive = npositive;
		s->nnegative = nnegative;
		s->ngoals = ngoals;
	}
	s->depth--;
	return result;
}

/* ---- counterexamples ---- */

static void
add_number(TagsetBuild *build, const char *name, uint32_t length, double number)
{
	uint8_t		payload[8];
	const TagItem item = {.value = {TAG_NUMBER, 8, payload}};

	tag_store_ordered(payload, tag_order_number(number));
	tagset_build_add(build, name, length, &item);
}

/* Two values that compare so, in one way or another */
static void
add_pair(TagsetBuild *build, const TagNode *pair, int way)
{
	static const uint8_t right[2][TAG_COMPARISON_LAST + 1] = {
		{[TAG_EQ] = 1, [TAG_NE] = 2, [TAG_LT] = 2, [TAG_LE] = 1, [TAG_GT] = 0, [TAG_GE] = 1},
		{[TAG_EQ] = 1, [TAG_NE] = 0, [TAG_LT] = 2, [TAG_LE] = 2, [TAG_GT] = 0, [TAG_GE] = 0}
	};

	add_number(build, pair->name, pair->name_length, 1);
	add_number(build, pair->text, pair->text_length, right[way][pair->comparison]);
}

static bool
answers(const TagqueryView *a, const TagqueryView *b, bool b_wanted, TagsetBuild *build)
{
	void	   *value = tagset_build_finish(build);
	TagsetView	tags;
	CoreError	error;
	bool		result;

	if (!tagset_open(&tags, (char *) value + 4, (load32(value) >> 2) - 4, &error))
		core_throw_error(&error);
	result = tagquery_match(a, &tags, TAG_NEVER_EXPIRED) &&
		tagquery_match(b, &tags, TAG_NEVER_EXPIRED) == b_wanted;
	core_free(value);
	return result;
}

/* All leaves of an alternative have been taken on: put a tagset together */
static Outcome
show_way(Solver *s, int way)
{
	TagsetBuild *build = tagset_build_new();
	Outcome		result = POSSIBLE;
	bool		complete = true;

	for (uint32_t i = 0; i < s->npositive && complete; i++)
	{
		const TagNode *leaf = &s->positive[i];

		if (leaf->kind == TAG_PAIR)
			add_pair(build, leaf, way);
		else
			complete = tag_example(leaf, s->negative, s->nnegative, i, build,
								   &s->work) == TAG_THIS_VALUE;
	}
	if (complete && answers(s->a, s->b, s->b_wanted, build))
		result = SHOWN;
	tagset_build_free(build);
	return result;
}

static Outcome
show(Solver *s)
{
	/* what is not bound may be true at some time */
	if (s->a->unbound || s->b->unbound)
		return POSSIBLE;
	return show_way(s, 0) == SHOWN || show_way(s, 1) == SHOWN ? SHOWN : POSSIBLE;
}

static Outcome
solve(Solver *s, uint32_t next)
{
	return next < s->ngoals ? reach(s, next, s->goals[next]) : show(s);
}

/* ---- the questions ---- */

/* Is there no tagset of which a is true and b is as wanted? */
static TagVerdict
never(const TagqueryView *a, const TagqueryView *b, bool b_wanted)
{
	TagTree    *both = tag_tree_group(TAG_AND, 0);
	TagTree    *other = tag_tree_read(b->root, b->end);
	Outcome		outcome = IMPOSSIBLE;
	TagqueryView view;
	CoreError	error;
	Solver	   *s;
	void	   *rule;

	tag_tree_add(both, tag_tree_read(a->root, a->end));
	tag_tree_add(both, b_wanted ? other : tag_tree_not(other));
	rule = tag_tree_finish(both, &error);
	if (rule == NULL)
		return TAG_UNKNOWN;
	if (!tagquery_open(&view, (char *) rule + 4, (load32(rule) >> 2) - 4, &error))
		core_throw_error(&error);

	s = core_alloc(sizeof(Solver));
	s->a = a;
	s->b = b;
	s->b_wanted = b_wanted;
	s->npositive = s->nnegative = s->ngoals = s->depth = 0;
	s->work = LOGIC_WORK;
	if (take(s, view.root, view.end))
		outcome = solve(s, 0);
	core_free(s);
	core_free(rule);
	return outcome == SHOWN ? TAG_REFUTED : outcome == IMPOSSIBLE ? TAG_PROVEN : TAG_UNKNOWN;
}

TagVerdict
tagquery_implies(const TagqueryView *a, const TagqueryView *b)
{
	size_t		size = (size_t) (a->end - a->root);

	if (size == (size_t) (b->end - b->root) && memcmp(a->root, b->root, size) == 0)
		return TAG_PROVEN;
	return never(a, b, false);
}

TagVerdict
tagquery_disjoint(const TagqueryView *a, const TagqueryView *b)
{
	return never(a, b, true);
}
