/*
 * tagquery_set_read.c
 *	  Compiled sets back to rules; and from outside, as bytes and as text.
 *
 * What comes from outside is decoded, its rules are checked as rules, and
 * compiled again: the bytes must be the same.  So whatever makes a set
 * canonical is told in one place.
 *
 * The text is tagquery_set: and the binary form in base64: nobody reads a
 * million rules, and tagquery_set_rules() shows them.
 */
#include "common/base64.h"
#include "common/varint.h"
#include "tag/tagquery_set.h"

#define TEXT_PREFIX "tagquery_set:"
#define TEXT_PREFIX_LENGTH (sizeof(TEXT_PREFIX) - 1)

/* Of the input, in messages */
#define EXCERPT_LENGTH 100

#define INTERRUPT_CHILDREN 1024

/*
 * Rules of one set, as rules: tagquery_set_agg() makes none with more.  Where
 * they share large leaves, they are much larger than the set.
 */
#define MAX_DECODED ((size_t) 1024 * 1024 * 1024)

/* ---- decoding ---- */

typedef struct Decoder
{
	const TagquerySetView *view;
	TagquerySetRule *rule;
	const uint8_t *p;
	uint32_t	leaves;
	uint8_t		unbound;
	int			depth;
} Decoder;

static uint8_t *
more_bytes(TagquerySetRule *rule, size_t size)
{
	TAGQUERY_SET_ROOM(rule->bytes, rule->room, rule->size + size);
	rule->size += size;
	return rule->bytes + rule->size - size;
}

static const char *
decode_leaf(Decoder *d, uint64_t i, bool negated)
{
	const uint8_t *end;
	const uint8_t *leaf = i < d->view->nleaves ? tagquery_set_leaf(d->view, (uint32_t) i, &end) : NULL;
	uint8_t    *node;

	if (leaf == NULL)
		return "a leaf that is not there";
	if (d->rule->size + (size_t) (end - leaf) > TAGQUERY_MAX_SIZE)
		return "a rule that is too large";
	node = more_bytes(d->rule, (size_t) (end - leaf));
	memcpy(node, leaf, (size_t) (end - leaf));
	node[1] = negated;
	d->leaves++;
	d->unbound |= tag_leaf_unbound((TagNodeKind) leaf[0]);
	return NULL;
}

static void
write_head(uint8_t *node, TagNodeKind kind, size_t size)
{
	node[0] = (uint8_t) kind;
	node[1] = 0;
	store16(node + 2, 0);
	store32(node + 4, (uint32_t) size);
}

/* The node at d->p, before "end" */
static const char *
decode_node(Decoder *d, const uint8_t *end, int depth)
{
	uint64_t	word;
	uint64_t	n;
	uint64_t	k;
	uint64_t	size;
	size_t		start = d->rule->size;
	const char *problem = NULL;

	if (depth > d->depth)
		d->depth = depth;
	if (!tagquery_set_word(&d->p, end, &word))
		return "a rule that is cut off";
	n = word >> TAG_CODE_BITS;
	if ((word & 3) < TAG_CODE_GROUP)
		return decode_leaf(d, n, word & TAG_CODE_NEGATED);
	if ((word & 3) != TAG_CODE_GROUP || !tagquery_set_word(&d->p, end, &k) ||
		!tagquery_set_word(&d->p, end, &size) || size > (size_t) (end - d->p) ||
		n > size || k > n + 1 || depth == TAGQUERY_MAX_DEPTH)
		return "a rule in disorder";
	core_check_stack();
	end = d->p + size;
	if (n == 0)
	{
		write_head(more_bytes(d->rule, TAG_NODE_HEADER), k == 0 ? TAG_TRUE : TAG_FALSE,
				   TAG_NODE_HEADER);
		return size == 0 ? NULL : "a rule in disorder";
	}
	more_bytes(d->rule, TAG_NODE_HEADER + 8);
	for (uint64_t i = 0; i < n && problem == NULL; i++)
	{
		if (i % INTERRUPT_CHILDREN == INTERRUPT_CHILDREN - 1)
			core_interrupt();
		problem = decode_node(d, end, depth + 1);
	}
	if (problem == NULL && d->p != end)
		problem = "a rule in disorder";
	write_head(d->rule->bytes + start, k == n ? TAG_AND : k == 1 ? TAG_OR : TAG_AT_LEAST,
			   d->rule->size - start);
	store32(d->rule->bytes + start + TAG_NODE_HEADER, (uint32_t) k);
	store32(d->rule->bytes + start + TAG_NODE_HEADER + 4, (uint32_t) n);
	return problem;
}

