/*
 * tag_access.c
 *	  From a rule to its alternatives, see tag_access.h.
 *
 * Bottom-up, each node becomes alternatives on top of a stack:
 *
 * - a positive leaf is one alternative of one term (of two for name =
 *	 value(other)), a negated one is an alternative without terms;
 * - an OR has the alternatives of its children, those of a single term made one;
 * - an AND puts together its children that are one alternative; of the others
 *	 the lightest stays as it is, each alternative with the common terms added,
 *	 and the rest are covered;
 * - of "at least k of n", 1 < k < n, any n - k + 2 children have two that are
 *	 true: the pairs of these are alternatives, each child covered.
 *
 * To cover is to take the lightest term of each alternative, and of these
 * terms all keys as one.
 */
#include "tag/tag_access.h"

#include "common/merge_sort.h"

/* What is thought of a key by its looks */
#define WEIGHT_EQUAL	0.01
#define WEIGHT_HAS		0.02	/* halved by each further level of the name */
#define WEIGHT_BY_VALUE 0.3		/* the same where a value is asked for: many have one */
#define WEIGHT_FALSE	0.1
#define WEIGHT_BELOW	0.1
#define WEIGHT_CODE		0.3		/* halved by each level */

/* ... and more or less by a thousandth, by its hash, so that equals are told apart */
#define WEIGHT_HASH		(0.001 / 65536.0)

/* So many children give as many pairs as there may be alternatives */
#define MAX_PAIRED		11

typedef struct Result
{
	uint32_t	first;			/* of alternatives */
	uint32_t	n;				/* 0: nothing matches */
} Result;

static Result find_node(TagAccess *access, const uint8_t **p, const uint8_t *end, int depth);

/* ---- memory ---- */

static void *
grown(void *array, uint32_t *room, uint32_t needed, size_t width)
{
	if (needed <= *room)
		return array;
	*room = needed < 64 ? 64 : needed * 2;
	if (*room < needed)
		core_throw(CORE_LIMIT, NULL, "tagquery has too many alternatives");
	return array ? core_realloc(array, core_mul_size(*room, width))
		: core_alloc(core_mul_size(*room, width));
}

static void
push_term(TagAccess *access, TagTerm term)
{
	access->terms = grown(access->terms, &access->terms_room, access->nterms + 1,
						  sizeof(TagTerm));
	access->terms[access->nterms++] = term;
}

static void
push_alternative(TagAccess *access, uint32_t first, uint32_t n)
{
	access->alternatives = grown(access->alternatives, &access->alternatives_room,
								 access->n + 1, sizeof(TagAlternative));
	access->alternatives[access->n].first = first;
	access->alternatives[access->n++].n = n;
}

/* What was found from "first" on needs nothing to be there */
static Result
always(TagAccess *access, uint32_t first)
{
	access->n = first;
	push_alternative(access, 0, 0);
	return (Result) {first, 1};
}

static bool
is_always(const TagAccess *access, Result result)
{
	return result.n == 1 && access->alternatives[result.first].n == 0;
}

/* ---- leaves ---- */

typedef struct Collect
{
	TagAccess  *access;
	const TagNode *leaf;
	double		weight;
} Collect;

static double
key_look(const Collect *collect, const TagKey *key, uint64_t hash)
{
	double		look = 1.0;

	switch (key->kind)
	{
		case TAG_KEY_HAS:
			look = collect->leaf->kind <= TAG_KNOWN ? WEIGHT_HAS : WEIGHT_BY_VALUE;
			for (uint32_t i = 0; i < key->name_length; i++)
				if (key->name[i] == '.')
					look /= 2;
			break;
		case TAG_KEY_FALSE:
			look = WEIGHT_FALSE;
			break;
		case TAG_KEY_BELOW:
			look = WEIGHT_BELOW;
			break;
		case TAG_KEY_EQUAL:
			look = WEIGHT_EQUAL;
			break;
		case TAG_KEY_NUMBER:
		case TAG_KEY_MOMENT:
			look = WEIGHT_CODE / (1 << key->level);
			break;
	}
	return look * (1.0 + (double) (hash >> 48) * WEIGHT_HASH);
}

static void
collect_key(void *context, const TagKey *key, bool exact)
{
	Collect    *collect = context;
	TagAccess  *access = collect->access;
	uint64_t	hash = tag_key_hash(key);
	double		look = key_look(collect, key, hash);

	tag_keys_add(&access->keys, hash);
	collect->weight += access->weigh ? access->weigh(access->context, hash, look) : look;
}

