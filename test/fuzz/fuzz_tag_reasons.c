/*
 * fuzz_tag_reasons.c
 *	  Fuzz target for what rules say: why they match, of each other, and what they
 *	  are found by.
 *
 * An input is the text of a rule, a newline, the text of another, a newline, and
 * the text of a tagset; and, behind one more, what to damage: three bytes
 * each, a place in the first rule and what to flip there.
 */
#include "core_standalone.h"

#include <stdio.h>
#include <stdlib.h>

#include "tag/tag_access.h"
#include "tag/tag_explain.h"
#include "tag/tag_logic.h"

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* Searching for the smallest change takes its time */
#define LEAVES_MAX 200

static bool
leaf_true(const TagNode *leaf, void *tags)
{
	return tag_leaf_match(leaf, tags, TAG_NEVER_EXPIRED);
}

/* ---- reasons ---- */

typedef struct Turned
{
	const TagsetView *tags;
	const TagReasons *reasons;
	bool		one;			/* only this one, else those to be changed */
	uint32_t	which;
} Turned;

/* Leaves that are one switch: the same but for the negation */
static bool
same_switch(const TagReason *reason, const TagNode *leaf)
{
	size_t		size = (size_t) (leaf->end - leaf->start);

	return size == (size_t) (reason->end - reason->start) && reason->start[0] == leaf->start[0] &&
		memcmp(reason->start + 2, leaf->start + 2, size - 2) == 0;
}

static bool
leaf_turned(const TagNode *leaf, void *context)
{
	const Turned *turned = context;
	bool		truth = tag_leaf_match(leaf, turned->tags, TAG_NEVER_EXPIRED);

	for (uint32_t i = 0; i < turned->reasons->n; i++)
		if ((turned->one ? i == turned->which : turned->reasons->reasons[i].change) &&
			same_switch(&turned->reasons->reasons[i], leaf))
			return !truth;
	return truth;
}

/* The answer with some leaves turned, by counting */
static bool
answer(const uint8_t *start, const uint8_t *end, TagLeafTrue truth, void *context)
{
	TagNode		node;
	uint32_t	hits = 0;

	tag_node_read(&node, start, end);
	if (node.kind == TAG_TRUE || node.kind == TAG_FALSE)
		return node.kind == TAG_TRUE;
	if (!tag_kind_is_group(node.kind))
		return truth(&node, context);
	for (uint32_t i = 0; i < node.n; i++)
	{
		hits += answer(node.child, node.end, truth, context);
		node.child += load32(node.child + 4);
	}
	return hits >= node.k;
}

static void
check_reasons(const TagqueryView *rule, const TagsetView *tags)
{
	TagReasons	reasons;
	uint32_t	change = 0;

	tag_explain(&reasons, rule, leaf_true, (void *) tags);
	REQUIRE(reasons.matched == answer(rule->root, rule->end, leaf_true, (void *) tags));
	REQUIRE(rule->unbound || reasons.matched == tagquery_match(rule, tags, TAG_NEVER_EXPIRED));
	for (uint32_t i = 0; i < reasons.n; i++)
	{
		Turned		turned = {tags, &reasons, true, i};
		const TagReason *reason = &reasons.reasons[i];
		TagNode		leaf;
		TextOut		out;

		tag_node_read(&leaf, reason->start, reason->end);
		REQUIRE(reason->matched == leaf_true(&leaf, (void *) tags));
		REQUIRE(reason->decisive ==
				(answer(rule->root, rule->end, leaf_turned, &turned) != reasons.matched));
		change += reason->change;
		text_out_start(&out);
		tag_actual_print(&out, &leaf, tags, TAG_NEVER_EXPIRED);
		REQUIRE(out.length > 0 || leaf.kind < TAG_HAS || reason->matched == leaf.negated ||
				tag_leaf_unbound(leaf.kind));
	}
	if (change > 0)
	{
		Turned		turned = {tags, &reasons, false, 0};

		REQUIRE(answer(rule->root, rule->end, leaf_turned, &turned) != reasons.matched);
	}
	for (uint32_t i = 0; i < reasons.n; i++)
		REQUIRE(!reasons.reasons[i].decisive || change == 1);
}

/* ---- other rules ---- */