const char *
tagquery_set_decode(const TagquerySetView *view, const TagquerySetRecord *record,
					TagquerySetRule *rule)
{
	const size_t header = TAGQUERY_HEADER - 4;	/* without the length word */
	Decoder		d = {.view = view, .rule = rule, .p = record->code};
	const char *problem;

	rule->size = 0;
	more_bytes(rule, header);
	problem = decode_node(&d, record->end, 1);
	if (problem == NULL && d.p != record->end)
		problem = "a rule in disorder";
	rule->bytes[0] = TAGQUERY_VERSION;
	rule->bytes[1] = d.unbound;
	store16(rule->bytes + 2, (uint16_t) d.depth);
	store32(rule->bytes + 4, d.leaves);
	return problem;
}

uint32_t
tagquery_set_next(const TagquerySetView *view, uint32_t place, TagquerySetRow *row,
				  TagquerySetRule *rule)
{
	TagquerySetRecord record;
	const char *problem = tagquery_set_record(view, place, &record);

	if (problem == NULL)
		problem = tagquery_set_decode(view, &record, rule);
	if (problem != NULL)
		tagquery_set_corrupt(problem);
	*row = (TagquerySetRow){record.id, rule->bytes, (uint32_t) rule->size};
	return (uint32_t) (record.end - view->records);
}

/* ---- from outside ---- */

static bool
invalid(CoreError *error, CoreErrorCode code, const char *what)
{
	core_set_error(error, code, "invalid value for type tagquery_set");
	core_set_detail(error, "It has %s.", what);
	return false;
}

/* Each leaf is a rule by itself */
static bool
check_leaves(const TagquerySetView *view, TagqueryCheck check, CoreErrorCode code,
			 CoreError *error)
{
	TagquerySetRule rule = {0};
	bool		good = true;

	for (uint32_t i = 0; i < view->nleaves && good; i++)
	{
		TagquerySetRecord record;
		uint8_t		word[TAG_CODE_WORD_BYTES];
		const char *problem;

		core_interrupt();
		record.code = word;
		record.end = varint_put(word, (uint64_t) i << TAG_CODE_BITS);
		problem = tagquery_set_decode(view, &record, &rule);
		good = problem != NULL ? invalid(error, code, problem) :
			check(rule.bytes, rule.size, code, error);
	}
	core_free(rule.bytes);
	return good;
}

/* All rules, one after the other in "bytes"; how long each is goes to the rows */
static bool
decode_rules(const TagquerySetView *view, TagqueryCheck check, TagquerySetRow *rows,
			 TagquerySetRule *bytes, CoreErrorCode code, CoreError *error)
{
	TagquerySetRule rule = {0};
	uint32_t	place = 0;
	const char *problem = NULL;
	bool		good = true;

	for (uint32_t i = 0; i < view->n && good; i++)
	{
		TagquerySetRecord record;

		core_interrupt();
		problem = tagquery_set_record(view, place, &record);
		if (problem == NULL)
			problem = tagquery_set_decode(view, &record, &rule);
		good = problem != NULL ? invalid(error, code, problem) :
			check(rule.bytes, rule.size, code, error);
		if (good && bytes->size + rule.size > MAX_DECODED)
			good = invalid(error, code, "rules that are too large together");
		if (!good)
			break;
		rows[i].id = record.id;
		rows[i].rule_size = (uint32_t) rule.size;
		memcpy(more_bytes(bytes, rule.size), rule.bytes, rule.size);
		place = (uint32_t) (record.end - view->records);
	}
	if (good && place != view->records_size)
		good = invalid(error, code, "bytes behind its rules");
	core_free(rule.bytes);
	return good;
}

