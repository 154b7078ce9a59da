/*
 * tag_pairs.c
 *	  What a rule is found by in an index of rules, see tag_pairs.h.
 *
 * Of each alternative the two terms whose pairs weigh least, or the one term
 * that does.
 */
#include "tag/tag_pairs.h"

/* One or two terms of an alternative */
typedef struct Choice
{
	const TagTerm *a;
	const TagTerm *b;			/* NULL: a alone */
	double		weight;
} Choice;

typedef struct Pairs
{
	const TagAccess *access;
	TagPair    *pairs;
	uint32_t	n;
	uint32_t	room;
} Pairs;

bool
tag_key_is_paired(const TagKey *key)
{
	switch (key->kind)
	{
		case TAG_KEY_NUMBER:
			return key->level == TAG_ACCESS_NUMBER_LEVEL;
		case TAG_KEY_MOMENT:
			return key->level == TAG_ACCESS_MOMENT_LEVEL;
		default:
			return true;
	}
}

static uint32_t
half(uint64_t hash)
{
	uint32_t	upper = (uint32_t) (hash >> 32);

	return upper > 0 ? upper : 1;
}

int64_t
tag_pair_key(TagPair pair)
{
	uint32_t	a;
	uint32_t	b;

	if (pair.a == 0)
		return TAG_PAIRS_ALWAYS;
	a = half(pair.a);
	b = pair.b == 0 ? 0 : half(pair.b);
	if (b != 0 && b < a)
		return (int64_t) ((uint64_t) b << 32 | a);
	return (int64_t) ((uint64_t) a << 32 | b);
}

/* Not of one tag, or as good as that */
bool
tag_keys_can_pair(uint64_t a, uint64_t b)
{
	return tag_key_mark(a) != tag_key_mark(b) && half(a) != half(b);
}

bool
tag_keys_have_half(const TagKeys *keys, uint32_t wanted)
{
	uint32_t	low = 0;
	uint32_t	high = keys->n;

	while (low < high)
	{
		uint32_t	middle = (low + high) / 2;

		if (half(keys->keys[middle]) == wanted)
			return true;
		if (half(keys->keys[middle]) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* No pair of these terms' keys is of one tag */
static bool
can_pair(const Pairs *pairs, const TagTerm *a, const TagTerm *b)
{
	const uint64_t *keys = pairs->access->keys.keys;

	if (a->pair_n * b->pair_n > TAG_PAIRS_MAX)
		return false;
	for (uint32_t i = 0; i < a->pair_n; i++)
		for (uint32_t j = 0; j < b->pair_n; j++)
			if (!tag_keys_can_pair(keys[a->pair_first + i], keys[b->pair_first + j]))
				return false;
	return true;
}

/* The share of tagsets that have any of some keys with shares of this sum, below 1 */
static double
share_of(double weight)
{
	return weight / (1 + weight);
}

static void
choose(const Pairs *pairs, Choice *choice, const TagAlternative *alternative)
{
	uint32_t	n = alternative->n;
	const TagTerm *terms = n > 0 ? pairs->access->terms + alternative->first : NULL;

	memset(choice, 0, sizeof(*choice));
	for (uint32_t i = 0; i < n; i++)
	{
		double		single = share_of(terms[i].weight);

		if (choice->a == NULL || single < choice->weight)
			*choice = (Choice) {&terms[i], NULL, single};
		for (uint32_t j = i + 1; j < n; j++)
		{
			double		weight = share_of(terms[i].pair_weight) * share_of(terms[j].pair_weight);

			if (weight < choice->weight && can_pair(pairs, &terms[i], &terms[j]))
				*choice = (Choice) {&terms[i], &terms[j], weight};
		}
	}
}

static void
add(Pairs *pairs, uint64_t a, uint64_t b)
{
	if (pairs->n == pairs->room)
	{
		pairs->room = pairs->room > 0 ? pairs->room * 2 : 16;
		pairs->pairs = pairs->pairs
			? core_realloc(pairs->pairs, pairs->room * sizeof(TagPair))
			: core_alloc(pairs->room * sizeof(TagPair));
	}
	pairs->pairs[pairs->n++] = (TagPair) {a, b};
}

static void
add_choice(Pairs *pairs, const Choice *choice)
{
	const uint64_t *keys = pairs->access->keys.keys;

	if (choice->b == NULL)
		for (uint32_t i = 0; i < choice->a->n; i++)
			add(pairs, keys[choice->a->first + i], 0);
	else
		for (uint32_t i = 0; i < choice->a->pair_n; i++)
			for (uint32_t j = 0; j < choice->b->pair_n; j++)
				add(pairs, keys[choice->a->pair_first + i], keys[choice->b->pair_first + j]);
}

TagPair *
tag_pairs_of_rule(const TagAccess *access, uint32_t *n)
{
	Pairs		pairs = {access, NULL, 0, 0};
	Choice		choice;

	for (uint32_t i = 0; i < access->n; i++)
	{
		choose(&pairs, &choice, &access->alternatives[i]);
		if (choice.a != NULL)
			add_choice(&pairs, &choice);
		else
			add(&pairs, 0, 0);
	}
	*n = pairs.n;
	return pairs.pairs;
}