/* What it weighs that the tag is there at all, where no other keys are wanted */
static double
coarse_weight(TagAccess *access, const TagNode *leaf, int part)
{
	Collect		collect = {access, leaf, 0};
	uint32_t	first = access->keys.n;

	tag_leaf_coarse_keys(leaf, part, collect_key, &collect);
	access->keys.n = first;
	return collect.weight;
}

/*
 * The keys from "first" on are those of a leaf, and together don't weigh more
 * than that the tag is there at all; too many are given up for that.
 */
static uint32_t
collect_end(Collect *collect, uint32_t first, uint32_t limit, int part)
{
	TagAccess  *access = collect->access;
	double		weight = coarse_weight(access, collect->leaf, part);

	if (access->keys.n - first > limit)
	{
		access->keys.n = first;
		tag_leaf_coarse_keys(collect->leaf, part, collect_key, collect);
	}
	if (weight < collect->weight)
		collect->weight = weight;
	tag_keys_sort(&access->keys, first);
	return access->keys.n - first;
}

static bool
push_leaf_term(TagAccess *access, const TagNode *leaf, int part)
{
	Collect		collect = {access, leaf, 0};
	TagTerm		term;

	term.first = access->keys.n;
	if (leaf->kind == TAG_IN && leaf->n > TAG_ACCESS_MAX_LEAF_KEYS)
		tag_leaf_coarse_keys(leaf, part, collect_key, &collect);
	else
		tag_leaf_keys(leaf, part, collect_key, &collect);
	term.n = collect_end(&collect, term.first, TAG_ACCESS_MAX_LEAF_KEYS, part);
	term.weight = collect.weight;
	if (term.n == 0)
		return false;

	/* in pairs, intervals have keys of one level */
	term.pair_first = access->keys.n;
	collect.weight = 0;
	tag_leaf_level_keys(leaf, TAG_ACCESS_NUMBER_LEVEL, TAG_ACCESS_MOMENT_LEVEL, collect_key,
						&collect);
	term.pair_n = collect_end(&collect, term.pair_first, TAG_ACCESS_MAX_LEVEL_KEYS, part);
	term.pair_weight = collect.weight;
	if (term.pair_n == 0)
	{
		term.pair_first = term.first;
		term.pair_n = term.n;
		term.pair_weight = term.weight;
	}
	push_term(access, term);
	return true;
}

static Result
find_leaf(TagAccess *access, const TagNode *leaf)
{
	uint32_t	first = access->n;
	uint32_t	terms = access->nterms;

	if (leaf->kind == TAG_FALSE)
		return (Result) {first, 0};
	if (leaf->kind == TAG_TRUE || leaf->negated)
		return always(access, first);
	for (int part = 0; part < tag_leaf_parts(leaf); part++)
		if (!push_leaf_term(access, leaf, part))
			return (Result) {first, 0};
	push_alternative(access, terms, access->nterms - terms);
	return (Result) {first, 1};
}

/* ---- covering ---- */

static const TagTerm *
lightest_term(const TagAccess *access, const TagAlternative *alternative)
{
	const TagTerm *lightest = &access->terms[alternative->first];

	for (uint32_t i = 1; i < alternative->n; i++)
		if (access->terms[alternative->first + i].weight < lightest->weight)
			lightest = &access->terms[alternative->first + i];
	return lightest;
}

/* What covering these alternatives weighs */
static double
cover_weight(const TagAccess *access, Result result)
{
	double		weight = 0;

	for (uint32_t i = 0; i < result.n; i++)
		weight += lightest_term(access, &access->alternatives[result.first + i])->weight;
	return weight;
}

/* Add the keys of these alternatives' lightest terms, all as one; how many there are */
static uint32_t
merge_keys(TagAccess *access, Result result, bool pair)
{
	uint32_t	first = access->keys.n;

	for (uint32_t i = 0; i < result.n; i++)
	{
		const TagTerm *term = lightest_term(access, &access->alternatives[result.first + i]);
		uint32_t	from = pair ? term->pair_first : term->first;
		uint32_t	n = pair ? term->pair_n : term->n;

		for (uint32_t j = 0; j < n; j++)
			tag_keys_add(&access->keys, access->keys.keys[from + j]);
	}
	tag_keys_sort(&access->keys, first);
	return access->keys.n - first;
}

/*
 * Put one alternative of one term in the place of these, the topmost; false
 * if it has too many keys.
 */
