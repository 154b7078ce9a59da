/*
 * tag_estimate.c
 *	  Walks over a rule and puts frequencies of keys together, see
 *	  tag_estimate.h.
 */
#include "tag/tag_estimate.h"

/* Of longer lists so many values are looked up, and stand for the rest */
#define LIST_SAMPLE		1000

/* Thresholds of more children go by how many are expected to be true */
#define THRESHOLD_EXACT	256

/* A leaf that asks for more than that a tag is there matches so many that have it */
#define SHARE_OF_TEXTS	0.1
#define SHARE_OF_REST	0.33

static double
clamp(double share, double limit)
{
	return share < 0 ? 0 : share > limit ? limit : share;
}

static double
known_or_rare(const TagFrequencies *f, const TagKey *key)
{
	double		share = f->find(f->context, key);

	return share < 0 ? f->rare : share;
}

/* ---- keys ---- */

typedef struct Sum
{
	const TagFrequencies *f;
	double		share;
} Sum;

static void
add_share(void *context, const TagKey *key, bool exact)
{
	Sum		   *sum = context;

	sum->share += known_or_rare(sum->f, key);
}

/* The tag is there, with any value that could do */
static double
coarse_share(const TagFrequencies *f, const TagNode *leaf, int part)
{
	Sum			sum = {f, 0};

	tag_leaf_coarse_keys(leaf, part, add_share, &sum);
	return clamp(sum.share, 1);
}

static double
list_share(const TagFrequencies *f, const TagNode *leaf)
{
	Sum			sum = {f, 0};
	TagNode		sample = *leaf;

	sample.kind = TAG_IN;		/* of "not in", what it leaves out */
	if (leaf->n > LIST_SAMPLE)
		sample.n = LIST_SAMPLE;
	tag_leaf_keys(&sample, 0, add_share, &sum);
	return clamp(sum.share * ((double) leaf->n / sample.n), coarse_share(f, leaf, 0));
}

/* ---- intervals ---- */

/* An interval as codes, both inside */
typedef struct Interval
{
	const TagFrequencies *f;
	TagKey		key;
	int32_t		low;
	int32_t		high;
} Interval;

/*
 * The share of tagsets with a value in the part of the interval below a
 * prefix, which "share" of them have: where children are not known to be
 * frequent, they have what the others leave, in equal parts.
 */
static double
prefix_share(Interval *interval, int level, int32_t prefix, double share)
{
	const int	children = 1 << TAG_KEY_LEVEL_BITS;
	const int	shift = (TAG_KEY_LEVELS - level) * TAG_KEY_LEVEL_BITS;
	int32_t		first = prefix << shift;
	int32_t		last = first + (1 << shift) - 1;
	double		known[1 << TAG_KEY_LEVEL_BITS];
	double		rest = share;
	int			unknown = 0;
	double		sum = 0;

	if (interval->high < first || interval->low > last)
		return 0;
	if (interval->low <= first && interval->high >= last)
		return share;
	if (level == TAG_KEY_LEVELS)
		return share / 2;
	for (int i = 0; i < children; i++)
	{
		interval->key.level = (uint8_t) (level + 1);
		interval->key.prefix = (uint16_t) (prefix * children + i);
		known[i] = interval->f->find(interval->f->context, &interval->key);
		if (known[i] < 0)
			unknown++;
		else
			rest -= known[i];
	}
	for (int i = 0; i < children; i++)
		if (known[i] >= 0)
			sum += prefix_share(interval, level + 1, prefix * children + i, known[i]);
		else if (rest > 0)
			sum += prefix_share(interval, level + 1, prefix * children + i, rest / unknown);
	return clamp(sum, share);
}

static void
note_code(void *context, const TagKey *key, bool exact)
{
	Interval   *interval = context;

	interval->key = *key;
	if (interval->low < 0)
		interval->low = key->prefix;
	interval->high = key->prefix;
}

