/*
 * segment_text.c
 *	  The text of a segment: {1,5-9,-7--3}, or segment: and base64.
 *
 * Reading takes ids and ranges in any order.  As long as they ascend they go
 * straight to a builder.  What comes after the first that does not is
 * collected, sorted and built in batches, and the parts are united, so that
 * memory stays in proportion to the text whatever is repeated in it.
 *
 * Up to the place of an error all is ASCII, so that a position in bytes is
 * one in characters too.
 */
#include "common/base64.h"
#include "segment/segment.h"

#define TEXT_PREFIX "segment:"
#define TEXT_PREFIX_LENGTH (sizeof(TEXT_PREFIX) - 1)

/* More items than this are printed as base64 */
#define TEXT_ITEMS 1000

/* A range takes two numbers of up to 20 characters, a dash and a comma */
#define TEXT_ITEM_LENGTH 42

/* Of the input, in messages */
#define EXCERPT_LENGTH 100

#define INTERRUPT_ITEMS 4096
#define INTERRUPT_BYTES 65536
#define INTERRUPT_MOVES 65536

#define WRITER_IDS 256

#define BATCH_MIN 256
#define BATCH_MAX (1024 * 1024)
#define INSERTION_MAX 32

/* The size of a part is at least half of that before it */
#define MAX_PARTS 64

/* ---- errors ---- */

/* For %.*s */
static int
excerpt_length(const char *text, size_t length)
{
	return (int) core_clip(text, length, EXCERPT_LENGTH);
}

static const char *
excerpt_end(size_t length)
{
	return length > EXCERPT_LENGTH ? "..." : "";
}

static bool
too_many_members(CoreError *error)
{
	core_set_error(error, CORE_LIMIT, "segment has too many members");
	core_set_hint(error, "A segment has at most 9223372036854775807 members.");
	return false;
}

/* ---- writing what ascends ---- */

/* A builder that takes single ids in batches and never counts too far */
typedef struct Writer
{
	SegmentBuilder builder;
	uint64_t	count;
	uint32_t	nids;
	uint64_t	ids[WRITER_IDS];
} Writer;

static void
writer_start(Writer *writer, size_t payload_hint)
{
	segment_build_start(&writer->builder, false, payload_hint, 4);
	writer->count = 0;
	writer->nids = 0;
}

static void
writer_flush(Writer *writer)
{
	segment_build_ids(&writer->builder, writer->ids, writer->nids);
	writer->nids = 0;
}

/* Biased, above all before; false when there would be too many members */
static bool
writer_add(Writer *writer, uint64_t lo, uint64_t hi)
{
	if (hi - lo >= SEGMENT_MAX_COUNT - writer->count)
		return false;
	writer->count += hi - lo + 1;
	if (lo == hi)
	{
		writer->ids[writer->nids++] = lo;
		if (writer->nids == WRITER_IDS)
			writer_flush(writer);
		return true;
	}
	writer_flush(writer);
	segment_build_range(&writer->builder, lo, hi);
	return true;
}

static Segment *
writer_finish(Writer *writer)
{
	writer_flush(writer);
	return segment_build_finish(&writer->builder);
}

/* ---- sorting ranges ---- */

typedef struct Range
{
	uint64_t	lo;				/* biased */
	uint64_t	hi;
} Range;

static void
insertion_sort(Range *ranges, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		Range		range = ranges[i];
		size_t		j = i;

		for (; j > 0 && ranges[j - 1].lo > range.lo; j--)
			ranges[j] = ranges[j - 1];
		ranges[j] = range;
	}
}

