/*
 * tagquery_set.c
 *	  Reading compiled sets of rules: the parts of a value.
 */
#include "tag/tagquery_set.h"

#include "common/varint.h"

void
tagquery_set_corrupt(const char *what)
{
	core_throw(CORE_CORRUPT, "The value was damaged on disk or in memory.",
			   "tagquery_set is damaged: it has %s", what);
}

void
tagquery_set_too_large(void)
{
	core_throw(CORE_LIMIT, "Compile the rules in several sets.",
			   "tagquery_set would be larger than %d MB", (int) (TAGQUERY_SET_MAX_SIZE >> 20));
}

const char *
tagquery_set_open_rules(TagquerySetView *view, const void *payload, size_t size)
{
	const uint8_t *p = payload;

	if (size < TAGQUERY_SET_HEADER)
		return "fewer bytes than a header";
	if (p[0] != TAGQUERY_SET_VERSION)
		return "an unknown version";
	if (p[1] != 0 || load16(p + 2) != 0)
		return "bytes that must be zero";
	memset(view, 0, sizeof(*view));
	view->payload = p;
	view->n = load32(p + 4);
	view->nleaves = load32(p + 8);
	view->leaves_size = load32(p + 12);
	view->records_size = load32(p + 16);
	if (tagquery_set_binary_size(view) > size)
		return "rules that are cut off";
	view->ends = p + TAGQUERY_SET_HEADER;
	view->leaves = view->ends + (size_t) view->nleaves * 4;
	view->records = view->leaves + view->leaves_size;
	return NULL;
}

/* An array of the index, at *p */
static const uint8_t *
take_array(const uint8_t **p, const uint8_t *end, uint64_t n, size_t width)
{
	const uint8_t *start = *p;

	if (n > (size_t) (end - start) / width)
		tagquery_set_corrupt("an index that is cut off");
	*p = start + n * width;
	return start;
}

void
tagquery_set_open(TagquerySetView *view, const void *payload, size_t size)
{
	const char *problem = tagquery_set_open_rules(view, payload, size);
	const uint8_t *end = (const uint8_t *) payload + size;
	const uint8_t *p;
	size_t		start;

	if (problem != NULL)
		tagquery_set_corrupt(problem);
	start = tagquery_set_index_start(tagquery_set_binary_size(view));
	if (start > size || size - start < TAGQUERY_SET_INDEX_HEADER)
		tagquery_set_corrupt("an index that is cut off");
	p = view->payload + start;
	view->nkeys = load32(p);
	view->npairs = load32(p + 4);
	view->nplaces = load32(p + 8);
	view->nalways = load32(p + 12);
	view->bits = tagquery_set_bits(view->nkeys);
	p += TAGQUERY_SET_INDEX_HEADER;
	view->keys = take_array(&p, end, view->nkeys, 8);
	view->buckets = take_array(&p, end, (UINT64_C(1) << view->bits) + 1, 4);
	view->first_pairs = take_array(&p, end, (uint64_t) view->nkeys + 1, 4);
	view->pairs = take_array(&p, end, (uint64_t) view->npairs + 1, 8);
	view->places = take_array(&p, end, view->nplaces, 4);
	view->always = take_array(&p, end, view->nalways, 4);
	view->filters = take_array(&p, end, view->nleaves, 4);
	if (p != end)
		tagquery_set_corrupt("bytes behind its index");
}

bool
tagquery_set_word(const uint8_t **p, const uint8_t *end, uint64_t *word)
{
	*p = varint_get(*p, end, word);
	return *p != NULL;
}

const char *
tagquery_set_record(const TagquerySetView *view, uint32_t place, TagquerySetRecord *record)
{
	const uint8_t *end = view->records + view->records_size;
	const uint8_t *p;
	uint64_t	size;

	if (view->records_size < 8 || place > view->records_size - 8)
		return "a rule that is cut off";
	p = view->records + place;
	record->id = (int64_t) load64(p);
	p += 8;
	if (!tagquery_set_word(&p, end, &size) || size > (size_t) (end - p))
		return "a rule that is cut off";
	record->code = p;
	record->end = p + size;
	return NULL;
}

const uint8_t *
tagquery_set_leaf(const TagquerySetView *view, uint32_t i, const uint8_t **end)
{
	uint32_t	from = i == 0 ? 0 : load32(view->ends + (size_t) (i - 1) * 4);
	uint32_t	to = load32(view->ends + (size_t) i * 4);

	if (from > to || to > view->leaves_size || to - from < TAG_NODE_HEADER ||
		load32(view->leaves + from + 4) != to - from)
		return NULL;
	*end = view->leaves + to;
	return view->leaves + from;
}
