/*
 * tagset_text.c
 *	  The text of a tagset: vip, age=34, interest.sport=>0.8@2026-09-01
 *
 * The grammar is in the README of this folder.  Tags may come in any order
 * and several times; they are printed in the order that they are stored in.
 */
#include "tag/tagset.h"

typedef struct Parser
{
	const char *start;
	const char *p;
	const char *end;
	CoreError  *error;
	TagsetBuild *build;
	TextOut		name;
	TextOut		value;
	TextOut		word;			/* of a weight or a time */
} Parser;

/* ---- reading ---- */

/* Always false */
static bool
fail(Parser *parser, const char *expected)
{
	core_set_error(parser->error, CORE_BAD_TEXT, "invalid input syntax for type tagset: \"%.*s\"",
				   tag_shown(parser->start, (size_t) (parser->end - parser->start)), parser->start);
	core_set_detail(parser->error, "Expected %s at character %zu.", expected,
					tag_position(parser->start, parser->p));
	return false;
}

/* The next character that is not a space */
static int
peek(Parser *parser, size_t *length)
{
	int			c;

	while ((c = tag_char_at(parser->p, parser->end, length)) == ' ' || (c >= '\t' && c <= '\r'))
	{
		parser->p += *length;
		if ((parser->p - parser->start) % 4096 == 0)
			core_interrupt();
	}
	return c;
}

static bool
take(Parser *parser, int wanted)
{
	size_t		length;

	if (peek(parser, &length) != wanted)
		return false;
	parser->p += length;
	return true;
}

/* A word or a string, the text of which is put into "out" */
static bool
read_token(Parser *parser, TextOut *out, bool *quoted, const char *expected)
{
	size_t		length;
	const char *problem;

	*quoted = peek(parser, &length) == '"';
	if (*quoted)
	{
		problem = tag_read_string(&parser->p, parser->end, out);
		return problem == NULL || fail(parser, problem);
	}
	length = tag_word_length(parser->p, parser->end);
	if (length == 0)
	{
		int			c = tag_char_at(parser->p, parser->end, &length);

		fail(parser, expected);
		if (c == TAG_CHAR_QUOTE)
			core_set_hint(parser->error, "Quotation marks are the straight ones: \".");
		else if (c == '{' && parser->p == parser->start)
			core_set_hint(parser->error, "JSON and arrays are converted by casts: ::jsonb::tagset, ::text[]::tagset.");
		return false;
	}
	out->length = 0;
	text_out_bytes(out, parser->p, length);
	parser->p += length;
	return true;
}

static bool
read_name(Parser *parser)
{
	bool		quoted;
	const char *start = parser->p;

	if (!read_token(parser, &parser->name, &quoted, "a tag name"))
		return false;
	if (parser->name.length == 0)
	{
		parser->p = start;
		return fail(parser, "a tag name that is not empty");
	}
	return tag_check_name(parser->name.text, parser->name.length, parser->error);
}

/* A text points into parser->value */
static bool
read_value(Parser *parser, TagValue *value, uint8_t *room, const char *expected)
{
	bool		quoted;

	if (!read_token(parser, &parser->value, &quoted, expected))
		return false;
	if (!quoted)
		return tag_value_read(value, room, parser->value.text, parser->value.length, parser->error);
	tag_set_text(value, parser->value.text, parser->value.length);
	return true;
}

static bool
read_weight(Parser *parser, double *weight)
{
	TextOut	   *word = &parser->word;
	bool		quoted;
	const char *start = parser->p;

	if (!read_token(parser, word, &quoted, "a weight from 0 to 1"))
		return false;
	if (!quoted && tag_is_number(word->text, word->length))
	{
		if (!tag_read_number(word->text, word->length, weight, parser->error))
			return false;
		*weight += 0.0;			/* no -0 */
		if (*weight >= 0 && *weight <= 1)
			return true;
	}
	parser->p = start;
	return fail(parser, "a weight from 0 to 1");
}