static bool
cover(TagAccess *access, Result result)
{
	TagTerm		term;

	memset(&term, 0, sizeof(term));
	if (result.n == 1 && access->alternatives[result.first].n == 1)
		return true;
	for (uint32_t i = 0; i < result.n; i++)
	{
		const TagTerm *lightest = lightest_term(access, &access->alternatives[result.first + i]);

		term.weight += lightest->weight;
		term.pair_weight += lightest->pair_weight;
	}
	term.first = access->keys.n;
	term.n = merge_keys(access, result, false);
	term.pair_first = access->keys.n;
	term.pair_n = merge_keys(access, result, true);
	if (term.n > TAG_ACCESS_MAX_KEYS || term.pair_n > TAG_ACCESS_MAX_KEYS)
		return false;
	access->n = result.first;
	push_term(access, term);
	push_alternative(access, access->nterms - 1, 1);
	return true;
}

/* ---- OR ---- */

/* Alternatives of several terms first, those of one made one at the end */
static Result
join_singles(TagAccess *access, uint32_t first)
{
	uint32_t	several = first;

	for (uint32_t i = first; i < access->n; i++)
	{
		TagAlternative alternative = access->alternatives[i];

		if (alternative.n == 1)
			continue;
		access->alternatives[i] = access->alternatives[several];
		access->alternatives[several++] = alternative;
	}
	if (several < access->n && !cover(access, (Result) {several, access->n - several}))
		return always(access, first);
	if (access->n - first > TAG_ACCESS_MAX_ALTERNATIVES &&
		!cover(access, (Result) {first, access->n - first}))
		return always(access, first);
	return (Result) {first, access->n - first};
}

static Result
find_or(TagAccess *access, const TagNode *group, int depth)
{
	uint32_t	first = access->n;
	const uint8_t *child = group->child;

	for (uint32_t i = 0; i < group->n; i++)
	{
		Result		result = find_node(access, &child, group->end, depth);

		if (is_always(access, result))
			return always(access, first);
		if (access->n - first > TAG_ACCESS_MAX_KEYS)
		{
			result = join_singles(access, first);
			if (is_always(access, result))
				return result;
		}
	}
	return join_singles(access, first);
}

/* ---- AND ---- */

/* The one child that stays several alternatives */
typedef struct Several
{
	TagAlternative *alternatives;
	uint32_t	n;
	double		weight;
} Several;

/*
 * A child is several alternatives: those of the lighter one, this or the one
 * before, go to "several", and the other is covered.
 */
static void
keep_lighter(TagAccess *access, Several *several, Result result)
{
	const size_t width = sizeof(TagAlternative);
	TagAlternative *before = several->alternatives;
	uint32_t	n = several->n;
	double		weight = cover_weight(access, result);

	if (before == NULL || weight < several->weight)
	{
		several->alternatives = core_alloc(result.n * width);
		memcpy(several->alternatives, &access->alternatives[result.first], result.n * width);
		several->n = result.n;
		several->weight = weight;
		access->n = result.first;
		for (uint32_t i = 0; i < n; i++)
			push_alternative(access, before[i].first, before[i].n);
		result.n = n;
		core_free(before);
	}
	/* without a cover, an AND is found by the others */
	if (result.n > 0 && !cover(access, result))
		access->n = result.first;
}

/* Add a term to the alternative whose terms start at "first" and end the list */
static void
add_term(TagAccess *access, uint32_t first, TagTerm term)
{
	uint32_t	heaviest = first;

	if (access->nterms - first < TAG_ACCESS_MAX_TERMS)
	{
		push_term(access, term);
		return;
	}
	for (uint32_t i = first + 1; i < access->nterms; i++)
		if (access->terms[i].weight > access->terms[heaviest].weight)
			heaviest = i;
	if (term.weight < access->terms[heaviest].weight)
		access->terms[heaviest] = term;
}

static void
add_terms(TagAccess *access, uint32_t first, const TagAlternative *alternative)
{
	for (uint32_t i = 0; i < alternative->n; i++)
		add_term(access, first, access->terms[alternative->first + i]);
}

/* "several" with the terms of the topmost alternatives, from "first" on, added to each */
static Result
join_all(TagAccess *access, const Several *several, uint32_t first, uint32_t terms)
{
	const TagAlternative none = {0, 0};
	TagAlternative common = {access->nterms, 0};
	uint32_t	built;

	for (uint32_t i = first; i < access->n; i++)
		add_terms(access, common.first, &access->alternatives[i]);
	common.n = access->nterms - common.first;
	built = access->nterms;
	access->n = first;
	for (uint32_t i = 0; i < (several->n > 0 ? several->n : 1); i++)
	{
		uint32_t	start = access->nterms;

		add_terms(access, start, several->n > 0 ? &several->alternatives[i] : &none);
		add_terms(access, start, &common);
		push_alternative(access, terms + (start - built), access->nterms - start);
	}
	/* what they were made of is not needed any more */
	if (access->nterms > built)
		memmove(access->terms + terms, access->terms + built,
				(access->nterms - built) * sizeof(TagTerm));
	access->nterms -= built - terms;
	return (Result) {first, access->n - first};
}