static bool
same_binary(const void *value, const void *binary, size_t size)
{
	TagquerySetView view;

	tagquery_set_open(&view, (const uint8_t *) value + 4, (load32(value) >> 2) - 4);
	return tagquery_set_binary_size(&view) == size && memcmp(view.payload, binary, size) == 0;
}

void *
tagquery_set_read(const void *binary, size_t size, TagqueryCheck check, CoreErrorCode code,
				  CoreError *error)
{
	TagquerySetView view;
	TagquerySetRow *rows;
	TagquerySetRule bytes = {0};
	const char *problem = tagquery_set_open_rules(&view, binary, size);
	void	   *value = NULL;

	if (problem == NULL && tagquery_set_binary_size(&view) != size)
		problem = "bytes behind its rules";
	if (problem == NULL && view.n > view.records_size / 8)
		problem = "more rules than there is room for";
	if (problem != NULL)
	{
		invalid(error, code, problem);
		return NULL;
	}
	rows = core_alloc(core_mul_size(view.n, sizeof(TagquerySetRow)) + 1);
	if (check_leaves(&view, check, code, error) &&
		decode_rules(&view, check, rows, &bytes, code, error))
	{
		const uint8_t *p = bytes.bytes;

		for (uint32_t i = 0; i < view.n; i++)
		{
			rows[i].rule = p;
			p += rows[i].rule_size;
		}
		value = tagquery_set_make(rows, view.n);
		if (!same_binary(value, binary, size))
		{
			core_free(value);
			value = NULL;
			invalid(error, code, "its rules or leaves in another order than the canonical one");
		}
	}
	core_free(rows);
	core_free(bytes.bytes);
	return value;
}

/* ---- text ---- */

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
bad_text(const char *text, size_t length, CoreError *error)
{
	return core_set_error(error, CORE_BAD_TEXT,
						  "invalid input syntax for type tagquery_set: \"%.*s%s\"",
						  (int) core_clip(text, length, EXCERPT_LENGTH), text,
						  length > EXCERPT_LENGTH ? "..." : "");
}

void *
tagquery_set_parse(const char *text, size_t length, TagqueryCheck check, CoreError *error)
{
	const char *digits = text;
	const char *end = text + length;
	uint8_t    *binary;
	size_t		size;
	size_t		where;
	const char *problem;
	void	   *value = NULL;

	while (digits < end && is_space(*digits))
		digits++;
	while (end > digits && is_space(end[-1]))
		end--;
	if ((size_t) (end - digits) < TEXT_PREFIX_LENGTH ||
		memcmp(digits, TEXT_PREFIX, TEXT_PREFIX_LENGTH) != 0)
	{
		bad_text(text, length, error);
		core_set_detail(error, "Expected \"%s\" at the start.", TEXT_PREFIX);
		core_set_hint(error, "Sets are made of rules by tagquery_set_agg().");
		return NULL;
	}
	digits += TEXT_PREFIX_LENGTH;
	binary = core_alloc(core_base64_size((size_t) (end - digits)) + 1);
	problem = core_base64_decode(digits, (size_t) (end - digits), binary, &size, &where);
	if (problem == NULL)
		value = tagquery_set_read(binary, size, check, CORE_BAD_TEXT, error);
	else
	{
		bad_text(text, length, error);
		core_set_detail(error, "Expected %s at byte %zu.", problem,
						(size_t) (digits - text) + where + 1);
	}
	core_free(binary);
	return value;
}

char *
tagquery_set_print(const TagquerySetView *view)
{
	size_t		size = tagquery_set_binary_size(view);
	size_t		length = TEXT_PREFIX_LENGTH + core_base64_length(size);
	char	   *text = core_alloc(length + 1);

	memcpy(text, TEXT_PREFIX, TEXT_PREFIX_LENGTH);
	core_base64_encode(view->payload, size, text + TEXT_PREFIX_LENGTH);
	text[length] = '\0';
	return text;
}