/* A date is the start of its day in UTC */
static bool
read_moment(Parser *parser, int64_t *usecs)
{
	TextOut	   *word = &parser->word;
	TagType		type;
	bool		quoted;
	const char *start = parser->p;

	if (!read_token(parser, word, &quoted, "a date or time"))
		return false;
	if (!quoted && tag_is_moment(word->text, word->length))
		return tag_read_moment(word->text, word->length, &type, usecs, parser->error);
	parser->p = start;
	return fail(parser, "a date or time");
}

/* What follows the value: [ => weight ] [ @ time ] [ ~ expiry ] */
static bool
read_particulars(Parser *parser, TagItem *item, bool weight)
{
	if (weight)
	{
		item->has |= TAG_WEIGHT;
		if (!read_weight(parser, &item->weight))
			return false;
	}
	if (take(parser, '@'))
	{
		item->has |= TAG_SET_AT;
		if (!read_moment(parser, &item->set_at))
			return false;
	}
	if (take(parser, '~'))
	{
		item->has |= TAG_EXPIRES;
		if (!read_moment(parser, &item->expires_at))
			return false;
	}
	return true;
}

static bool
read_tag(Parser *parser)
{
	TagItem		item = tag_plain_item;
	uint8_t		room[TAG_PAYLOAD_ROOM];
	bool		weight = false;

	if (!read_name(parser))
		return false;
	if (take(parser, '='))
	{
		weight = take(parser, '>');
		if (!weight)
		{
			if (!read_value(parser, &item.value, room, "a value"))
				return false;
			if (take(parser, '='))
			{
				weight = take(parser, '>');
				if (!weight)
					return fail(parser, "\">\" and a weight");
			}
		}
	}
	if (!read_particulars(parser, &item, weight))
		return false;
	tagset_build_add(parser->build, parser->name.text, parser->name.length, &item);
	return true;
}

void *
tagset_parse(const char *text, size_t length, CoreError *error)
{
	Parser		parser = {text, text, text + length, error, NULL, {0}, {0}, {0}};
	size_t		bytes;
	void	   *value = NULL;
	bool		good = true;

	parser.build = tagset_build_new();
	text_out_start(&parser.name);
	text_out_start(&parser.value);
	text_out_start(&parser.word);
	if (peek(&parser, &bytes) != TAG_CHAR_END || parser.p < parser.end)
		do
		{
			core_interrupt();
			good = read_tag(&parser);
		} while (good && take(&parser, ','));
	if (good && parser.p < parser.end)
	{
		good = fail(&parser, "\",\" or the end");
		if (tag_is_word_char(peek(&parser, &bytes)))
			core_set_hint(error, "Put names and texts with spaces in double quotes.");
	}
	if (good)
		value = tagset_build_try(parser.build, error);
	tagset_build_free(parser.build);
	core_free(parser.name.text);
	core_free(parser.value.text);
	core_free(parser.word.text);
	return value;
}

/* ---- printing ---- */

/* A midnight as a plain date */
static void
print_moment(TextOut *out, const char *mark, int64_t usecs)
{
	text_out_bytes(out, mark, 1);
	tag_moment_print(out, usecs, usecs % TAG_USECS_PER_DAY == 0);
}

void
tag_particulars_print(TextOut *out, const TagItem *item)
{
	if (item->has & TAG_WEIGHT)
	{
		text_out_bytes(out, "=>", 2);
		text_out_double(out, item->weight);
	}
	if (item->has & TAG_SET_AT)
		print_moment(out, "@", item->set_at);
	if (item->has & TAG_EXPIRES)
		print_moment(out, "~", item->expires_at);
}

void
tag_item_print(TextOut *out, const TagRecord *record, const TagItem *item)
{
	tag_name_print(out, record->name, record->name_length);
	if (item->value.type != TAG_BOOL || item->value.payload[0] != 1)
	{
		text_out_bytes(out, "=", 1);
		tag_value_print(out, &item->value);
	}
	tag_particulars_print(out, item);
}

char *
tagset_print(const TagsetView *view)
{
	TextOut		out;
	TagRecord	record;
	TagItem		item;

	text_out_start(&out);
	for (uint32_t i = 0; i < view->n; i++)
	{
		tagset_record(view, i, &record);
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
		{
			core_interrupt();
			if (out.length > 0)
				text_out_bytes(&out, ", ", 2);
			tag_item_print(&out, &record, &item);
		}
	}
	return out.text;
}