static void
check_logic(const TagqueryView *a, const TagqueryView *b, const TagsetView *tags)
{
	TagVerdict	implies = tagquery_implies(a, b);
	TagVerdict	disjoint = tagquery_disjoint(a, b);
	bool		both_bound = !a->unbound && !b->unbound;
	bool		of_a = tagquery_match(a, tags, TAG_NEVER_EXPIRED);
	bool		of_b = tagquery_match(b, tags, TAG_NEVER_EXPIRED);

	REQUIRE(tagquery_implies(a, a) == TAG_PROVEN);
	REQUIRE(!both_bound || implies != TAG_PROVEN || !of_a || of_b);
	REQUIRE(!both_bound || disjoint != TAG_PROVEN || !of_a || !of_b);
	REQUIRE(both_bound || (implies != TAG_REFUTED && disjoint != TAG_REFUTED));
	/* the same question the other way round; work may run out on one side only */
	REQUIRE((disjoint | tagquery_disjoint(b, a)) != (TAG_PROVEN | TAG_REFUTED));
	/* all that matches a matches b, and none does: nothing matches a */
	if (implies == TAG_PROVEN && disjoint == TAG_PROVEN)
		REQUIRE(!both_bound || !of_a);
}

/* ---- what rules are found by ---- */

static bool
has_key(const TagKeys *keys, uint64_t key)
{
	for (uint32_t i = 0; i < keys->n; i++)
		if (keys->keys[i] == key)
			return true;
	return false;
}

static void
check_access(const TagqueryView *rule, const TagsetView *tags)
{
	TagAccess	access = {0};
	TagKeys		keys = {0};
	bool		found = false;

	tag_access_find(&access, rule);
	tag_keys_of_tagset(&keys, tags);
	for (uint32_t i = 0; i < access.n && !found; i++)
	{
		found = true;
		for (uint32_t j = 0; j < access.alternatives[i].n && found; j++)
		{
			const TagTerm *term = &access.terms[access.alternatives[i].first + j];

			found = false;
			for (uint32_t k = 0; k < term->n && !found; k++)
				found = has_key(&keys, access.keys.keys[term->first + k]);
		}
	}
	REQUIRE(found || !tagquery_match(rule, tags, TAG_NEVER_EXPIRED));
}

/* ---- damage ---- */

typedef struct Damaged
{
	const uint8_t *rule;
	size_t		size;
	const TagqueryView *other;
	const TagsetView *tags;
	int			use;
} Damaged;

#define USES 4

static void
use_damaged(void *argument)
{
	const Damaged *damaged = argument;
	TagqueryView view;
	TagReasons	reasons;
	CoreError	error;

	if (!tagquery_open(&view, damaged->rule, damaged->size, &error))
		return;
	if (damaged->use == 0)
		tag_explain(&reasons, &view, leaf_true, (void *) damaged->tags);
	else if (damaged->use == 1)
		tagquery_implies(&view, damaged->other);
	else if (damaged->use == 2)
		tagquery_disjoint(damaged->other, &view);
	else
	{
		TagAccess	access = {0};

		tag_access_find(&access, &view);
	}
}

static void
check_damaged(const void *value, const TagqueryView *other, const TagsetView *tags,
			  const uint8_t *damage, size_t n)
{
	size_t		size = (load32(value) >> 2) - 4;
	uint8_t    *bytes = core_alloc(size);
	CoreError	error;

	memcpy(bytes, (const uint8_t *) value + 4, size);
	for (; n >= 3; damage += 3, n -= 3)
		bytes[load16(damage) % size] ^= damage[2];
	for (int use = 0; use < USES; use++)
	{
		Damaged		damaged = {bytes, size, other, tags, use};

		core_try(use_damaged, &damaged, &error);
	}
}

/* ---- inputs ---- */

/* Up to the newline, or the end */
static size_t
line_length(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);

	return end ? (size_t) (end - data) : size;
}

static void *
next_rule(const uint8_t **data, size_t *size, TagqueryView *view)
{
	size_t		length = line_length(*data, *size);
	CoreError	error;
	void	   *value = tagquery_parse((const char *) *data, length, &error);

	*data += length + (length < *size);
	*size -= length + (length < *size);
	if (value != NULL)
		REQUIRE(tagquery_open(view, (uint8_t *) value + 4, (load32(value) >> 2) - 4, &error));
	return value;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TagqueryView a;
	TagqueryView b;
	TagsetView	tags;
	CoreError	error;
	void	   *a_value = next_rule(&data, &size, &a);
	void	   *b_value = next_rule(&data, &size, &b);
	size_t		length = line_length(data, size);
	void	   *set = tagset_parse((const char *) data, length, &error);

	if (a_value != NULL && b_value != NULL && set != NULL && a.leaves + b.leaves < LEAVES_MAX)
	{
		REQUIRE(tagset_open(&tags, (uint8_t *) set + 4, (load32(set) >> 2) - 4, &error));
		check_reasons(&a, &tags);
		check_logic(&a, &b, &tags);
		check_access(&a, &tags);
		if (length < size)
			check_damaged(a_value, &b, &tags, data + length + 1, size - length - 1);
	}
	core_release_all();
	return 0;
}