static Result
find_and(TagAccess *access, const TagNode *group, int depth)
{
	uint32_t	first = access->n;
	uint32_t	terms = access->nterms;
	const uint8_t *child = group->child;
	Several		several = {NULL, 0, 0};
	Result		result = {first, 0};

	for (uint32_t i = 0; i < group->n; i++)
	{
		result = find_node(access, &child, group->end, depth);
		if (result.n == 0)
			break;
		if (is_always(access, result))
			access->n = result.first;
		else if (result.n > 1)
			keep_lighter(access, &several, result);
	}
	if (result.n == 0)
	{
		access->n = first;
		result.first = first;
	}
	else
		result = join_all(access, &several, first, terms);
	core_free(several.alternatives);
	return result;
}

/* ---- at least k of n ---- */

static int
compare_weights(const void *a, const void *b)
{
	const TagTerm *x = a;
	const TagTerm *y = b;

	return x->weight < y->weight ? -1 : x->weight > y->weight;
}

/* The terms from "first" on each stand for one of n children, in ascending weight */
static Result
join_threshold(TagAccess *access, uint32_t first, uint32_t terms, uint32_t needed)
{
	uint32_t	paired = needed + 1;

	if (access->nterms - terms < needed)
		return always(access, first);
	if (access->nterms - terms >= paired && paired <= MAX_PAIRED)
	{
		uint32_t	built = access->nterms;

		for (uint32_t i = 0; i < paired; i++)
			for (uint32_t j = i + 1; j < paired; j++)
			{
				push_term(access, access->terms[terms + i]);
				push_term(access, access->terms[terms + j]);
				push_alternative(access, built, 2);
				built += 2;
			}
		return (Result) {first, access->n - first};
	}
	for (uint32_t i = 0; i < needed; i++)
		push_alternative(access, terms + i, 1);
	if (!cover(access, (Result) {first, needed}))
		return always(access, first);
	return (Result) {first, 1};
}

/* One term for each child that needs something, and then see above */
static Result
find_at_least(TagAccess *access, const TagNode *group, int depth)
{
	uint32_t	first = access->n;
	uint32_t	terms = access->nterms;
	uint32_t	possible = 0;
	const uint8_t *child = group->child;

	for (uint32_t i = 0; i < group->n; i++)
	{
		uint32_t	built = access->nterms;
		Result		result = find_node(access, &child, group->end, depth);
		TagTerm		term;

		possible += result.n > 0;
		if (result.n == 0 || is_always(access, result) || !cover(access, result))
			access->nterms = built;
		else
		{
			term = access->terms[access->alternatives[result.first].first];
			access->nterms = built;
			push_term(access, term);
		}
		access->n = first;
	}
	if (possible < group->k)
		return (Result) {first, 0};
	if (access->nterms > terms)
		merge_sort(access->terms + terms, access->nterms - terms, sizeof(TagTerm), compare_weights);
	return join_threshold(access, first, terms, possible - group->k + 1);
}

/* ---- rules ---- */

/* The node at *p, which goes on to the next one */
static Result
find_node(TagAccess *access, const uint8_t **p, const uint8_t *end, int depth)
{
	TagNode		node;

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: it nests too deep");
	if (depth % 64 == 0)
		core_interrupt();
	tag_node_read(&node, *p, end);
	*p = node.end;
	switch (node.kind)
	{
		case TAG_AND:
			return find_and(access, &node, depth + 1);
		case TAG_OR:
			return find_or(access, &node, depth + 1);
		case TAG_AT_LEAST:
			return find_at_least(access, &node, depth + 1);
		default:
			return find_leaf(access, &node);
	}
}

void
tag_access_find(TagAccess *access, const TagqueryView *rule)
{
	const uint8_t *p = rule->root;

	access->n = 0;
	access->nterms = 0;
	access->keys.n = 0;
	if (rule->unbound == 0)
		find_node(access, &p, rule->end, 1);
}

void
tag_access_free(TagAccess *access)
{
	core_free(access->alternatives);
	core_free(access->terms);
	core_free(access->keys.keys);
}