/* False if the leaf is no interval of numbers or moments */
static bool
interval_share(const TagFrequencies *f, const TagNode *leaf, double *share)
{
	Interval	interval;

	memset(&interval, 0, sizeof(interval));
	interval.f = f;
	interval.low = -1;
	tag_leaf_ends(leaf, note_code, &interval);
	if (interval.low < 0)
		return false;
	*share = prefix_share(&interval, 0, 0, coarse_share(f, leaf, 0));
	return true;
}

/* ---- leaves ---- */

static double
leaf_share(const TagFrequencies *f, const TagNode *leaf)
{
	double		share;

	switch (leaf->kind)
	{
		case TAG_TRUE:
			return 1;
		case TAG_FALSE:
			return 0;
		case TAG_HAS:
		case TAG_SUBTREE:
		case TAG_KNOWN:
			return coarse_share(f, leaf, 0);
		case TAG_IN:
			return list_share(f, leaf);
		case TAG_NOT_IN:
			return clamp(coarse_share(f, leaf, 0) - list_share(f, leaf), 1);
		case TAG_RANGE:
			if (interval_share(f, leaf, &share))
				return share;
			return coarse_share(f, leaf, 0) * SHARE_OF_REST;
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			return coarse_share(f, leaf, 0) * SHARE_OF_TEXTS;
		case TAG_PAIR:
			return coarse_share(f, leaf, 0) * coarse_share(f, leaf, 1) * SHARE_OF_REST;
		default:
			return 0;
	}
}

/* ---- rules ---- */

static double walk(const TagFrequencies *f, const uint8_t **p, const uint8_t *end, int depth);

/* "at least k of n" for 1 < k < n: chances of 0, 1, ... k - 1 true children, one by one */
static double
threshold_share(const TagFrequencies *f, const TagNode *group, int depth)
{
	const uint8_t *child = group->child;
	double	   *chances;
	double		below = 0;

	if (group->n > THRESHOLD_EXACT)
	{
		double		expected = 0;

		for (uint32_t i = 0; i < group->n; i++)
			expected += walk(f, &child, group->end, depth);
		return expected >= group->k ? 1 - 0.5 * group->k / expected : 0.5 * expected / group->k;
	}
	chances = core_alloc(group->k * sizeof(double));
	memset(chances, 0, group->k * sizeof(double));
	chances[0] = 1;
	for (uint32_t i = 0; i < group->n; i++)
	{
		double		share = walk(f, &child, group->end, depth);

		for (uint32_t j = group->k; j-- > 0;)
			chances[j] = chances[j] * (1 - share) + (j > 0 ? chances[j - 1] * share : 0);
	}
	for (uint32_t j = 0; j < group->k; j++)
		below += chances[j];
	core_free(chances);
	return clamp(1 - below, 1);
}

/* The node at *p, which goes on to the next one */
static double
walk(const TagFrequencies *f, const uint8_t **p, const uint8_t *end, int depth)
{
	TagNode		node;
	const uint8_t *child;
	double		all = 1;
	double		none = 1;
	double		share;

	core_check_stack();
	if (depth > TAGQUERY_MAX_DEPTH)
		core_throw(CORE_CORRUPT, NULL, "tagquery is damaged: it nests too deep");
	tag_node_read(&node, *p, end);
	*p = node.end;
	if (!tag_kind_is_group(node.kind))
	{
		share = clamp(leaf_share(f, &node), 1);
		return node.negated ? 1 - share : share;
	}
	if (node.kind == TAG_AT_LEAST)
		return threshold_share(f, &node, depth + 1);
	child = node.child;
	for (uint32_t i = 0; i < node.n; i++)
	{
		if (i % 256 == 255)
			core_interrupt();
		share = walk(f, &child, node.end, depth + 1);
		all *= share;
		none *= 1 - share;
	}
	return node.kind == TAG_AND ? all : 1 - none;
}

double
tagquery_selectivity(const TagqueryView *rule, const TagFrequencies *frequencies)
{
	const uint8_t *p = rule->root;

	return rule->unbound != 0 ? 0 : walk(frequencies, &p, rule->end, 1);
}