/* Move ranges from a to b by one byte of their lower ends */
static void
radix_pass(const Range *a, Range *b, size_t n, int shift)
{
	size_t		starts[256] = {0};
	size_t		sum = 0;

	core_interrupt();
	for (size_t i = 0; i < n; i++)
		starts[(a[i].lo >> shift) & 255]++;
	for (int d = 0; d < 256; d++)
	{
		size_t		count = starts[d];

		starts[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
	{
		if (i % INTERRUPT_MOVES == 0)
			core_interrupt();
		b[starts[(a[i].lo >> shift) & 255]++] = a[i];
	}
}

/* Sort by the lower ends */
static void
sort_ranges(Range *ranges, size_t n)
{
	Range	   *spare;
	Range	   *a = ranges;
	Range	   *b;
	uint64_t	differ = 0;
	bool		sorted = true;

	for (size_t i = 1; i < n; i++)
	{
		differ |= ranges[i].lo ^ ranges[0].lo;
		sorted &= ranges[i - 1].lo <= ranges[i].lo;
	}
	if (sorted)
		return;
	if (n <= INSERTION_MAX)
	{
		insertion_sort(ranges, n);
		return;
	}
	b = spare = core_alloc(core_mul_size(n, sizeof(Range)));
	for (int shift = 0; shift < 64; shift += 8)
	{
		if (((differ >> shift) & 255) != 0)
		{
			Range	   *t = a;

			radix_pass(a, b, n, shift);
			a = b;
			b = t;
		}
	}
	if (a != ranges)
		memcpy(ranges, a, n * sizeof(Range));
	core_free(spare);
}

/* ---- collecting items ---- */

typedef struct Parser
{
	const char *text;
	const char *p;
	const char *end;
	CoreError  *error;
	/* all items ascend so far, lo and hi are the last one */
	bool		ascending;
	bool		started;
	uint64_t	lo;
	uint64_t	hi;
	Writer		writer;
	/* the items since the last batch */
	Range	   *ranges;
	size_t		nranges;
	size_t		room;
	/* sets to be united */
	uint32_t	nparts;
	Segment    *parts[MAX_PARTS];
} Parser;

/* Replace the last two parts by their union */
static bool
unite_last(Parser *parser)
{
	Segment    *a = parser->parts[parser->nparts - 2];
	Segment    *b = parser->parts[parser->nparts - 1];
	SegmentView va;
	SegmentView vb;

	segment_open(&va, a, segment_size(a));
	segment_open(&vb, b, segment_size(b));
	if (va.count + vb.count > SEGMENT_MAX_COUNT &&
		va.count + vb.count - segment_and_count(&va, &vb) > SEGMENT_MAX_COUNT)
		return too_many_members(parser->error);
	parser->parts[parser->nparts - 2] = segment_op(SEGMENT_OR, &va, &vb, false);
	parser->nparts--;
	core_free(a);
	core_free(b);
	return true;
}

/* Each part is copied O(log n) times, because sizes at least double */
static bool
add_part(Parser *parser, Segment *part)
{
	parser->parts[parser->nparts++] = part;
	while (parser->nparts > 1 &&
		   (segment_size(parser->parts[parser->nparts - 2]) / 2 <
			segment_size(parser->parts[parser->nparts - 1]) ||
			parser->nparts == MAX_PARTS))
		if (!unite_last(parser))
			return false;
	return true;
}

/* What went to the writer becomes a part, what follows is collected */
static bool
end_ascending(Parser *parser)
{
	parser->ascending = false;
	return add_part(parser, writer_finish(&parser->writer));
}

/* The ranges collected become a part */
static bool
end_batch(Parser *parser)
{
	Range	   *ranges = parser->ranges;
	size_t		n = parser->nranges;
	Range		range;
	Writer		writer;
	bool		fits = true;

	sort_ranges(ranges, n);
	range = ranges[0];
	writer_start(&writer, n * 2);
	for (size_t i = 1; i < n && fits; i++)
	{
		if (i % INTERRUPT_ITEMS == 0)
			core_interrupt();
		if (ranges[i].lo > range.hi)
		{
			fits = writer_add(&writer, range.lo, range.hi);
			range = ranges[i];
		}
		else if (ranges[i].hi > range.hi)
			range.hi = ranges[i].hi;
	}
	parser->nranges = 0;
	if (!fits || !writer_add(&writer, range.lo, range.hi))
	{
		segment_build_abandon(&writer.builder);
		return too_many_members(parser->error);
	}
	return add_part(parser, writer_finish(&writer));
}

static bool
collect(Parser *parser, uint64_t lo, uint64_t hi)
{
	if (parser->nranges == parser->room)
	{
		if (parser->room == BATCH_MAX)
		{
			if (!end_batch(parser))
				return false;
		}
		else if (parser->room == 0)
		{
			parser->room = BATCH_MIN;
			parser->ranges = core_alloc(BATCH_MIN * sizeof(Range));
		}
		else
		{
			parser->room *= 2;
			parser->ranges = core_realloc(parser->ranges, parser->room * sizeof(Range));
		}
	}
	parser->ranges[parser->nranges].lo = lo;
	parser->ranges[parser->nranges].hi = hi;
	parser->nranges++;
	return true;
}

static bool
add_item(Parser *parser, uint64_t lo, uint64_t hi)
{
	if (!parser->ascending)
		return collect(parser, lo, hi);
	if (parser->started && lo <= parser->hi)
	{
		if (lo >= parser->lo && hi <= parser->hi)
			return true;
		return end_ascending(parser) && collect(parser, lo, hi);
	}
	parser->started = true;
	parser->lo = lo;
	parser->hi = hi;
	return writer_add(&parser->writer, lo, hi) || too_many_members(parser->error);
}

static Segment *
finish_items(Parser *parser)
{
	if (parser->ascending)
		return writer_finish(&parser->writer);
	if (parser->nranges > 0 && !end_batch(parser))
		return NULL;
	while (parser->nparts > 1)
		if (!unite_last(parser))
			return NULL;
	return parser->parts[--parser->nparts];
}

/* ---- the grammar ---- */

static void
bad_text(Parser *parser)
{
	size_t		length = parser->end - parser->text;

	core_set_error(parser->error, CORE_BAD_TEXT,
				   "invalid input syntax for type segment: \"%.*s%s\"",
				   excerpt_length(parser->text, length), parser->text,
				   excerpt_end(length));
}

static size_t
position(const Parser *parser, const char *p)
{
	return (size_t) (p - parser->text) + 1;
}

static bool
expected(Parser *parser, const char *what)
{
	bad_text(parser);
	core_set_detail(parser->error, "Expected %s at position %zu.",
					what, position(parser, parser->p));
	return false;
}

static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Inside of something that can be as long as the text */
static inline void
advance(Parser *parser)
{
	if ((++parser->p - parser->text) % INTERRUPT_BYTES == 0)
		core_interrupt();
}

static inline void
skip_space(Parser *parser)
{
	while (parser->p < parser->end && is_space(*parser->p))
		advance(parser);
}

static inline bool
at(const Parser *parser, char c)
{
	return parser->p < parser->end && *parser->p == c;
}

static bool
out_of_range(Parser *parser, const char *number)
{
	size_t		length;

	while (parser->p < parser->end && is_digit(*parser->p))
		advance(parser);
	length = parser->p - number;
	core_set_error(parser->error, CORE_OUT_OF_RANGE,
				   "value \"%.*s%s\" is out of range for type bigint",
				   excerpt_length(number, length), number, excerpt_end(length));
	core_set_detail(parser->error, "The value is at position %zu.",
					position(parser, number));
	return false;
}

/* An id, biased */
static bool
parse_id(Parser *parser, const char *what, uint64_t *biased)
{
	const char *number = parser->p;
	bool		negative = at(parser, '-');
	const char *digits;
	uint64_t	value = 0;

	if (negative || at(parser, '+'))
		parser->p++;
	if (parser->p == parser->end || !is_digit(*parser->p))
	{
		parser->p = number;
		return expected(parser, what);
	}
	while (at(parser, '0'))
		advance(parser);
	/* 19 digits fit into 64 bits */
	for (digits = parser->p; parser->p < parser->end && is_digit(*parser->p) &&
		 parser->p - digits < 19; parser->p++)
		value = value * 10 + (uint64_t) (*parser->p - '0');
	if (value > (uint64_t) INT64_MAX + negative ||
		(parser->p < parser->end && is_digit(*parser->p)))
		return out_of_range(parser, number);
	*biased = (negative ? -value : value) ^ (UINT64_C(1) << 63);
	return true;
}

static bool
parse_item(Parser *parser, const char *what)
{
	const char *start;
	uint64_t	lo;
	uint64_t	hi;

	skip_space(parser);
	start = parser->p;
	if (!parse_id(parser, what, &lo))
		return false;
	skip_space(parser);
	if (!at(parser, '-'))
		return add_item(parser, lo, lo);
	parser->p++;
	skip_space(parser);
	if (!parse_id(parser, "an id", &hi))
		return false;
	if (lo > hi)
	{
		bad_text(parser);
		core_set_detail(parser->error, "The range at position %zu ends below its start.",
						position(parser, start));
		return false;
	}
	return add_item(parser, lo, hi);
}

/* From behind the opening brace to the end */
static bool
parse_items(Parser *parser)
{
	const char *what = "an id or \"}\"";

	skip_space(parser);
	if (!at(parser, '}'))
	{
		for (uint32_t i = 0;; i++)
		{
			if (i % INTERRUPT_ITEMS == 0)
				core_interrupt();
			if (!parse_item(parser, what))
				return false;
			skip_space(parser);
			if (!at(parser, ','))
				break;
			parser->p++;
			what = "an id";
		}
		if (!at(parser, '}'))
			return expected(parser, "\",\" or \"}\"");
	}
	parser->p++;
	skip_space(parser);
	return parser->p == parser->end || expected(parser, "the end");
}

static Segment *
parse_set(Parser *parser)
{
	Segment    *result = NULL;

	parser->ascending = true;
	parser->started = false;
	parser->ranges = NULL;
	parser->nranges = 0;
	parser->room = 0;
	parser->nparts = 0;
	/* small texts are frequent, large ones grow soon enough */
	writer_start(&parser->writer, parser->end - parser->p < 1024 ? 256 : 4096);
	parser->p++;
	if (parse_items(parser))
		result = finish_items(parser);
	if (result == NULL)
	{
		if (parser->ascending)
			segment_build_abandon(&parser->writer.builder);
		while (parser->nparts > 0)
			core_free(parser->parts[--parser->nparts]);
	}
	if (parser->ranges != NULL)
		core_free(parser->ranges);
	return result;
}

/* The bytes after the length word, as base64 */
static Segment *
parse_bytes(Parser *parser)
{
	const char *digits = parser->p + TEXT_PREFIX_LENGTH;
	const char *end = parser->end;
	size_t		length_word = sizeof(int32_t);
	size_t		size;
	size_t		where;
	uint8_t    *value;
	const char *problem;
	CoreError	why;

	while (end > digits && is_space(end[-1]))
		end--;
	value = core_alloc(length_word + core_base64_size(end - digits));
	problem = core_base64_decode(digits, end - digits, value + length_word,
									&size, &where);
	if (problem != NULL)
	{
		parser->p = digits + where;
		expected(parser, problem);
		core_free(value);
		return NULL;
	}
	size += length_word;
	if (size <= SEGMENT_MAX_SIZE)
		segment_set_size(value, size);
	if (!segment_check(value, size, &why))
	{
		bad_text(parser);
		core_set_detail(parser->error, "%s", why.detail);
		core_free(value);
		return NULL;
	}
	return (Segment *) value;
}

Segment *
segment_parse(const char *text, size_t length, CoreError *error)
{
	Parser		parser;

	parser.text = parser.p = text;
	parser.end = text + length;
	parser.error = error;
	skip_space(&parser);
	if (at(&parser, '{'))
		return parse_set(&parser);
	if ((size_t) (parser.end - parser.p) >= TEXT_PREFIX_LENGTH &&
		memcmp(parser.p, TEXT_PREFIX, TEXT_PREFIX_LENGTH) == 0)
		return parse_bytes(&parser);
	expected(&parser, "\"{\" or \"" TEXT_PREFIX "\"");
	return NULL;
}

/* ---- printing ---- */

/* Items of a range: 1 and 2 ids are written one by one */
static inline uint32_t
range_items(uint64_t lo, uint64_t hi)
{
	return hi - lo == 1 ? 2 : 1;
}

/* Number of items, or any number above TEXT_ITEMS */
static uint32_t
count_items(const SegmentView *view)
{
	SegmentRanges ranges;
	uint64_t	lo;
	uint64_t	hi;
	uint32_t	n = 0;

	segment_ranges_start(&ranges, view);
	while (n <= TEXT_ITEMS && segment_ranges_next(&ranges, &lo, &hi))
		n += range_items(lo, hi);
	return n;
}

static char *
print_id(char *p, uint64_t biased)
{
	int64_t		id = segment_unbias(biased);
	uint64_t	value = id < 0 ? -(uint64_t) id : (uint64_t) id;
	char		digits[20];
	uint32_t	n = 0;

	if (id < 0)
		*p++ = '-';
	do
		digits[n++] = (char) ('0' + value % 10);
	while ((value /= 10) != 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

static char *
print_items(const SegmentView *view, uint32_t nitems)
{
	char	   *text = core_alloc(3 + (size_t) nitems * TEXT_ITEM_LENGTH);
	char	   *p = text;
	SegmentRanges ranges;
	uint64_t	lo;
	uint64_t	hi;

	*p++ = '{';
	segment_ranges_start(&ranges, view);
	while (segment_ranges_next(&ranges, &lo, &hi))
	{
		if (p > text + 1)
			*p++ = ',';
		p = print_id(p, lo);
		if (lo == hi)
			continue;
		*p++ = range_items(lo, hi) == 2 ? ',' : '-';
		p = print_id(p, hi);
	}
	*p++ = '}';
	*p = '\0';
	return text;
}

static char *
print_bytes(const SegmentView *view)
{
	size_t		length_word = sizeof(int32_t);
	size_t		size = view->size - length_word;
	size_t		length = TEXT_PREFIX_LENGTH + core_base64_length(size);
	char	   *text = core_alloc(length + 1);

	memcpy(text, TEXT_PREFIX, TEXT_PREFIX_LENGTH);
	core_base64_encode(view->base + length_word, size, text + TEXT_PREFIX_LENGTH);
	text[length] = '\0';
	return text;
}

char *
segment_print(const SegmentView *view)
{
	uint32_t	nitems = count_items(view);

	return nitems > TEXT_ITEMS ? print_bytes(view) : print_items(view, nitems);
}
